"""Say which tensors fill a device's memory when there is no more of it."""

from __future__ import annotations

import gc
import re
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import psutil
import torch
from torch import nn

from gradviz.devices.machine import free_nbytes
from gradviz.recording.units import format_bytes
from gradviz.tracer.private.modes import quiet
from gradviz.tracer.private.nodes import plain_saved_name, saved_names

_SIGNS: Final = re.compile(
    r"(?:can't allocate|not enough) memory: you tried to allocate|out of memory|"
    r"STATUS_ALLOC_FAILED|^Unable to allocate [\d.]+ \w+ for an array"
)
"""How the CPU's, CUDA's, XPU's and MPS's allocators, cuBLAS, cuDNN and NumPy say it."""
_WANTED: Final = re.compile(
    r"(?:ried to allocate|Unable to allocate) ([\d.]+) ?(bytes|[KMGT]i?B)\b"
)
_FREE: Final = re.compile(r"of which ([\d.]+) ?(bytes|[KMGT]i?B) is free")
_DEVICES: Final = (
    (re.compile(r"(CUDA|HIP|XPU)\b.*?\bGPU (\d+) has", re.DOTALL), None),
    (re.compile(r"CUDA|HIP|CUBLAS|CUDNN|hipblas", re.IGNORECASE), "cuda"),
    (re.compile(r"XPU"), "xpu"),
    (re.compile(r"MPS backend"), "mps"),
)
_SCALES: Final = {"bytes": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}
_DECIMAL_SCALES: Final = {"KB": 3, "MB": 6, "GB": 9, "TB": 12}
_MAX_NAMED: Final = 3
_MAX_DEPTH: Final = 3
_MAX_ELEMENTS: Final = 10_000
_MAX_NODES: Final = 200_000
_WORTH_SAYING: Final = 0.02
"""Of all that is held: what is smaller is not a reason why memory ran out."""


class Shortage(NamedTuple):
    """What an allocator said: on which device, how much it should give, what it had."""

    device: str
    wanted_nbytes: int | None
    free_nbytes: int | None


class Holding(NamedTuple):
    """Memory of one name of the person's text; empty for no name.

    `pieces` of memory are called the same, such as what a line in a loop saved in each round.
    """

    label: str
    line: int | None
    nbytes: int
    pieces: int = 1


def is_out_of_memory(error: BaseException, message: str) -> bool:
    """Whether a device, or NumPy, could not get the memory that it wanted."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and _SIGNS.search(message) is not None


def read_shortage(message: str) -> Shortage:
    """What an allocator's message says; what it leaves out is None."""
    return Shortage(_device_of(message), _amount(_WANTED, message), _amount(_FREE, message))


def _device_of(message: str) -> str:
    for pattern, device in _DEVICES:
        found = pattern.search(message)
        if found is not None:
            kind = "xpu" if found[0].startswith("XPU") else "cuda"
            return device or f"{kind}:{found[2]}"
    return "cpu"


def _amount(pattern: re.Pattern[str], message: str) -> int | None:
    found = pattern.search(message)
    if found is None:
        return None
    number, unit = float(found[1]), found[2]
    scale = 10 ** _DECIMAL_SCALES[unit] if unit in _DECIMAL_SCALES else 1 << _SCALES[unit]
    return round(number * scale)


def explain(
    error: BaseException,
    message: str,
    names: Mapping[str, object],
    filename: str,
    line_of: Callable[[str, int], int | None],
    recorded: Collection[int] = (),
) -> str:
    """How much was wanted, what is free, which tensors take the most, and what to do.

    `names` are those of the document `filename`; what the functions held that were active comes
    from the error's traceback. `line_of` says on which line the tensor that a name means, or that
    lies at an address, was made; at the addresses `recorded` are values that a recording keeps.
    """
    shortage = read_shortage(message)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][::-1]
    own = [frame.f_locals for frame in frames if frame.f_code.co_filename == filename]
    others = [frame.f_locals for frame in frames if frame.f_code.co_filename != filename]
    with quiet(), torch.no_grad():
        living = living_tensors(shortage.device, [names, *own], others, line_of)
    free = shortage.free_nbytes
    if free is None:
        free = _free(shortage.device)
    extra = sum(one.nbytes for at, one in living.items() if at in recorded and not one.label)
    holdings = grouped(
        one for address, one in living.items() if one.label or address not in recorded
    )
    total = _total(shortage.device)
    return describe(shortage._replace(free_nbytes=free), holdings, total=total, recorded=extra)


def grouped(holdings: Iterable[Holding]) -> list[Holding]:
    """One for each name and line, the largest first."""
    found: dict[tuple[str, int | None], Holding] = {}
    for one in holdings:
        known = found.get(one[:2])
        if known is not None:
            one = Holding(*one[:2], known.nbytes + one.nbytes, known.pieces + one.pieces)
        found[one[:2]] = one
    return sorted(found.values(), key=lambda holding: -holding.nbytes)


def describe(
    shortage: Shortage, holdings: list[Holding], *, total: int | None, recorded: int = 0
) -> str:
    """The sentences for what is known; `holdings` are the largest first.

    `total` is all that the device has, `recorded` bytes are kept only to show values.
    """
    device, wanted, free = shortage
    where = "the CPU" if device == "cpu" else device
    said = []
    if wanted is not None and free is not None:
        said.append(
            f"It asked for {format_bytes(wanted)} on {where}, where {format_bytes(free)} is free."
        )
    elif wanted is not None:
        said.append(f"It asked for {format_bytes(wanted)} on {where}.")
    elif free is not None:
        said.append(f"Of the memory of {where}, {format_bytes(free)} is free.")
    if wanted is not None and total is not None and wanted > total:
        said.append(
            f"There is only {format_bytes(total)} in total: make it in smaller parts, or of a "
            "smaller type such as torch.bfloat16."
        )
        return " ".join(said)
    held = sum(one.nbytes for one in holdings)
    largest = [one for one in holdings[:_MAX_NAMED] if one.nbytes >= _WORTH_SAYING * held]
    if largest:
        listed = ", ".join(_listed(one) for one in largest)
        if len(holdings) == len(largest):
            said.append(f"It is held by {listed}.")
        else:
            said.append(f"Of the {format_bytes(held)} that tensors hold, most is in {listed}.")
    if recorded > _WORTH_SAYING * (held + recorded):
        said.append(f"Another {format_bytes(recorded)} are values that the recording keeps.")
    said.append(_remedy(largest))
    return " ".join(said)


def _listed(holding: Holding) -> str:
    label = holding.label or "unnamed"
    size = format_bytes(holding.nbytes)
    if holding.pieces > 1:
        size = f"{holding.pieces} × {format_bytes(holding.nbytes // holding.pieces)}"
    return f"{label} ({size})" if holding.line is None else f"{label} (line {holding.line}, {size})"


def _remedy(largest: list[Holding]) -> str:
    plain = next((one.label for one in largest if one.label.isidentifier()), "x")
    if any("._saved" in one.label for one in largest):
        return (
            f"Use a smaller batch, or with torch.no_grad(): where no gradient is needed, and "
            f"delete what is no longer needed (del {plain})."
        )
    return (
        f"Delete what is no longer needed (del {plain}), or use smaller tensors, a smaller batch "
        "or a smaller type such as torch.bfloat16."
    )


def living_tensors(
    device: str,
    scopes: Iterable[Mapping[str, object]],
    foreign: Iterable[Mapping[str, object]],
    line_of: Callable[[str, int], int | None],
) -> dict[int, Holding]:
    """All memory that tensors hold on a device by its address; each piece by its best name.

    That is one of the `scopes`, else that of the autograd node that has saved it, else none.
    `foreign` names, those of libraries, only lead to graphs.
    """
    found: dict[int, Holding] = {}
    roots: list[torch.Tensor] = []
    kind, _, index = device.partition(":")

    def note(label: str, tensor: torch.Tensor) -> None:
        try:
            place = tensor.device
            if place.type != kind or (index and place.index not in (None, int(index))):
                return
            storage = tensor.untyped_storage()
            address, nbytes = storage.data_ptr(), storage.nbytes()
        except (RuntimeError, NotImplementedError):
            # Of a layout, or a stand-in, that has no single piece of memory, or no device.
            return
        if nbytes and address not in found:
            found[address] = Holding(label, line_of(label, address), nbytes)

    for scope in scopes:
        for label, tensor in _named(scope):
            note(label, tensor)
            if tensor.grad_fn is not None:
                roots.append(tensor)
            if tensor.is_leaf and tensor.grad is not None:
                note(f"{label}.grad", tensor.grad)
    for scope in foreign:
        roots += [tensor for _, tensor in _named(scope) if tensor.grad_fn is not None]
    for label, tensor in _saved(roots):
        note(label, tensor)
    for one in gc.get_objects():
        if type(one) in (torch.Tensor, nn.Parameter):
            note("", one)
    return found


def _named(scope: Mapping[str, object]) -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor that names lead to, with the expression that means it."""
    optimizers: list[tuple[str, torch.optim.Optimizer]] = []
    labels: dict[int, str] = {}
    for name, value in list(scope.items()):
        if name.startswith("__"):
            continue
        if isinstance(value, torch.optim.Optimizer):
            optimizers.append((name, value))
            continue
        for label, tensor in _within(name, value, _MAX_DEPTH):
            labels.setdefault(id(tensor), label)
            yield label, tensor
    for name, optimizer in optimizers:
        for parameter, state in list(optimizer.state.items()):
            of = labels.get(id(parameter), "…")
            for key, value in state.items():
                if isinstance(value, torch.Tensor):
                    yield f'{name}.state[{of}]["{key}"]', value


def _within(label: str, value: object, depth: int) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        yield label, value
    elif isinstance(value, nn.Module):
        for path, tensor in (*value.named_parameters(), *value.named_buffers()):
            yield f"{label}.{path}", tensor
    elif depth and isinstance(value, list | tuple):
        for index, element in enumerate(value[:_MAX_ELEMENTS]):
            yield from _within(f"{label}[{index}]", element, depth - 1)
    elif depth and isinstance(value, dict):
        for key, element in list(value.items())[:_MAX_ELEMENTS]:
            yield from _within(f"{label}[{key!r}]", element, depth - 1)
    elif depth and type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
        for key, element in list(vars(value).items()):
            yield from _within(f"{label}.{key}", element, depth - 1)


def _saved(roots: list[torch.Tensor]) -> Iterator[tuple[str, torch.Tensor]]:
    """What the graph behind these tensors keeps for its backward pass."""
    pending: list[Any] = [root.grad_fn for root in roots]
    seen: set[Any] = set()
    while pending and len(seen) < _MAX_NODES:
        node = pending.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        pending.extend(following for following, _ in node.next_functions)
        for attribute in saved_names(type(node)):
            try:
                kept = getattr(node, attribute)
            except RuntimeError:
                # Freed by a backward pass, or changed in place since.
                continue
            for one in kept if isinstance(kept, tuple | list) else (kept,):
                tensor = getattr(one, "data", one)
                if isinstance(tensor, torch.Tensor):
                    yield f"{node.name()}._saved_{plain_saved_name(attribute)}", tensor


def _free(device: str) -> int | None:
    try:
        return free_nbytes(device)
    except (RuntimeError, AssertionError):
        return None


def _total(device: str) -> int | None:
    """All the memory of a device, None where nobody says."""
    kind = torch.device(device).type
    if kind == "cpu":
        return int(psutil.virtual_memory().total + psutil.swap_memory().total)
    module: Any = getattr(torch, kind, None)
    try:
        return int(module.get_device_properties(torch.device(device)).total_memory)
    except (RuntimeError, AssertionError, AttributeError):
        return None
