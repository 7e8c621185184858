"""Time each op of a document by itself, forward and backward, on the arguments that it had."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

from gradviz.devices.machine import free_nbytes
from gradviz.devices.meter import Meter, Piece, call_source
from gradviz.devices.rehearsal import FILENAME, Conditions, Rehearsal
from gradviz.devices.replacing import Namespace
from gradviz.devices.script import first_line
from gradviz.documents.magics import repeated_lines, without_magics
from gradviz.errors import GradvizError
from gradviz.recording.model import OpKind
from gradviz.recording.timing import AS_PLACED, TimedPart
from gradviz.tracer import Tracer
from gradviz.tracer.private.modes import without

_SHARE: Final = 0.25
"""Of the usual time of a measurement: there are many ops."""
_SHARE_OF_FREE: Final = 0.25
"""Of the free memory the arguments of all ops together may take."""
_MAX_TEXT: Final = 200


class OpCall:
    """One kind of call: the same function on tensors of the same shapes, types and devices.

    Attributes:
        ops: the ops of the run that were such calls.
        seconds: what the first of them took.
    """

    def __init__(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        is_in_place: bool,
        seconds: float,
    ) -> None:
        self.func = func
        self.args = args
        self.kwargs = kwargs
        self.is_in_place = is_in_place
        self.seconds = seconds
        self.grad_enabled = torch.is_grad_enabled()
        self.autocast = _autocast()
        self.ops: list[int] = []
        self.name = ""
        self.text = ""
        self.line: int | None = None


def time_ops(
    text: str,
    statements: Sequence[ast.stmt],
    conditions: Conditions,
    meter: Meter,
    parts: set[TimedPart],
) -> None:
    """Time the document's ops, those first that took longest; raises as a rehearsal does."""
    meter.announce(f"finding the ops, {meter.where()}")
    calls = find_calls(text, statements, conditions)
    if not calls:
        raise GradvizError("There is no op in the text.")
    calls.sort(key=lambda call: -call.seconds * len(call.ops))
    wanted = [part for part in (TimedPart.OP, TimedPart.OP_BACKWARD) if part in parts]
    meter.total += len(calls) * len(wanted) * len(meter.threads_on(conditions.device))
    skipped = 0
    for call in calls:
        for part in wanted:
            made = meter.done
            # One op that cannot be repeated does not keep the others from it.
            with contextlib.suppress(GradvizError), _as_it_was(call):
                if part is TimedPart.OP:
                    meter.measure(_forward_piece(call), share=_SHARE)
                elif _can_go_back(call):
                    meter.measure(_backward_piece(call), share=_SHARE)
            if meter.done == made:
                meter.total -= len(meter.threads_on(conditions.device))
                skipped += part is TimedPart.OP
    if skipped:
        raise GradvizError(
            f"{skipped} of {len(calls)} kinds of op cannot be repeated by themselves."
        )


def find_calls(text: str, statements: Sequence[ast.stmt], conditions: Conditions) -> list[OpCall]:
    """Execute the document once and collect its calls; ops are numbered as in its recording."""
    rehearsal = Rehearsal(conditions)
    tracer = Tracer(text=without_magics(text), filename=FILENAME, value_budget_nbytes=0)
    device = "cpu" if conditions.device == AS_PLACED else conditions.device
    free = free_nbytes(device)
    collector = _Collector(
        tracer, None if free is None else round(_SHARE_OF_FREE * free), rehearsal.clock
    )
    rehearsal.aside = collector.paused
    repeated = repeated_lines(text)
    with rehearsal.from_the_start(), tracer, collector:
        for statement in statements:
            if first_line(statement) in repeated:
                # A recording has nothing of what `%timeit` repeats.
                with collector.paused():
                    rehearsal.execute(statement)
            else:
                rehearsal.execute(statement)
    return collector.calls


class _Collector(TorchFunctionMode):
    """Stands before the tracer's own mode, so that it sees which call became which op."""

    def __init__(self, tracer: Tracer, max_nbytes: int | None, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self.calls: list[OpCall] = []
        self._tracer = tracer
        self._by_signature: dict[object, OpCall] = {}
        self._left_nbytes = max_nbytes
        self._storages: set[int] = set()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """What happens in this block is not an op; to be entered as the innermost mode."""
        with without(self), self._tracer.paused():
            yield

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        before = len(self._tracer.ops)
        started = self._clock()
        result = func(*args, **kwargs)
        seconds = self._clock() - started
        ops = self._tracer.ops
        if len(ops) == before + 1:
            self._note(before, func, args, kwargs, seconds)
        return result

    def _note(
        self,
        number: int,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        seconds: float,
    ) -> None:
        entry = self._tracer.ops[number]
        signature = (func, torch.is_grad_enabled(), _signature(args), _signature(kwargs))
        call = self._by_signature.get(signature)
        if call is None:
            if not self._has_room((args, kwargs)):
                return
            is_in_place = entry.kind is OpKind.IN_PLACE
            call = OpCall(func, args, kwargs, is_in_place=is_in_place, seconds=seconds)
            call.name = entry.name
            call.text = (entry.text or entry.site.text)[:_MAX_TEXT]
            call.line = None if entry.site.location is None else entry.site.location.line
            self._by_signature[signature] = call
            self.calls.append(call)
        call.ops.append(number)

    def _has_room(self, arguments: object) -> bool:
        if self._left_nbytes is None:
            return True
        for tensor in _tensors(arguments):
            if tensor.layout is not torch.strided:
                continue
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in self._storages:
                self._storages.add(storage.data_ptr())
                self._left_nbytes -= storage.nbytes()
        return self._left_nbytes >= 0


def _signature(value: object) -> object:
    if isinstance(value, torch.Tensor):
        strides = value.stride() if value.layout is torch.strided else ()
        kind = (tuple(value.shape), strides, value.dtype, str(value.device), value.requires_grad)
        return ("tensor", *kind)
    if isinstance(value, list | tuple):
        return (type(value).__name__, *map(_signature, value))
    if isinstance(value, dict):
        return tuple((key, _signature(one)) for key, one in value.items())
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return (type(value).__name__, value)


def _tensors(value: object) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _tensors(one)


def _rebuilt(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(_rebuilt(one, change) for one in value)
    if type(value) is list:
        return [_rebuilt(one, change) for one in value]
    if type(value) is dict:
        return {key: _rebuilt(one, change) for key, one in value.items()}
    return value


def _apart(tensor: torch.Tensor) -> torch.Tensor:
    """The same elements without a history, requiring grad as before."""
    return tensor.detach().requires_grad_(tensor.requires_grad)


def _own(tensor: torch.Tensor) -> torch.Tensor:
    """A copy that may be changed again and again, without a graph that would grow with it."""
    return tensor.detach().clone()


def _forward_piece(call: OpCall) -> Piece:
    change = _own if call.is_in_place else _apart
    source, names = call_source(_rebuilt(call.args, change), _rebuilt(call.kwargs, change))
    return _piece(call, TimedPart.OP, source, {"call": call.func, **names})


def _can_go_back(call: OpCall) -> bool:
    return (
        call.grad_enabled
        and not call.is_in_place
        and any(tensor.requires_grad for tensor in _tensors((call.args, call.kwargs)))
    )


def _backward_piece(call: OpCall) -> Piece:
    args, kwargs = _rebuilt(call.args, _apart), _rebuilt(call.kwargs, _apart)
    outputs = [out for out in _tensors(call.func(*args, **kwargs)) if out.requires_grad]
    if not outputs:
        raise GradvizError("Its result needs no gradient.")
    names: Namespace = {
        "call": torch.autograd.grad,
        "outputs": outputs,
        "inputs": [one for one in _tensors((args, kwargs)) if one.requires_grad],
        "grads": [torch.ones_like(out) for out in outputs],
    }
    source = "call(outputs, inputs, grads, retain_graph=True, allow_unused=True)"
    return _piece(call, TimedPart.OP_BACKWARD, source, names)


def _piece(call: OpCall, part: TimedPart, source: str, names: Namespace) -> Piece:
    return Piece(
        part=part,
        source=source,
        namespace=names,
        text=call.text or call.name,
        line=call.line,
        ops=tuple(call.ops),
        first_seconds=call.seconds if part is TimedPart.OP else None,
        name=call.name if part is TimedPart.OP else f"{call.name} backward",
    )


@contextlib.contextmanager
def _as_it_was(call: OpCall) -> Iterator[None]:
    """With gradients and autocast as they were at the call."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.set_grad_enabled(call.grad_enabled and not call.is_in_place))
        for device, dtype in call.autocast:
            stack.enter_context(torch.autocast(device, dtype))
        yield


def _autocast() -> tuple[tuple[str, torch.dtype], ...]:
    return tuple(
        (kind, torch.get_autocast_dtype(kind))
        for kind in ("cpu", "cuda", "xpu", "mps")
        if torch.is_autocast_enabled(kind)
    )
