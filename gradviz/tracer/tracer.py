"""Record everything that torch does in a block of ordinary code."""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from types import MappingProxyType, TracebackType
from typing import NamedTuple

import torch

from gradviz.collector import no_collections
from gradviz.errors import GradvizError
from gradviz.recording.changes import GradientChange, LeafChange
from gradviz.recording.model import AutogradNode, ModuleCall, Op, Pass, Tensor, Value, ValueId
from gradviz.tracer.assemble import assemble, mend, read_final_grads
from gradviz.tracer.backward import BackwardRecorder
from gradviz.tracer.changes import LeafChanges, changed_gradients
from gradviz.tracer.collectives import collective_calls
from gradviz.tracer.entries import OpEntry
from gradviz.tracer.forward import ForwardMode, ForwardRecorder
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.modules import ModuleScopes
from gradviz.tracer.names import Names
from gradviz.tracer.opaque import (
    compiled_calls,
    derivatives,
    scripted_calls,
    traces,
    transforms,
)
from gradviz.tracer.optimizers import OptimizerSteps
from gradviz.tracer.out_of_sight import warnings_where_they_belong
from gradviz.tracer.patches import (
    custom_functions,
    engine_entry,
    rarer_collections,
    saving_hooks,
    shared_sources,
    storage_changes,
    swapped_tensors,
)
from gradviz.tracer.private.lookup import NOT_TOLD
from gradviz.tracer.private.modes import is_on, on, quiet, without
from gradviz.tracer.private.nodes import SAVED, UNTOLD_SAVED
from gradviz.tracer.quiet import Overhead
from gradviz.tracer.redrawn import random_numbers
from gradviz.tracer.source import SourceMap
from gradviz.tracer.threads import other_threads
from gradviz.tracer.values import ValueStore
from gradviz.tracer.verify import Verifier
from gradviz.undisturbed import BegunUndisturbed, Undisturbed

_OVERWRITTEN = (
    "Something unseen, such as a thread from before the recording, changed tensors while it was "
    "made: the values that they had before are left out."
)


class Traced(NamedTuple):
    """What was recorded, as fields of a `Recording`, and the tensors too large for it."""

    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    autograd_nodes: tuple[AutogradNode, ...]
    passes: tuple[Pass, ...]
    values: tuple[Value, ...]
    warnings: tuple[str, ...]
    record_seconds: float
    live: dict[ValueId, torch.Tensor]
    peak_nbytes: int = 0
    module_calls: tuple[ModuleCall, ...] = ()


class Memory(NamedTuple):
    """Which line made what lies at an address, and where values lie that are kept to be shown."""

    lines: Mapping[int, int] = MappingProxyType({})
    kept: frozenset[int] = frozenset()


class Tracer:
    """Records the torch calls of the thread that enters it, until it is left.

    Results are those of the same code without it: values, gradients, exceptions, random numbers.
    Used in three steps: `with tracer:` around the code, `bind` whenever names were bound,
    `finish` once afterwards. `text` is that of the file `filename`, the person's only one; where
    that is None every file outside installed packages is the person's, and `text` is of `home`.
    `gradient_changes` are put in place of what comes into their nodes.
    """

    _running: Tracer | None = None

    def __init__(
        self,
        *,
        text: str = "",
        filename: str | None = None,
        home: str | None = None,
        value_budget_nbytes: int | None = None,
        gradient_changes: Sequence[GradientChange] = (),
    ) -> None:
        self._overhead = Overhead()
        self._gradient_changes = gradient_changes
        self._untold: list[str] = []
        self._ledger = Ledger(ValueStore(value_budget_nbytes))
        sources = self._sources = SourceMap(text, filename, home)
        self._scopes = ModuleScopes(self._ledger, sources, self._overhead)
        self._forward = ForwardRecorder(self._ledger, sources, self._scopes, self._overhead)
        self._backward = BackwardRecorder(self._ledger, sources, self._forward, self._overhead)
        self._steps = OptimizerSteps(self._ledger, sources, self._forward, self._overhead)
        self._names = Names(self._ledger, self._scopes)
        self._stack = ExitStack()
        self._mode = ForwardMode(self._forward)
        self._forward.watching = self._mode_on
        self._interrupts = BegunUndisturbed(Tracer.__exit__.__code__)
        self._thread = 0
        self._paused = 0

    def __enter__(self) -> Tracer:
        if Tracer._running is not None:
            raise GradvizError("A recording is already being made; finish it before the next one.")
        self._thread = threading.get_ident()
        self._interrupts.begin()
        try:
            with Undisturbed():
                self._put_in_place()
        except BaseException:
            self._stack.close()
            self._interrupts.end()
            raise
        return self

    def _put_in_place(self) -> None:
        with ExitStack() as stack:
            stack.callback(self._leave)
            Tracer._running = self
            stack.enter_context(rarer_collections())
            stack.enter_context(engine_entry(self._backward, self._is_recorded_thread))
            stack.enter_context(
                random_numbers(self._backward, self._is_recorded_thread, self._overhead)
            )
            stack.enter_context(
                changed_gradients(
                    self._ledger,
                    self._gradient_changes,
                    self._is_recorded_thread,
                    self._untold.append,
                )
            )
            stack.enter_context(custom_functions(self._forward, self._is_recorded_thread))
            stack.enter_context(shared_sources(self._forward, self._is_recorded_thread))
            stack.enter_context(storage_changes(self._forward, self._is_recorded_thread))
            stack.enter_context(collective_calls(self._forward, self._is_recorded_thread))
            stack.enter_context(traces(self._forward, self.paused, self._is_recorded_thread))
            stack.enter_context(scripted_calls(self._forward, self._is_recorded_thread))
            stack.enter_context(transforms(self._forward, self._is_recorded_thread))
            stack.enter_context(derivatives(self._forward, self._is_recorded_thread))
            stack.enter_context(compiled_calls(self._forward, self._mode, self._is_recorded_thread))
            stack.enter_context(self._scopes.watching(self._is_recorded_thread))
            stack.enter_context(self._steps.watching(self._is_recorded_thread))
            stack.enter_context(swapped_tensors(self._ledger, self._is_recorded_thread))
            stack.enter_context(saving_hooks(self._forward))
            stack.enter_context(other_threads(self._forward, self._overhead))
            stack.enter_context(warnings_where_they_belong())
            self._mode.shorten()
            stack.callback(self._mode.forget)
            stack.enter_context(on(self._mode))
            self._stack = stack.pop_all()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            with Undisturbed():
                self._stack.close()
        finally:
            self._stack.close()  # Ctrl+C may have come first
            self._interrupts.end()

    def _leave(self) -> None:
        Tracer._running = None
        self._forward.depth = 0

    def _is_recorded_thread(self) -> bool:
        return not self._paused and threading.get_ident() == self._thread

    def _mode_on(self) -> AbstractContextManager[object]:
        """The mode, which is off inside the calls that it handles: `backward` is one of them."""
        return nullcontext() if is_on(self._mode) else self._mode

    @property
    def ops(self) -> Sequence[OpEntry]:
        """The ops so far; their numbers are those of the recording."""
        return self._ledger.ops

    def memory(self) -> Memory:
        """What lies where, at this moment of the run."""
        lines: dict[int, int] = {}
        ops = self._ledger.ops
        for entry in self._ledger.tensors:
            if not entry.pointer or entry.base is not None or entry.previous is not None:
                continue
            place = None if entry.op is None else ops[entry.op].site.location
            line = entry.line if place is None else place.line
            if line is not None:
                lines[entry.pointer] = line
        return Memory(lines, self._ledger.values.addresses())

    def abandon(self) -> None:
        """In a fork of the process that records: record nothing more."""
        self._paused += 1
        self._forward.depth += 1

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens in this block is not recorded, nor slowed down."""
        self._paused += 1
        try:
            with without(self._mode):
                yield
        finally:
            self._paused -= 1

    def bind(
        self,
        names: Mapping[str, object],
        *,
        line: int | None = None,
        mentioned: Collection[str] | None = None,
    ) -> None:
        """Tell which objects the person's names stand for now; `line` bound them last.

        `mentioned` are the names in that line, None says that any may have been bound.
        """
        try:
            with quiet():
                self._scopes.leave_all()
                self._ledger.line = line
                self._names.bind(names, mentioned)
        except Exception as error:
            self._overhead.fail(error)

    def expect(self, names: Mapping[str, object]) -> None:
        """Tell what modules are called, should they take part."""
        for name, bound in names.items():
            if isinstance(bound, torch.nn.Module):
                self._scopes.expect(bound, name)

    def name(self, names: Mapping[str, object]) -> None:
        """Tell what tensors are called that took part; unlike `bind` this adds no other."""
        try:
            with quiet():
                self._names.name_met(names)
        except Exception as error:
            self._overhead.fail(error)

    def name_held(self, names: Mapping[str, object]) -> None:
        """Tell in which lists and dictionaries the person may keep leaves without a variable."""
        try:
            with quiet():
                self._names.name_held(names)
        except Exception as error:
            self._overhead.fail(error)

    def moved(self, old: torch.Tensor, new: torch.Tensor) -> None:
        """A leaf was replaced by the same leaf on another device."""
        try:
            with quiet():
                self._ledger.take_over(old, new)
        except Exception as error:
            self._overhead.fail(error)

    def verifier(self) -> Verifier:
        """What checks the passes of this recording, to be entered inside this tracer."""
        return Verifier(self._ledger, self._is_recorded_thread, self.paused)

    def leaf_changes(self, changes: Sequence[LeafChange]) -> LeafChanges:
        """What gives leaves other values, to be entered inside this tracer."""
        return LeafChanges(self._ledger, changes, self._records, self._untold.append)

    def _records(self) -> bool:
        """Whether what is called at the moment becomes an op of its own."""
        return (
            self._is_recorded_thread()
            and not self._forward.depth
            and self._sources.place(sys._getframe()) is not None
        )

    def _not_told(self) -> tuple[str, ...]:
        """What this recording lacks because torch has no way to learn it."""
        if not self._ledger.ops:
            return ()
        told = list(NOT_TOLD)
        if SAVED is None and self._ledger.nodes:
            told.append(UNTOLD_SAVED)
        if self._ledger.values.was_overwritten:
            told.append(_OVERWRITTEN)
        return tuple(told)

    def finish(self) -> Traced:
        """Make plain data of what was recorded. The tracer must have been left."""
        with quiet(), no_collections():
            mend(self._ledger)
            try:
                self._scopes.unname_replaced()
                read_final_grads(self._ledger)
            except Exception as error:
                self._overhead.fail(error)
            peak_nbytes = self._ledger.values.peak_nbytes
            parts = assemble(self._ledger)
        return Traced(
            *parts.fields,
            warnings=(*self._overhead.problems, *self._untold, *self._not_told()),
            record_seconds=self._overhead.seconds,
            live=parts.live,
            peak_nbytes=peak_nbytes,
            module_calls=parts.module_calls,
        )
