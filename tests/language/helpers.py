"""Run a text and look at what it showed."""

from __future__ import annotations

from gradviz.language.run import RunOptions, RunResult, run
from gradviz.recording.model import Output, OutputKind, RunError


def evaluate(text: str, **options: object) -> RunResult:
    seen: list[Output] = []
    result = run(
        text,
        RunOptions(**options),  # type: ignore[arg-type]
        on_output=seen.append,
        on_line=lambda _line: None,
    )
    assert tuple(seen) == result.recording.outputs
    return result


def shown(text: str, kind: OutputKind = OutputKind.DISPLAY) -> list[str]:
    result = evaluate(text)
    assert result.recording.error is None, result.recording.error
    return [output.text for output in result.recording.outputs if output.kind is kind]


def failure(text: str) -> RunError:
    error = evaluate(text).recording.error
    assert error is not None
    return error
