"""Move leaves and modules to another device so that leaves stay leaves and optimizers stay right.

`x.cuda()` of a leaf that requires grad is not a leaf: it adds a node to the graph, and the gradient
accumulates on the other device. What is moved here is the leaf itself, with its `.grad`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from gradviz.devices.replacing import Namespace, replace_tensors
from gradviz.errors import GradvizError
from gradviz.tracer.private.modules import buffers_of, parameters_of
from gradviz.tracer.private.tensors import hooks_of, may_swap


def move_leaf(tensor: torch.Tensor, device: str | torch.device) -> torch.Tensor:
    """The same leaf on another device: values, `requires_grad`, `.grad`, class and hooks.

    Returns `tensor` itself where it is there already. Raises `GradvizError` where it is not a leaf
    or the device cannot take it.
    """
    if not tensor.is_leaf:
        raise GradvizError(_not_a_leaf("This tensor", tensor))
    if same_device(tensor.device, device):
        return tensor
    copied = _copy(tensor.detach(), device)
    moved = (
        nn.Parameter(copied, requires_grad=tensor.requires_grad)
        if isinstance(tensor, nn.Parameter)
        else copied.requires_grad_(tensor.requires_grad)
    )
    if tensor.grad is not None:
        moved.grad = _copy(tensor.grad, device)
    _carry_over(tensor, moved)
    return moved


def place(namespace: Namespace, name: str, device: str) -> None:
    """Move what `name` means to `device`, in the namespace of a run.

    A leaf is replaced under every name that means it, inside containers and objects too, and in
    optimizers. A module's parameters and buffers are moved in place. A dotted name (`net.0.weight`)
    is a parameter, buffer, submodule or other attribute of a module. Raises `GradvizError` with one
    sentence where that is not possible; the namespace is then as it was.
    """
    root, _, path = name.partition(".")
    if root not in namespace:
        raise GradvizError(f"There is no {root} to move to {device}.")
    target = namespace[root]
    if isinstance(target, nn.Module):
        _place_in_module(namespace, target, path, name, device)
        return
    if path:
        raise GradvizError(f"{root} is not a module, so {name} cannot be moved to {device}.")
    if not isinstance(target, torch.Tensor):
        kind = type(target).__name__
        raise GradvizError(f"{name} is of type {kind}: only tensors and modules can be moved.")
    if not target.is_leaf:
        raise GradvizError(_not_a_leaf(name, target))
    moved = move_leaf(target, device)
    if moved is not target:
        replace_tensors(namespace, {id(target): moved})


def same_device(one: str | torch.device, other: str | torch.device) -> bool:
    """Whether both mean the same device; `cuda` means the current card."""
    first, second = torch.device(one), torch.device(other)
    if first.type != second.type:
        return False
    return first.type == "cpu" or _index(first) == _index(second)


def _index(device: torch.device) -> int:
    index: int | None = device.index
    if index is not None:
        return index
    if device.type == "cuda" and torch.cuda.is_available():
        return torch.cuda.current_device()
    return 0


def _place_in_module(
    namespace: Namespace, module: nn.Module, path: str, name: str, device: str
) -> None:
    owner_path, _, last = path.rpartition(".")
    try:
        part = module.get_submodule(path)
    except AttributeError:
        part = None
    if part is not None:
        _move_tensors(namespace, list(_slots(part)), device)
        return
    try:
        owner = module.get_submodule(owner_path)
    except AttributeError:
        owner = None
    for slot in _slots(owner) if owner is not None else ():
        if slot[0] is owner and slot[2] == last:
            _move_tensors(namespace, [slot], device)
            return
    kept = None if owner is None else vars(owner).get(last)
    if isinstance(kept, torch.Tensor) and kept.is_leaf:  # beside the parameters
        moved = move_leaf(kept, device)
        setattr(owner, last, moved)
        replace_tensors(namespace, {id(kept): moved})
        return
    raise GradvizError(f"There is no {name} to move to {device}.")


_Slot = tuple[nn.Module, Mapping[str, Any], str]


def _slots(module: nn.Module) -> Iterator[_Slot]:
    """Where each parameter and buffer hangs: its module, the dict there, and its name."""
    for owner in module.modules():
        for table in (parameters_of(owner), buffers_of(owner)):
            for name, tensor in table.items():
                if tensor is not None:
                    yield owner, table, name


def _move_tensors(namespace: Namespace, slots: list[_Slot], device: str) -> None:
    """Move all or nothing: the copies are made before anything is changed."""
    copies: dict[int, tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]] = {}
    for _, table, name in slots:
        tensor = table[name]
        if id(tensor) not in copies and not same_device(tensor.device, device):
            grad = None if tensor.grad is None else _copy(tensor.grad, device)
            copies[id(tensor)] = (tensor, _copy(tensor.detach(), device), grad)
    replaced: dict[int, torch.Tensor] = {}
    for tensor, copied, grad in copies.values():
        moved = _swap_storage(tensor, copied, grad)
        if moved is not tensor:
            replaced[id(tensor)] = moved
    for owner, table, name in slots:
        moved_to = replaced.get(id(table[name]))
        if moved_to is not None:
            setattr(owner, name, moved_to)
    replace_tensors(namespace, replaced)


def _swap_storage(
    tensor: torch.Tensor, copied: torch.Tensor, grad: torch.Tensor | None
) -> torch.Tensor:
    """Give the tensor its new storage, as `nn.Module.to` does; a new tensor where it cannot."""
    if may_swap(tensor, copied):
        # `.grad` must be gone first: its device is compared with the tensor's.
        tensor.grad = None
        tensor.data = copied
        tensor.grad = grad
        return tensor
    moved = (
        nn.Parameter(copied, requires_grad=tensor.requires_grad)
        if isinstance(tensor, nn.Parameter)
        else copied.requires_grad_(tensor.requires_grad)
    )
    moved.grad = grad
    _carry_over(tensor, moved)
    return moved


def _carry_over(tensor: torch.Tensor, moved: torch.Tensor) -> None:
    """Hooks and the person's own attributes."""
    moved.__dict__.update(tensor.__dict__)
    before, after = hooks_of(tensor)
    for hook in before:
        moved.register_hook(hook)
    for hook in after:
        moved.register_post_accumulate_grad_hook(hook)


def _copy(tensor: torch.Tensor, device: str | torch.device) -> torch.Tensor:
    if tensor.is_meta:
        raise GradvizError(f"A tensor on meta has no values that could be moved to {device}.")
    try:
        return tensor.to(device, copy=True)
    except (RuntimeError, AssertionError, NotImplementedError) as problem:
        # One sentence for all that torch raises here: no such device, no memory.
        reason = (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".")
        raise GradvizError(f"A tensor could not be moved to {device}: {reason}.") from problem


def _not_a_leaf(name: str, tensor: torch.Tensor) -> str:
    made_by = tensor.grad_fn.name() if tensor.grad_fn is not None else "an op"
    return f"{name} is not a leaf ({made_by} made it): move the leaves that it comes from."
