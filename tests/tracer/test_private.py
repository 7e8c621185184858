"""Private names of torch's stand in one folder, and each may be missing."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import gradviz

PACKAGE: Final = Path(gradviz.__file__).parent
FOLDER: Final = PACKAGE / "tracer" / "private"

NO_LOSS: Final = frozenset(
    {
        "_cdata",
        "_is_zerotensor",
        "_C._functorch.is_functorch_wrapped_tensor",
        "_has_compatible_shallow_copy_type",
        "_get_current_function_mode_stack",
        "_C._len_torch_function_stack",
        "_C._push_on_torch_function_stack",
        "_C._pop_torch_function_stack",
        "_C._get_torch_function_state",
        "_C._set_torch_function_state",
        "_tensor_str.PRINT_OPTS",
        "_device_constructors",
        "_parameters",
        "_buffers",
        "_register_hook",
        "_C._autograd._top_saved_tensors_default_hooks",
    }
)
"""Names that the public way does without any loss, so that nothing need be said."""
TRANSFORMS: Final = "_C._functorch.peek_interpreter_stack"


def looked_up() -> list[str]:
    """The paths that the private modules look up."""
    return sorted({path for module in FOLDER.glob("*.py") for path in _looked_up_in(module)})


def _looked_up_in(module: Path) -> Iterator[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    constants = {
        node.target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "find":
            path = node.args[1]
            yield constants[path.id] if isinstance(path, ast.Name) else ast.literal_eval(path)


@pytest.fixture(scope="module")
def reports() -> dict[str, Any]:
    """What one program was recorded as without each of the names, and with all (``""``)."""
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.tracer.without_name", *looked_up()],
        capture_output=True,
        text=True,
        cwd=PACKAGE.parent,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        timeout=170,
    )
    assert answer.returncode == 0, answer.stderr
    return {report["name"]: report for report in map(json.loads, answer.stdout.splitlines())}


@pytest.mark.parametrize("name", looked_up())
def test_without_a_private_name_gradients_are_right_and_the_loss_is_told(
    reports: dict[str, Any], name: str
) -> None:
    report, full = reports[name], reports[""]

    assert report["raised"] is None
    assert sorted(report["same"]) == report["expected"]
    assert report["grads"].keys() == full["grads"].keys()
    assert all(report["grads"].values())
    assert report["warnings"] == report["not_told"]
    assert set(report["warnings"]) >= set(full["warnings"])
    if name in NO_LOSS:
        assert report["warnings"] == full["warnings"]
    else:
        assert report["warnings"]


@pytest.mark.parametrize("name", [name for name in looked_up() if name != TRANSFORMS])
def test_without_a_private_name_the_graph_and_the_steps_are_the_same(
    reports: dict[str, Any], name: str
) -> None:
    report, full = reports[name], reports[""]

    for part in ("ops", "nodes", "owners", "passes", "parents"):
        assert report[part] == full[part], part


def test_what_the_tests_of_missing_names_look_up_is_what_is_there(reports: dict[str, Any]) -> None:
    assert set(looked_up()) >= {"_version", "_engine_run_backward", "_C._current_graph_task_id"}
    assert set(looked_up()) >= NO_LOSS
    assert reports[""]["passes"][0] == [
        "MulBackward0",
        "AddBackward0",
        "AccumulateGrad",
        "AccumulateGrad",
    ]


def test_a_recording_says_what_it_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tracer.helpers import record

    monkeypatch.setattr("gradviz.tracer.tracer.NOT_TOLD", ["Something is not told."])

    assert "Something is not told." in record("a = torch.ones(2) + 1").warnings
    assert record("a = 1").warnings == ()


# The rule that only one folder uses them

_NOT_TORCHS: Final = frozenset({("sys", "_getframe"), ("os", "_exit")})
_OF_PYTHON: Final = frozenset({"_replace", "_asdict", "_fields", "_make"})
_LOOK_UPS: Final = frozenset({"getattr", "hasattr", "setattr", "attrgetter", "methodcaller"})


def _is_private(name: str) -> bool:
    is_ours = name in _OF_PYTHON or len(name) < 2
    return name.startswith("_") and not name.startswith("__") and not is_ours


def _own_names(tree: ast.Module) -> set[str]:
    """Names that begin with an underscore and that this module defines or sets itself."""
    own = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                own.add(name)
            case ast.Attribute(attr=name, value=ast.Name(id="self" | "cls"), ctx=ast.Store()):
                own.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
    return own


def private_names_in(source: str) -> Iterator[str]:
    """Uses of names that begin with an underscore and are neither the module's own nor Python's."""
    tree = ast.parse(source)
    own = _own_names(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for one in names:
                    if any(map(_is_private, one.name.split("."))):
                        yield one.name
            case ast.ImportFrom(module=str(module), names=names):
                for one in names:
                    path = f"{module}.{one.name}"
                    if not module.startswith("gradviz") and any(map(_is_private, path.split("."))):
                        yield path
            case ast.Attribute(attr=name, value=ast.Name(id=owner)) if (
                owner,
                name,
            ) in _NOT_TORCHS or owner in ("self", "cls"):
                continue
            case ast.Attribute(attr=name) if _is_private(name) and name not in own:
                yield ast.unparse(node)
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)) if (
                called in _LOOK_UPS
            ):
                texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
                for text in filter(lambda one: isinstance(one, str), texts):
                    if any(map(_is_private, text.split("."))):
                        yield text


def _modules() -> list[Path]:
    """Those that see torch; the others may not import it."""
    paths = [PACKAGE / "api.py"]
    for floor in ("tracer", "language", "devices", "worker"):
        paths += sorted((PACKAGE / floor).glob("**/*.py"))
    return [path for path in paths if path.parent != FOLDER]


@pytest.mark.parametrize("path", _modules(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_other_module_uses_private_names_of_torch(path: Path) -> None:
    assert list(private_names_in(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "number = torch._C._autograd._get_sequence_nr()",
        "import torch._guards",
        "from torch._C import DisableTorchFunction",
        "from torch.utils._device import CURRENT_DEVICE",
        "from torch.utils import _device",
        "version = tensor._version",
        "before = [one._version for one in tensors]",
        "torch.autograd._engine_run_backward = run",
        "hooks = getattr(tensor, '_post_accumulate_grad_hooks', None)",
        "version = operator.attrgetter('_version')",
        "names = node._raw_saved_self",
    ],
)
def test_a_private_name_elsewhere_would_be_found(line: str) -> None:
    source = f"class A:\n    def f(self):\n        self._ledger = 1\n{line}"
    assert list(private_names_in(source))


def test_names_of_the_modules_own_are_not_taken_for_torchs() -> None:
    source = (
        "class A:\n    _running = None\n    def _f(self):\n        self._x = sys._getframe()\n"
        "        return A._running, one._f(), other._x, profile._replace(a=1), a.__dict__\n"
    )
    assert list(private_names_in(source)) == []
