"""Large recordings cross in small frames and arrive whole, or a sentence says why not."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.recording.model import (
    ModuleCall,
    NodeId,
    Output,
    OutputKind,
    Pass,
    PassId,
    Recording,
    RunStatus,
    Step,
    Value,
    ValueId,
)
from gradviz.worker import parts
from gradviz.worker.framing import FramingError, encode
from gradviz.worker.messages import (
    Answer,
    OutputAdded,
    RecordingPart,
    RequestFailed,
    RunFinished,
)
from gradviz.worker.parts import AnswerReader, cut
from tests.builders import make_chain_rule_recording
from tests.worker import peer as peers
from tests.worker.peer import Peer


def make_pass(number: int, steps: int) -> Pass:
    return Pass(
        id=PassId(number),
        text="y.backward()",
        location=None,
        accumulates=True,
        create_graph=False,
        roots=(),
        root_tensors=(),
        steps=tuple(
            Step(index=index, autograd_node=NodeId(0), grad_outputs=(), grad_inputs=())
            for index in range(steps)
        ),
        grads_before=(),
        leaf_grads=(),
    )


def make_value(number: int, nbytes: int) -> Value:
    return Value(ValueId(number), (nbytes,), "uint8", "|u1", (nbytes,), bytes(nbytes), None)


def read_all(*messages: Answer) -> list[Answer | None]:
    """What a reader makes of these frames, until and with the end of the stream."""
    reader = AnswerReader(io.BytesIO(b"".join(map(encode, messages))))
    answers: list[Answer | None] = []
    while not answers or answers[-1] is not None:
        answers.append(reader.read())
    return answers


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_PART_RECORDS", 3)


def test_a_small_recording_is_one_message() -> None:
    finished = RunFinished(number=1, recording=make_chain_rule_recording())
    assert list(cut(finished)) == [finished]


def test_a_recording_in_parts_arrives_as_it_was(small_parts: None) -> None:
    recording = msgspec.structs.replace(
        make_chain_rule_recording(), module_calls=tuple(ModuleCall("", "M", n) for n in range(7))
    )
    finished = RunFinished(number=4, recording=recording)
    sent = list(cut(finished))

    assert len(sent) > 5
    assert read_all(*sent) == [finished, None]


@given(st.lists(st.integers(0, 12), max_size=8))
def test_passes_of_any_length_keep_their_steps(counts: list[int]) -> None:
    passes = tuple(make_pass(number, steps) for number, steps in enumerate(counts))
    finished = RunFinished(number=1, recording=Recording(text="x", passes=passes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_PART_RECORDS", 3)
        sent = list(cut(finished))
    assert read_all(*sent) == [finished, None]
    for part in sent:
        if isinstance(part, RecordingPart):
            assert len(part.steps) <= 3
            assert sum(len(one.steps) for one in part.passes) <= 3


def test_no_frame_is_large_whatever_the_values_hold() -> None:
    values = tuple(make_value(number, 300_000 if number % 3 else 5) for number in range(100))
    sent = [encode(one) for one in cut(RunFinished(recording=Recording(values=values)))]
    assert max(map(len, sent)) < 3 << 20
    assert len(sent) > 5


def test_a_value_larger_than_a_part_travels_alone() -> None:
    values = (make_value(0, 8), make_value(1, 9 << 20), make_value(2, 8))
    finished = RunFinished(recording=Recording(values=values))
    sent = list(cut(finished))
    kept = [tuple(v.id for v in p.values) for p in sent if isinstance(p, RecordingPart)]
    assert kept == [(0,), (1,), (2,)]
    assert read_all(*sent) == [finished, None]


def test_answers_between_parts_come_out_before_the_recording(small_parts: None) -> None:
    finished = RunFinished(number=2, recording=make_chain_rule_recording())
    first, *others = cut(finished)
    note = OutputAdded(number=2, output=Output(1, OutputKind.PRINT, "from a thread"))
    assert read_all(first, note, *others, note) == [note, finished, note, None]


def test_a_stream_that_ends_between_parts_has_ended(small_parts: None) -> None:
    first, second, *_ = cut(RunFinished(number=2, recording=make_chain_rule_recording()))
    assert read_all(first, second) == [None]


def test_a_run_that_fails_between_parts_leaves_nothing_to_the_next(small_parts: None) -> None:
    finished = RunFinished(number=2, recording=make_chain_rule_recording())
    first, *_ = cut(finished)
    failed = RequestFailed(number=2, sentence="It failed.")
    again = msgspec.structs.replace(finished, number=3)
    assert read_all(first, failed, *cut(again)) == [failed, again, None]


def test_steps_of_no_pass_are_refused() -> None:
    (lost,) = make_pass(0, 1).steps
    stray = RecordingPart(number=1, steps=(lost,))
    with pytest.raises(FramingError, match="steps of no pass"):
        read_all(stray, RunFinished(number=1, recording=Recording()))


@pytest.mark.parametrize(
    ("name", "bound", "sentence"),
    [
        ("MAX_RECORDING_NBYTES", 1, "larger than the 0 MiB"),
        ("EXPANSION", 10**12, "more memory than this machine has free"),
    ],
)
def test_what_is_too_large_is_a_sentence_and_the_next_run_arrives(
    small_parts: None, monkeypatch: pytest.MonkeyPatch, name: str, bound: int, sentence: str
) -> None:
    finished = RunFinished(number=2, recording=make_chain_rule_recording())
    small = RunFinished(number=3, recording=Recording(text="x"))
    monkeypatch.setattr(parts, name, bound)
    refused, arrived, end = read_all(*cut(finished), small)

    assert isinstance(refused, RequestFailed)
    assert refused.number == 2
    assert sentence in refused.sentence
    assert (arrived, end) == (small, None)


def chain(ops: int) -> str:
    return (
        "import torch\nx = torch.ones((), requires_grad=True)\ny = x\n"
        f"for _ in range({ops}):\n    y = y * 1\ny.backward()\ndel y\nx.grad.item()\n"
    )


def assert_is_chain(recording: Recording, ops: int) -> None:
    assert recording.status is RunStatus.OK
    assert len(recording.ops) == ops + 2
    assert [step.index for step in recording.passes[0].steps] == list(range(ops + 1))
    assert "1.0" in [output.text for output in recording.outputs]


def test_a_chain_comes_from_a_worker_in_parts() -> None:
    with Peer() as peer:
        peer.wait_until_ready()
        assert_is_chain(peer.run(chain(10_000)), 10_000)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("ops", [100_000, 1_000_000])
def test_a_long_chain_is_recorded_sent_and_forgotten(
    monkeypatch: pytest.MonkeyPatch, ops: int
) -> None:
    needed = 8_000 * ops
    if psutil.virtual_memory().available < needed:
        pytest.skip(f"needs {needed >> 30} GiB of free memory, for both processes")
    monkeypatch.setattr(peers, "PATIENCE_SECONDS", 500.0)
    with Peer() as peer:
        peer.wait_until_ready()
        assert_is_chain(peer.run(chain(ops)), ops)
        assert peer.run("print(1)").status is RunStatus.OK


def _fields_of(kind: Any) -> set[str]:
    return {field.name for field in msgspec.structs.fields(kind)}


def test_every_list_of_a_recording_that_grows_with_the_run_has_a_part() -> None:
    """A new one must be sent in parts too, or stay small and be named here."""
    small = {"outputs", "warnings"}
    lists = {
        field.name
        for field in msgspec.structs.fields(Recording)
        if "tuple" in str(field.type).lower()
    }
    assert lists - small == _fields_of(RecordingPart) - {"number", "steps"}
