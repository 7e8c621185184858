"""Execute a document up to the statements to be timed, in a namespace of its own on one device."""

from __future__ import annotations

import ast
import contextlib
import copy
import os
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from gradviz.devices import exhausted
from gradviz.devices.measuring import silence
from gradviz.devices.placement import place, same_device
from gradviz.devices.precision import cast, computing_in, other_type, torch_type
from gradviz.devices.replacing import Namespace
from gradviz.devices.script import (
    BackwardCall,
    Span,
    changed_names,
    loaded_names,
    rebinds,
    stored_names,
)
from gradviz.devices.waiting import current, devices_in_use, synchronise
from gradviz.errors import GradvizError
from gradviz.language.failures import plain_message
from gradviz.recording.model import RunError
from gradviz.recording.timing import AS_PLACED, AS_WRITTEN
from gradviz.tracer.private.settings import tensor_makers

FILENAME: Final = "<expression>"
_OBSERVER: Final = "_gradviz_observe"
_MAX_DEPTH: Final = 3


class TextFailedError(GradvizError):
    """The document itself raised; `run_error` says what and where."""

    def __init__(self, run_error: RunError) -> None:
        super().__init__(f"{run_error.type}: {run_error.message}")
        self.run_error = run_error


class _ReachedError(BaseException):
    """The backward call inside a loop is reached; the person's `except Exception` lets it pass."""


class _Noted:
    """What was seen of one statement of the observed block."""

    def __init__(self, before: Namespace) -> None:
        self.before = before
        self.seconds = 0.0
        self.carries: dict[str, bool] = {}
        self.makes_tensors = False


class Conditions(NamedTuple):
    """How a document is executed to be timed.

    On a `device` all leaves are placed there and new tensors made there; `AS_PLACED` leaves that
    to the document, its `run_device` and its `placement`. In a `dtype` all floating leaves are.
    It begins in `folder`; empty: in the current one.
    """

    device: str
    dtype: str = AS_WRITTEN
    seed: int | None = None
    run_device: str = "cpu"
    placement: Mapping[str, str] = MappingProxyType({})
    folder: str = ""

    @property
    def default_device(self) -> str:
        """Where tensors are made that do not say where."""
        return self.run_device if self.device == AS_PLACED else self.device


class Rehearsal:
    """One execution of a document on a device, stopped before what should be timed.

    Attributes:
        namespace: the names as they were left.
        device: where new tensors were made and leaves were placed, or `AS_PLACED`.
        aside: what surrounds everything that is not the document's own doing.
    """

    def __init__(self, conditions: Conditions) -> None:
        self.device = conditions.device
        self.conditions = conditions
        self.namespace: Namespace = {"__name__": "__main__", "__builtins__": __builtins__}
        self.aside: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext
        self._type = torch_type(conditions.dtype)
        self._placed: dict[str, object] = {}
        self._noted: dict[int, _Noted] = {}
        self._constructors = _Constructors()
        self._lines: dict[str, int] = {}

    def run_to_span(self, statements: Sequence[ast.stmt], span: Span) -> None:
        """Execute everything before the span, then the span once, observed."""
        with self.from_the_start():
            if span.container is None:
                for statement in span.block[: span.start]:
                    self.execute(statement)
                for index in range(span.start, span.stop):
                    self._execute_observed(index, span.block[index])
            else:
                for statement in statements[: statements.index(span.container)]:
                    self.execute(statement)
                line = span.block[span.start].lineno
                missed = f"Line {line} was not reached."
                self._execute_container(span.container, span.block, span.stop, missed)

    def run_to_backward(self, statements: Sequence[ast.stmt], call: BackwardCall) -> None:
        """Execute everything before the backward call, its block observed."""
        with self.from_the_start():
            if call.container is None:
                for index, statement in enumerate(call.block[: call.position]):
                    self._execute_observed(index, statement)
            else:
                for statement in statements[: statements.index(call.container)]:
                    self.execute(statement)
                missed = f"The backward call on line {call.statement.lineno} was not reached."
                self._execute_container(call.container, call.block, call.position, missed)
            if call.root_statement is not None:
                self._execute_observed(call.position, call.root_statement)

    def run_all(self, statements: Sequence[ast.stmt]) -> None:
        """Execute the whole document."""
        with self.from_the_start():
            for statement in statements:
                self.execute(statement)

    @contextlib.contextmanager
    def from_the_start(self) -> Iterator[None]:
        """The surroundings of an execution from the first statement on, in the document's folder.

        The document may change the folder, and is executed once for each device and type.
        """
        if self.conditions.folder:
            os.chdir(self.conditions.folder)
        with self.surroundings():
            yield

    def clock(self) -> float:
        """The time, once the devices have done what they were given."""
        synchronise(devices_in_use() if self.device == AS_PLACED else (self.device,))
        return perf_counter()

    @contextlib.contextmanager
    def surroundings(self) -> Iterator[None]:
        """The document's conditions; what executes its statements happens within them."""
        if self.conditions.seed is not None:
            torch.manual_seed(self.conditions.seed)
        device = self.conditions.default_device
        with contextlib.ExitStack() as stack:
            stack.enter_context(silence())
            stack.enter_context(current(device))
            stack.enter_context(computing_in(self.conditions.dtype))
            if not same_device(device, "cpu"):
                stack.enter_context(torch.device(device))
                stack.enter_context(self._constructors)
            yield

    def execute(self, statement: ast.stmt) -> None:
        """Execute a statement of the document, then put what it made where it should be."""
        module = ast.Module([statement], type_ignores=[])
        try:
            exec(compile(module, FILENAME, "exec"), self.namespace)
        except (Exception, SystemExit) as problem:
            # Whatever the person's code raises is a finding about it, not about gradviz.
            raise TextFailedError(self._describe(problem)) from problem
        self._lines |= dict.fromkeys(stored_names(statement), statement.lineno)
        with self.aside():
            self._settle(statement)

    def _describe(self, problem: BaseException) -> RunError:
        own = [f for f in traceback.extract_tb(problem.__traceback__) if f.filename == FILENAME]
        return RunError(
            type=type(problem).__name__,
            message=plain_message(problem) or type(problem).__name__,
            line=own[-1].lineno if own else None,
            column=own[-1].colno if own else None,
            help=self.explain_memory(problem),
        )

    def explain_memory(self, problem: BaseException) -> str:
        """Which tensors fill the memory where that is what `problem` is about, else empty."""
        message = str(problem)
        if not exhausted.is_out_of_memory(problem, message):
            return ""

        def line_of(label: str, _address: int) -> int | None:
            return self._lines.get(re.split(r"[.\[]", label, maxsplit=1)[0])

        return exhausted.explain(problem, message, self.namespace, FILENAME, line_of)

    def _settle(self, statement: ast.stmt) -> None:
        names = sorted(changed_names(statement))
        if self.device == AS_PLACED:
            self._follow_placement()
        elif not _asks_for_host_memory(statement):
            for name in names:
                if _can_be_moved(self.namespace.get(name), self.device):
                    place(self.namespace, name, self.device)
        if self._type is not None:
            for name in names:
                cast(self.namespace, name, self._type)

    def _follow_placement(self) -> None:
        """As a run does: each name is moved as soon as it means something else."""
        for name, device in self.conditions.placement.items():
            root = name.partition(".")[0]
            bound = self.namespace.get(root)
            if bound is not None and self._placed.get(name) is not bound:
                place(self.namespace, name, device)
                self._placed[name] = self.namespace.get(root)

    def _execute_observed(self, index: int, statement: ast.stmt) -> None:
        self._begin(index, statement)
        started = self.clock()
        self.execute(statement)
        self._end(index, statement, self.clock() - started)

    def _begin(self, index: int, statement: ast.stmt) -> None:
        names = stored_names(statement)
        before = {n: self.namespace[n] for n in names if n in self.namespace}
        self._noted[index] = _Noted(before)
        self._constructors.seen = False

    def _end(self, index: int, statement: ast.stmt, seconds: float) -> None:
        noted = self._noted[index]
        noted.seconds = seconds
        noted.makes_tensors = self._constructors.seen
        for name in changed_names(statement):
            noted.carries[name] = _carries_grad(self.namespace.get(name))

    def _execute_container(
        self, container: ast.stmt, block: Sequence[ast.stmt], stop: int, missed: str
    ) -> None:
        """Execute a loop or condition until `block[stop]` is reached for the first time.

        Raises `GradvizError` with the sentence `missed` where it is not.
        """
        started = 0.0

        def observe(index: int) -> None:
            nonlocal started
            now = self.clock()
            if index and index - 1 in self._noted:
                self._end(index - 1, block[index - 1], now - started)
                self._settle(block[index - 1])
            if index == stop:
                raise _ReachedError
            self._begin(index, block[index])
            started = self.clock()

        self.namespace[_OBSERVER] = observe
        try:
            self.execute(_with_observer(container, block, stop))
        except _ReachedError:
            return
        finally:
            del self.namespace[_OBSERVER]
        raise GradvizError(missed)

    def forward_of(self, call: BackwardCall) -> list[int]:
        """Which statements of the block compute the root from leaves and data, in order.

        Those that only make leaves, modules or data are its input. The index of the call itself
        stands for `root_statement`.
        """
        needed = set(call.root_names)
        chosen: list[int] = []
        for index in range(call.position - 1, -1, -1):
            statement = call.block[index]
            carries = self._noted[index].carries
            made = {name for name in needed if carries.get(name)}
            if made:
                chosen.append(index)
                needed -= {name for name in made if rebinds(statement, name)}
                needed |= loaded_names(statement)
            else:
                needed -= {name for name in needed if rebinds(statement, name)}
        chosen.reverse()
        return chosen if call.root_statement is None else [*chosen, call.position]

    def values_before(self, index: int) -> Namespace:
        """The namespace as it was before that observed statement."""
        values = dict(self.namespace)
        for later in sorted((i for i in self._noted if i >= index), reverse=True):
            values.update(self._noted[later].before)
        return values

    def first_seconds(self, indices: Sequence[int]) -> float:
        """How long the first execution of these observed statements took together."""
        return sum(self._noted[index].seconds for index in indices)

    def makes_tensors(self, indices: Sequence[int]) -> bool:
        """Whether one of them makes tensors on the default device."""
        return any(self._noted[index].makes_tensors for index in indices)

    def check_devices(self, statements: Sequence[ast.stmt]) -> None:
        """Raise `GradvizError` where they use a tensor that the text keeps elsewhere.

        Or in another type than the chosen one, or on a device that computes nothing.
        """
        for statement in statements:
            for name in sorted(loaded_names(statement)):
                value = self.namespace.get(name)
                self._check_device(statement.lineno, name, value)
                made = None if self._type is None else other_type(value, self._type)
                if made is not None:
                    raise GradvizError(
                        f"Line {statement.lineno} uses {name}, which the text itself makes {made}."
                    )

    def _check_device(self, line: int, name: str, value: object) -> None:
        if self.device == AS_PLACED:
            if isinstance(value, torch.Tensor) and value.is_meta:
                raise GradvizError(
                    f"Line {line} uses {name}, which is on meta: nothing is computed there."
                )
            return
        elsewhere = _is_off(value, self.device, leaves_only=False)
        if elsewhere is not None:
            raise GradvizError(
                f"Line {line} uses {name}, which the text itself puts on {elsewhere}."
            )

    def leaf_tensors(self) -> list[torch.Tensor]:
        """Every leaf, parameter and buffer that a name means, once."""
        found: dict[int, torch.Tensor] = {}
        for value in self.namespace.values():
            if isinstance(value, nn.Module):
                for tensor in (*value.parameters(), *value.buffers()):
                    found[id(tensor)] = tensor
            elif isinstance(value, torch.Tensor) and value.is_leaf:
                found[id(value)] = value
        return list(found.values())


def _with_observer(container: ast.stmt, block: Sequence[ast.stmt], stop: int) -> ast.stmt:
    def observation(index: int, at: ast.stmt) -> ast.stmt:
        node = ast.Call(ast.Name(_OBSERVER, ast.Load()), [ast.Constant(index)], [])
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(node), at))

    observed: list[ast.stmt] = []
    for index, statement in enumerate(block[:stop]):
        observed += [observation(index, statement), statement]
    observed.append(observation(stop, block[min(stop, len(block) - 1)]))
    observed += block[stop:]
    # The block is exchanged in a copy, found there by its identity.
    memo: dict[int, Any] = {id(block): observed}
    return copy.deepcopy(container, memo)


def _asks_for_host_memory(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("cpu", "numpy")
        for node in ast.walk(statement)
    )


def _is_off(value: object, device: str, *, leaves_only: bool) -> str | None:
    """Another device that a tensor or module is on; None where there is none."""
    tensors: Sequence[torch.Tensor] = ()
    if isinstance(value, nn.Module):
        tensors = (*value.parameters(), *value.buffers())
    elif isinstance(value, torch.Tensor) and (value.is_leaf or not leaves_only):
        tensors = (value,)
    for tensor in tensors:
        if not same_device(tensor.device, device):
            return str(tensor.device)
    return None


def _can_be_moved(value: object, device: str) -> bool:
    """Whether it is a leaf or a module elsewhere; what is on `meta` has nothing to move."""
    return _is_off(value, device, leaves_only=True) not in (None, "meta")


def _carries_grad(value: object, depth: int = 0) -> bool:
    if isinstance(value, torch.Tensor):
        return value.grad_fn is not None
    if depth < _MAX_DEPTH and isinstance(value, list | tuple):
        return any(_carries_grad(element, depth + 1) for element in value)
    if depth < _MAX_DEPTH and isinstance(value, dict):
        return any(_carries_grad(element, depth + 1) for element in value.values())
    return False


class _Constructors(TorchFunctionMode):
    """Notes whether a tensor is made without saying where: only then the default device matters."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = False

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func in tensor_makers() and (kwargs or {}).get("device") is None:
            self.seen = True
        return func(*args, **(kwargs or {}))
