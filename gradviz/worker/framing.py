"""Messages in a stream of bytes: four bytes of length, then msgpack."""

from __future__ import annotations

import os
import struct
from typing import Final, Protocol

import msgspec

from gradviz.collector import no_collections
from gradviz.errors import GradvizError
from gradviz.recording.legible import legible
from gradviz.worker.messages import Answer, Request

MAX_FRAME_NBYTES: Final = 256 << 20
"""Far above any part of a recording; a length beyond it is not a length."""

_LENGTH: Final = struct.Struct(">I")


def _plain_text(content: object) -> str:
    # Such as torch's version, which is a subclass of str.
    if isinstance(content, str):
        return str(content)
    raise TypeError(f"A message cannot hold a {type(content).__name__}.")


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_plain_text)
_REQUESTS: Final = msgspec.msgpack.Decoder(Request)
_ANSWERS: Final = msgspec.msgpack.Decoder(Answer)


class FramingError(GradvizError):
    """What was received is not a message, or a message is too large to be sent."""


class Readable(Protocol):
    """A buffered binary stream: `read` returns fewer bytes than asked only at its end."""

    def read(self, size: int, /) -> bytes:
        """Read `size` bytes, fewer only at the end."""
        ...


def encode(message: Request | Answer) -> bytes:
    """The frame of a message; raises FramingError where it is larger than a frame may be."""
    try:
        payload = _ENCODER.encode(message)
    except UnicodeEncodeError:
        payload = _ENCODER.encode(legible(message))
    if len(payload) > MAX_FRAME_NBYTES:
        raise FramingError(
            f"A message of {len(payload) >> 20} MiB is larger than the {MAX_FRAME_NBYTES >> 20} "
            "MiB that may pass between the window and the worker."
        )
    return _LENGTH.pack(len(payload)) + payload


def read_request(stream: Readable) -> Request | None:
    """The next request, None at the end of the stream."""
    payload = read_frame(stream)
    try:
        return None if payload is None else _REQUESTS.decode(payload)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise FramingError(f"The worker was sent an invalid request: {error}") from error


def read_answer(stream: Readable) -> Answer | None:
    """The next answer, None at the end of the stream; the parts of a recording one by one."""
    payload = read_frame(stream)
    return None if payload is None else decode_answer(payload)


def decode_answer(payload: bytes) -> Answer:
    """The answer in a frame; raises FramingError where it is none."""
    try:
        with no_collections():
            answer: Answer = _ANSWERS.decode(payload)
            return answer
    except (msgspec.MsgspecError, RecursionError) as error:
        raise FramingError(f"The worker sent an invalid answer: {error}") from error


def read_frame(stream: Readable) -> bytes | None:
    """The next payload, None at the end of the stream, also where it ends within a frame.

    A process that is killed while it writes leaves half a frame: that is an end, not an error.
    """
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(header)
    if size > MAX_FRAME_NBYTES:
        raise FramingError(
            f"A frame of {size} bytes was announced; at most {MAX_FRAME_NBYTES} may."
        )
    payload = stream.read(size)
    return payload if len(payload) == size else None


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data` to a blocking descriptor."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
