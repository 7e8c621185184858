"""Record what PyTorch's engine executes: every node, in its own order, with its gradients."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from time import perf_counter
from typing import Any, Final

import torch

from gradviz.recording.model import LeafGrad, NextEdge, NodeId, PassId, TensorId, ValueId
from gradviz.tracer.entries import SLOT_BITS, Identity, PassEntry, StepEntry, edge_of, mark_of
from gradviz.tracer.forward import ForwardRecorder
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.nodes import node_id
from gradviz.tracer.private.engine import current_pass, is_compiling, open_passes, put_hooks, unhook
from gradviz.tracer.private.modes import kernel_modes, modes_left, quiet
from gradviz.tracer.private.tensors import may_have_hooks, may_have_late_hooks, version
from gradviz.tracer.quiet import Overhead
from gradviz.tracer.readings import version_of
from gradviz.tracer.source import SourceMap
from gradviz.tracer.values import is_readable

_MAX_MESSAGE: Final = 2000
_LEAF: Final = "AccumulateGrad"
_MAY_BE_DISTRIBUTED: Final = torch.distributed.is_available()
_CUSTOM: Final = torch.autograd.function.BackwardCFunction
_TENSOR: Final = torch.Tensor
_STRIDED: Final = torch.strided

_Gradients = tuple[torch.Tensor | None, ...]
_Hook = tuple[Callable[[Any], Any], Callable[..., None]]
"""A method of a node's that puts a hook in place, and the hook."""
_Whereabouts = tuple[int, int, tuple[int, ...], bool, bool]


class _Run:
    """One backward call while it runs."""

    def __init__(self, entry: PassEntry) -> None:
        self.entry = entry
        self.task: int | None = None
        self.open: dict[NodeId, StepEntry] = {}
        self.latest: StepEntry | None = None
        # Nobody else's code can run in this pass: it stays in one thread, and nothing nests in it.
        self.is_plain = False
        # The nodes whose end is watched too; of the others it is known what they sent. In a plain
        # pass it is of these too, but for what is summed with something else before it arrives.
        self.watched: set[NodeId] = set()
        # A plain pass's steps of leaves: what they made of `.grad` is looked at once it is over.
        self.leaf_steps: list[StepEntry] = []
        self.hooked: list[Any] = []
        self.leaves: dict[NodeId, tuple[Identity, torch.Tensor]] = {}
        self.inputs: tuple[Any, ...] = ()
        # Whether what came for a leaf may be changed at once, to the average of several processes.
        self.is_averaged = False
        # The node of a bare leaf dies with its last reference, and the hooks on it too.
        self.roots: list[Any] = []
        # A gradient that was sent and has not yet arrived: where it lies, its value, and its
        # memory, which must not be given to another before the two are compared.
        self.sent: dict[tuple[NodeId, int], tuple[_Whereabouts, ValueId, Any]] = {}


class BackwardRecorder:
    """Enters passes and their steps into the ledger."""

    def __init__(
        self, ledger: Ledger, sources: SourceMap, forward: ForwardRecorder, overhead: Overhead
    ) -> None:
        self._ledger = ledger
        self._sources = sources
        self._forward = forward
        self._overhead = overhead
        self._active: list[_Run] = []
        self._leaves: dict[int, Identity] = {}

    def wrap(
        self, engine: Callable[..., Any], is_recorded_thread: Callable[[], bool]
    ) -> Callable[..., Any]:
        """The entry to the engine, recorded."""

        def run_recorded(outputs: Any, *args: Any, **kwargs: Any) -> Any:
            is_wanted = is_recorded_thread() or self._is_within()
            if not is_wanted or self._forward.is_transforming or is_compiling():
                return engine(outputs, *args, **kwargs)
            return self._run(engine, outputs, args, kwargs)

        return run_recorded

    def _is_within(self) -> bool:
        """Whether one of the passes that are being recorded makes this call, in any thread."""
        task = current_pass()
        return task != -1 and any(run.task == task for run in self._active)

    def _run(
        self, engine: Callable[..., Any], outputs: Any, args: tuple[Any, ...], kwargs: Any
    ) -> Any:
        started = perf_counter()
        run: _Run | None = None
        try:
            with quiet():
                run = self._open(outputs, args, kwargs)
        except Exception as error:
            self._overhead.fail(error)
        began = perf_counter()
        self._overhead.seconds += began - started
        if run is None:
            return engine(outputs, *args, **kwargs)
        self._active.append(run)
        open_passes.append(run.entry.number)
        self._forward.depth += 1
        result = None
        try:
            # What hooks and custom functions write is to be seen.
            with nullcontext() if run.is_plain else self._forward.watching():
                result = engine(outputs, *args, **kwargs)
            return result
        except BaseException as error:  # Ctrl+C, too
            # The text of any other kind is made by somebody else's code.
            is_torchs = type(error) is RuntimeError
            run.entry.raised = str(error)[:_MAX_MESSAGE] if is_torchs else type(error).__name__
            raise
        finally:
            self._forward.depth -= 1
            self._active.remove(run)
            open_passes.remove(run.entry.number)
            ended = run.entry.ended = perf_counter()
            run.entry.seconds = ended - began
            unhook(run.hooked)
            try:
                with quiet():
                    self._close(run, result)
            except Exception as error:
                self._overhead.fail(error)
            self._overhead.seconds += perf_counter() - ended

    def note_redrawn(self) -> None:
        """The step that is being executed has used new random numbers for what was done before."""
        entry = self._active[-1].entry if self._active else None
        if entry is not None and entry.raw_steps:
            entry.redrawn.append(len(entry.raw_steps) - 1)

    def _open(self, outputs: Any, args: tuple[Any, ...], kwargs: Any) -> _Run | None:
        roots = [self._root(one) for one in outputs]
        nodes = [node for node, _, _ in roots if node is not None]
        if not nodes:
            return None
        ledger = self._ledger
        place = self._sources.place(sys._getframe())
        # What `torch.autograd.functional` runs is the person's call of that.
        site = (place or self._sources.place_of_caller(sys._getframe())).site
        self._forward.results.settle(place)
        name = "backward" if kwargs.get("accumulate_grad") else "grad"
        entry = PassEntry(PassId(len(ledger.passes)), name, site)
        entry.accumulates = bool(kwargs.get("accumulate_grad"))
        entry.create_graph = bool(args[2] if len(args) > 2 else kwargs.get("create_graph"))
        entry.retain_graph = bool(args[1] if len(args) > 1 else kwargs.get("keep_graph"))
        entry.ops_before = len(ledger.raw_ops)
        run = _Run(entry)
        run.inputs = tuple(args[3] if len(args) > 3 else kwargs.get("inputs") or ())
        if self._active:
            entry.parent = self._active[-1].entry.number
            entry.parent_step = _open_step(self._active[-1])
        for node, slot, tensor in roots:
            if node is not None:
                entry.roots.append(NextEdge(node_id(ledger, node), slot))
                entry.root_tensors.append(tensor)
        ledger.passes.append(entry)
        run.roots = nodes
        self._attach(run, nodes)
        self._note_grads_before(run)
        return run

    def _root(self, one: Any) -> tuple[Any, int, TensorId | None]:
        if not isinstance(one, torch.Tensor):  # a GradientEdge
            return one.node, one.output_nr, None
        if not one.requires_grad:
            return None, 0, None
        number = self._ledger.meet(one)
        if one.grad_fn is None:
            return torch.autograd.graph.get_gradient_edge(one).node, 0, number
        return one.grad_fn, one.output_nr, number

    def _attach(self, run: _Run, roots: list[Any]) -> None:
        """Watch each node's start, and the end of those whose sums or leaves need it."""
        ledger = self._ledger
        entries, key = ledger.nodes, ledger.key
        found: dict[NodeId, Any] = {}
        fed: set[int] = {mark_of(edge.node, edge.slot) for edge in run.entry.roots}
        shared: set[int] = set()
        run.is_averaged = _is_distributed()
        watches_all = bool(run.inputs) or self._forward.hooks_seen or run.is_averaged
        runs_others = False
        stack = list(roots)
        while stack:
            node = stack.pop()
            number = node.metadata.get(key)
            if number is None:
                number = node_id(ledger, node)
            if number in found:  # waited twice
                continue
            found[number] = node
            entry = entries[number]
            if entry.name == _LEAF:
                leaf = node.variable
                watches_all = watches_all or may_have_hooks(leaf) or not leaf.is_cpu
                runs_others = runs_others or may_have_late_hooks(leaf)
                identity = ledger.identity(leaf)
                if identity is not None:
                    run.leaves[number] = (identity, leaf)
                continue
            if entry.op is None:
                watches_all = True
            following = node.next_functions
            for at, mark in enumerate(entry.next):
                if mark is not None:
                    if mark in fed:
                        shared.add(mark)
                    else:
                        fed.add(mark)
                    if mark >> SLOT_BITS not in found:
                        stack.append(following[at][0])
            if not runs_others and isinstance(node, _CUSTOM):
                runs_others = True
        run.is_plain = not (watches_all or runs_others or run.entry.create_graph)
        self._hook(run, found, shared, watches_all=watches_all)

    def _hook(
        self, run: _Run, found: dict[NodeId, Any], shared: set[int], *, watches_all: bool
    ) -> None:
        """Put the hooks in place; `shared` are the edges on which gradients are summed."""
        start: Callable[..., None]
        if run.is_plain:
            ends = self._plain_ends(run, found, shared) if shared else []
            start = self._plain_start(run)
        else:
            ends = self._ends(run, found, shared, watches_all=watches_all)
            start = partial(self._on_start, run)
        starts = [(node.register_prehook, partial(start, number)) for number, node in found.items()]
        run.hooked = put_hooks([*starts, *ends])

    def _ends(
        self, run: _Run, found: dict[NodeId, Any], shared: set[int], *, watches_all: bool
    ) -> list[_Hook]:
        """Hooks for the ends of steps, the leaves' among them.

        All are watched where something may happen to a gradient between one node and the next:
        hooks of the person's change what was sent, `inputs=` leaves nodes out, devices have
        threads of their own. What was built before the recording may have had hooks before.
        """
        entries = self._ledger.nodes
        ends: list[_Hook] = []
        for number, node in found.items():
            entry = entries[number]
            is_wanted = watches_all or entry.name == _LEAF or isinstance(node, _CUSTOM)
            if is_wanted or not shared.isdisjoint(entry.next):
                run.watched.add(number)
                ends.append((node.register_hook, partial(self._on_end, run, number)))
        return ends

    def _plain_ends(self, run: _Run, found: dict[NodeId, Any], shared: set[int]) -> list[_Hook]:
        """Hooks for the ends of a plain pass's steps that send what is then summed.

        Where anomaly mode may end the pass for what a step sends, that may arrive nowhere.
        """
        entries, all_slots = self._ledger.nodes, torch.is_anomaly_enabled()
        ends: list[_Hook] = []
        for number, node in found.items():
            following = entries[number].next
            if not shared.isdisjoint(following):
                slots = [slot for slot, mark in enumerate(following) if all_slots or mark in shared]
                run.watched.add(number)
                ends.append((node.register_hook, partial(self._on_plain_end, run, number, slots)))
        return ends

    def _plain_start(self, run: _Run) -> Callable[[NodeId, _Gradients], None]:
        """What `_on_start` does, in few words, for a plain pass.

        Of most steps only node, value, and the times of the two ends of this are noted: what the
        step sent on arrived in later ones, and it ended when the next began.
        """
        note, steps = self._ledger.values.note, run.entry.raw_steps
        special = run.watched.union(run.leaves)
        overhead, clock = self._overhead, perf_counter
        is_seen_by_modes = _are_modes_on()

        def start(number: NodeId, grad_outputs: _Gradients) -> None:
            started = clock()
            try:
                gradient = grad_outputs[0]
                if (
                    type(gradient) is _TENSOR
                    and number not in special
                    and len(grad_outputs) == 1
                    and not is_seen_by_modes
                    and gradient.layout is _STRIDED
                ):
                    noted = note(gradient, version(gradient))
                    steps.append((number, noted, started, clock()))
                elif is_seen_by_modes:
                    with quiet():
                        self._start_special(run, number, grad_outputs, started)
                else:
                    self._start_special(run, number, grad_outputs, started)
            except Exception as error:
                overhead.fail(error)

        return start

    def _start_special(
        self, run: _Run, number: NodeId, grad_outputs: _Gradients, started: float
    ) -> None:
        gradient = grad_outputs[0]
        arrived: tuple[ValueId | None, ...]
        if type(gradient) is _TENSOR and len(grad_outputs) == 1 and gradient.layout is _STRIDED:
            arrived = (self._ledger.values.note(gradient, version(gradient)),)
        else:
            arrived = self._keep_all_arrived(run, number, grad_outputs)
        step = StepEntry(number, arrived, None, entered=started)
        run.entry.raw_steps.append(step)
        if number in run.watched:
            step.grad_inputs = ()
            run.open[number] = step
        elif number in run.leaves:
            run.leaf_steps.append(step)
        step.started = perf_counter()

    def _on_plain_end(
        self,
        run: _Run,
        number: NodeId,
        slots: list[int],
        grad_inputs: _Gradients,
        grad_outputs: _Gradients,
    ) -> None:
        ended = perf_counter()
        try:
            step = run.open.pop(number)
            step.seconds = ended - step.started
            with quiet() if _are_modes_on() else nullcontext():
                step.summed = tuple([(slot, self._keep(grad_inputs[slot])) for slot in slots])
            step.grad_inputs = None
            self._overhead.seconds += perf_counter() - ended
        except Exception as error:
            self._overhead.fail(error)

    def _note_grads_before(self, run: _Run) -> None:
        entry = run.entry
        for identity, _ in run.leaves.values():
            self._leaves[identity.first] = identity
        for first, identity in self._leaves.items():
            living = identity.reference()
            if living is not None:
                grad = self._ledger.leaf_grad(identity, living)
                entry.grads_before.append(LeafGrad(TensorId(first), grad))
        if entry.accumulates:
            for _, leaf in run.leaves.values():
                if leaf.grad is not None:
                    self._ledger.values.before_write(leaf.grad)

    def _is_own(self, run: _Run) -> bool:
        """Whether the engine runs this pass at the moment, and not one nested in it."""
        task = current_pass()
        if run.task is None and self._active and self._active[-1] is run:
            run.task = task
        return run.task == task

    def _on_start(self, run: _Run, number: NodeId, grad_outputs: _Gradients) -> None:
        started = perf_counter()
        try:
            if run.task != current_pass() and not self._is_own(run):
                return
            latest = run.latest
            if latest is not None and latest.grad_inputs is None:
                latest.seconds = started - latest.started
            with quiet():
                arrived = self._keep_all_arrived(run, number, grad_outputs)
                if run.is_averaged and number in run.leaves:
                    self._before_average(grad_outputs[0])
            step = run.latest = StepEntry(number, arrived, None)
            run.entry.steps.append(step)
            if number in run.watched:
                step.grad_inputs = ()
                run.open[number] = step
            step.started = now = perf_counter()
            self._overhead.seconds += now - started
        except Exception as error:
            self._overhead.fail(error)

    def _on_end(
        self, run: _Run, number: NodeId, grad_inputs: _Gradients, grad_outputs: _Gradients
    ) -> None:
        ended = perf_counter()
        try:
            if not self._is_own(run):
                return
            step = run.open.pop(number, None)
            if step is None:
                return
            step.seconds = ended - step.started
            with quiet():
                leaf = run.leaves.get(number)
                if leaf is not None:
                    step.leaf_grad = self._ledger.leaf_grad(*leaf)
                    if run.is_averaged:
                        self._before_average(leaf[1].grad)
                else:
                    step.grad_inputs = self._keep_sent(run, number, grad_inputs)
            self._overhead.seconds += perf_counter() - ended
        except Exception as error:
            self._overhead.fail(error)

    def _before_average(self, gradient: torch.Tensor | None) -> None:
        if gradient is not None:
            self._ledger.values.before_write(gradient)

    def _settle(self, run: _Run) -> set[NodeId]:
        """Note what `.grad` of leaves has become: in a plain pass each has one step.

        Returns the leaves' nodes.
        """
        steps = run.leaf_steps
        if run.entry.raised and steps and steps[-1] is run.entry.raw_steps[-1]:
            steps.pop()  # it may not have come to its end
        for step in steps:
            step.leaf_grad = self._ledger.leaf_grad(*run.leaves[step.node], step.grad_outputs[0])
            step.grad_inputs = ()
        return {step.node for step in steps}

    def _keep(self, gradient: torch.Tensor | None) -> ValueId | None:
        return None if gradient is None else self._ledger.values.keep(gradient)

    def _keep_all_arrived(
        self, run: _Run, number: NodeId, grad_outputs: _Gradients
    ) -> tuple[ValueId | None, ...]:
        if len(grad_outputs) == 1 and not run.sent:
            gradient = grad_outputs[0]
            return (self._keep(gradient),)
        return tuple(
            [
                self._keep_arrived(run, number, slot, gradient)
                for slot, gradient in enumerate(grad_outputs)
            ]
        )

    def _keep_arrived(
        self, run: _Run, number: NodeId, slot: int, gradient: torch.Tensor | None
    ) -> ValueId | None:
        sent = run.sent.pop((number, slot), None) if run.sent else None
        if gradient is None:
            return None
        # The only gradient that was sent here, still where it lay and unchanged: the same one.
        if sent is not None and sent[0] == _whereabouts(gradient):
            return sent[1]
        return self._ledger.values.keep(gradient)

    def _keep_sent(
        self, run: _Run, number: NodeId, gradients: _Gradients
    ) -> tuple[ValueId | None, ...]:
        kept: list[ValueId | None] = []
        same: dict[tuple[_Whereabouts, torch.dtype], ValueId] = {}
        edges = self._ledger.nodes[number].next
        for slot, gradient in enumerate(gradients):
            if gradient is None:
                kept.append(None)
                continue
            where = _whereabouts(gradient)
            value = same.get((where, gradient.dtype)) if where is not None else None
            if value is None or where is None:
                value = self._ledger.values.keep(gradient)
            kept.append(value)
            mark = edges[slot] if slot < len(edges) else None
            if where is not None and gradient.numel() == 1:
                same.setdefault((where, gradient.dtype), value)
            if where is not None and mark is not None:
                edge = edge_of(mark)
                run.sent[(edge.node, edge.slot)] = (where, value, gradient.untyped_storage())
        return tuple(kept)

    def _close(self, run: _Run, result: Any) -> None:
        entry = run.entry
        settled: set[NodeId] = set()
        if run.is_plain:
            entry.is_plain = True
            settled = self._settle(run)
        elif (latest := run.latest) is not None and latest.grad_inputs is None:
            if entry.raised:
                latest.grad_inputs = ()
            elif not latest.seconds:
                latest.seconds = entry.ended - latest.started
        if entry.accumulates:
            for node, (identity, leaf) in run.leaves.items():
                is_known = node in settled
                grad = identity.grad_value if is_known else self._ledger.leaf_grad(identity, leaf)
                entry.leaf_grads.append(LeafGrad(identity.first, grad))
                if entry.parent is not None and leaf.grad is not None:
                    # The pass around this one began before, and may add to it in place.
                    self._ledger.values.before_write(leaf.grad)
            return
        if result is None:
            return
        for leaf, grad in zip(run.inputs, result, strict=False):
            if isinstance(leaf, torch.Tensor):
                known = self._ledger.identity(leaf)
                number = known.first if known is not None else self._ledger.meet(leaf)
                value = self._ledger.values.keep(grad) if isinstance(grad, torch.Tensor) else None
                entry.leaf_grads.append(LeafGrad(number, value))


def _is_distributed() -> bool:
    """Whether other processes may take part, as with `DistributedDataParallel`."""
    return _MAY_BE_DISTRIBUTED and torch.distributed.is_initialized()


def _are_modes_on() -> bool:
    """Whether modes of the person's would see what the recorder does."""
    return modes_left() > 0 or kernel_modes() > 0


def _open_step(run: _Run) -> int | None:
    """The step that is being executed."""
    steps = run.entry.steps
    if steps and steps[-1].grad_inputs is None:
        return len(steps) - 1
    if not run.open:
        return None
    latest = next(reversed(run.open.values()))
    return next(index for index in range(len(steps) - 1, -1, -1) if steps[index] is latest)


def _whereabouts(gradient: torch.Tensor) -> _Whereabouts | None:
    """Address, version and how to read what lies there; None where there is no one address.

    A hook may return the transpose or the conjugate of what it was given: the same address.
    """
    if gradient.layout is not torch.strided or not is_readable(gradient):
        return None
    try:
        pointer = gradient.data_ptr()
    except RuntimeError:  # many gradients in one, as `is_grads_batched` makes them
        return None
    return (
        pointer,
        version_of(gradient),
        gradient.stride(),
        gradient.is_conj(),
        gradient.is_neg(),
    )
