"""What differs between two recordings, as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from gradviz.recording.differences import Differences, DifferenceView
from gradviz.recording.record_views import OpView, PassView


def differences_to_json(found: Differences) -> str:
    """All differences in order, how much was compared, and the calls that only one run made.

    A gap that is not finite is written as a string: `"nan"`, `"inf"`.
    """
    return json.dumps(
        {
            "same": found.are_none,
            "values": found.values,
            "gradients": found.gradients,
            "by_statistics": found.by_statistics,
            "not_compared": found.not_compared,
            "differences": [_difference(one) for one in found],
            "only_before": [_call(one) for one in found.only_there],
            "only_after": [_call(one) for one in found.only_here],
        },
        indent=1,
    )


def _difference(one: DifferenceView) -> dict[str, Any]:
    largest = one.largest
    return {
        "what": one.what,
        "quantity": one.quantity.value,
        "line": one.line,
        "line_before": one.other_line,
        "file": one.file,
        "text": one.text,
        "pass": one.record.pass_id,
        "step": one.record.step,
        "largest": largest if largest is None or math.isfinite(largest) else str(largest),
        "at": one.at,
        "differing": one.differing,
        "compared": one.compared,
        "is_complete": one.is_complete,
        "statistics": one.statistics,
        "sentence": one.sentence,
    }


def _call(call: OpView | PassView) -> dict[str, Any]:
    return {"line": call.line, "file": call.file, "text": call.text}
