"""The client hands over only recordings that agree with themselves."""

from __future__ import annotations

import msgspec

from gradviz.recording.model import Output, OutputKind
from gradviz.worker.client import _checked
from gradviz.worker.messages import OutputAdded, RequestFailed, RunFinished
from tests.builders import make_chain_rule_recording


def test_a_recording_that_contradicts_itself_becomes_a_failed_request() -> None:
    broken = msgspec.structs.replace(make_chain_rule_recording(), tensors=())
    answer = _checked(RunFinished(number=7, recording=broken))
    assert isinstance(answer, RequestFailed)
    assert answer.number == 7
    assert answer.sentence.endswith(".")


def test_other_answers_pass_as_they_are() -> None:
    for answer in (
        RunFinished(number=1, recording=make_chain_rule_recording()),
        OutputAdded(output=Output(1, OutputKind.PRINT, "x")),
    ):
        assert _checked(answer) is answer
