from __future__ import annotations

import json
from typing import Any

import msgspec

from gradviz.export.report import make_report, report_text
from gradviz.recording.model import Output, OutputKind, Recording, RunError, RunStatus
from tests.builders import make_chain_rule_recording


def refuse_constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


def test_the_report_of_the_chain_rule_is_the_documented_one() -> None:
    report = json.loads(report_text(make_chain_rule_recording()))
    assert list(report) == [
        "format", "version", "status", "error", "outputs", "tensors", "ops", "autograd_nodes",
        "passes", "seconds",
    ]  # fmt: skip
    assert report["format"] == "gradviz-report"
    assert report["version"] == 1
    assert report["status"] == "ok"
    assert report["error"] is None
    assert report["tensors"][0] == {
        "id": 0, "name": "x", "line": 3, "shape": [], "dtype": "float32", "device": "cpu",
        "requires_grad": True, "is_leaf": True, "value": 1.0, "grad": 3.0,
    }  # fmt: skip
    assert report["ops"][0] == {
        "id": 0, "name": "add", "line": 6, "scope": "", "inputs": [0, 1], "outputs": [3],
        "autograd_nodes": [1],
    }  # fmt: skip
    assert report["autograd_nodes"][1] == {
        "id": 1, "name": "AddBackward0", "op": 0, "next": [[2, 0], [3, 0]],
    }  # fmt: skip
    (backward,) = report["passes"]
    assert backward["line"] == 8
    assert backward["roots"] == [4]
    assert backward["steps"][0] == {
        "index": 0, "autograd_node": 0, "grad_outputs": [1.0], "grad_inputs": [3.0, 3.0],
        "seconds": 0.0,
    }  # fmt: skip
    assert backward["leaf_grads"] == {"x": 3.0, "y": 3.0, "z": 3.0}
    assert report["seconds"] == {"run": 0.0, "record": 0.0}


def test_the_text_says_exactly_what_the_report_says() -> None:
    recording = make_chain_rule_recording()
    assert json.loads(report_text(recording), parse_constant=refuse_constant) == make_report(
        recording
    )


def test_a_failed_run_tells_its_error_and_outputs() -> None:
    recording = msgspec.structs.replace(
        make_chain_rule_recording(),
        status=RunStatus.ERROR,
        error=RunError("ValueError", 'bad "α"\ud800', line=3, column=4, help="Look there."),
        outputs=(Output(2, OutputKind.PRINT, "é\n"), Output(None, OutputKind.WARNING, "w")),
    )
    report = json.loads(report_text(recording))
    assert report["status"] == "error"
    assert report["error"] == {
        "type": "ValueError", "message": 'bad "α"\ud800', "line": 3, "column": 4,
        "help": "Look there.",
    }  # fmt: skip
    assert report["outputs"] == [
        {"line": 2, "kind": "print", "text": "é\n"},
        {"line": None, "kind": "warning", "text": "w"},
    ]
    assert len(report["tensors"]) == 5


def test_an_empty_recording_has_a_report() -> None:
    assert json.loads(report_text(Recording()))["tensors"] == []
