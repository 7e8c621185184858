"""Keep what tensors held at a moment, and make plain data of it after the run."""

from __future__ import annotations

from typing import Any, Final

import psutil
import torch

from gradviz.recording.model import Value, ValueId
from gradviz.tracer.summary import Contents, contents_of, corner, statistics_of

MAX_WHOLE: Final = 4096
"""Tensors of at most this many elements are kept whole, as they are at that moment."""
_MAX_STATISTICS: Final = 2**24
_MAX_STATISTICS_TOTAL: Final = 2**26
"""Elements whose statistics one run waits for; those of later values are made on request."""
_DISPATCH_OFF: Final = torch._C._disabled_torch_dispatch_impl


class _Kept:
    """One value: contents at once when small, else a reference until it must be copied."""

    __slots__ = ("contents", "dtype", "reference", "shape", "storage", "version")

    def __init__(self, shape: tuple[int, ...], dtype: str) -> None:
        self.shape = shape
        self.dtype = dtype
        self.contents: Contents | None = None
        self.reference: torch.Tensor | None = None
        self.version = 0
        self.storage = 0


class ValueStore:
    """The values of one run.

    Small values are copied when they are kept. Of large ones only references are, which costs
    neither time nor memory while the person holds them too; `before_write` copies them before
    their storage is overwritten. Above the budget only leading corners are kept.

    Attributes:
        budget_nbytes: how much memory copies and references may hold together.
        used_nbytes: how much they do.
    """

    def __init__(self, budget_nbytes: int | None = None) -> None:
        if budget_nbytes is None:
            budget_nbytes = psutil.virtual_memory().total // 4
        self.budget_nbytes = budget_nbytes
        self.used_nbytes = 0
        self._kept: list[_Kept] = []
        self._by_storage: dict[int, list[_Kept]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, tensor: torch.Tensor) -> ValueId:
        """Keep what `tensor` holds now."""
        kept = _Kept(shape_of(tensor), dtype_name(tensor.dtype))
        self._kept.append(kept)
        if is_readable(tensor):
            if tensor.numel() <= MAX_WHOLE:
                kept.contents = contents_of(tensor.detach())
            else:
                self._refer(kept, tensor)
        return ValueId(len(self._kept) - 1)

    def _refer(self, kept: _Kept, tensor: torch.Tensor) -> None:
        if tensor.layout is not torch.strided:
            kept.contents = contents_of(corner(tensor.detach()))
            return
        storage = tensor.untyped_storage()
        sharing = self._by_storage.get(storage._cdata)
        if sharing is None:
            if self.used_nbytes + storage.nbytes() > self.budget_nbytes:
                kept.contents = contents_of(corner(tensor.detach()))
                return
            self.used_nbytes += storage.nbytes()
            sharing = self._by_storage[storage._cdata] = []
        kept.reference = tensor.detach()
        kept.version = -1 if tensor.is_inference() else tensor._version
        kept.storage = storage._cdata
        sharing.append(kept)

    def form(self, value_id: ValueId) -> tuple[tuple[int, ...], str]:
        """Shape and dtype of a kept value."""
        kept = self._kept[value_id]
        return kept.shape, kept.dtype

    def holds(self, value_id: ValueId | None, tensor: torch.Tensor) -> bool:
        """Whether this kept value is what `tensor` holds now, as far as that is certain."""
        if value_id is None:
            return False
        kept = self._kept[value_id]
        if kept.shape != shape_of(tensor):
            return False
        if kept.reference is not None:
            return kept.reference.data_ptr() == tensor.data_ptr()
        return tensor.numel() <= MAX_WHOLE and kept.contents == contents_of(tensor.detach())

    def is_referenced(self, tensor: torch.Tensor) -> bool:
        """Whether a write to the tensor's storage would change what is kept."""
        if not self._by_storage or tensor.layout is not torch.strided or not is_readable(tensor):
            return False
        return tensor.untyped_storage()._cdata in self._by_storage

    def before_write(self, tensor: torch.Tensor) -> None:
        """Copy the kept values that share the storage of `tensor`: it is about to change."""
        if not self.is_referenced(tensor):
            return
        storage = tensor.untyped_storage()
        sharing = self._by_storage.pop(storage._cdata)
        self.used_nbytes -= storage.nbytes()
        copies: dict[tuple[int, tuple[int, ...]], torch.Tensor] = {}
        for kept in sharing:
            assert kept.reference is not None
            key = (kept.reference.data_ptr(), kept.reference.stride())
            copy = copies.get(key)
            if copy is None or copy.shape != kept.reference.shape:
                if self.used_nbytes + kept.reference.nbytes > self.budget_nbytes:
                    kept.contents = contents_of(corner(kept.reference))
                    kept.reference = None
                    continue
                copy = copies[key] = kept.reference.clone()
                self.used_nbytes += copy.nbytes
            kept.reference = copy
            kept.version = copy._version
            kept.storage = copy.untyped_storage()._cdata
            self._by_storage.setdefault(kept.storage, []).append(kept)

    def finish(self) -> tuple[tuple[Value, ...], dict[ValueId, torch.Tensor]]:
        """The values as plain data, and the tensors of those that are not whole in it."""
        values: list[Value] = []
        live: dict[ValueId, torch.Tensor] = {}
        counted: dict[tuple[int, tuple[int, ...], str], Value] = {}
        total = 0
        for number, kept in enumerate(self._kept):
            value_id = ValueId(number)
            reference = kept.reference
            contents, statistics = kept.contents, None
            if contents is not None and contents.kept_shape == kept.shape:
                statistics = statistics_of(contents)
            elif reference is not None and _is_intact(kept, reference):
                live[value_id] = reference
                key = (reference.data_ptr(), reference.stride(), kept.dtype)
                twin = counted.get(key)
                if twin is not None and twin.shape == kept.shape:
                    values.append(_renumbered(twin, value_id))
                    continue
                contents = contents_of(corner(reference))
                count = reference.numel()
                if count <= _MAX_STATISTICS and total + count <= _MAX_STATISTICS_TOTAL:
                    total += count
                    statistics = statistics_of(reference)
            value = _value(value_id, kept, contents, statistics)
            if reference is not None and value_id in live:
                counted[(reference.data_ptr(), reference.stride(), kept.dtype)] = value
            values.append(value)
        return tuple(values), live


def is_readable(tensor: torch.Tensor) -> bool:
    """Whether the tensor's elements can be read without running anybody else's code."""
    kind = type(tensor)
    if kind is not torch.Tensor and kind.__torch_dispatch__ is not _DISPATCH_OFF:
        return False
    if tensor.is_meta or tensor.is_nested:
        return False
    return not torch._C._functorch.is_functorch_wrapped_tensor(tensor)


def shape_of(tensor: torch.Tensor) -> tuple[int, ...]:
    """The tensor's sizes; () for nested tensors, which have none."""
    return () if tensor.is_nested else tuple(tensor.shape)


_DTYPE_NAMES: Final[dict[torch.dtype, str]] = {}


def dtype_name(dtype: torch.dtype) -> str:
    """Torch's name without the module: `float32`."""
    name = _DTYPE_NAMES.get(dtype)
    if name is None:
        name = _DTYPE_NAMES[dtype] = str(dtype).removeprefix("torch.")
    return name


def _is_intact(kept: _Kept, reference: torch.Tensor) -> bool:
    """Whether nobody has overwritten or freed what the reference shows."""
    if kept.version >= 0 and reference._version != kept.version:
        return False
    return reference.untyped_storage().nbytes() > 0


def _value(value_id: ValueId, kept: _Kept, contents: Contents | None, statistics: Any) -> Value:
    return Value(
        id=value_id,
        shape=kept.shape,
        dtype=kept.dtype,
        storage=contents.storage if contents is not None else "",
        kept_shape=contents.kept_shape if contents is not None else (),
        data=contents.data if contents is not None else None,
        statistics=statistics,
    )


def _renumbered(value: Value, value_id: ValueId) -> Value:
    return Value(
        id=value_id,
        shape=value.shape,
        dtype=value.dtype,
        storage=value.storage,
        kept_shape=value.kept_shape,
        data=value.data,
        statistics=value.statistics,
    )
