from __future__ import annotations

import pytest

from gradviz.gui.canvas.reasons import why_empty
from gradviz.recording.model import Recording, RunError, RunStatus
from gradviz.recording.view import ViewMode, ViewOptions
from tests.gui.canvas.recordings import make_tensor

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


def test_a_run_that_raised_first_tells_where() -> None:
    error = RunError(type="ValueError", message="boom", line=2, column=0)
    recording = Recording(text="1\n2\n", status=RunStatus.ERROR, error=error)
    assert "line 2 (ValueError)" in why_empty(recording, ViewOptions())


def test_each_kind_of_emptiness_has_its_reason() -> None:
    constant = Recording(text="x\n", tensors=(make_tensor(0, requires_grad=False),))
    reasons = {
        why_empty(Recording(), ViewOptions()),
        why_empty(Recording(text="print()\n"), ViewOptions()),
        why_empty(Recording(text="x\n", status=RunStatus.ERROR), ViewOptions()),
        why_empty(constant, ViewOptions(mode=ViewMode.BACKWARD)),
        why_empty(constant, ViewOptions(hide_constants=True)),
    }
    assert len(reasons) == 5
    assert any("requires_grad=True" in reason for reason in reasons)
