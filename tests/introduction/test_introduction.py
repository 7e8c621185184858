"""Every line of an introduction to PyTorch runs, as one document and piece by piece."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gradviz.language.run import RunOptions, RunResult, run
from gradviz.recording.model import OutputKind, RunStatus

INTRODUCTION = (Path(__file__).parent / "introduccion.txt").read_text(encoding="utf-8")

LEAVES = """\
import torch
x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
"""


def as_notebook(values: tuple[object, ...]) -> str:
    """A tuple of tensors as IPython breaks it into lines."""
    return "(" + ",\n ".join(repr(value).replace("\n", "\n ") for value in values) + ")"


needs_no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")


def run_text(text: str) -> RunResult:
    return run(text, RunOptions(seed=0), on_output=lambda _: None, on_line=lambda _: None)


def displayed(result: RunResult) -> list[str]:
    outputs = result.recording.outputs
    return [output.text for output in outputs if output.kind is OutputKind.DISPLAY]


@pytest.mark.timeout(300)
def test_whole_introduction_runs_from_the_command_line(tmp_path: Path) -> None:
    source, picture = tmp_path / "introduccion.py", tmp_path / "graph.svg"
    source.write_text(INTRODUCTION, encoding="utf-8")
    command = [sys.executable, "-m", "gradviz", "run", str(source), "--trust"]
    done = subprocess.run(
        [*command, "--json", "-", "--export", str(picture)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["status"] == "ok"
    assert report["passes"][0]["leaf_grads"] == {"x": 3.0, "y": 3.0, "z": 3.0}
    assert len(report["passes"]) == 8
    timings = [output["text"] for output in report["outputs"] if output["kind"] == "timing"]
    assert len(timings) == 1
    assert "Wall time" in timings[0]
    assert picture.read_text(encoding="utf-8").count("<text") > 20


def test_introduction_gives_the_same_numbers_as_plain_python() -> None:
    start = INTRODUCTION.index("# %% Perceptr")
    text = "import torch\ntorch.manual_seed(3)\n" + INTRODUCTION[start:]
    namespace: dict[str, object] = {}
    exec(compile(text, "plain", "exec"), namespace)
    result = run_text(text)
    assert result.recording.status is RunStatus.OK
    for name in ("w", "b"):
        plain, recorded = namespace[name], result.namespace[name]
        assert isinstance(plain, torch.Tensor)
        assert isinstance(recorded, torch.Tensor)
        assert plain.grad is not None
        assert recorded.grad is not None
        assert torch.equal(plain.grad, recorded.grad)
    plain_model, recorded_model = namespace["mlp"], result.namespace["mlp"]
    assert isinstance(plain_model, torch.nn.Module)
    assert isinstance(recorded_model, torch.nn.Module)
    pairs = zip(plain_model.parameters(), recorded_model.parameters(), strict=True)
    assert all(torch.equal(plain, recorded) for plain, recorded in pairs)


@pytest.mark.parametrize(
    "piece",
    [
        "torch.zeros(5, 3)",
        "torch.randn(5, 3, 2)",
        "torch.tensor([[1, 2, 3], [4, 5, 6]])",
        "torch.from_numpy(np.array([[1, 2, 3], [4, 5, 6]]))",
        "torch.rand(3, 3) + torch.rand(3, 3)",
        "x + y, x - y",
        "x[0]",
        "x[0, 0]",
        "x[0, :]",
        "x[:-1, 1:]",
        "x.shape",
        "x.view(1, 3, 3).shape",
        "x.view(9)",
        "x.view(-1)",
        "x.numpy()",
        "torch.cuda.is_available()",
    ],
)
def test_each_piece_displays_what_a_notebook_would(piece: str) -> None:
    setting = (
        "import numpy as np\nimport torch\ntorch.manual_seed(1)\n"
        "x = torch.randn(3, 3)\ny = torch.randn(3, 3)\n"
    )
    namespace: dict[str, object] = {}
    exec(setting, namespace)
    value = eval(piece, namespace)
    expected = as_notebook(value) if type(value) is tuple else repr(value)
    result = run_text(setting + piece + "\n")
    assert result.recording.status is RunStatus.OK
    assert displayed(result) == [expected]


CLASS = """\
%matplotlib inline
import numpy as np
import torch

# %% [markdown]
# ## Tensores: ¿y la GPU?
!nvidia-smi
torch.relu?

# %%
%%time
x = torch.randn(100, 100)
y = torch.randn(100, 100)
z = x * y

# %%
%timeit -n 2 -r 2 x * y
dispositivo = torch.device("cuda" if torch.cuda.is_available() else "cpu")
red = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
red = red.to(dispositivo)
optimizador = torch.optim.Adam(red.parameters(), lr=0.01)
entrada = torch.randn(64, 2, device=dispositivo)
pérdidas = []
for época in range(3):
    optimizador.zero_grad()
    pérdida = (red(entrada) - entrada.prod(1, keepdim=True)).square().mean()
    pérdida.backward()
    optimizador.step()
    pérdidas.append(pérdida.item())
x.cpu().numpy().shape
"""


def test_a_teachers_notebook_runs_with_what_only_notebooks_need_passed_over() -> None:
    result = run_text(CLASS)
    recording = result.recording
    assert recording.error is None
    assert len(recording.passes) == 3
    assert displayed(result) == ["(100, 100)"]
    kinds = [output.kind for output in recording.outputs]
    assert kinds.count(OutputKind.WARNING) == 3
    assert kinds.count(OutputKind.TIMING) == 2


def test_chain_rule_leaves_have_gradient_three() -> None:
    result = run_text(LEAVES + "z.grad\nx.grad\ny.grad\n")
    assert displayed(result) == ["tensor(3.)"] * 3


@needs_no_cuda
@pytest.mark.parametrize(
    "line",
    [
        'torch.randn(3, device="cuda")',
        "x.cuda()",
        'x.to("cuda")',
        'x.to(torch.device("cuda"))',
    ],
)
def test_without_cuda_the_error_names_the_line_and_what_is_missing(line: str) -> None:
    result = run_text(LEAVES + line + "\n")
    recording = result.recording
    assert recording.status is RunStatus.ERROR
    assert recording.error is not None
    assert recording.error.line == 8
    assert "CUDA" in recording.error.message + recording.error.help
    assert recording.error.help
    assert len(recording.passes) == 1, "the graph built until then is kept"


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
def test_with_cuda_all_ways_to_move_a_tensor_work() -> None:
    text = (
        "import torch\nx = torch.randn(3)\ndevice = torch.device('cuda')\n"
        "a = x.cuda()\nb = x.to('cuda')\nc = x.to(device)\nd = torch.randn(3, device='cuda')\n"
        "a.cpu(), b.to('cpu'), c.cpu(), d.cpu()\n"
    )
    assert run_text(text).recording.status is RunStatus.OK
