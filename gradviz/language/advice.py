"""What to do about the errors that people meet with torch."""

from __future__ import annotations

import builtins
import difflib
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import torch

from gradviz.documents.syntax_advice import syntax_advice

_WITHOUT_CUDA: Final = (
    "This PyTorch was built without CUDA; install a CUDA build (pytorch.org/get-started) on a "
    "machine with an NVIDIA card, or use the CPU: torch.device('cuda' if "
    "torch.cuda.is_available() else 'cpu')."
)
_NO_DRIVER: Final = (
    "This machine has no NVIDIA driver that is new enough for CUDA; install it, or use the CPU: "
    "torch.device('cuda' if torch.cuda.is_available() else 'cpu')."
)

_ADVICE: Final[tuple[tuple[str, str], ...]] = (
    (r"not compiled with CUDA|'aten::empty.memory_format' with arguments from the 'CUDA'|"
     r"requires CUDA support|Tried to instantiate dummy base class (Event|Stream|CUDAGraph)",
     _WITHOUT_CUDA),
    (r"no NVIDIA driver|driver version is insufficient", _NO_DRIVER),
    (r"No CUDA GPUs are available",
     "CUDA sees no card; check nvidia-smi and the variable CUDA_VISIBLE_DEVICES."),
    (r"invalid device ordinal",
     "There is no card with this number; torch.cuda.device_count() says how many there are."),
    (r"CUDA driver version is insufficient|NVIDIA driver on your system is too old",
     "The NVIDIA driver is older than this PyTorch needs: update it (www.nvidia.com/drivers)."),
    (r"no kernel image is available",
     "This PyTorch has no code for this card; install a build that has "
     "(pytorch.org/get-started)."),
    (r"device-side assert triggered",
     "A kernel refused its input, mostly an index or a class number out of range. Run it on the "
     "CPU, which names the line and the reason; the engine restarts by itself."),
    (r"illegal memory access|unspecified launch failure|misaligned address",
     "A kernel read or wrote outside its memory; the line is that where it was noticed. "
     "CUDA_LAUNCH_BLOCKING=1 in the environment shows the right one; the engine restarts by "
     "itself."),
    (r"(CUBLAS|CUDNN)_STATUS_(NOT_INITIALIZED|EXECUTION_FAILED)|CUDNN_STATUS_INTERNAL_ERROR",
     "The card's library could not work, mostly because the card's memory is full: use a smaller "
     "batch."),
    (r"not linked with support for \w+ devices|MPS backend is supported on|compiled with XPU|"
     r"not compiled with \w+ enabled|'aten::empty\S*' with arguments from the '\w+' backend",
     "This PyTorch cannot use that device; the device panel and gradviz devices list those that "
     "it can."),
    (r"Cannot access accelerator device when none is available",
     "This machine has no accelerator that PyTorch can use; use the CPU: leave out pin_memory, and "
     "write device='cpu'."),
    (r"MPS framework doesn't support float64|Required aspect fp64",
     "This GPU has no double precision: use torch.float32, for example x.float()."),
    (r"backward through the graph a second time",
     "The first backward freed what this one needs. Keep it with backward(retain_graph=True), or "
     "compute the result anew before each backward; a tensor carried over from one round of a "
     "loop to the next wants .detach()."),
    (r"modified by an inplace operation",
     "A tensor that backward needs was changed in place after it was used. Write y = y + 1 "
     "instead of y += 1, or change a copy: y.clone()."),
    (r"a leaf Variable that requires grad is being used in an in-place operation|"
     r"a view of a leaf Variable that requires grad",
     "A leaf may be changed in place only where nothing is recorded: put the change into "
     "with torch.no_grad():"),
    (r"grad can be implicitly created only for scalar outputs",
     "Backward starts from one number. Reduce the result first (.sum() or .mean()), or say how "
     "much each element counts: y.backward(torch.ones_like(y))."),
    (r"does not require grad and does not have a grad_fn",
     "Nothing that this was computed from requires grad, or the way was cut by detach() or "
     "no_grad(). Make a leaf with requires_grad=True."),
    (r"appears to not have been used in the graph",
     "The result does not depend on this tensor; allow_unused=True gives None for it."),
    (r"Can't call numpy\(\) on Tensor that requires grad",
     "Leave the graph first: x.detach().numpy()."),
    (r"can't convert cuda.* to numpy|device type tensor to numpy",
     "NumPy lives on the CPU: x.detach().cpu().numpy()."),
    (r"mat1 and mat2 shapes cannot be multiplied|size mismatch, got|"
     r"mat1 and mat2 must have the same|inconsistent tensor size|both arguments to matmul",
     "In a product of matrices the columns of the first must be as many as the rows of the "
     "second; look at both shapes, one of them may want .T."),
    (r"The size of tensor a .* must match the size of tensor b",
     "Shapes are compared from the last dimension: sizes must be equal, or one of them 1. "
     "unsqueeze() adds a dimension of size 1."),
    (r"shape '.*' is invalid for input of size|view size is not compatible",
     "The new shape must have as many elements as the old; one size may be -1. After a "
     "transpose use reshape() instead of view()."),
    (r"Expected all tensors to be on the same device|is not on the expected device|"
     r"Input type .* and weight type .* should be the same",
     "Move one of them: x.to(y.device)."),
    (r"Only Tensors of floating point and complex dtype can require gradients|"
     r"only Tensors of floating point",
     "Make it floating point: torch.tensor([1., 2.]) or x.float()."),
    (r"expected scalar type|must have the same dtype|should be the same dtype|"
     r"expected m1 and m2 to have the same dtype",
     "Bring both to one type, for example x.float()."),
    (r"a Tensor with \d+ elements cannot be converted to Scalar",
     "Only a tensor of one element becomes a number; reduce it first, or use .tolist()."),
    (r"Boolean value of Tensor with more than one value is ambiguous",
     "Say which is meant: (x > 0).any() or (x > 0).all()."),
    (r"Invalid device string|Expected one of cpu, cuda",
     "Devices are called cpu, cuda:0, mps or xpu:0; the Devices tab and gradviz devices list those "
     "of this machine."),
    (r"EOF when reading a line", "There is no keyboard input here; write the value into the text."),
)  # fmt: skip


def advice(error: BaseException, message: str, namespace: Mapping[str, object]) -> str:
    """What to do next about an error, empty where there is nothing useful to say."""
    if isinstance(error, NameError):
        return _similar_name(error, namespace)
    if isinstance(error, AttributeError):
        return _similar_attribute(error)
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        return f"It is not installed where gradviz runs: {sys.executable} -m pip install {package}"
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"Names of files are looked up from {Path.cwd()}."
    if isinstance(error, SyntaxError) and (said := syntax_advice(message)):
        return said
    if isinstance(error, RecursionError):
        return "A function calls itself without end; look for the case that ends it."
    for pattern, sentence in _ADVICE:
        if re.search(pattern, message):
            return _cuda(sentence)
    return ""


def _cuda(sentence: str) -> str:
    if sentence is _NO_DRIVER and torch.version.cuda is None:
        return _WITHOUT_CUDA
    return sentence


def _similar_name(error: NameError, namespace: Mapping[str, object]) -> str:
    name = error.name or ""
    if name in _IMPORTS:
        return f"Did you forget: {_IMPORTS[name]}?"
    known = [one for one in (*namespace, *dir(builtins)) if not one.startswith("__")]
    return _suggestion(name, known)


_IMPORTS: Final = {
    "torch": "import torch",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "plt": "import matplotlib.pyplot as plt",
    "math": "import math",
}


def _similar_attribute(error: AttributeError) -> str:
    if error.obj is None or error.name is None:
        return ""
    list_names: Callable[[object], list[str]] = dir
    try:
        known = list_names(error.obj)
    except Exception:  # the person's own __dir__ may raise
        return ""
    return _suggestion(error.name, known)


def _suggestion(name: str, known: list[str]) -> str:
    for one in known:
        if one.casefold() == name.casefold():
            return f"Did you mean {one}?"
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"Did you mean {close[0]}?" if close else ""
