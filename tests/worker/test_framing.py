from __future__ import annotations

import io
import os
import struct
import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.recording.model import Output, OutputKind
from gradviz.worker import framing
from gradviz.worker.framing import (
    MAX_FRAME_NBYTES,
    FramingError,
    encode,
    read_answer,
    read_request,
    write_all,
)
from gradviz.worker.messages import (
    Answer,
    FetchValue,
    Interrupt,
    OutputAdded,
    Request,
    Run,
    RunFinished,
)
from tests.builders import make_chain_rule_recording


def test_requests_and_answers_arrive_as_they_were_sent() -> None:
    requests: list[Request] = [
        Run(number=1, text="x = 'ñ→'\n", placement={"x": "cuda:0"}, seed=3),
        FetchValue(number=2, value=0, start=(1,), stop=(4,), statistics=True),
        Interrupt(number=1),
    ]
    stream = io.BytesIO(b"".join(encode(request) for request in requests))
    assert [read_request(stream) for _ in range(4)] == [*requests, None]
    answers: list[Answer] = [
        OutputAdded(number=1, output=Output(2, OutputKind.PRINT, "hello")),
        RunFinished(number=1, recording=make_chain_rule_recording()),
    ]
    stream = io.BytesIO(b"".join(encode(answer) for answer in answers))
    assert [read_answer(stream) for _ in range(3)] == [*answers, None]


@given(st.integers(min_value=1))
def test_a_stream_that_ends_within_a_frame_has_ended(cut: int) -> None:
    frame = encode(Run(text="x"))
    assert read_request(io.BytesIO(frame[: cut % len(frame)])) is None


def test_a_length_beyond_the_bound_is_refused_before_anything_is_read() -> None:
    class Greedy:
        def read(self, size: int, /) -> bytes:
            assert size == 4
            return struct.pack(">I", MAX_FRAME_NBYTES + 1)

    with pytest.raises(FramingError, match="was announced"):
        read_answer(Greedy())


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused(payload: bytes) -> None:
    for read in (read_request, read_answer):
        with pytest.raises(FramingError, match="an invalid"):
            read(io.BytesIO(struct.pack(">I", len(payload)) + payload))


def test_an_answer_is_no_request() -> None:
    frame = encode(OutputAdded(output=Output(1, OutputKind.PRINT, "x")))
    with pytest.raises(FramingError, match="invalid request"):
        read_request(io.BytesIO(frame))


def test_a_message_beyond_the_bound_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_FRAME_NBYTES", 1000)
    encode(Run(text="x" * 800))
    with pytest.raises(FramingError, match="larger than"):
        encode(Run(text="x" * 1000))


def test_text_of_a_subclass_is_sent_as_text() -> None:
    class Version(str):
        pass

    request = read_request(io.BytesIO(encode(Run(text=Version("2.13")))))
    assert isinstance(request, Run)
    assert type(request.text) is str
    with pytest.raises(TypeError, match="cannot hold a Thread"):
        encode(msgspec.structs.replace(request, placement={"x": threading.Thread()}))


def test_a_frame_larger_than_the_pipe_is_written_whole() -> None:
    reading, writing = os.pipe()
    request = Run(text="x" * 1_000_000)

    def write() -> None:
        write_all(writing, encode(request))
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reading, "rb") as stream:
        assert read_request(stream) == request
        assert read_request(stream) is None
    thread.join()


def test_text_that_utf8_cannot_hold_is_sent_with_what_it_can() -> None:
    recording = msgspec.structs.replace(make_chain_rule_recording(), filename="caf\udce9.py")
    sent = RunFinished(number=3, recording=recording)
    got = framing.read_answer(io.BytesIO(encode(sent)))
    assert isinstance(got, RunFinished)
    assert got.recording.filename == "caf�.py"
    assert msgspec.structs.replace(got.recording, filename=recording.filename) == recording
