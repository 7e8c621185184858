"""Check every leaf's gradient of a run against gradients that were computed in another way.

Each backward pass is checked right after it: the calls that led to its roots are done again on
copies, their gradient is asked for with `torch.autograd.grad` and compared bit for bit; then, in
float64, with finite differences (`torch.autograd.gradcheck`), which find a wrong derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import Any, Final, NamedTuple

import torch
from msgspec.structs import replace

from gradviz.recording.model import OpId, PassId, TensorId
from gradviz.recording.verification import LeafCheck, OpCheck, Verdict, Verification
from gradviz.tracer.differences import PassFunction, bits_equal, first_line, own_problem
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.private.engine import engine_wrapped
from gradviz.tracer.private.modes import without
from gradviz.tracer.tape import Call, CannotRepeatError, Tape

_SECONDS: Final = 60.0

_TOO_LONG: Final = "There was no time left to check it."
_FAILED: Final = "It could not be checked: {}"
_TOO_MANY: Final = "The run made more calls than can be kept."


class _Leaf(NamedTuple):
    tensor: torch.Tensor
    number: TensorId
    before: torch.Tensor | None


class Verifier:
    """Watches the passes of a run; to be entered inside the tracer whose ledger it reads.

    `pause` keeps what is done in a block out of the recording. Checks end after `_SECONDS`.
    """

    def __init__(
        self,
        ledger: Ledger,
        is_recorded_thread: Callable[[], bool],
        pause: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._ledger = ledger
        self._is_recorded_thread = is_recorded_thread
        self._pause = pause
        self._deadline = monotonic() + _SECONDS
        self._checks: list[LeafCheck] = []
        self._culprits: dict[OpId, OpCheck] = {}
        self._is_checking = False
        self._tape = Tape(lambda: len(ledger.ops), self._keeps)

    def _keeps(self) -> bool:
        return self._is_recorded_thread() and not self._is_checking

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within this block each pass is checked."""

        def wrap(engine: Callable[..., Any]) -> Callable[..., Any]:
            def run(outputs: Any, *args: Any, **kwargs: Any) -> Any:
                if not self._keeps():
                    return engine(outputs, *args, **kwargs)
                return self._run(engine, outputs, args, kwargs)

            return run

        with engine_wrapped(wrap), self._tape.watching_functions(), self._tape:
            yield

    def result(self) -> Verification:
        """All that was checked until now."""
        return Verification(leaves=tuple(self._checks), ops=tuple(self._culprits.values()))

    def _run(
        self,
        engine: Callable[..., Any],
        outputs: Any,
        args: Any,
        kwargs: Any,
    ) -> Any:
        number = PassId(len(self._ledger.passes))
        roots = [one for one in outputs if isinstance(one, torch.Tensor)]
        seeds = args[0] if args else kwargs.get("grad_tensors", (None,) * len(roots))
        wanted = args[3] if len(args) > 3 else kwargs.get("inputs", ())
        accumulates = bool(kwargs.get("accumulate_grad"))
        with self._aside():
            leaves = self._leaves(outputs, tuple(wanted or ()), accumulates=accumulates)
        result = engine(outputs, *args, **kwargs)
        if len(roots) == len(outputs) and leaves:
            with self._aside():
                self._check_pass(number, roots, seeds, leaves, None if accumulates else result)
        return result

    @contextmanager
    def _aside(self) -> Iterator[None]:
        self._is_checking = True
        try:
            with self._pause(), without(self._tape):
                yield
        finally:
            self._is_checking = False

    def _leaves(
        self, outputs: Sequence[Any], wanted: tuple[Any, ...], *, accumulates: bool
    ) -> list[_Leaf]:
        found = list(wanted) if wanted else _leaves_behind(outputs)
        leaves = []
        for tensor in found:
            if not isinstance(tensor, torch.Tensor) or not tensor.is_leaf:
                continue
            known = self._ledger.identity(tensor)
            number = known.latest if known is not None else self._ledger.meet(tensor)
            grad = tensor.grad if accumulates else None
            leaves.append(_Leaf(tensor, number, None if grad is None else grad.detach().clone()))
        return leaves

    def _check_pass(
        self,
        number: PassId,
        roots: list[torch.Tensor],
        seeds: Sequence[torch.Tensor | None],
        leaves: list[_Leaf],
        returned: Sequence[torch.Tensor | None] | None,
    ) -> None:
        given = [leaf.tensor.grad for leaf in leaves] if returned is None else list(returned)
        try:
            if self._tape.is_full:
                raise CannotRepeatError(_TOO_MANY)
            function = PassFunction(self._tape, roots, seeds, [leaf.tensor for leaf in leaves])
            again = function.gradients()
        except CannotRepeatError as problem:
            self._cannot(number, leaves, str(problem))
            return
        except Exception as error:  # nothing of this may leave through the person's backward()
            self._cannot(number, leaves, _FAILED.format(first_line(error)))
            return
        for index, leaf in enumerate(leaves):
            check = LeafCheck(leaf=leaf.number, pass_id=number)
            try:
                same = _is_same(leaf.before, again[index], given[index])
                check = replace(check, again=Verdict.AGREES if same else Verdict.DISAGREES)
                if monotonic() > self._deadline:
                    check = replace(check, reason=_TOO_LONG)
                else:
                    check = function.differences(check, index)
                if check.differences is Verdict.DISAGREES:
                    self._find_culprits(function)
            except Exception as error:
                check = replace(check, reason=_FAILED.format(first_line(error)))
            self._checks.append(check)

    def _cannot(self, number: PassId, leaves: list[_Leaf], reason: str) -> None:
        self._checks.extend(
            LeafCheck(leaf=leaf.number, pass_id=number, reason=reason) for leaf in leaves
        )

    def _find_culprits(self, function: PassFunction) -> None:
        """Check each call by itself: which one's own derivative is wrong?"""

        def check(call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            op = OpId(call.op)
            if op in self._culprits or op >= len(self._ledger.ops) or monotonic() > self._deadline:
                return
            problem = own_problem(call, args, kwargs)
            if problem:
                entry = self._ledger.ops[op]
                location = entry.site.location
                self._culprits[op] = OpCheck(
                    op=op,
                    name=entry.name,
                    line=None if location is None or location.file else location.line,
                    problem=problem,
                )

        function.repeat(on_call=check)


def _leaves_behind(outputs: Sequence[Any]) -> list[torch.Tensor]:
    stack = [
        one.node
        if not isinstance(one, torch.Tensor)
        else torch.autograd.graph.get_gradient_edge(one).node
        if one.requires_grad
        else None
        for one in outputs
    ]
    seen, found = set(), []
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if isinstance(variable, torch.Tensor):
            found.append(variable)
        stack.extend(following for following, _ in node.next_functions)
    return found


def _is_same(
    before: torch.Tensor | None, again: torch.Tensor | None, given: torch.Tensor | None
) -> bool:
    """Whether what was there before plus the gradient computed again is what is there now."""
    if again is None:
        return (
            (given is None) if before is None else given is not None and bits_equal(before, given)
        )
    if given is None:
        return False
    expected = again if before is None else before + again
    return bits_equal(expected.detach(), given.detach())
