"""A recording in a few lines of plain text, for where there is no picture."""

from __future__ import annotations

from typing import Final

from gradviz.recording.format import format_place, format_shape
from gradviz.recording.model import Recording, TensorId

MAX_ROWS: Final = 20


def outline_text(recording: Recording) -> str:
    """How much was recorded, how it ended, and the first ops as a table."""
    steps = sum(len(pass_.steps) for pass_ in recording.passes)
    lines = [
        f"Recording: {counted(len(recording.ops), 'op')}, "
        f"{counted(len(recording.tensors), 'tensor')}, "
        f"{counted(len(recording.autograd_nodes), 'autograd node')}, "
        f"{counted(len(recording.passes), 'pass', 'passes')} of {counted(steps, 'step')}"
    ]
    if recording.error is not None:
        lines.append(f"{recording.error.type}: {recording.error.message}")
    rows = [("line", "op", "makes", "code")]
    rows += [
        (
            format_place(op.location),
            op.name,
            ", ".join(_makes(recording, output) for output in op.outputs),
            op.text,
        )
        for op in recording.ops[:MAX_ROWS]
    ]
    if recording.ops:
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines += [
            f"{line:>{widths[0]}}  {name:<{widths[1]}}  {makes:<{widths[2]}}  {code}".rstrip()
            for line, name, makes, code in rows
        ]
    if len(recording.ops) > MAX_ROWS:
        lines.append(f"… {len(recording.ops) - MAX_ROWS:,} more")
    return "\n".join(lines)


def _makes(recording: Recording, number: TensorId) -> str:
    tensor = recording.tensors[number]
    shape = format_shape(tensor.shape)
    return f"{tensor.name}: {shape}" if tensor.name else shape


def counted(number: int, one: str, many: str = "") -> str:
    """`1 op`, `2 ops`, `2 passes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
