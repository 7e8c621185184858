"""Files of Python, of torch and of the recorder are known by their names on Windows too."""

from __future__ import annotations

from types import CodeType

import pytest

from gradviz import folders
from gradviz.folders import folder_of, is_of_library, plain_name
from gradviz.tracer import out_of_sight, source
from gradviz.tracer.source import Origin, SourceMap

PACKAGES = r"C:\Users\Zoë\venv\Lib\site-packages"


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_SEPARATOR", "\\")
    for module, name, file in (
        (source, "_TORCH", rf"{PACKAGES}\torch\__init__.py"),
        (source, "_GRADVIZ", rf"{PACKAGES}\gradviz\__init__.py"),
        (out_of_sight, "_GRADVIZ", rf"{PACKAGES}\gradviz\__init__.py"),
        (out_of_sight, "_RECORDER", rf"{PACKAGES}\gradviz\tracer\out_of_sight.py"),
    ):
        monkeypatch.setattr(module, name, folder_of(file))
    monkeypatch.setattr(folders, "_STANDARD", ("<frozen", folder_of(r"C:\Python\Lib\os.py")))
    monkeypatch.setattr(source, "_TORCHS_CODE", {})


def code_of(filename: str, function: str) -> CodeType:
    code = compile(f"def {function}(): pass", filename, "exec").co_consts[0]
    assert isinstance(code, CodeType)
    return code


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize(
    ("filename", "function", "origin"),
    [
        (rf"{PACKAGES}\torch\nn\functional.py", "relu", Origin.THIN),
        (rf"{PACKAGES}\torch\_tensor.py", "backward", Origin.THIN),
        (rf"{PACKAGES}\torch\nn\modules\module.py", "_call_impl", Origin.CALL),
        (rf"{PACKAGES}\torch\nn\modules\linear.py", "__init__", Origin.SILENT),
        (rf"{PACKAGES}\torch\nn\modules\linear.py", "forward", Origin.LIBRARY),
        (rf"{PACKAGES}\torch\optim\sgd.py", "step", Origin.SILENT),
        (rf"{PACKAGES[:1].lower()}{PACKAGES[1:]}\torch\optim\sgd.py", "step", Origin.SILENT),
        (rf"\\?\{PACKAGES}\torch\optim\sgd.py", "step", Origin.SILENT),
        (rf"{PACKAGES}\gradviz\tracer\lean.py", "call", Origin.THIN),
        (rf"{PACKAGES}\torchvision\models\resnet.py", "forward", Origin.LIBRARY),
        (r"C:\Python\Lib\functools.py", "wrapper", Origin.LIBRARY),
        (r"C:\Users\Zoë\lesson.py", "relu", Origin.PERSON),
        (r"C:\Users\Zoë\torch\nn\functional.py", "relu", Origin.PERSON),
    ],
)
def test_whose_code_runs_is_told_by_names_with_backslashes(
    filename: str, function: str, origin: Origin
) -> None:
    assert SourceMap("", None)._origin(code_of(filename, function)) is origin


@pytest.mark.usefixtures("on_windows")
def test_the_recorder_stays_out_of_what_python_tells_with_backslashes() -> None:
    ours = rf'  File "{PACKAGES}\gradviz\tracer\lean.py", line 3, in call' + "\n"
    persons = r'  File "C:\Users\Zoë\gradviz\lesson.py", line 3, in call' + "\n"
    assert out_of_sight.without_us_told([persons, ours, persons]) == [persons, persons]
    assert out_of_sight._is_ours(code_of(rf"{PACKAGES}\gradviz\tracer\lean.py", "call"))
    assert not out_of_sight._is_ours(code_of(r"C:\Users\Zoë\gradviz\lesson.py", "call"))


@pytest.mark.usefixtures("on_windows")
def test_a_library_is_known_with_either_separator() -> None:
    assert is_of_library(r"C:\Users\Zoë\AppData\Roaming\Python\Python311\site-packages\a.py")
    assert is_of_library("c:/Python/Lib/functools.py")
    assert not is_of_library(r"C:\Users\Zoë\my-site-packages\a.py")


def test_a_backslash_is_a_part_of_a_name_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_SEPARATOR", "/")
    assert plain_name("/home/a\\b.py") == "/home/a\\b.py"


def test_what_a_person_installed_for_themselves_is_a_librarys() -> None:
    assert is_of_library("/home/zoë/.local/lib/python3.11/site-packages/a.py")
    assert is_of_library("/usr/lib/python3/dist-packages/a.py")
    assert is_of_library(folders.linecache.__file__)
    assert is_of_library("<frozen importlib._bootstrap>")
    assert not is_of_library(__file__)
