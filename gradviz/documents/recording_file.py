"""Recordings on disk: `.gradviz`, a zip of JSON and safetensors without any pickle.

Three members, in this order:

- `manifest.json`: `{"format": "gradviz-recording", "version": 1, "program": "gradviz 0.1.0"}`;
- `recording.json`: the `Recording` without its values, and the distinct `forms` of values;
- `values.safetensors`, not compressed, whose arrays are columns over all values: `form` says
  which form a value has, `statistics` (min, max, mean, std, norm; NaN for None) and `counts`
  (zeros, nan, inf; -1 for no statistics) are those of its elements, and one array for each
  element type holds the kept elements of all values of that type one after the other.

A reader trusts nothing: sizes are bounded before anything is allocated, only these members may be
there, and what was decoded must agree with itself (`gradviz.recording.check`).
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import numpy as np
import psutil
import safetensors
import safetensors.numpy

import gradviz
from gradviz.collector import no_collections
from gradviz.documents.files import open_bounded, replace_file
from gradviz.errors import GradvizError
from gradviz.recording.check import ITEM_NBYTES, check_recording
from gradviz.recording.model import FORMAT_VERSION, Recording, Statistics, Value, ValueId

FORMAT: Final = "gradviz-recording"
MAX_NBYTES: Final = (2 << 30) - 1
"""A zip file below 2 GiB needs none of the format's later extensions."""

_MANIFEST, _RECORDING, _VALUES = "manifest.json", "recording.json", "values.safetensors"
_MAX_MANIFEST: Final = 4096
_MAX_JSON: Final = 1 << 30
_UNSUSPICIOUS_JSON: Final = 16 << 20
_MAX_RATIO: Final = 100
"""Recordings of loops, the most regular ones, come to 30."""
_JSON_MEMORY: Final = 8
_VALUES_MEMORY: Final = 4
"""Bytes of memory that decoding takes for each byte of the two, on the safe side."""

_END: Final = struct.Struct("<4s4H2LH")
_END_SIGNATURE: Final = b"PK\x05\x06"
_LONG_END_SIGNATURE: Final = b"PK\x06\x07"
_LONG_END_NBYTES: Final = 20
_MAX_DIRECTORY: Final = 4096
_DATE: Final = (1980, 1, 1, 0, 0, 0)

_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    safetensors.SafetensorError,
    msgspec.MsgspecError,
    EOFError,
    KeyError,
    OSError,
    OverflowError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What zipfile, safetensors and msgspec raise where bytes are not what they should be."""


class _Manifest(msgspec.Struct, frozen=True):
    format: str
    version: int
    program: str = ""


class _Form(msgspec.Struct, frozen=True, array_like=True):
    """What values have in common; `is_kept` says whether elements were kept at all."""

    shape: tuple[int, ...]
    dtype: str
    storage: str
    kept_shape: tuple[int, ...]
    is_kept: bool
    strides: tuple[int, ...] | None = None


class _Content(msgspec.Struct, frozen=True):
    recording: Recording
    forms: tuple[_Form, ...]


def read_recording(path: Path) -> Recording:
    """Read a recording; raises GradvizError with a sentence that names the file."""
    with open_bounded(path, MAX_NBYTES) as stream:
        try:
            return _decode(stream)
        except GradvizError as error:
            raise GradvizError(f"{path} cannot be opened: {error}") from error
        except MemoryError as error:
            raise GradvizError(f"{path} cannot be opened: there is too little memory.") from error
        except _DAMAGED as error:
            reason = f"{path} cannot be opened: it is not a gradviz recording, or it is damaged."
            raise GradvizError(reason) from error


def write_recording(path: Path, recording: Recording) -> None:
    """Write a recording whole or not at all; raises GradvizError with a sentence."""
    replace_file(path, encode_recording(recording))


def encode_recording(recording: Recording) -> bytes:
    """Encode a recording as a file; equal recordings give equal bytes."""
    check_recording(recording)
    forms, arrays = _columns(recording.values)
    content = _Content(msgspec.structs.replace(recording, values=()), forms)
    try:
        document = msgspec.json.encode(content)
    except UnicodeEncodeError as error:
        raise GradvizError("The recording holds a character that cannot be saved.") from error
    manifest = _Manifest(FORMAT, FORMAT_VERSION, f"gradviz {gradviz.__version__}")
    members = (
        (_MANIFEST, msgspec.json.encode(manifest)),
        (_RECORDING, document),
        (_VALUES, safetensors.numpy.save(arrays)),
    )
    if len(document) > _MAX_JSON or sum(len(data) for _, data in members) > MAX_NBYTES - 4096:
        raise GradvizError("The recording is too large for one file.")
    packed = _archive(members, zipfile.ZIP_DEFLATED)
    if len(document) > max(_UNSUSPICIOUS_JSON, _MAX_RATIO * packed.document_nbytes):
        # Of one thing repeated over and over: rather large than like a bomb.
        packed = _archive(members, zipfile.ZIP_STORED)
    return packed.content


class _Archive(NamedTuple):
    content: bytes
    document_nbytes: int


def _archive(members: tuple[tuple[str, bytes], ...], method: int) -> _Archive:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = method if name == _RECORDING else zipfile.ZIP_STORED
            archive.writestr(info, data, compresslevel=1)
    return _Archive(buffer.getvalue(), archive.getinfo(_RECORDING).compress_size)


def _decode(stream: BinaryIO) -> Recording:
    _check_directory(stream)
    with no_collections(), zipfile.ZipFile(stream) as archive:
        members = _check_members(archive)
        _check_version(_read(archive, members[_MANIFEST]))
        document, numbers = members[_RECORDING], members[_VALUES]
        _check_memory(document.file_size * _JSON_MEMORY + numbers.file_size * _VALUES_MEMORY)
        content = msgspec.json.decode(_read(archive, document), type=_Content)
        arrays = safetensors.numpy.load(_read(archive, numbers))
        values = _values(content.forms, arrays)
    recording = msgspec.structs.replace(content.recording, values=values)
    check_recording(recording)
    return recording


def _check_directory(stream: BinaryIO) -> None:
    """Refuse long directories before zipfile makes objects of them."""
    nbytes = stream.seek(0, io.SEEK_END)
    if nbytes == 0:
        raise GradvizError("it is empty.")
    tail_nbytes = min(nbytes, _END.size + _LONG_END_NBYTES)
    stream.seek(-tail_nbytes, io.SEEK_END)
    tail = stream.read(tail_nbytes)
    if len(tail) < _END.size:
        raise zipfile.BadZipFile("too short")
    end = _END.unpack(tail[-_END.size :])
    signature, _, _, entries, all_entries, directory_nbytes, _, comment_nbytes = end
    if (
        signature != _END_SIGNATURE
        or tail.startswith(_LONG_END_SIGNATURE)
        or comment_nbytes
        or entries != all_entries
        or entries != 3
        or directory_nbytes > _MAX_DIRECTORY
    ):
        raise zipfile.BadZipFile("another kind of archive")
    stream.seek(0)


def _check_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members = {info.filename: info for info in archive.infolist()}
    if sorted(members) != [_MANIFEST, _RECORDING, _VALUES]:
        raise zipfile.BadZipFile("other members")
    for info in members.values():
        is_packed = info.compress_type == zipfile.ZIP_DEFLATED and info.filename == _RECORDING
        if not is_packed and (
            info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size
        ):
            raise zipfile.BadZipFile("other compression")
    limits = {_MANIFEST: _MAX_MANIFEST, _RECORDING: _MAX_JSON, _VALUES: MAX_NBYTES}
    document = members[_RECORDING]
    bound = max(_UNSUSPICIOUS_JSON, _MAX_RATIO * document.compress_size)
    is_stored = document.compress_type == zipfile.ZIP_STORED
    if any(info.file_size > limits[name] for name, info in members.items()) or (
        document.file_size > bound and not is_stored
    ):
        raise GradvizError("it claims to be larger than any recording is.")
    return members


def _check_version(manifest: bytes) -> None:
    found = msgspec.json.decode(manifest, type=_Manifest)
    if found.format != FORMAT or found.version < 1:
        raise zipfile.BadZipFile("another format")
    if found.version > FORMAT_VERSION:
        raise GradvizError(
            f"a newer gradviz wrote it (format {found.version}; this one reads up to "
            f"{FORMAT_VERSION}). Install a newer gradviz."
        )


def _check_memory(nbytes: int) -> None:
    if nbytes > _UNSUSPICIOUS_JSON * _JSON_MEMORY and nbytes > psutil.virtual_memory().available:
        raise GradvizError("it needs more memory than this machine has free.")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read a member, but never more bytes than the directory says."""
    with archive.open(info) as member:
        # Without a number zipfile unpacks as much as there is before it looks at the size.
        content = member.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise zipfile.BadZipFile("truncated")
    return content


def _columns(values: tuple[Value, ...]) -> tuple[tuple[_Form, ...], dict[str, np.ndarray]]:
    forms: dict[_Form, int] = {}
    numbers: list[int] = []
    statistics = np.full((len(values), 5), np.nan)
    counts = np.full((len(values), 3), -1, np.int64)
    elements: dict[str, list[bytes]] = {}
    for index, value in enumerate(values):
        is_kept = value.data is not None
        form = _Form(
            value.shape, value.dtype, value.storage, value.kept_shape, is_kept, value.strides
        )
        numbers.append(forms.setdefault(form, len(forms)))
        if value.data is not None:
            elements.setdefault(value.storage, []).append(value.data)
        s = value.statistics
        if s is not None:
            statistics[index] = [
                np.nan if x is None else x for x in (s.min, s.max, s.mean, s.std, s.norm)
            ]
            counts[index] = (s.zeros, s.nan, s.inf)
    arrays = {_array_name(kind): _as_array(kind, b"".join(d)) for kind, d in elements.items()}
    arrays |= {
        "form": np.array(numbers, np.uint32),
        "statistics": statistics,
        "counts": counts,
    }
    return tuple(forms), arrays


def _array_name(storage: str) -> str:
    return f"elements.{np.dtype(storage).name}"


def _as_array(storage: str, data: bytes) -> np.ndarray:
    """Elements as safetensors has them: it knows no complex numbers, but pairs of real ones."""
    element = np.dtype(storage)
    if element.kind == "c":
        real = np.dtype(f"<f{element.itemsize // 2}")
        return np.frombuffer(data, real).reshape(-1, 2)
    return np.frombuffer(data, element)


class _Pool:
    """The elements of all values of one type, handed out from the start."""

    def __init__(self, array: np.ndarray) -> None:
        self._content = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        self._offset = 0

    def take(self, nbytes: int) -> bytes:
        start, self._offset = self._offset, self._offset + nbytes
        if self._offset > len(self._content):
            raise GradvizError("it holds fewer elements than it says.")
        return bytes(self._content[start : self._offset])

    @property
    def is_empty(self) -> bool:
        return self._offset == len(self._content)


def _values(forms: tuple[_Form, ...], arrays: dict[str, np.ndarray]) -> tuple[Value, ...]:
    numbers = _column(arrays, "form", np.uint32, ()).tolist()
    statistics = _column(arrays, "statistics", np.float64, (5,))
    counts = _column(arrays, "counts", np.int64, (3,))
    if not len(numbers) == len(statistics) == len(counts):
        raise GradvizError("its columns have different lengths.")
    if numbers and max(numbers) >= len(forms):
        raise GradvizError("it refers to forms that it does not have.")
    pools: dict[str, _Pool] = {}
    for storage in {form.storage for form in forms if form.is_kept}:
        if storage not in ITEM_NBYTES:
            raise GradvizError("it has elements of an unknown type.")
        array = arrays.pop(_array_name(storage))
        if _as_array(storage, b"").dtype != array.dtype:
            raise GradvizError("its elements are not of the type that it says.")
        pools[storage] = _Pool(array)
    if arrays:
        raise GradvizError("it has numbers that belong to nothing.")
    sizes = [_nbytes(form) for form in forms]
    values = tuple(
        Value(
            ValueId(index),
            (form := forms[number]).shape,
            form.dtype,
            form.storage,
            form.kept_shape,
            pools[form.storage].take(sizes[number]) if form.is_kept else None,
            _statistics(row, count),
            form.strides,
        )
        for index, (number, row, count) in enumerate(
            zip(numbers, statistics.tolist(), counts.tolist(), strict=True)
        )
    )
    if not all(pool.is_empty for pool in pools.values()):
        raise GradvizError("it holds more elements than it says.")
    return values


def _nbytes(form: _Form) -> int:
    if any(size < 0 for size in form.kept_shape):
        raise GradvizError("it has a size below zero.")
    return ITEM_NBYTES[form.storage] * math.prod(form.kept_shape) if form.is_kept else 0


def _column(
    arrays: dict[str, np.ndarray], name: str, element: type[Any], shape: tuple[int, ...]
) -> np.ndarray:
    array = arrays.pop(name)
    if array.dtype != element or array.shape[1:] != shape or array.ndim != len(shape) + 1:
        raise GradvizError(f"its column “{name}” has the wrong type.")
    return array


def _statistics(row: list[float], counts: list[int]) -> Statistics | None:
    if counts[0] < 0:
        return None
    least, largest, mean, std, norm = (None if x != x else x for x in row)
    zeros, nan, inf = counts
    return Statistics(least, largest, mean, std, norm, zeros, nan, inf)
