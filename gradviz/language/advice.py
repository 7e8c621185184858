"""What to do about the errors that people meet with torch."""

from __future__ import annotations

import builtins
import difflib
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Final

import torch

from gradviz.documents.syntax_advice import PROMPT_ADVICE, syntax_advice
from gradviz.language.known_errors import (
    ADVICE,
    NO_DRIVER,
    NO_GRADIENT,
    TUPLE_ADVICE,
    WITHOUT_CUDA,
)


def advice(error: BaseException, message: str, namespace: Mapping[str, object]) -> str:
    """What to do next about an error, empty where there is nothing useful to say."""
    if isinstance(error, NameError):
        return _similar_name(error, namespace)
    if isinstance(error, AttributeError) and (said := _similar_attribute(error)):
        return said
    if isinstance(error, AttributeError) and isinstance(error.obj, torch.nn.Module):
        return _no_loss(error)
    if isinstance(error, ModuleNotFoundError):
        return _missing_module(error.name or "")
    if isinstance(error, ImportError) and (said := _similar_import(error)):
        return said
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"File names are looked up from {Path.cwd()}."
    if isinstance(error, SyntaxError) and (said := syntax_advice(message)):
        return said
    if isinstance(error, RecursionError):
        return "A function calls itself endlessly; look at the case that should end it."
    if isinstance(error, TypeError) and (said := _similar_keyword(message)):
        return said
    if _frame_in(error, "loss.py", "__init__") is not None:
        return "Create the loss first, then call it: nn.MSELoss()(prediction, target)."
    if sentence := _known(message):
        return _no_gradient(error, namespace) if sentence is NO_GRADIENT else _cuda(sentence)
    return ""


def _known(message: str) -> str:
    return next((said for pattern, said in ADVICE if re.search(pattern, message)), "")


def _no_gradient(error: BaseException, namespace: Mapping[str, object]) -> str:
    frame = _frame_in(error, "_tensor.py", "backward")
    root = None if frame is None else frame.f_locals.get("self")
    if isinstance(root, torch.Tensor) and not (root.is_floating_point() or root.is_complex()):
        return (
            "Integers and Booleans, such as x > 0 and x.argmax(), have no gradient: begin at a "
            "decimal number."
        )
    # Torch takes any attribute that is set, also one that it does not know.
    for name, value in namespace.items():
        if isinstance(value, torch.Tensor):
            for option in difflib.get_close_matches("requires_grad", list(vars(value)), n=1):
                return f"{name}.{option} means nothing to PyTorch: write {name}.requires_grad."
    return NO_GRADIENT


def _frame_in(error: BaseException, file: str, function: str) -> FrameType | None:
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == function and Path(code.co_filename).name == file:
            return trace.tb_frame
        trace = trace.tb_next
    return None


def _missing_module(full_name: str) -> str:
    around, _, name = full_name.rpartition(".")
    if around in sys.modules:
        return _suggestion(name, dir(sys.modules[around]))
    package = full_name.partition(".")[0]
    if package == "google":
        return "google.colab exists only in Colab: remove the line."
    if package.casefold() == "pytorch":
        return "Did you mean torch?"
    # A misspelt package had better not be installed: others may have taken its name.
    if known := _meant(package):
        return f"Did you mean {known}?"
    name = _PACKAGES.get(package, package)
    return f"It is not installed where gradviz runs: {sys.executable} -m pip install {name}"


def _meant(package: str) -> str:
    """The package or module of Python's own that a name is misspelt for, if it is."""
    if package in _WELL_KNOWN or package in _LOOK_MISSPELT:
        return ""
    folded = package.casefold()
    known = (*_WELL_KNOWN, *sorted(n for n in sys.stdlib_module_names if n[:1] != "_"))
    close = difflib.get_close_matches(folded, known, n=1, cutoff=_SAME_WORD)
    return next(iter(close or (n for n in known if sorted(n) == sorted(folded))), "")


def _similar_import(error: ImportError) -> str:
    found = re.search(r"cannot import name '(\w+)' from '([\w.]+)'", str(error))
    module = None if found is None else sys.modules.get(found[2])
    return "" if found is None or module is None else _suggestion(found[1], dir(module))


_WELL_KNOWN: Final = ("torch", "numpy", "matplotlib", "pandas", "torchvision", "scipy", "sklearn")
_SAME_WORD: Final = 0.8
"""Likeness from which one word is the other misspelt: torchviz is no torch, torhc is."""

_LOOK_MISSPELT: Final = frozenset(
    {
        "Bio", "argcomplete", "botorch", "configargparse", "contextlib2", "dataclasses_json",
        "geopandas", "grpc", "hjson", "html5lib", "httpx", "jaxtyping", "json5", "lxml", "mpmath",
        "numpyro", "orjson", "pathlib2", "pickle5", "pint", "psutil", "pydot", "pyreadline",
        "randomgen", "sktime", "tokenizers", "tomli", "tslearn", "typer", "ujson", "xarray", "zipp",
    }
)  # fmt: skip
"""Packages of their own, with names that are like those of others."""

_PACKAGES: Final = {
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
"""What is installed under another name than it is imported."""


def _similar_keyword(message: str) -> str:
    found = re.search(r"unexpected keyword argument '(\w+)'", message)
    return _suggestion(found[1], _KEYWORDS) if found is not None else ""


_KEYWORDS: Final = [
    "requires_grad", "dtype", "device", "pin_memory", "generator", "layout", "dim", "keepdim",
    "retain_graph", "create_graph", "lr", "momentum", "weight_decay", "bias", "reduction",
]  # fmt: skip


def _cuda(sentence: str) -> str:
    if sentence is NO_DRIVER and torch.version.cuda is None:
        return WITHOUT_CUDA
    return sentence


def _similar_name(error: NameError, namespace: Mapping[str, object]) -> str:
    name = error.name or ""
    if name in ("In", "Out"):  # `In [3]: x` is an annotation to Python.
        return PROMPT_ADVICE
    if name in _DEVICES:
        return f"The name of a device is a text: write '{name}'."
    if name in _IMPORTS:
        return f"Did you forget: {_IMPORTS[name]}?"
    if _has_own(_innermost(error).get("self"), name):
        return f"Did you mean self.{name}?"
    known = [one for one in (*namespace, *dir(builtins)) if not one.startswith("__")]
    return _name_in_torch(name) or _suggestion(name, known)


def _innermost(error: BaseException) -> Mapping[str, object]:
    """The local names where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return {} if trace is None else trace.tb_frame.f_locals


def _has_own(owner: object, name: str) -> bool:
    try:
        return owner is not None and hasattr(owner, name)
    except Exception:  # a person's own attributes may raise anything
        return False


def _name_in_torch(name: str) -> str:
    name = _SPANISH.get(name, name)
    for module in (torch, torch.nn, torch.nn.functional):
        meant = vars(module).get(name)
        if not name.startswith("_") and (callable(meant) or isinstance(meant, torch.dtype)):
            return f"It belongs to PyTorch: write {module.__name__}.{name}."
    return ""


_DEVICES: Final = ("cpu", "cuda", "mps")

_IMPORTS: Final = {
    "torch": "import torch",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "plt": "import matplotlib.pyplot as plt",
    "math": "import math",
    "optim": "from torch import optim",
    "device": "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
}


def _similar_attribute(error: AttributeError) -> str:
    if error.obj is None or error.name is None:
        return ""
    if callable(error.obj) and not isinstance(error.obj, torch.nn.Module):
        return ""
    if "_init_" in vars(type(error.obj)):
        return "__init__ has two underscores on each side."
    if type(error.obj).__module__ == "torch.return_types":
        return TUPLE_ADVICE
    if isinstance(error.obj, (list, tuple)) and hasattr(torch.Tensor, error.name):
        return "Make it a tensor: torch.tensor([1., 2.])."
    if isinstance(error.obj, torch.Tensor) and error.name in _NOT_OF_TENSORS:
        return _NOT_OF_TENSORS[error.name]
    if error.name in _IN_TORCH and (error.obj is torch or isinstance(error.obj, torch.Tensor)):
        return f"PyTorch calls it {_IN_TORCH[error.name]}."
    list_names: Callable[[object], list[str]] = dir
    try:
        known = list_names(error.obj)
    except Exception:  # the person's own __dir__ may raise
        return ""
    return _suggestion(error.name, known)


def _no_loss(error: AttributeError) -> str:
    if error.name != "backward":
        return ""
    return "Backward begins at a loss: loss = criterion(model(x), target), then loss.backward()."


_LONGER: Final = "A tensor keeps its size: torch.cat([a, b]) makes a longer one."
_NOT_OF_TENSORS: Final = {
    "append": _LONGER,
    "extend": _LONGER,
    "zero_grad": "Gradients are cleared by optimizer.zero_grad(), or one by w.grad = None.",
}

_SPANISH: Final = {"sen": "sin", "tg": "tan"}
"""Functions by what they are called on blackboards in Spanish."""

_IN_TORCH: Final = {
    **_SPANISH,
    "array": "tensor",
    "astype": "to",
    "concatenate": "cat",
    "copy": "clone",
    "expand_dims": "unsqueeze",
    "fill": "fill_",
    "numpy": "from_numpy",
    "random": "rand",
    "size_": "shape",
}
"""What NumPy calls otherwise."""


def _suggestion(name: str, known: list[str]) -> str:
    for one in known:
        if one.casefold() == name.casefold():
            return f"Did you mean {one}?"
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"Did you mean {close[0]}?" if close else ""
