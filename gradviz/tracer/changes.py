"""Let a run go on with other values than the code gave it: what if?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from gradviz.errors import GradvizError
from gradviz.recording.changes import GradientChange, LeafChange
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.private import engine_wrapped, quiet

_LEAF_NODE = "AccumulateGrad"


def find_tensor(names: Mapping[str, object], name: str) -> torch.Tensor | None:
    """What a name means: a tensor, an element of a module by its dotted path, or None yet."""
    root, _, path = name.partition(".")
    bound = names.get(root)
    if not path:
        return bound if isinstance(bound, torch.Tensor) else None
    if not isinstance(bound, torch.nn.Module):
        return None
    owner, _, last = path.rpartition(".")
    try:
        found = getattr(bound.get_submodule(owner), last)
    except AttributeError:
        return None
    return found if isinstance(found, torch.Tensor) else None


def change_leaf(tensor: torch.Tensor, change: LeafChange) -> None:
    """Give a leaf other values; it stays the same tensor and its version is not counted up.

    Raises GradvizError with one sentence where it is no leaf or of another size.
    """
    if not tensor.is_leaf:
        raise GradvizError(f"{change.name} is no leaf any more: its value was not changed.")
    if tensor.numel() != len(change.values):
        raise GradvizError(
            f"{change.name} has {tensor.numel()} elements, not {len(change.values)}: "
            "its value was not changed."
        )
    tensor.data.copy_(_like(tensor.data, change.values))


@contextmanager
def changed_gradients(
    ledger: Ledger,
    changes: Sequence[GradientChange],
    is_ours: Callable[[], bool],
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
            if is_ours():
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
    """A hook that puts another gradient in the place of what came in."""

    def __init__(self, change: GradientChange, report: Callable[[str], None]) -> None:
        self._change = change
        self._report = report

    def __call__(self, gradients: tuple[torch.Tensor | None, ...]) -> Any:
        change = self._change
        came = gradients[change.slot] if change.slot < len(gradients) else None
        if came is None or came.numel() != len(change.values):
            self._report(f"Another gradient came into {change.node_name}: it was not changed.")
            return None
        with quiet():
            given = list(gradients)
            given[change.slot] = _like(came.detach(), change.values)
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


def _like(tensor: torch.Tensor, values: Sequence[float]) -> torch.Tensor:
    made = torch.tensor(values, dtype=torch.float64).reshape(tensor.shape)
    return made.to(dtype=tensor.dtype, device=tensor.device)
