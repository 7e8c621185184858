"""What a run shows reaches the window once."""

from __future__ import annotations

import pytest

from gradviz.language.outputs import Outputs
from gradviz.recording.model import Output


def test_a_line_that_is_being_printed_as_stop_comes_is_shown_once() -> None:
    def interrupt(_output: Output) -> None:
        raise KeyboardInterrupt

    outputs = Outputs(interrupt, "<expression>")
    with pytest.raises(KeyboardInterrupt), outputs.capturing():
        print("once")
    assert [output.text for output in outputs.shown] == ["once"]
