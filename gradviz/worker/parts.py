"""Split a large recording into small frames, and reassemble it on the other side.

A recording of a million ops is half a gigabyte. In parts no frame is large, encoding and decoding
overlap, no second copy of the whole is made, and the window's thread never waits long for a
decoder that holds the interpreter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

import msgspec
import psutil

from gradviz.collector import no_collections
from gradviz.recording.model import Pass, Recording, Value
from gradviz.worker.framing import FramingError, Readable, decode_answer, read_frame
from gradviz.worker.messages import Answer, RecordingPart, RequestFailed, RunFinished

MAX_RECORDING_NBYTES: Final = 4 << 30
"""The most that all frames of one recording may be together; a million ops are half of one GiB."""
MAX_CONTENTS_NBYTES: Final = 1 << 30
"""Above it a recording is sent without the elements of its values: it is the same graph."""
EXPANSION: Final = 5
"""Bytes of memory for one byte of a frame: 4.7 were measured on a chain of 100,000 scalar ops."""

_PART_RECORDS: Final = 4_000
"""Decoding as many takes about 5 ms."""
_PART_NBYTES: Final = 2 << 20
_RECORDS: Final = ("tensors", "ops", "autograd_nodes", "values", "module_calls")
T = TypeVar("T")


def cut(finished: RunFinished) -> Iterator[RecordingPart | RunFinished]:
    """The message itself if it is small; else its parts, ended by a message with the rest."""
    recording = finished.recording
    contents = sum(_contents_of(value) for value in recording.values)
    if contents > MAX_CONTENTS_NBYTES:
        recording = _without_contents(recording)
        contents = 0
    if _record_count(recording) <= _PART_RECORDS and contents <= _PART_NBYTES:
        yield msgspec.structs.replace(finished, recording=recording)
        return
    number = finished.number
    for name in _RECORDS:
        weigh = _weight_of_value if name == "values" else _one
        for records in _slices(getattr(recording, name), weigh):
            yield RecordingPart(number=number, **{name: records})
    for passes in _slices(recording.passes, _weight_of_pass):
        if len(passes) > 1 or len(passes[0].steps) <= _PART_RECORDS:
            yield RecordingPart(number=number, passes=passes)
            continue
        (long,) = passes
        yield RecordingPart(number=number, passes=(msgspec.structs.replace(long, steps=()),))
        for steps in _slices(long.steps, _one):
            yield RecordingPart(number=number, steps=steps)
    rest = msgspec.structs.replace(recording, passes=(), **dict.fromkeys(_RECORDS, ()))
    yield msgspec.structs.replace(finished, recording=rest)


def _contents_of(value: Value) -> int:
    return 0 if value.data is None else len(value.data)


def _weight_of_value(value: Value) -> int:
    return 1 + _contents_of(value) * _PART_RECORDS // _PART_NBYTES


def _weight_of_pass(pass_: Pass) -> int:
    return 1 + len(pass_.steps) + len(pass_.grads_before) + len(pass_.leaf_grads)


def _one(record: object) -> int:
    return 1


def _record_count(recording: Recording) -> int:
    counts = [len(getattr(recording, name)) for name in _RECORDS]
    return sum(counts) + sum(_weight_of_pass(pass_) for pass_ in recording.passes)


def _without_contents(recording: Recording) -> Recording:
    values = tuple(msgspec.structs.replace(value, data=None) for value in recording.values)
    return msgspec.structs.replace(recording, values=values)


def _slices(records: Sequence[T], weigh: Callable[[T], int]) -> Iterator[tuple[T, ...]]:
    """Consecutive pieces of at most `_PART_RECORDS` in weight, or of one record."""
    start = weight = 0
    for index, record in enumerate(records):
        added = weigh(record)
        if weight + added > _PART_RECORDS and index > start:
            yield tuple(records[start:index])
            start, weight = index, 0
        weight += added
    if start < len(records):
        yield tuple(records[start:])


class AnswerReader:
    """Reads answers; the parts of a recording come out as one `RunFinished`.

    What is too large, or would not fit into the memory that is free, is read and forgotten, and a
    sentence says so; the worker serves on.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._parts: list[RecordingPart] = []
        self._nbytes = 0
        self._refusal = ""
        self._free_nbytes = 0
        self._ready: deque[Answer | None] = deque()

    def read(self) -> Answer | None:
        """The next answer, None at the end; raises FramingError where it is none."""
        if self._ready:
            return self._ready.popleft()
        payload = read_frame(self._stream)
        if payload is None:
            return None
        answer = decode_answer(payload)
        if not isinstance(answer, RecordingPart):
            return answer
        with no_collections():  # all that is made from here on lives on
            self._add(answer, len(payload))
            self._read_on(answer.number)
        return self._ready.popleft()

    def _read_on(self, number: int) -> None:
        """Read what goes with the first part; answers in between come out before the whole."""
        whole: Answer | None = None
        while whole is None and (payload := read_frame(self._stream)) is not None:
            answer = decode_answer(payload)
            if isinstance(answer, RecordingPart):
                self._add(answer, len(payload))
            elif isinstance(answer, RunFinished) and answer.number == number:
                whole = self._complete(answer)
            elif isinstance(answer, RequestFailed) and answer.number == number:
                whole = answer
            else:
                self._ready.append(answer)
        self._forget()
        self._ready.append(whole)

    def _add(self, part: RecordingPart, nbytes: int) -> None:
        if not self._nbytes:
            self._free_nbytes = psutil.virtual_memory().available
        self._nbytes += nbytes
        if self._nbytes > MAX_RECORDING_NBYTES:
            self._refuse(
                f"The recording of this run is larger than the {MAX_RECORDING_NBYTES >> 20} MiB "
                "that may pass between the window and the worker: make the text do less, for "
                "example one iteration of its loop."
            )
        elif self._nbytes * EXPANSION > self._free_nbytes:
            self._refuse(
                "The recording of this run needs more memory than this machine has free: make "
                "the text do less, for example one iteration of its loop."
            )
        if not self._refusal:
            self._parts.append(part)

    def _refuse(self, sentence: str) -> None:
        """Go on reading, and keep nothing of it."""
        self._refusal = self._refusal or sentence
        self._parts = []

    def _complete(self, finished: RunFinished) -> Answer:
        if self._refusal:
            return RequestFailed(number=finished.number, sentence=self._refusal)
        parts = [part for part in self._parts if part.number == finished.number]
        return _together(parts, finished)

    def _forget(self) -> None:
        self._parts, self._nbytes, self._refusal = [], 0, ""


def _together(parts: Iterable[RecordingPart], finished: RunFinished) -> RunFinished:
    whole: dict[str, Any] = {
        name: tuple(chain.from_iterable(getattr(part, name) for part in parts)) for name in _RECORDS
    }
    passes: list[Pass] = []
    steps: list[Any] = []

    def close() -> None:
        if steps:
            passes[-1] = msgspec.structs.replace(passes[-1], steps=tuple(steps))
            steps.clear()

    for part in parts:
        if part.passes:
            close()
            passes.extend(part.passes)
        if part.steps:
            if not passes:
                raise FramingError("The worker sent an invalid answer: steps of no pass.")
            steps.extend(part.steps)
    close()
    recording = msgspec.structs.replace(finished.recording, passes=tuple(passes), **whole)
    return msgspec.structs.replace(finished, recording=recording)
