"""Let a document compute in another type than the one it was written for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

import torch
from torch import nn

from gradviz.devices.replacing import Namespace, replace_tensors
from gradviz.errors import GradvizError
from gradviz.recording.timing import AS_WRITTEN

_TYPES: Final = {
    "float32": torch.float32,
    "tf32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float64": torch.float64,
}
_TF32_FROM: Final = (8, 0)
_TF32: Final = "tf32"
_IEEE: Final = "ieee"


def torch_type(dtype: str) -> torch.dtype | None:
    """The type of the tensors, None where the document keeps its own.

    Raises `GradvizError` where no such type can be chosen.
    """
    if dtype == AS_WRITTEN:
        return None
    try:
        return _TYPES[dtype]
    except KeyError:
        names = ", ".join(_TYPES)
        raise GradvizError(f"There is no type {dtype}; there are {names}.") from None


def check_type(device: str, dtype: str) -> None:
    """Raise `GradvizError` with the reason where the device cannot compute in that type."""
    wanted = torch_type(dtype)
    if wanted is None:
        return
    kind = torch.device(device).type
    if dtype == _TF32 and not _has_tf32(device):
        raise GradvizError("tf32 needs an NVIDIA card of compute capability 8.0 or later.")
    try:
        ones = torch.ones(2, 2, dtype=wanted, device=device)
        torch.mm(ones, ones)
    except (RuntimeError, TypeError, NotImplementedError) as problem:
        reason = (str(problem).strip().splitlines() or [""])[0].rstrip(".")
        raise GradvizError(f"{kind} cannot compute in {dtype}: {reason}.") from problem


def type_warning(device: str, dtype: str) -> str:
    """Why the figure says little about the type on this device, empty where it does."""
    where = torch.device(device)
    if dtype != "bfloat16" or where.type != "cuda":
        return ""
    is_emulated = torch.cuda.get_device_capability(where) < _TF32_FROM
    return "This card computes bfloat16 in float32." if is_emulated else ""


def _has_tf32(device: str) -> bool:
    where = torch.device(device)
    # A ROCm build calls its cards cuda, too.
    if where.type != "cuda" or getattr(torch.version, "cuda", None) is None:
        return False
    return torch.cuda.get_device_capability(where) >= _TF32_FROM


@contextlib.contextmanager
def computing_in(dtype: str) -> Iterator[None]:
    """New tensors are of that type; products of float32 matrices are exact, or in tf32.

    `untouched_state` puts the default type back; what decides on tf32 is put back here.
    """
    wanted = torch_type(dtype)
    if wanted is None:
        yield
        return
    kept = torch.get_default_dtype()
    torch.set_default_dtype(wanted)
    try:
        with _products_of_float32(_TF32 if dtype == _TF32 else _IEEE):
            yield
    finally:
        torch.set_default_dtype(kept)


@contextlib.contextmanager
def _products_of_float32(precision: str) -> Iterator[None]:
    """Set how CUDA multiplies float32: `ieee` or `tf32`; whatever the block sets is put back."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    older: list[tuple[Any, str]] = [(matmul, "allow_tf32"), (cudnn, "allow_tf32")]
    settings: list[tuple[Any, str]] = [(matmul, "fp32_precision")]
    settings += [
        (getattr(cudnn, name), "fp32_precision") for name in ("conv", "rnn") if hasattr(cudnn, name)
    ]
    if not all(_is_known(owner, name) for owner, name in settings):
        # Before torch 2.9.
        settings = []
    # Both ways, the older first: torch refuses to tell what holds where they say different things.
    kept = [(owner, n, getattr(owner, n)) for owner, n in older + settings if _is_known(owner, n)]
    overall = _overall_precision()
    try:
        for owner, name in older + settings:
            setattr(owner, name, precision == _TF32 if name == "allow_tf32" else precision)
        yield
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)
            if owner is matmul and name == "allow_tf32" and overall is not None:
                # Says the same in more than two words.
                torch.set_float32_matmul_precision(overall)


def _overall_precision() -> str | None:
    try:
        return torch.get_float32_matmul_precision()
    except RuntimeError:  # the person has mixed the older and the newer way
        return None


def _is_known(owner: Any, name: str) -> bool:
    try:
        getattr(owner, name)
    except (AttributeError, RuntimeError):
        return False
    return True


def cast(namespace: Namespace, name: str, wanted: torch.dtype) -> None:
    """Make what `name` means of that type: leaves stay leaves, integers stay integers."""
    value = namespace.get(name)
    if isinstance(value, nn.Module):
        value.to(wanted)
        return
    if not _is_off(value, wanted, leaves_only=True):
        return
    assert isinstance(value, torch.Tensor)
    changed = value.detach().to(wanted)
    moved = (
        nn.Parameter(changed, requires_grad=value.requires_grad)
        if isinstance(value, nn.Parameter)
        else changed.requires_grad_(value.requires_grad)
    )
    moved.grad = None if value.grad is None else value.grad.to(wanted)
    replace_tensors(namespace, {id(value): moved})


def other_type(value: object, wanted: torch.dtype) -> str | None:
    """The floating type of a tensor where it is another, None where there is nothing to say."""
    off = _is_off(value, wanted, leaves_only=False)
    return (
        str(value.dtype).removeprefix("torch.") if off and isinstance(value, torch.Tensor) else None
    )


def _is_off(value: object, wanted: torch.dtype, *, leaves_only: bool) -> bool:
    return (
        isinstance(value, torch.Tensor)
        and (value.is_leaf or not leaves_only)
        and value.is_floating_point()
        and value.dtype is not wanted
    )
