"""Keep what tensors held at a moment, and make plain data of it after the run."""

from __future__ import annotations

import struct
from collections.abc import Container
from threading import RLock
from typing import Any, Final

import msgspec
import torch
from torch.nn.parameter import is_lazy

from gradviz.devices.machine import free_nbytes
from gradviz.recording.model import Statistics, Value, ValueId
from gradviz.tracer.private.tensors import (
    HAS_VERSIONS,
    is_stand_in,
    is_zerotensor,
    storage_key,
    version,
)
from gradviz.tracer.summary import Contents, contents_of, corner, has_memory, statistics_of

MAX_WHOLE: Final = 4096
"""Tensors of at most this many elements are whole in the recording."""
_MAX_BUDGET_NBYTES: Final = 2 << 30
_MAX_STATISTICS: Final = 2**24
_MAX_STATISTICS_TOTAL: Final = 2**26
"""Elements whose statistics one run waits for; those of later values are made on request."""
_MAX_OF_PARAMETERS: Final = 2**22
"""The same for what parameters held: the weights of a large model say least about one pass, and
reading them all takes longer than recording it."""
_DISPATCH_OFF: Final = torch.Tensor.__torch_dispatch__
ORDINARY: Final = frozenset({torch.Tensor, torch.nn.Parameter})
"""Kinds of tensors that run nobody else's code."""
_STRIDED: Final = torch.strided
_FLOAT32: Final = torch.float32

# How the one number of a tensor is written: format of `struct`, numpy's name of it.
_NUMBERS: Final[dict[torch.dtype, tuple[struct.Struct, str]]] = {
    torch.float32: (struct.Struct("<f"), "<f4"),
    torch.float64: (struct.Struct("<d"), "<f8"),
    torch.float16: (struct.Struct("<e"), "<f2"),
    torch.bfloat16: (struct.Struct("<f"), "<f4"),
    torch.int64: (struct.Struct("<q"), "<i8"),
    torch.int32: (struct.Struct("<i"), "<i4"),
    torch.bool: (struct.Struct("<?"), "|b1"),
}


class _Kept(msgspec.Struct, gc=False):
    """One value: a number, or contents, or a reference until it must be copied."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    number: float | None = None
    contents: Contents | None = None
    reference: torch.Tensor | None = None
    version: int = 0
    strides: tuple[int, ...] | None = None


class ValueStore:
    """The values of one run.

    A single number is taken at once. Of all else only references are kept, which costs neither
    time nor memory while the person holds them too; `before_write` copies them before their
    storage is overwritten, and what was overwritten behind its back is known by its version and
    left out. Memory that others than torch can write is copied at once. Above the budget only
    leading corners are kept.

    What is kept is noted as shortly as can be, a number as itself and a reference beside its
    version, and becomes a record when anything is written or asked, at the latest once
    `spare_nbytes` are used up.

    Attributes:
        budget_nbytes: how much memory copies and references may hold together.
        used_nbytes: how much they do.
        raw: what is kept, each value at the index that is its identity; some are only noted.
        spare_nbytes: how much may still be noted before its memory has to be counted.
        writes: how often something was about to be overwritten.
        was_overwritten: whether a value is lost because something unseen wrote to its memory.
        exposed: keys of the memory that others than torch can write to.
    """

    def __init__(self, budget_nbytes: int | None = None) -> None:
        if budget_nbytes is None:
            budget_nbytes = min((free_nbytes("cpu") or 0) // 4, _MAX_BUDGET_NBYTES)
        self.budget_nbytes = budget_nbytes
        self.used_nbytes = 0
        self.was_overwritten = False
        self.writes = 0
        self._peak_nbytes = 0
        self.raw: list[Any] = []
        self.spare_nbytes = budget_nbytes if HAS_VERSIONS else -1
        self._whole = 0
        self._placed = 0
        self._lock = RLock()
        self._by_storage: dict[int, list[int]] = {}
        self.exposed: set[int] = set()

    def __len__(self) -> int:
        return len(self.raw)

    @property
    def _kept(self) -> list[_Kept]:
        """The records of all values."""
        if self._whole < len(self.raw):
            self.write_out()
        return self.raw

    def write_out(self) -> None:
        """Make records of what was only noted: another thread may be about to write, too."""
        with self._lock:
            self._place()
            raw = self.raw
            end = self._placed
            for number in range(self._whole, end):
                noted = raw[number]
                if type(noted) is tuple:
                    raw[number] = _record_of(noted)
                elif type(noted) is float:
                    raw[number] = _Kept((), torch.float32, noted)
            self._whole = end
            is_careful = self.exposed or not HAS_VERSIONS
            self.spare_nbytes = -1 if is_careful else self.budget_nbytes - self.used_nbytes

    def _place(self) -> None:
        """Find the memory of what was only noted; what must not be a reference becomes a copy."""
        with self._lock:
            raw, by_storage = self.raw, self._by_storage
            end = len(raw)
            for number in range(self._placed, end):
                noted = raw[number]
                if type(noted) is not tuple:
                    continue
                reference, _ = noted
                if reference.is_nested:
                    raw[number] = _Kept((), reference.dtype)
                    continue
                try:
                    storage = reference.untyped_storage()
                except NotImplementedError:  # a kind of tensor that has no memory
                    raw[number] = _Kept(tuple(reference.shape), reference.dtype)
                    continue
                key = storage_key(storage)
                sharing = by_storage.get(key)
                if sharing is None:
                    nbytes = storage.nbytes()
                    if self._must_copy(key, reference, nbytes):
                        kept = raw[number] = _record_of(noted)
                        if self._is_intact(kept, reference):
                            self._copy(kept, reference)
                        continue
                    self.used_nbytes += nbytes
                    sharing = by_storage[key] = []
                sharing.append(number)
            self._placed = end

    def _must_copy(self, key: int, reference: torch.Tensor, nbytes: int) -> bool:
        return (
            self.used_nbytes + nbytes > self.budget_nbytes
            or not HAS_VERSIONS
            or key in self.exposed
            or is_zerotensor(reference)
        )

    def _is_intact(self, kept: _Kept, reference: torch.Tensor) -> bool:
        """Whether this still is the value; where it is not, it is lost."""
        if _is_intact(kept, reference):
            return True
        self.was_overwritten |= _was_written(kept, reference)
        kept.reference = None
        return False

    def note(self, tensor: torch.Tensor, version: int) -> ValueId:
        """Keep an ordinary tensor with memory of its own, which is at this version, in a hurry."""
        raw = self.raw
        number = len(raw)
        if tensor.dim() or not tensor.is_cpu:
            raw.append((tensor.detach(), version))
            self.spare_nbytes -= tensor.nbytes
            if self.spare_nbytes < 0:
                self.write_out()
        elif tensor.dtype is _FLOAT32:
            raw.append(tensor.item())
        else:
            return self.keep(tensor)
        return number  # type: ignore[return-value]

    def keep(self, tensor: torch.Tensor) -> ValueId:
        """Keep what `tensor` holds now."""
        raw = self.raw
        number = len(raw)
        dtype = tensor.dtype
        is_strided = tensor.layout is _STRIDED
        is_number = is_strided and type(tensor) in ORDINARY and tensor.is_cpu and not tensor.dim()
        if is_number and dtype in _NUMBERS:
            try:
                raw.append(_Kept((), dtype, tensor.item()))
            except RuntimeError:  # a transform's stand-in for a tensor holds no number
                raw.append(_Kept((), dtype))
        elif not is_readable(tensor):
            raw.append(_Kept(shape_of(tensor), dtype))
        elif not is_strided:
            kept = _Kept(shape_of(tensor), dtype)
            raw.append(kept)
            self._copy(kept, tensor.detach())
        else:
            try:
                raw.append((tensor.detach(), _version_of(tensor)))
            except RuntimeError:  # many gradients in one, as `is_grads_batched` makes them
                raw.append(_Kept(tuple(tensor.shape), dtype))
            self.spare_nbytes -= tensor.nbytes
            if self.spare_nbytes < 0:
                self.write_out()
        return number  # type: ignore[return-value]  # a call of `ValueId` for each is felt

    def _copy(self, kept: _Kept, tensor: torch.Tensor) -> None:
        """All of a small tensor, the corner of a large one; nothing of one that was freed."""
        kept.reference = None
        kept.strides = _strides_of(tensor)
        if has_memory(tensor):
            is_whole = tensor.numel() <= MAX_WHOLE
            kept.contents = contents_of(tensor, None if is_whole else corner(tensor.shape))

    @property
    def peak_nbytes(self) -> int:
        """The most that copies and references held at a time, whoever else held it too."""
        copied = sum(len(kept.contents.data) for kept in self._kept if kept.contents is not None)
        return max(self._peak_nbytes, self.used_nbytes) + copied

    def addresses(self) -> frozenset[int]:
        """Where the memory lies that references hold, whoever else holds it too."""
        kept = self._kept
        references = [kept[one].reference for shared in self._by_storage.values() for one in shared]
        found: set[int] = set()
        for reference in references:
            if reference is not None and reference.layout is _STRIDED and is_readable(reference):
                found.add(reference.untyped_storage().data_ptr())
        return frozenset(found)

    def form(self, value_id: ValueId) -> tuple[tuple[int, ...], str]:
        """Shape and dtype of a kept value."""
        kept = self._kept[value_id]
        return kept.shape, dtype_name(kept.dtype)

    def holds(self, value_id: ValueId | None, tensor: torch.Tensor) -> bool:
        """Whether this kept value is what `tensor` holds now, as far as that is certain."""
        if value_id is None:
            return False
        kept = self._kept[value_id]
        if kept.shape != shape_of(tensor):
            return False
        reference = kept.reference
        if reference is not None and reference.data_ptr() == tensor.data_ptr():
            return True
        if tensor.numel() > MAX_WHOLE:
            return False
        contents = kept.contents if kept.number is None else _contents_of_number(kept)
        if reference is not None and self._is_intact(kept, reference):
            contents = contents_of(reference)
        return contents == contents_of(tensor.detach())

    def differs(self, value_id: ValueId | None, tensor: torch.Tensor) -> bool:
        """Whether this kept value certainly is not what `tensor` holds now.

        Of a large one only a corner is looked at.
        """
        if value_id is None:
            return False
        kept = self._kept[value_id]
        part = None if tensor.numel() <= MAX_WHOLE else corner(tensor.shape)
        contents = kept.contents if kept.number is None else _contents_of_number(kept)
        reference = kept.reference
        if reference is not None and self._is_intact(kept, reference):
            contents = contents_of(reference, part)
        return contents is not None and contents != contents_of(tensor.detach(), part)

    def refers_to(self, value_id: ValueId, tensor: torch.Tensor) -> bool:
        """Whether this value is kept by a reference that shows what `tensor` holds now."""
        kept = self.raw[value_id]
        if type(kept) is tuple:
            reference, seen = kept
        elif type(kept) is float:
            return False
        else:
            reference, seen = kept.reference, kept.version
        return (
            reference is not None
            and type(tensor) in ORDINARY
            and tensor.layout is _STRIDED
            and seen == version(tensor)
            and reference.dtype is tensor.dtype
            and reference.is_set_to(tensor)  # the same memory, sizes and strides
            and reference.is_conj() == tensor.is_conj()
            and reference.is_neg() == tensor.is_neg()
        )

    def expose(self, tensor: torch.Tensor) -> None:
        """Others than torch can write to the tensor's memory from now on, and nobody would know."""
        if tensor.layout is _STRIDED and is_readable(tensor):
            self.before_write(tensor)
            self.exposed.add(storage_key(tensor.untyped_storage()))
            self.spare_nbytes = -1

    def before_write(self, tensor: torch.Tensor) -> None:
        """Copy the kept values that share the storage of `tensor`: it is about to change."""
        self.writes += 1
        if tensor.layout is not _STRIDED or not is_readable(tensor):
            return
        raw, by_storage = self.raw, self._by_storage
        if self._placed < len(raw):
            self._place()
        storage = tensor.untyped_storage()
        sharing = by_storage.pop(storage_key(storage), None)
        if sharing is None:
            return
        if self._peak_nbytes < self.used_nbytes:
            self._peak_nbytes = self.used_nbytes
        nbytes = storage.nbytes()
        self.used_nbytes -= nbytes
        if len(sharing) == 1 and nbytes and self._copy_noted(sharing):
            return
        copies: dict[tuple[Any, ...], torch.Tensor] = {}
        for number in sharing:
            kept = raw[number]
            if type(kept) is tuple:
                kept = raw[number] = _record_of(kept)
            reference = kept.reference
            if reference is None or not self._is_intact(kept, reference):
                continue
            key = _form_in_memory(kept, reference)
            copy = copies.get(key)
            if copy is None:
                nbytes = reference.nbytes
                is_odd = reference.numel() <= MAX_WHOLE and not reference.is_contiguous()
                if is_odd or self.used_nbytes + nbytes > self.budget_nbytes:
                    self._copy(kept, reference)
                    continue
                copy = copies[key] = reference.clone()
                self.used_nbytes += nbytes
            kept.reference = copy
            kept.version = _version_of(copy)
            by_storage.setdefault(storage_key(copy.untyped_storage()), []).append(number)

    def _copy_noted(self, alone: list[int]) -> bool:
        """The short way through `before_write`, for a value that was only noted: most are.

        False where it has to go the long way.
        """
        noted = self.raw[alone[0]]
        if type(noted) is not tuple:
            return False
        reference, seen = noted
        nbytes = reference.nbytes
        if (
            seen < 0  # an inference tensor
            or version(reference) != seen
            or self.used_nbytes + nbytes > self.budget_nbytes
            or not (reference.numel() > MAX_WHOLE or reference.is_contiguous())
        ):
            return False
        copy = reference.clone()
        self.used_nbytes += nbytes
        self.raw[alone[0]] = copy, _version_of(copy)
        self._by_storage[storage_key(copy.untyped_storage())] = alone
        return True

    def finish(
        self, parameters: Container[ValueId] = ()
    ) -> tuple[tuple[Value, ...], dict[ValueId, torch.Tensor]]:
        """The values as plain data, and the tensors of those that are not whole in it.

        `parameters` are what parameters held.
        """
        values: list[Value] = []
        live: dict[ValueId, torch.Tensor] = {}
        summaries: dict[Any, tuple[Contents | None, Statistics | None]] = {}
        told: dict[Any, Statistics | None] = {}
        left, left_for_parameters = _MAX_STATISTICS_TOTAL, _MAX_OF_PARAMETERS
        for number, kept in enumerate(self._kept):
            value_id = ValueId(number)
            contents, statistics = kept.contents, None
            reference = kept.reference
            if kept.number is not None:
                form, storage = _NUMBERS[kept.dtype]
                values.append(
                    Value(
                        value_id,
                        (),
                        dtype_name(kept.dtype),
                        storage,
                        (),
                        form.pack(kept.number),
                        None,
                    )
                )
                continue
            if reference is not None and not _is_intact(kept, reference):
                self.was_overwritten |= _was_written(kept, reference)
            elif reference is not None:
                key = _form_in_memory(kept, reference)
                kept.strides = _strides_of(reference)
                if reference.numel() > MAX_WHOLE:
                    live[value_id] = reference
                known = summaries.get(key)
                if known is not None:
                    contents, statistics = known
                elif value_id in live:
                    contents = contents_of(reference, corner(kept.shape))
                    count = reference.numel()
                    is_parameter = value_id in parameters
                    most = min(left, left_for_parameters) if is_parameter else left
                    elements = elements_in_memory(reference)
                    statistics = told.get(elements)
                    if statistics is None and count <= min(_MAX_STATISTICS, most):
                        left -= count
                        left_for_parameters -= count if is_parameter else 0
                        statistics = statistics_of(reference)
                        if elements is not None:
                            told[elements] = statistics
                else:
                    contents = contents_of(reference)
                summaries[key] = (contents, statistics)
            values.append(_value(value_id, kept, contents, statistics))
        return tuple(values), live


def _version_of(tensor: torch.Tensor) -> int:
    try:
        return version(tensor)
    except RuntimeError:  # inference tensors do not count
        return -1


def _record_of(noted: tuple[torch.Tensor, int]) -> _Kept:
    reference, seen = noted
    return _Kept(tuple(reference.shape), reference.dtype, None, None, reference, seen)


def _form_in_memory(kept: _Kept, reference: torch.Tensor) -> tuple[Any, ...]:
    """Two references of one form show the same, as long as neither was overwritten."""
    lies = (reference.data_ptr(), reference.stride(), reference.is_conj(), reference.is_neg())
    return (*lies, kept.shape, kept.dtype)


def elements_in_memory(reference: torch.Tensor) -> tuple[Any, ...] | None:
    """Two references with these in common have the same elements, if in another order.

    None where there are gaps between its elements, or some of them take part more than once.
    """
    if reference.layout is not _STRIDED:
        return None
    count = reference.numel()
    if not reference.is_contiguous():
        count = 1
        for stride, size in sorted(zip(reference.stride(), reference.shape, strict=True)):
            if size != 1 and stride != count:
                return None
            count *= size
    form = reference.is_conj(), reference.is_neg()
    return (reference.data_ptr(), count, reference.dtype, *form)


def is_readable(tensor: torch.Tensor) -> bool:
    """Whether the tensor's elements can be read without running anybody else's code."""
    kind = type(tensor)
    if kind not in ORDINARY and (kind.__torch_dispatch__ is not _DISPATCH_OFF or is_lazy(tensor)):
        return False
    if tensor.is_meta or tensor.is_nested:
        return False
    return not is_stand_in(tensor)


def shape_of(tensor: torch.Tensor) -> tuple[int, ...]:
    """The tensor's sizes; () for nested tensors and lazy parameters, which have none."""
    if tensor.is_nested or is_lazy(tensor):
        return ()
    return tuple(tensor.shape)


_DTYPE_NAMES: Final[dict[torch.dtype, str]] = {}


def dtype_name(dtype: torch.dtype) -> str:
    """Torch's name without the module: `float32`."""
    name = _DTYPE_NAMES.get(dtype)
    if name is None:
        name = _DTYPE_NAMES[dtype] = str(dtype).removeprefix("torch.")
    return name


def _strides_of(tensor: torch.Tensor) -> tuple[int, ...] | None:
    """None for the usual order, and for a layout that has no strides."""
    if tensor.layout is not _STRIDED or tensor.is_contiguous():
        return None
    return tensor.stride()


def _contents_of_number(kept: _Kept) -> Contents:
    form, storage = _NUMBERS[kept.dtype]
    return Contents(storage, (), form.pack(kept.number))


def _was_written(kept: _Kept, reference: torch.Tensor) -> bool:
    return kept.version >= 0 and version(reference) != kept.version


def _is_intact(kept: _Kept, reference: torch.Tensor) -> bool:
    """Whether nobody has overwritten or freed what the reference shows."""
    if _was_written(kept, reference):
        return False
    return reference.untyped_storage().nbytes() > 0 or not reference.numel()


def _value(
    value_id: ValueId, kept: _Kept, contents: Contents | None, statistics: Statistics | None
) -> Value:
    return Value(
        id=value_id,
        shape=kept.shape,
        dtype=dtype_name(kept.dtype),
        storage=contents.storage if contents is not None else "",
        kept_shape=contents.kept_shape if contents is not None else (),
        data=contents.data if contents is not None else None,
        statistics=statistics,
        strides=kept.strides,
    )
