"""A recording of 100,000 ops from the worker to the window: encode, send, decode."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.rows import Options, Row, interleaved

if TYPE_CHECKING:
    from gradviz.worker.messages import RunFinished

OPS = 100_000
ROUNDS = 5
BUDGET_SECONDS = 1.0
BUDGET_RATIO = 1.5
STACK_NBYTES = 1 << 30
TEXT = """\
import torch
x = torch.ones((), requires_grad=True)
y = x
for _ in range({}):
    y = y * 1
y.backward()
"""


def run(options: Options) -> Iterator[Row]:
    """Two rows: seconds, and the ratio to one round trip of the same recording by msgspec."""
    finished = _record()
    import msgspec

    from gradviz.worker.messages import RunFinished

    whole = msgspec.msgpack.Decoder(RunFinished)

    def in_parts() -> None:
        assert len(_send(finished).recording.ops) == len(finished.recording.ops)

    def at_once() -> None:
        whole.decode(msgspec.msgpack.encode(finished))

    ours, theirs = interleaved(in_parts, at_once, rounds=ROUNDS)
    assert theirs is not None
    case = f"{OPS:,} ops: encode, send, decode"
    yield Row(
        name="scaling",
        case=case,
        subject="gradviz",
        peer=None,
        value=ours,
        unit="s",
        budget=BUDGET_SECONDS,
    )
    yield Row(
        name="scaling",
        case=case,
        subject="gradviz",
        peer="msgspec, in memory",
        value=ours,
        unit="s",
        ratio=ours / theirs,
        budget=BUDGET_RATIO,
    )


def _record() -> RunFinished:
    """In a thread with the worker's stack: a chain as deep overflows an ordinary one."""
    from gradviz.language.run import RunOptions, run
    from gradviz.worker.messages import RunFinished

    made: list[RunFinished] = []

    def work() -> None:
        text = TEXT.format(OPS)
        result = run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
        made.append(RunFinished(number=1, recording=result.recording))

    before = threading.stack_size(STACK_NBYTES)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    threading.stack_size(before)
    return made[0]


def _send(finished: RunFinished) -> RunFinished:
    """Through a pipe to another process, as the worker and the window are."""
    from gradviz.worker.framing import encode, write_all
    from gradviz.worker.messages import RunFinished
    from gradviz.worker.parts import AnswerReader, cut

    reading, writing = os.pipe()
    sender = os.fork()
    if not sender:
        for part in cut(finished):
            write_all(writing, encode(part))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = AnswerReader(stream).read()
    os.waitpid(sender, 0)
    assert isinstance(answer, RunFinished)
    return answer
