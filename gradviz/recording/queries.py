"""Queries on a recording: `recording.passes[0].steps[0].autograd_node.name`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gradviz.errors import GradvizError
from gradviz.recording.model import (
    Environment,
    Output,
    Recording,
    RunError,
    RunStatus,
    ValueId,
)
from gradviz.recording.record_views import (
    Array,
    NodeView,
    OpView,
    PassView,
    TensorView,
    Views,
    norm_of,
)
from gradviz.recording.values import to_array

if TYPE_CHECKING:
    import networkx as nx

    from gradviz.recording.diagnostics.finding import Finding
    from gradviz.recording.differences import Differences
    from gradviz.recording.model import Item

Fetch = Callable[[ValueId], Array | None]
"""Gives the elements of a value that is not whole in the recording, None where they are gone."""


class RecordingView:
    """Queries on a recording.

    Raises GradvizError with a sentence if a query cannot be answered.
    """

    def __init__(self, data: Recording) -> None:
        self._data: Recording | None = data
        self._fetch: Fetch | None = None

    @property
    def data(self) -> Recording:
        """The records themselves, as plain data."""
        if self._data is None:
            raise GradvizError("The recording is still being made; ask after its with block.")
        return self._data

    @property
    def text(self) -> str:
        """The code that was run, or the file that the recorded block is in."""
        return self.data.text

    @property
    def status(self) -> RunStatus:
        """How it ended."""
        return self.data.status

    @property
    def error(self) -> RunError | None:
        """The exception that ended it."""
        return self.data.error

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What the run displayed and printed."""
        return self.data.outputs

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be recorded, in sentences."""
        return self.data.warnings

    @property
    def environment(self) -> Environment:
        """Where it was recorded."""
        return self.data.environment

    @property
    def tensors(self) -> Sequence[TensorView]:
        """Every tensor, each version of a tensor that was changed in place by itself."""
        return Views(self, self.data.tensors, TensorView)

    @property
    def ops(self) -> Sequence[OpView]:
        """Every call as it was written, in order."""
        return Views(self, self.data.ops, OpView)

    @property
    def autograd_nodes(self) -> Sequence[NodeView]:
        """Every node of PyTorch's backward graph."""
        return Views(self, self.data.autograd_nodes, NodeView)

    @property
    def passes(self) -> Sequence[PassView]:
        """Every backward call, in order."""
        return Views(self, self.data.passes, PassView)

    def tensor(self, name: str) -> TensorView:
        """The tensor of this name, its latest version; parameters are called `model.fc1.weight`."""
        for tensor in reversed(self.data.tensors):
            if tensor.name == name:
                return TensorView(self, tensor)
        known = sorted({tensor.name for tensor in self.data.tensors if tensor.name is not None})
        close = difflib.get_close_matches(name, known, n=3) or known[:3]
        hint = f" There is {', '.join(close)}." if close else ""
        raise GradvizError(f"The recording has no tensor called {name!r}.{hint}")

    @property
    def leaf_grads(self) -> dict[str, Array | None]:
        """`.grad` of every named leaf that requires grad, as it was at the end."""
        latest = {
            tensor.name: tensor
            for tensor in self.data.tensors
            if tensor.name is not None and tensor.is_leaf and tensor.requires_grad
        }
        return {name: self.array(tensor.grad) for name, tensor in latest.items()}

    @property
    def grad_norms(self) -> dict[str, float | None]:
        """The norm of `.grad` of every named leaf that requires grad, None where it has none."""
        norms: dict[str, float | None] = {}
        for tensor in self.data.tensors:
            if tensor.name is not None and tensor.is_leaf and tensor.requires_grad:
                norms[tensor.name] = norm_of(self.data, tensor.grad)
        return norms

    @property
    def missing_grads(self) -> dict[str, str]:
        """Named tensors that were to get a gradient and have none, each with the reason."""
        from gradviz.recording.diagnostics import why_no_grad

        tensors = self.data.tensors
        return {
            name: finding.sentence
            for number, finding in why_no_grad(self.data).items()
            if (name := tensors[number].name) is not None
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong or odd in it, the most serious first, each with `.sentence` and `.line`."""
        from gradviz.recording.diagnostics import find

        return find(self.data)

    @property
    def first_not_finite(self) -> OpView | None:
        """The first op that made a NaN or an infinity."""
        from gradviz.recording.statistics import statistics_of

        for op in self.ops:
            for tensor in op.outputs:
                value = self.data.value(tensor.record.value)
                found = None if value is None else statistics_of(value)
                if found is not None and (found.nan or found.inf):
                    return op
        return None

    def ops_of_line(self, line: int) -> Sequence[OpView]:
        """The ops that this line of the text made, in order, however often it ran."""
        found = [
            op
            for op in self.data.ops
            if op.location is not None and not op.location.file and op.location.line == line
        ]
        return Views(self, found, OpView)

    def differences(
        self, other: RecordingView, *, rtol: float = 0.0, atol: float = 0.0
    ) -> Differences:
        """What it holds that is not as in another recording: the first difference first.

        Calls are the same by what was written, so that lines may have moved and other calls may
        have come between. Numbers may be apart by `atol`, and by `rtol` times the other one.
        """
        from gradviz.recording.differences import Differences

        return Differences(self, other, rtol=rtol, atol=atol)

    def to_networkx(self) -> nx.MultiDiGraph[Item]:
        """The whole recording as one graph, with the attributes of the report."""
        from gradviz.recording.graph import to_networkx

        return to_networkx(self.data)

    def array(self, value_id: ValueId | None) -> Array | None:
        """The elements of a value, None for None; raises GradvizError where they were not kept."""
        value = self.data.value(value_id)
        if value is None or value_id is None:
            return None
        if value.is_whole:
            return to_array(value)
        fetched = None if self._fetch is None else self._fetch(value_id)
        if fetched is None:
            raise GradvizError(
                f"Of this tensor of {value.numel:,} elements the recording has only a corner and "
                "the statistics; ask for those."
            )
        return fetched
