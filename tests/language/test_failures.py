"""Errors name the place in the person's text and say what to do."""

from __future__ import annotations

import builtins
import re
import sys
from pathlib import Path

import pytest
import torch

from gradviz.devices import exhausted
from gradviz.documents.check import check
from gradviz.language.advice import advice
from gradviz.recording.model import RunStatus
from tests.capabilities import needs_no_cuda, problems
from tests.language.helpers import evaluate, failure

HEAD = "import torch\nx = torch.ones(3, requires_grad=True)\n"
_CUSTOM = """\
class C(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b): return a * b
    @staticmethod
    def backward(ctx, g):
"""


@pytest.mark.skipif(torch.accelerator.is_available(), reason="this machine has an accelerator")
@pytest.mark.parametrize(
    ("body", "help_word"),
    [
        ("x.cuda()", "use the CPU"),
        pytest.param("torch.cuda.Event(enable_timing=True)", "use the CPU", marks=needs_no_cuda),
        ("torch.cuda.Stream()", "use the CPU"),
        ("torch.ones(2, device=0)", "use the CPU"),
        ("torch.ones(2).pin_memory()", "use the CPU"),
        ("torch.ones(2, device='mps')", "gradviz devices"),
        ("x.to('mps')", "gradviz devices"),
        ("x.to('xla')", "gradviz devices"),
    ],
)
def test_a_device_that_is_not_there_comes_with_what_to_do(body: str, help_word: str) -> None:
    error = evaluate(HEAD + body).recording.error
    assert error is not None
    assert help_word in error.help


@pytest.mark.parametrize(
    ("body", "line", "column", "help_word"),
    [
        ("y = x * 2\ny.backward()", 4, 0, ".sum()"),
        ("y = x.sum()\ny.backward()\ny.backward()", 5, 0, None),
        ("y = (x ** 2).sum()\ny.backward()\ny.backward()", 5, 0, "retain_graph"),
        ("y = x.exp()\ny += 1\ny.sum().backward()", 5, 0, "in place"),
        ("torch.ones(2).sum().backward()", 3, 0, "requires_grad=True"),
        ("y = 1 + (x @ torch.ones(4))", 3, 9, None),
        ("torch.ones(2, 3) @ torch.ones(2, 3)", 3, 0, "In a matrix product"),
        ("y = x + torch.ones(4)", 3, 4, "last dimension"),
        ("x.numpy()", 3, 0, "detach().numpy()"),
        ("z = xx + 1", 3, 4, None),
        ("trch.ones(2)", 3, 0, "torch"),
        ("torch.onse(2)", 3, 0, "ones"),
        ("x.add_(1)", 3, 0, "torch.no_grad()"),
        ("if x > 0: pass", 3, 3, ".any()"),
        ("torch.tensor([1, 2], requires_grad=True)", 3, 0, "floating point"),
        ("x.view(2, 2)", 3, 0, "as many elements"),
        ("y = x // 2\ny.sum().backward()", 4, 0, "no derivative"),
        (f"{_CUSTOM}        return g\nC.apply(x, x).sum().backward()", 9, 0, "for each argument"),
        (
            f"{_CUSTOM}        return g[:1], g\nC.apply(x, x).sum().backward()",
            9,
            0,
            "has the shape",
        ),
        ("input()", 3, 0, "keyboard"),
        ("import no_such_module", 3, 0, "pip install no_such_module"),
    ],
)
def test_common_errors_have_a_place_and_advice(
    body: str, line: int, column: int, help_word: str | None
) -> None:
    result = evaluate(HEAD + body)
    error = result.recording.error
    if body.count("backward") == 2 and help_word is None:
        assert error is None  # sum keeps nothing, so that a second backward is free
        return
    assert error is not None
    assert (error.line, error.column) == (line, column)
    assert result.recording.status is RunStatus.ERROR
    assert "Exception raised from" not in error.message
    if help_word is not None:
        assert help_word in error.help
    assert result.recording.tensors


@pytest.mark.parametrize(
    ("body", "help_word"),
    [
        ("torch.tensor([[1, 2], [3]])", "same number of elements"),
        ("torch.tensor(1,5)", "with a point"),
        ("torch.tensor(1., requires_gard=True)", "requires_grad"),
        ("torch.randn(5., 3)", "integers"),
        ("torch.randn('5')", "integers"),
        ("torch.random(3, 3)", "torch.rand"),
        ("torch.array([1, 2])", "tensor"),
        ("torch.Tensor([1, 2], requires_grad=True)", "torch.tensor("),
        ("torch.from_numpy([1, 2])", "torch.tensor("),
        ("torch.dot(x, torch.ones(4))", "vectors of the same length"),
        ("torch.dot(torch.ones(3, 1), torch.ones(3, 1))", ".flatten()"),
        ("x[3]", "minus one"),
        ("x[0, 0]", ".shape"),
        ("x[1.5]", "integer"),
        ("x[::-1]", "flip"),
        ("x.view()", "signature"),
        ("x.sum(axes=0)", "signature"),
        ("0.1 * x.grad", "None before backward"),
        ("x.grad.zero_()", "None before backward"),
        ("x.sum().item().backward()", "use the tensor itself"),
        ("torch.nn.Linear(3, 4)(torch.tensor([1, 2, 3]))", "one type"),
        ("torch.nn.Linear(3, 4)([1., 2., 3.])", "torch.tensor("),
        ("torch.nn.MSELoss(x, x)", "nn.MSELoss()("),
        ("torch.nn.Module()(x)", "forward"),
        ("torch.optim.SGD(lr=0.1)", "model.parameters()"),
        ("torch.optim.SGD(torch.nn.Linear(2, 2).parameters, lr=0.1)", "put ()"),
        ("x.size[0]", "with parentheses"),
        ("torch.tensor[1, 2]", "with parentheses"),
        ("y = x.float\ny + 1", "put ()"),
        ("sin(x)", "torch.sin."),
        ("tensor(1.)", "torch.tensor."),
        ("Linear(2, 1)", "torch.nn.Linear."),
        ("mse_loss(x, x)", "torch.nn.functional.mse_loss."),
        ("torch.sen(x)", "sin"),
        ("sen(x)", "torch.sin."),
        ("[1, 2].view(2, 1)", "torch.tensor("),
        ("[1, 2] + x", "torch.tensor("),
        ("x.append(4)", "torch.cat("),
        ("x.zero_grad()", "optimizer.zero_grad()"),
        ("torch.tensor(1., requires_grad='True')", "quotation marks"),
        ("torch.nn.CrossEntropyLoss()(x, torch.tensor([0, 1, 2]))", "row of scores"),
        ("lr = 0,1\nlr * x.detach()", "0,1 is two numbers"),
        ("torch.Tensor(2.5)", "torch.tensor(2.5)"),
        ("torch.numpy([1, 2])", "from_numpy"),
        ("import pytorch", "Did you mean torch?"),
        ("torch.nn.Linear(2, 1).backward()", "begins at a loss"),
        ("float(x)", ".tolist()"),
        ("x.detach() ^ 2", "x ** 2"),
        ("2. ^ 2", "x ** 2"),
        ("torch.tensor('one')", "not text"),
        ("torch.tensor(['one'])", "not text"),
        ("import numpy\nnumpy.sum(x)", "torch.sum("),
        ("import numpy\nnumpy.mean(x)", "torch.sum("),
        ("torch.cat(x, x)", "torch.cat([a, b])"),
        ("torch.ones(2).numpy.sum()", "put ()"),
        ("x.shape()", "leave out the parentheses"),
        ("torch.nn.functional.cross_entropy(torch.ones(1, 2), torch.tensor([2]))", "minus one"),
        ("torch.nn.functional.cross_entropy(torch.ones(1, 2), torch.ones(1))", "integers"),
        ("torch.cat([torch.ones(2, 3), torch.ones(2, 4)])", "one dimension"),
        ("torch.cat([torch.tensor(1.), torch.tensor(2.)])", "torch.stack"),
        ("torch.stack([torch.ones(2), torch.ones(3)])", "equal shapes"),
        ("len(torch.tensor(1.))", ".item()"),
        ("torch.tensor([1, 2]).mean()", ".float()"),
        ("print('loss' + x)", "print('loss', loss)"),
        ("a, b = x", "as many names"),
        ("x.to(device)", "device = torch.device"),
        ("z = torch.ones(2)\nz.require_grad = True\nz.sum().backward()", "z.requires_grad"),
        ("import sklearn.no_such", "pip install scikit-learn"),
        ("import google.colab", "only in Colab"),
        ("torch.tensor([1], dtype=float32)", "torch.float32"),
        ("torch.tensor([1], dtype='float32')", "torch.float32"),
        ("torch.max(x, dim=0) + 1", "values and indices"),
        ("x.max(0).backward()", "values and indices"),
        ("y = x * 2\ny.requires_grad = False", "x.detach()"),
        ("torch.nn.Linear(2, 1).weight = torch.ones(1, 2)", "nn.Parameter("),
        ("class M:\n    def _init_(self): self.a = 1\nM().a", "two underscores"),
        ("class M:\n    w = 1\n    def f(self): return w\nM().f()", "self.w"),
        ("(x > 0).backward()", "no gradient"),
        ("torch.tensor(3).backward()", "no gradient"),
        ("x.argmax().backward()", "no gradient"),
        ("torch.tensor(3.).backward()", "requires_grad=True"),
        ("with torch.no_grad:\n    x -= 1", "torch.no_grad():"),
        ("x.mean(axis=1)", "x.ndim"),
        ("torch.tensor(1.)[0]", ".item()"),
        ("x.transpose()", "x.transpose(0, 1)"),
        ("import numpy\nnumpy.exp(x)", "torch.exp(x)"),
        ("torch.optim.SGD(x, lr=0.1)", "[w, b]"),
        ("torch.nn.functional.mse_loss(x)", "prediction, target"),
        ("torch.nn.Linear(3)", "signature"),
        ("torch.nn.BCELoss()(torch.tensor([2.]), torch.tensor([1.]))", "sigmoid"),
        ("torch.nn.CrossEntropyLoss()(torch.ones(2, 2), torch.tensor([[0], [1]]))", "flatten"),
        ("torch.nn.Sequential([torch.nn.ReLU()])", "without brackets"),
        ("torch.nn.Sequential(torch.nn.ReLU)", "nn.ReLU()"),
        ("class M(torch.nn.Module):\n    def forward(x): return x\nM()(x)", "self, x"),
        ("class M(torch.nn.Module):\n    def forward(self, x): x * 2\nM()(x).sum()", "no return"),
        ("torch.nn.Linear(3, 1).weights", "Did you mean weight?"),
        ("torch.nn.Linear(3, 1).zero_grads()", "Did you mean zero_grad?"),
        ("x.to(cuda)", "'cuda'"),
        ("import torch.nnn", "Did you mean nn?"),
        ("from torch import Nn", "Did you mean nn?"),
        ("from torch.nn import Liner", "Did you mean Linear?"),
        ("import Torch", "Did you mean torch?"),
        ("import torhc", "Did you mean torch?"),
        ("import mathplotlib", "Did you mean matplotlib?"),
        ("import maht", "Did you mean math?"),
        ("import jsonn", "Did you mean json?"),
        ("torch.nn.Sigmoid(x)", "nn.Tanh()(x)"),
        ("class M:\n    def __init__(): pass\nM()", "self"),
        ("Import torch", "Did you mean import?"),
        ("form torch import nn", "Did you mean from?"),
        ("For i in range(3):\n    print(i)", "Did you mean for?"),
        ("whlie True:\n    break", "Did you mean while?"),
        ("if x.sum() > 1:\n    pass\nElse:\n    pass", "Did you mean else?"),
        ("%timit x + x", "Did you mean %timeit?"),
        ("%%Time\nx + x", "Did you mean %%time?"),
        (">>> x", "prompt"),
        ("In [3]: x", "prompt"),
        ("```python", "Markdown"),
        ("torch.nn.BatchNorm1d(3)(torch.ones(1, 3))", "one example"),
    ],
)
def test_what_beginners_write_comes_with_what_to_do(body: str, help_word: str) -> None:
    error = failure(HEAD + body)
    assert help_word in error.help
    assert error.line is not None
    assert error.column is not None
    assert "\n" not in error.message


@pytest.mark.parametrize("package", ["tokenizers", "xarray", "httpx", "jaxtyping", "orjson"])
def test_a_package_of_its_own_is_no_misspelt_module_of_pythons(package: str) -> None:
    error = ModuleNotFoundError(f"No module named '{package}'", name=package)
    assert f"pip install {package}" in advice(error, str(error), {})


def test_what_is_created_without_arguments_is_not_told_to_lack_self() -> None:
    error = failure("class M:\n    def __init__(self): pass\nM(3)")
    assert "self" in error.message or "takes 1" in error.message
    assert error.help == ""


@pytest.mark.parametrize(
    ("message", "help_word"),
    [
        ("cat() received an invalid combination of arguments - got (Tensor, Tensor)", "[a, b]"),
        ("sum() received an invalid combination of arguments - got (out=NoneType, axis=NoneType, )",
         "torch.sum("),
        ("only one element tensors can be converted to Python scalars", ".tolist()"),
        ("a Tensor with 3 elements cannot be converted to Scalar", ".tolist()"),
    ],
)  # fmt: skip
def test_the_words_of_other_versions_of_torch_are_known(message: str, help_word: str) -> None:
    assert help_word in advice(TypeError(message), message, {})


def test_the_grad_of_what_is_not_a_leaf_is_explained_shortly() -> None:
    outputs = evaluate(HEAD + "y = x.sum()\ny.backward()\ny.grad\n").recording.outputs
    assert problems(tuple(o.text for o in outputs)) == (
        "This tensor is not a leaf: backward leaves its .grad None, unless .retain_grad() was "
        "called on it before.",
    )
    assert outputs[0].line == 5


def test_a_method_that_is_named_but_not_called_is_told() -> None:
    text = HEAD + "y = x.sum()\ny.backward\nx.grad"
    outputs = evaluate(text).recording.outputs
    assert outputs[0].text == "y.backward is not called here: y.backward() calls it."
    assert outputs[0].line == 4
    assert evaluate(HEAD + "x\nx.shape\nx.sum().backward()").recording.outputs[1].line == 4


def test_out_of_memory_says_how_much_was_wanted_and_what_to_do() -> None:
    error = failure("import torch\nx = torch.zeros(10**13)")
    assert error.message.startswith("DefaultCPUAllocator: can't allocate memory")
    assert "It asked for 36.4 TiB on the CPU" in error.help
    assert "smaller parts" in error.help


def test_out_of_memory_names_the_tensors_that_fill_it_and_their_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A machine as large as what is asked for: only then it is a matter of what is there already.
    monkeypatch.setattr(exhausted, "_total", lambda _device: 1 << 60)
    error = failure(
        "import torch\nnet = torch.nn.Linear(2000, 3000)\nx = torch.ones(3000, 2000)\n"
        "h = torch.relu(net(x))\nx += 1\n"
        "def f(a):\n    b = a * 2\n    return torch.empty(10**13)\nf(h)\n"
    )
    assert (error.line, error.message.split(":")[0]) == (8, "DefaultCPUAllocator")
    # What the rectifier read, and what x was before, nothing else holds.
    assert re.search(r"h \(line 4, 34.3 MiB\), b \(line 7, 34.3 MiB\)", error.help)
    assert re.search(r"(net.weight \(line 2|x \(line 3), 22.9 MiB\)", error.help)
    assert "Another 57.2 MiB are values that the recording keeps." in error.help
    assert "(del h)" in error.help


def test_the_message_is_torchs_first_sentence() -> None:
    error = failure(HEAD + "y = (x ** 2).sum()\ny.backward()\ny.backward()")
    assert error.message.startswith("Trying to backward through the graph a second time")
    assert error.message.count(". ") == 0


def test_a_persons_own_message_is_kept_whole() -> None:
    assert failure("raise RuntimeError('One. Two.')").message == "One. Two."


def test_the_innermost_line_of_the_person_counts() -> None:
    error = failure("import torch\ndef f(a):\n    return a @ a\nf(torch.ones(2, 3))\n")
    assert (error.line, error.column, error.end_column) == (3, 11, 16)
    assert "in f" in error.traceback
    assert "site-packages" not in error.traceback
    assert "gradviz" not in error.traceback
    assert error.traceback.count("File") == 2


def test_columns_count_characters() -> None:
    error = failure("import torch\nä = 'ö' ; torch.ones(2) @ torch.ones(3)\n")
    assert (error.line, error.column) == (2, 10)


def test_mistakes_in_syntax_are_found_without_running() -> None:
    error = check("x = 1\ny = (2 +\nprint('ran')\n")
    assert error is not None
    assert error.type == "SyntaxError"
    assert error.line == 2
    assert check("%time z = 1\n# %%\nx = 2") is None
    late = check("x = 1\nreturn 3\n")
    assert late is not None
    assert late.line == 2
    timed = check("ä = 1\n%time y = = 2\n")
    assert timed is not None
    assert (timed.line, timed.column) == (2, 10)
    assert check("x = '\x00'") is not None


def test_indentation_errors_have_their_type() -> None:
    error = check("def f():\nreturn 1\n")
    assert error is not None
    assert error.type == "IndentationError"
    assert error.line == 2


def test_too_large_a_tensor_says_its_size() -> None:
    error = failure("import torch\nx = torch.empty(10**15)\n")
    assert error.line == 2
    assert "TiB" in error.help or "memory" in error.help


def test_endless_recursion_is_an_error_like_others() -> None:
    error = failure("def f(n):\n    return f(n + 1)\nf(0)\n")
    assert error.type == "RecursionError"
    assert "calls itself" in error.help
    assert error.traceback.count("\n") < 60


def test_a_similar_name_is_offered() -> None:
    assert failure("learning_rate = 1\nlearning_rat").help == "Did you mean learning_rate?"
    assert failure("x = 1\n2 * X").help == "Did you mean x?"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("x = (1, 2\ny = 3\n", "Add the bracket"),
        ("x = 1)\n", "no open bracket"),
        ("x = (1]\n", "reverse of the order"),
        ("x = 'a\n", "quotation mark"),
        ("for i in range(3)\n    print(i)\n", "ends with a colon"),
        ("def f():\nreturn 1\n", "Indent the lines of the block"),
        ("x = 1\n  y = 2\n", "as far to the left"),
        ("if 1:\n    x = 1\n  y = 2\n", "exactly below"),
        ("x = “a”\n", "pasted from formatted text"),
        ("y = 2x + 1\n", "2 * x"),
        ("return 3\n", "belongs to the function"),
        ("x = = 2\n", "something missing or extra"),
    ],
)
def test_mistakes_in_syntax_come_with_what_to_do(text: str, advice: str) -> None:
    error = check(text)
    assert error is not None
    assert advice in error.help


def test_a_file_that_is_not_there_says_where_it_was_looked_for() -> None:
    error = failure("open('nowhere.csv')")
    assert error.help == f"File names are looked up from {Path.cwd()}."


def test_a_package_that_is_missing_names_the_python_that_lacks_it() -> None:
    error = failure("import nowhere_to_be_found.at_all")
    assert error.help.endswith(f"{sys.executable} -m pip install nowhere_to_be_found")


@pytest.mark.parametrize(
    "package",
    ["bs4", "cv2", "einops", "jax", "keras", "lightning", "matplotlib", "pandas", "plotly",
     "seaborn", "tensorflow", "torchaudio", "torchinfo", "torchvision", "torchviz", "tqdm", "yaml"],
)  # fmt: skip
def test_a_package_that_is_spelt_right_is_not_taken_for_another(package: str) -> None:
    error = ModuleNotFoundError(f"No module named '{package}'", name=package)
    assert "pip install" in advice(error, str(error), {})


def test_a_line_that_no_keyword_mends_is_not_said_to_have_a_wrong_one() -> None:
    for text in ("wile x y\n", "x = = 2\n", "informe de ventas\n"):
        error = check(text)
        assert error is not None
        assert "Did you mean" not in error.help


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_different_devices_are_explained() -> None:
    error = failure("import torch\ntorch.ones(2) + torch.ones(2, device='meta')\n")
    assert error.line == 2
    assert error.message


def test_an_error_whose_text_raises_does_not_break_the_run() -> None:
    error = failure(
        "class E(Exception):\n    def __str__(self):\n        raise ValueError\nraise E()\n"
    )
    assert error.type == "E"
    assert error.line == 4


def test_an_error_in_a_function_of_torch_keeps_the_graph_until_then() -> None:
    recording = evaluate(HEAD + "y = x * 2\nz = torch.cat([y, 'a'])\n").recording
    assert recording.error is not None
    assert [op.name for op in recording.ops] == ["ones", "mul"]


@pytest.mark.parametrize(
    ("text", "line", "end"),
    [
        ("x = 1\n    y = 2\n", 2, 4),
        ("  x = 1\n", 1, 2),
        ("if True:\n        a = 1\n    b = 2\n", 3, 4),
        ("if True:\ny = 1\n", 2, 1),
        ("def f():\n        x = 1\n\ty = 2\n", 3, 1),
    ],
)
def test_a_wrong_indentation_is_shown_where_its_line_begins(text: str, line: int, end: int) -> None:
    error = failure(text)
    assert issubclass(getattr(builtins, error.type), IndentationError)
    assert (error.line, error.column) == (line, 0)
    assert (error.end_line, error.end_column) == (line, end)


def test_a_device_that_does_not_exist_says_what_devices_are_called() -> None:
    assert "gradviz devices" in failure("import torch\ntorch.ones(2, device='gpu0')\n").help
