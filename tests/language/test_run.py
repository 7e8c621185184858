"""Documents run as in a notebook."""

from __future__ import annotations

import inspect
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from gradviz.language.outputs import MAX_CHARACTERS, MAX_LINES
from gradviz.language.run import RunOptions, run
from gradviz.recording.model import Output, OutputKind, RunStatus
from tests.capabilities import problems
from tests.language.helpers import evaluate, failure, shown

SESSION = """\
import numpy as np
import torch
from torch import nn

torch.zeros(5, 3)
torch.randn(5, 3, 2)
torch.tensor([[1, 2, 3], [4, 5, 6]])
torch.from_numpy(np.array([[1., 2.], [3., 4.]]))
x, y = torch.randn(3, 3), torch.randn(3, 3)
x + y, x - y
x[0], x[0, 0], x[0, :], x[:-1, 1:]
x.shape
x.view(1, 3, 3).shape, x.view(9), x.view(-1)
x.numpy()

x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
z.grad, x.grad, y.grad
torch.cuda.is_available()
a, b = torch.randn(1000, 1000), torch.randn(1000, 1000)
%time c = a*b
device = "cuda" if torch.cuda.is_available() else "cpu"
a.to(device).cpu()

w, bias = torch.randn(3, requires_grad=True), torch.zeros(1, requires_grad=True)
out = torch.sigmoid((w * torch.randn(3)).sum() + bias)
out.backward()

net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
data, target = torch.randn(16, 4), torch.randn(16, 1)
for step in range(2):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(data), target)
    loss.backward()
    optimizer.step()
for step in range(2):
    loss = nn.functional.mse_loss(net(data), target)
    net.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in net.parameters():
            p -= 0.1 * p.grad
"""


def test_the_whole_session_runs() -> None:
    result = evaluate(SESSION)
    recording = result.recording
    assert recording.error is None
    assert recording.status is RunStatus.OK
    assert problems(recording.warnings) == ()
    assert len(recording.passes) == 6
    texts = {output.line: output.text for output in recording.outputs}
    assert texts[5] == repr(torch.zeros(5, 3))
    assert texts[12] == "torch.Size([3, 3])"
    assert texts[22] == "(tensor(3.), tensor(3.), tensor(3.))"
    assert texts[25].startswith("CPU times: user ")
    assert "\nWall time: " in texts[25]
    assert isinstance(result.namespace["c"], torch.Tensor)
    assert torch.equal(
        result.namespace["c"],
        result.namespace["a"] * result.namespace["b"],  # type: ignore[operator]
    )
    assert "multiplied" not in texts


@pytest.mark.parametrize("number", range(4, 15))
def test_each_piece_runs_by_itself(number: int) -> None:
    line = SESSION.split("\n")[number]
    head = "import numpy as np, torch\nx = torch.randn(3, 3); y = torch.randn(3, 3)\n"
    assert evaluate(head + line).recording.error is None


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is missing without CUDA")
@pytest.mark.parametrize(
    "call", ["x.cuda()", 'x.to("cuda")', 'torch.randn(2, device="cuda")', "x.to(device)"]
)
def test_without_cuda_the_line_is_named_and_what_was_built_is_there(call: str) -> None:
    result = evaluate(f'import torch\ndevice = "cuda"\nx = torch.ones(2)\ny = x + 1\n{call}\n')
    error = result.recording.error
    assert error is not None
    assert error.line == 5
    assert "without CUDA" in error.help or "driver" in error.help
    assert [op.name for op in result.recording.ops] == ["ones", "add"]


def test_values_are_shown_as_a_notebook_would() -> None:
    assert shown("1 + 1\nNone\n'a'\n2;\n3 ; # why\nx = 4\n") == ["2", "'a'"]
    assert shown("import torch\n(torch.zeros(2, 2), torch.zeros(2, 2))") == [
        "(tensor([[0., 0.],\n         [0., 0.]]),\n tensor([[0., 0.],\n         [0., 0.]]))"
    ]
    assert shown("{'a': [1, 2]}, (1,), [], ()") == ["({'a': [1, 2]}, (1,), [], ())"]


def test_the_documents_own_description_is_not_shown() -> None:
    assert shown("'''Why?'''\nlen(__doc__)\n") == ["4"]


def test_showing_a_tensor_records_nothing() -> None:
    recording = evaluate("import torch\nx = torch.ones(3)\nx\nprint(x)\nx, [x]\n").recording
    assert [op.name for op in recording.ops] == ["ones"]


def test_prints_come_line_by_line_with_their_statement() -> None:
    recording = evaluate(
        "print('a', 'b')\nimport sys\nsys.stderr.write('c\\nd')\nprint('e', end='')\n"
    ).recording
    prints = [(o.line, o.text) for o in recording.outputs if o.kind is OutputKind.PRINT]
    assert (1, "a b") in prints
    assert (3, "c") in prints
    assert {text for _, text in prints} == {"a b", "c", "d", "e"}


def test_what_is_printed_in_a_loop_or_a_function_has_the_line_that_printed_it() -> None:
    shown = evaluate(
        "import warnings\n"
        "def tell(x):\n    print('told', x)\n"
        "for i in range(2):\n    tell(i)\n    print(i, end='')\n    print('!')\n"
        "    if i:\n        warnings.warn('late')\n"
        "print('end', end='')\n"
    ).recording.outputs
    assert [(one.line, one.text) for one in shown] == [
        (3, "told 0"),
        (7, "0!"),
        (3, "told 1"),
        (7, "1!"),
        (9, "UserWarning: late"),
        (10, "end"),
    ]


def test_of_deprecations_only_those_of_the_text_itself_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "import warnings\ndef f(): warnings.warn('{}', {}, stacklevel=1)\n"
    for category in ("DeprecationWarning", "ResourceWarning", "UserWarning"):
        name = f"library_with_{category.lower()}"
        (tmp_path / f"{name}.py").write_text(told.format("theirs", category), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    text = (
        "import warnings\n"
        "import library_with_deprecationwarning as one, library_with_resourcewarning as two\n"
        "import library_with_userwarning as three\n"
        "one.f(), two.f(), three.f()\n"
        "warnings.warn('mine', DeprecationWarning)\n"
    )
    outputs = evaluate(text).recording.outputs
    said = [(one.line, one.text) for one in outputs if one.kind is OutputKind.WARNING]
    assert said == [(4, "UserWarning: theirs"), (5, "DeprecationWarning: mine")]


def test_warnings_are_outputs() -> None:
    text = "import warnings\nfor _ in range(3):\n    warnings.warn('careful')\n"
    assert shown(text, OutputKind.WARNING) == ["UserWarning: careful"]
    assert shown(text, OutputKind.WARNING) == ["UserWarning: careful"]


def test_too_much_output_is_cut_with_one_sentence() -> None:
    recording = evaluate(f"for k in range({MAX_LINES + 500}):\n    print(k)\n").recording
    assert len(recording.outputs) <= MAX_LINES + 1
    assert "cut" in recording.outputs[-1].text
    recording = evaluate(f"print('x' * {MAX_CHARACTERS * 2})").recording
    assert sum(len(output.text) for output in recording.outputs) <= MAX_CHARACTERS + 200


def test_time_binds_and_shows_after_the_times() -> None:
    recording = evaluate("x = 2\n%time z = x*y if x > 5 else x*3\n%time z + 1\n").recording
    assert recording.error is None
    kinds = [(output.line, output.kind) for output in recording.outputs]
    assert kinds == [
        (2, OutputKind.TIMING),
        (3, OutputKind.TIMING),
        (3, OutputKind.DISPLAY),
    ]
    assert recording.outputs[-1].text == "7"


def test_time_works_inside_blocks_and_functions_and_over_lines() -> None:
    text = (
        "def f(x):\n    %time y = x + 1\n    return y\n"
        "for k in range(2):\n    %time z = f(k)\n"
        "%time w = sum([1,\n  2,\n  3])\n"
        "w, z"
    )
    recording = evaluate(text).recording
    assert recording.error is None
    assert recording.outputs[-1].text == "(6, 2)"
    assert sum(output.kind is OutputKind.TIMING for output in recording.outputs) == 5


def test_a_timed_cell_is_timed_as_a_whole() -> None:
    text = "x = 1\n# %%\n%%time\ny = x + 1\ny\nz = 3\n# %%\nz\n"
    recording = evaluate(text).recording
    assert recording.error is None
    kinds = [output.kind for output in recording.outputs]
    assert kinds == [OutputKind.DISPLAY, OutputKind.TIMING, OutputKind.DISPLAY]


def test_timeit_repeats_without_recording() -> None:
    result = evaluate(
        "import torch\nx = torch.ones(2)\n%timeit -n 5 -r 2 x + x\n"
        "# %%\n%%timeit -n 2 -r 2\ny = x * 2\nz = y + 1\n"
    )
    recording = result.recording
    assert recording.error is None
    first, second = [o.text for o in recording.outputs if o.kind is OutputKind.TIMING]
    assert first.endswith("per loop (mean ± std. dev. of 2 runs, 5 loops each)")
    assert second.endswith("2 runs, 2 loops each)")
    assert [op.name for op in recording.ops] == ["ones"]
    assert "z" not in result.namespace


def test_the_remainder_of_a_continued_line_is_no_magic() -> None:
    assert shown("x = (7\n  %4)\nx\ns = '''\n%time nothing\n'''\nlen(s)\n") == ["3", "15"]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("x = 1\n%%bash\nls\n", 2, "%%bash"),
        ("x = 1\ny = %env HOME\n", 2, "%env"),
        ("x = 1\n%tiem y = x\n", 2, "%tiem"),
        ("x = 1\n%timeti x\n", 2, "%timeti"),
        ("x = 1\n\ny = !ls\n", 3, "!l"),
        ("%time\n", 1, "needs a statement"),
        ("x = 1\n%%time\nx\n", 2, "first line of its cell"),
        ("%time x = = 2", 1, "invalid syntax"),
    ],
)
def test_magics_that_cannot_be_run_are_named(text: str, line: int, word: str) -> None:
    error = failure(text)
    assert error.type == "SyntaxError"
    assert error.line == line
    assert word in error.message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%matplotlib inline", "%matplotlib has nothing to configure here."),
        ("!nvidia-smi", "Not run here: nvidia-smi. Run it in a terminal."),
        ("%pip install torch", "Not run here: pip install torch. Run it in a terminal."),
        ("%load_nothing x -y 3", "%load_nothing is not known here: it was skipped."),
        ("%env A=$B", "%env is not known here: it was skipped."),
        ("torch.relu?", "Write help(torch.relu) to read about it."),
        ("??torch.relu", "Write help(torch.relu) to read about it."),
    ],
)
def test_what_only_a_notebook_needs_is_passed_over_with_a_sentence(line: str, said: str) -> None:
    text = f'import torch\n{line}\nif True:\n    {line}\ns = """\n{line}\n"""\nlen(s)\n'
    recording = evaluate(text).recording
    assert recording.error is None
    warnings = [o for o in recording.outputs if o.kind is OutputKind.WARNING]
    assert [(o.line, o.text) for o in warnings] == [(2, said), (4, said)]
    assert recording.outputs[-1].text == str(len(line) + 2)


def test_cd_and_env_do_what_they_do_in_a_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "two words").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADVIZ_A", "before")
    text = (
        "import os\n%cd two words\nos.path.basename(os.getcwd())\nif True:\n    %cd '..'\n"
        "os.path.samefile(os.getcwd(), 'two words/..')\n%env GRADVIZ_A=1 2\n%env GRADVIZ_A\n"
        "n = (7\n  %os.getpid())\ns = '''\n%cd nowhere\n'''\nlen(s)\n"
    )
    recording = evaluate(text).recording
    assert recording.error is None
    assert [o.text for o in recording.outputs] == ["'two words'", "True", "'1 2'", "13"]
    assert failure("%cd nowhere at all\n").line == 1


def test_classes_and_functions_have_their_source() -> None:
    result = evaluate(
        "import inspect\nclass A:\n    def f(self):\n        return 1\n"
        "def g():\n    return 2\ninspect.getsource(A)\ninspect.getsource(g)\n"
    )
    assert result.recording.error is None
    assert "return 1" in result.recording.outputs[0].text
    assert "return 2" in result.recording.outputs[1].text


def test_the_seed_makes_runs_alike() -> None:
    text = "import torch, random\ntorch.randn(2), random.random()"
    assert len({evaluate(text, seed=3).recording.outputs[0].text for _ in range(3)}) == 1
    assert evaluate(text, seed=4).recording.outputs[0].text != (
        evaluate(text, seed=3).recording.outputs[0].text
    )


def test_settings_that_a_run_changes_are_put_back() -> None:
    streams = sys.stdout, sys.stderr, sys.modules["__main__"], list(warnings.filters)
    evaluate(
        "import torch\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
        "torch.set_default_device('meta')\ntorch.set_printoptions(precision=2)\n"
        "torch.autograd.set_detect_anomaly(True)\n"
    )
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()
    assert torch.zeros(1).device.type == "cpu"
    assert torch._tensor_str.PRINT_OPTS.precision == 4
    assert not torch.is_anomaly_enabled()
    assert streams == (sys.stdout, sys.stderr, sys.modules["__main__"], list(warnings.filters))
    assert torch._C._len_torch_function_stack() == 0


def test_the_default_device_is_that_of_the_options() -> None:
    recording = evaluate("import torch\nx = torch.zeros(2)\n", device="meta").recording
    assert recording.error is None
    assert recording.tensors[0].device == "meta"


def test_placed_names_are_moved_when_they_are_bound() -> None:
    pytest.importorskip("gradviz.devices.placement")
    recording = evaluate(
        "import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\n",
        placement={"x": "meta"},
    ).recording
    assert recording.error is None
    by_name = {tensor.name: tensor for tensor in recording.tensors}
    assert by_name["y"].device == "meta"
    assert by_name["x"].is_leaf
    assert by_name["x"].device == "meta"
    assert [tensor.name for tensor in recording.tensors] == ["x", "y"]


def test_an_impossible_placement_is_a_warning() -> None:
    pytest.importorskip("gradviz.devices.placement")
    result = evaluate("import torch\nx = 3\n", placement={"x": "cpu"})
    assert result.recording.error is None
    assert [output.kind for output in result.recording.outputs] == [OutputKind.WARNING]


def test_lines_are_reported_as_they_are_reached() -> None:
    lines: list[int] = []
    text = "x = 1\n\n@staticmethod\ndef f():\n    pass\nx\n"
    run(text, RunOptions(), on_output=lambda _output: None, on_line=lines.append)
    assert lines == [1, 3, 6]


def test_leaf_gradients_are_those_of_plain_torch() -> None:
    text = "import torch\nw = torch.randn(5, requires_grad=True)\n(w.sin() ** 2).sum().backward()\n"
    result = evaluate(text, seed=1)
    torch.manual_seed(1)
    w = torch.randn(5, requires_grad=True)
    (w.sin() ** 2).sum().backward()
    entry = next(tensor for tensor in result.recording.tensors if tensor.name == "w")
    value = result.recording.value(entry.grad)
    assert value is not None
    assert value.data is not None
    assert w.grad is not None
    assert np.array_equal(np.frombuffer(value.data, value.storage), w.grad.numpy())


def test_a_stopped_run_is_limited_and_keeps_what_was_done() -> None:
    seen: list[Output] = []

    def stop_at(line: int) -> None:
        if line == 3:
            raise KeyboardInterrupt

    text = "import torch\nx = torch.ones(2)\ny = x + 1\n"
    recording = run(text, RunOptions(), on_output=seen.append, on_line=stop_at).recording
    assert recording.status is RunStatus.LIMITED
    assert recording.error is not None
    assert "stopped" in recording.error.message
    assert [op.name for op in recording.ops] == ["ones"]


def test_exit_ends_a_run() -> None:
    assert evaluate("import sys\nsys.exit()\n1/0\n").recording.status is RunStatus.OK
    recording = evaluate("import sys\nsys.exit(3)\n").recording
    assert recording.status is RunStatus.ERROR
    assert recording.error is not None
    assert recording.error.line == 2


def test_a_run_that_its_code_ended_says_on_which_line() -> None:
    recording = evaluate("def leave():\n    exit()\nprint(1)\nleave()\n1/0\n").recording
    assert recording.status is RunStatus.OK
    printed, left = recording.outputs
    assert (printed.line, printed.text) == (3, "1")
    assert left.kind is OutputKind.WARNING and "exit()" in left.text
    assert left.line == 2


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("import sys\nsys.exit()\n", False),
        ("def main(): return 0\nif __name__ == '__main__':\n    raise SystemExit(main())\n", False),
        ("if True:\n    print(1)\n    exit()\n", False),
        ("for at in range(3):\n    print(at)\n    exit()\n", True),
        ("if True:\n    exit()\n    print(1)\n", True),
    ],
)
def test_that_a_script_ends_with_exit_is_not_told(text: str, is_told: bool) -> None:
    told = [one for one in evaluate(text).recording.outputs if one.kind is OutputKind.WARNING]
    assert bool(told) is is_told


def test_helpers_do_not_stay_in_the_namespace() -> None:
    result = evaluate("%time x = 1\n%timeit -n 1 -r 1 x\n")
    assert [name for name in result.namespace if "gradviz" in name] == []


def test_future_imports_hold_for_the_whole_text() -> None:
    text = "from __future__ import annotations\ndef f(x: Missing): pass\nf.__annotations__\n"
    assert shown(text) == ["{'x': 'Missing'}"]


def test_the_text_is_not_seen_as_this_modules_code() -> None:
    assert inspect.getmodule(evaluate) is not None
    assert shown("__name__") == ["'__main__'"]


def test_a_run_stopped_before_it_made_a_tensor_promises_no_graph() -> None:
    def stop_at(_line: int) -> None:
        raise KeyboardInterrupt

    recording = run("a = 1\n", RunOptions(), on_output=lambda _: None, on_line=stop_at).recording
    assert recording.error is not None
    assert recording.error.message == "The run was stopped."
