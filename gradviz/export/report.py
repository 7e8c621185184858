"""The report of a run: versioned JSON that other programs can rely on."""

from __future__ import annotations

import json
from typing import Any, Final

from gradviz.recording.model import Recording
from gradviz.recording.plain import (
    plain_error,
    plain_node,
    plain_op,
    plain_output,
    plain_pass,
    plain_tensor,
)

REPORT_VERSION: Final = 1


def make_report(recording: Recording) -> dict[str, Any]:
    """The report as plain data; `gradviz.recording.plain` says how values are written."""
    return {
        "format": "gradviz-report",
        "version": REPORT_VERSION,
        "status": recording.status.value,
        "error": plain_error(recording.error),
        "outputs": [plain_output(output) for output in recording.outputs],
        "tensors": [plain_tensor(recording, tensor) for tensor in recording.tensors],
        "ops": [plain_op(op) for op in recording.ops],
        "autograd_nodes": [plain_node(node) for node in recording.autograd_nodes],
        "passes": [plain_pass(recording, pass_) for pass_ in recording.passes],
        "seconds": {"run": recording.run_seconds, "record": recording.record_seconds},
    }


def report_text(recording: Recording) -> str:
    """The report as JSON with one record per line, so that it can be read and diffed."""
    parts = []
    for key, content in make_report(recording).items():
        if isinstance(content, list) and content:
            records = ",\n  ".join(_json(record) for record in content)
            parts.append(f"{_json(key)}: [\n  {records}\n ]")
        else:
            parts.append(f"{_json(key)}: {_json(content)}")
    return "{" + ",\n ".join(parts) + "}\n"


def _json(content: Any) -> str:
    # ASCII only: the report may go through a pipe of any encoding, and lone surrogates stay legal.
    return json.dumps(content, allow_nan=False)
