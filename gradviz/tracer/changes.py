"""Change values of leaves and gradients while a run goes on, for what-if runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from gradviz.recording.changes import GradientChange, LeafChange
from gradviz.recording.edits import UnusableEditError, edited
from gradviz.recording.model import TensorId
from gradviz.tracer.functions import Treatment, profile_of, tensors_in
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.private.engine import engine_wrapped
from gradviz.tracer.private.modes import quiet

_LEAF_NODE = "AccumulateGrad"


class LeafChanges(TorchFunctionMode):
    """A mode that gives leaves other values as soon as they are there, before an op uses them.

    To be entered inside the tracer whose ledger it reads. A leaf stays the same tensor, and its
    version is not counted up. `records` says whether a call becomes an op, `report` takes a
    sentence for each change that found no place.
    """

    def __init__(
        self,
        ledger: Ledger,
        changes: Sequence[LeafChange],
        records: Callable[[], bool],
        report: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._ledger = ledger
        self._left = {change.tensor: change for change in changes}
        self._records = records
        self._report = report

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Change what the call is given, do it, and change what it made."""
        kwargs = kwargs or {}
        treatment = profile_of(func).treatment
        is_op = treatment not in (Treatment.SKIP, Treatment.GRAD)
        if not self._left or not is_op or not self._records():
            return func(*args, **kwargs)
        with quiet():
            inputs = tensors_in((args, kwargs))
            self._change_given(inputs)
        result = func(*args, **kwargs)
        with quiet():
            for tensor in (*tensors_in(result), *inputs):
                self._change_known(tensor)
        return result

    def look_through(self, names: Mapping[str, object]) -> None:
        """Change what has just been bound: tensors, and parameters and buffers of modules."""
        if not self._left:
            return
        with quiet():
            for bound in list(names.values()):
                if isinstance(bound, torch.Tensor):
                    self._change_known(bound)
                elif isinstance(bound, torch.nn.Module):
                    for tensor in (*bound.parameters(), *bound.buffers()):
                        self._change_known(tensor)

    def finish(self) -> None:
        """Tell which leaves were never there."""
        for change in self._left.values():
            self._report(f"{change.name} was not bound: its value was not changed.")
        self._left = {}

    def _change_given(self, inputs: Sequence[torch.Tensor]) -> None:
        """Change arguments, those too that are about to be met for the first time."""
        following = len(self._ledger.tensors)
        met: set[int] = set()
        for tensor in inputs:
            known = self._ledger.identity(tensor)
            if known is not None and self._ledger.is_current(known, tensor):
                self._change(known.latest, tensor)
            elif id(tensor) not in met:
                met.add(id(tensor))
                self._change(TensorId(following), tensor)
                following += 1

    def _change_known(self, tensor: torch.Tensor) -> None:
        known = self._ledger.identity(tensor)
        if known is not None:
            self._change(known.latest, tensor)

    def _change(self, number: TensorId, tensor: torch.Tensor) -> None:
        change = self._left.get(number)
        if change is None:
            return
        del self._left[number]
        if not tensor.is_leaf:
            self._report(f"{change.name} is no longer a leaf: its value was not changed.")
            return
        try:
            made = edited_tensor(tensor, change.edit, change.name)
        except UnusableEditError as problem:
            self._report(f"{change.name} was not changed: {problem}")
            return
        self._ledger.values.before_write(tensor)
        tensor.data.copy_(made)
        known = self._ledger.identity(tensor)
        if known is not None and known.latest == number:
            self._ledger.revalue(tensor)


@contextmanager
def changed_gradients(
    ledger: Ledger,
    changes: Sequence[GradientChange],
    is_recorded_thread: Callable[[], bool],
    report: Callable[[str], None],
) -> Iterator[None]:
    """Within this block the changed gradients are what comes into their nodes.

    To be entered after what records the engine, so that it sees what really came in. `report`
    takes a sentence for each change that found no place.
    """
    left = list(changes)
    if not left:
        yield
        return

    def wrap(engine: Callable[..., Any]) -> Callable[..., Any]:
        def run(outputs: Any, *args: Any, **kwargs: Any) -> Any:
            handles: list[Any] = []
            if is_recorded_thread():
                number = len(ledger.passes)
                wanted = [change for change in left if change.pass_id == number]
                with quiet():
                    for change in wanted:
                        node = _find_node(ledger, outputs, change)
                        if node is not None:
                            left.remove(change)
                            handles.append(node.register_prehook(_Replacement(change, report)))
            try:
                return engine(outputs, *args, **kwargs)
            finally:
                for handle in handles:
                    handle.remove()

        return run

    with engine_wrapped(wrap):
        yield
    for change in left:
        report(f"{change.node_name} was not executed again: its gradient was not changed.")


class _Replacement:
    """A hook that puts another gradient in place of what came in."""

    def __init__(self, change: GradientChange, report: Callable[[str], None]) -> None:
        self._change = change
        self._report = report

    def __call__(self, gradients: tuple[torch.Tensor | None, ...]) -> Any:
        change = self._change
        came = gradients[change.slot] if change.slot < len(gradients) else None
        if came is None:
            self._report(f"A different gradient came into {change.node_name}: it was not changed.")
            return None
        given = list(gradients)
        try:
            with quiet(), torch.no_grad():
                given[change.slot] = edited_tensor(came, change.edit)
        except UnusableEditError as problem:
            self._report(f"The gradient into {change.node_name} was not changed: {problem}")
            return None
        return tuple(given)


def _find_node(ledger: Ledger, outputs: Any, change: GradientChange) -> Any:
    stack = [one.node if not isinstance(one, torch.Tensor) else _node_of(one) for one in outputs]
    seen = set()
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if node.name().endswith(_LEAF_NODE):
            known = ledger.identity(node.variable)
            if known is not None and known.first == change.leaf:
                return node
        elif node.metadata.get(ledger.key) == change.node and node.name() == change.node_name:
            return node
        stack.extend(following for following, _ in node.next_functions)
    return None


def _node_of(tensor: torch.Tensor) -> Any:
    if not tensor.requires_grad:
        return None
    return torch.autograd.graph.get_gradient_edge(tensor).node


def edited_tensor(tensor: torch.Tensor, edit: str, name: str = "") -> torch.Tensor:
    """A new tensor with a tensor's value after an edit, of its type, layout and device.

    Raises UnusableEditError with one sentence.
    """
    old = tensor.detach()
    if old.layout is not torch.strided:
        old = old.to_dense()
    exact = not (old.is_floating_point() or old.is_complex())
    wide = old if exact else old.to(torch.complex128 if old.is_complex() else torch.float64)
    made = edited(edit, wide.resolve_conj().resolve_neg().numpy(force=True), name)
    # Not `from_numpy`, which is recorded as a source of the person's.
    dense = torch.tensor(made).to(dtype=old.dtype, device=old.device)
    if tensor.layout is torch.strided:
        return dense
    if tensor.layout is torch.sparse_coo:
        return dense.to_sparse(tensor.sparse_dim())
    return dense.to_sparse(layout=tensor.layout)
