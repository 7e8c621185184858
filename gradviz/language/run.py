"""Run an expression document as a notebook would, and record what torch did."""

from __future__ import annotations

import ast
import inspect
import os
import platform
from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain
from time import perf_counter
from types import CodeType
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
import torch

from gradviz.documents.check import future_flags, syntax_error
from gradviz.documents.parsing import (
    DISPLAY_HELPER,
    HELPERS,
    TIME_HELPER,
    TIMEIT_HELPER,
    Document,
    Timing,
    parse,
)
from gradviz.errors import GradvizError
from gradviz.language.clocks import Stopwatch, time_many
from gradviz.language.display import shown
from gradviz.language.failures import run_error
from gradviz.language.figures import Figures, tells_little
from gradviz.language.outputs import Outputs
from gradviz.language.surroundings import fresh_main, matplotlib_settings, torch_settings
from gradviz.recording.changes import Change, GradientChange, LeafChange
from gradviz.recording.model import (
    Environment,
    Output,
    OutputKind,
    Recording,
    RunError,
    RunStatus,
    ValueId,
)
from gradviz.recording.verification import Verification
from gradviz.tracer import Tracer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STOPPED: Final = "The run was stopped; the graph shows what was built until then."
_STOPPED_EARLY: Final = "The run was stopped."
_LEFT: Final = "The code ended the run here, with exit() or the like."


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a document is run.

    `device` is the default device of the run; `placement` maps names of top-level variables to
    devices that they are moved to as soon as they are bound. `changes` are made to leaves as soon
    as they are there, and to gradients as they come into their nodes. `verify` checks the
    gradients of each pass.
    """

    filename: str = "<expression>"
    device: str = "cpu"
    seed: int | None = None
    placement: dict[str, str] = {}
    value_budget_nbytes: int | None = None
    changes: tuple[Change, ...] = ()
    verify: bool = False


class RunResult:
    """What a run left.

    Attributes:
        recording: everything that it did.
        live: the tensors of values that are too large to be sent whole.
        namespace: the names as they were at its end.
        verification: what came of checking its gradients, None where that was not asked for.
    """

    def __init__(
        self,
        recording: Recording,
        live: dict[ValueId, torch.Tensor],
        namespace: dict[str, object],
        verification: Verification | None = None,
    ) -> None:
        self.recording = recording
        self.live = live
        self.namespace = namespace
        self.verification = verification


def run(
    text: str,
    options: RunOptions,
    *,
    on_output: Callable[[Output], None],
    on_line: Callable[[int], None],
) -> RunResult:
    """Run a document; whatever it raises is in the recording, with what was done until then."""
    outputs = Outputs(on_output, options.filename)
    try:
        document = parse(text, options.filename)
        compile(document.tree, options.filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        problem = syntax_error(error, text)
        recording = Recording(text=text, status=RunStatus.ERROR, error=problem)
        return RunResult(recording, {}, {})
    except (ValueError, RecursionError, MemoryError) as error:
        problem = RunError(
            type=type(error).__name__, message=str(error) or "It is nested too deeply."
        )
        return RunResult(Recording(text=text, status=RunStatus.ERROR, error=problem), {}, {})
    return _Run(text, options, document, outputs, on_line).execute()


class _Run:
    """One execution of a document."""

    def __init__(
        self,
        text: str,
        options: RunOptions,
        document: Document,
        outputs: Outputs,
        on_line: Callable[[int], None],
    ) -> None:
        self._text = text
        self._options = options
        self._document = document
        self._outputs = outputs
        self._on_line = on_line
        self._flags = future_flags(document.tree)
        self._namespace: dict[str, Any] = {}
        self._placed: dict[str, object] = {}
        self._tracer = Tracer(
            text=text,
            filename=options.filename,
            value_budget_nbytes=options.value_budget_nbytes,
            gradient_changes=[one for one in options.changes if isinstance(one, GradientChange)],
        )
        self._figures = Figures(outputs, self._tracer.paused)
        self._verifier = self._tracer.verifier() if options.verify else None
        leaves = [one for one in options.changes if isinstance(one, LeafChange)]
        self._leaf_changes = self._tracer.leaf_changes(leaves) if leaves else None

    def execute(self) -> RunResult:
        """Run all statements and complete the recording."""
        status, error = RunStatus.OK, None
        started = perf_counter()
        try:
            with ExitStack() as stack:
                main = stack.enter_context(fresh_main(self._text, self._options.filename))
                self._namespace = main.__dict__
                self._namespace.update(self._helpers())
                stack.enter_context(torch_settings(self._options.device, self._options.seed))
                stack.enter_context(matplotlib_settings())
                stack.enter_context(self._outputs.capturing())
                stack.enter_context(self._tracer)
                if self._leaf_changes is not None:
                    stack.enter_context(self._leaf_changes)
                if self._verifier is not None:
                    stack.enter_context(self._verifier.watching())
                stack.enter_context(self._figures)
                self._run_to_end()
        except KeyboardInterrupt as problem:
            status = RunStatus.LIMITED
            error = msgspec.structs.replace(self._describe(problem), message=_STOPPED)
        except SystemExit as problem:
            if problem.code not in (None, 0):
                status, error = RunStatus.ERROR, self._describe(problem)
            elif not self._is_at_end(line := self._describe(problem).line):
                self._outputs.add(OutputKind.WARNING, _LEFT, line)
        except BaseException as problem:  # whatever the person's code raises is theirs to read
            status, error = RunStatus.ERROR, self._describe(problem)
        seconds = perf_counter() - started
        for helper in HELPERS:
            self._namespace.pop(helper, None)
        return self._complete(status, error, seconds)

    def _describe(self, problem: BaseException) -> RunError:
        return run_error(
            problem,
            self._text,
            self._options.filename,
            self._namespace,
            self._tracer.memory,
            self._options.placement,
        )

    def _complete(self, status: RunStatus, error: RunError | None, seconds: float) -> RunResult:
        self._tracer.bind(self._namespace)
        self._tracer.name(self._namespace)  # parameters that took the places of others
        self._tracer.name_held(self._namespace)
        if self._leaf_changes is not None:
            self._leaf_changes.finish()
        traced = self._tracer.finish()
        if status is RunStatus.LIMITED and error is not None and not traced.tensors:
            error = msgspec.structs.replace(error, message=_STOPPED_EARLY)
        self._outputs.line = None  # these are about the whole run
        for sentence in traced.warnings:
            self._outputs.add(OutputKind.WARNING, sentence)
        recording = Recording(
            text=self._text,
            status=status,
            error=error,
            outputs=tuple(self._outputs.shown),
            tensors=traced.tensors,
            ops=traced.ops,
            autograd_nodes=traced.autograd_nodes,
            passes=traced.passes,
            values=traced.values,
            environment=Environment(
                torch=str(torch.__version__),
                python=platform.python_version(),
                device=self._options.device,
                threads=torch.get_num_threads(),
                machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
            ),
            run_seconds=seconds,
            record_seconds=traced.record_seconds,
            peak_nbytes=traced.peak_nbytes,
            module_calls=traced.module_calls,
            warnings=traced.warnings,
        )
        verification = None if self._verifier is None else self._verifier.result()
        return RunResult(recording, traced.live, self._namespace, verification)

    def _helpers(self) -> dict[str, Callable[..., Any]]:
        held: list[object] = []

        def report(text: str) -> None:
            self._outputs.add(OutputKind.TIMING, text)
            while held:  # as in a notebook, where the value stands below the times
                self._show(held.pop(0))

        def clock() -> Stopwatch:
            held.clear()
            return Stopwatch(report)

        def repeat(timed: Callable[[], object], n: int | None = None, r: int | None = None) -> None:
            with self._tracer.paused():
                report(time_many(timed, n, r))

        return {
            TIME_HELPER: clock,
            TIMEIT_HELPER: repeat,
            DISPLAY_HELPER: held.append,
        }

    def _run_to_end(self) -> None:
        """Run all statements; whatever ends them, the figures that are open are shown."""
        try:
            self._run_statements()
        except KeyboardInterrupt:
            self._figures.show_open(is_stopping=True)
            raise
        except BaseException:
            self._figures.show_open()
            raise
        self._figures.show_open()

    def _run_statements(self) -> None:
        cells = [cell for cell in self._document.cells if cell.timing is Timing.ONCE]
        statements = self._document.tree.body
        index = 0
        while index < len(statements):
            line = statements[index].lineno
            cell = next((one for one in cells if one.line <= line < one.stop), None)
            if cell is None:
                self._run_statement(statements[index])
                index += 1
                continue
            with Stopwatch(lambda text: self._outputs.add(OutputKind.TIMING, text)):
                while index < len(statements) and statements[index].lineno < cell.stop:
                    self._run_statement(statements[index])
                    index += 1

    def _is_at_end(self, line: int | None) -> bool:
        """Whether a line is that of the last statement, as `sys.exit(main())` of a script is."""
        last = self._document.tree.body[-1]
        while isinstance(last, ast.If):
            last = last.body[-1]
        if line is None or not isinstance(last, ast.Expr | ast.Raise):
            return False
        return last.lineno <= line <= (last.end_lineno or last.lineno)

    def _run_statement(self, statement: ast.stmt) -> None:
        line = min(
            [statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", []))]
        )
        self._outputs.line = line
        self._on_line(line)
        for place, note in self._document.notes:
            if line <= place <= (statement.end_lineno or line):
                self._outputs.line = place
                self._outputs.add(OutputKind.WARNING, note)
                self._outputs.line = line
        filename = self._options.filename
        documentation = ast.get_docstring(self._document.tree, clean=False)
        mentioned: tuple[str, ...] = ()
        if documentation is not None and statement is self._document.tree.body[0]:
            self._namespace["__doc__"] = documentation
        elif isinstance(statement, ast.Expr):
            code = compile(
                ast.Expression(statement.value), filename, "eval", self._flags, dont_inherit=True
            )
            mentioned = _names_in(code)
            value = eval(code, self._namespace)
            self._say_not_called(statement.value, value)
            if (statement.end_lineno, statement.end_col_offset) not in self._document.silent:
                # As in a notebook: what calls that draw return is shown of the last one.
                is_last = statement is self._document.tree.body[-1]
                self._show(value, is_wanted=is_last or not tells_little(statement.value, value))
            del value
        else:
            module = ast.Module([statement], [])
            code = compile(module, filename, "exec", self._flags, dont_inherit=True)
            mentioned = _names_in(code)
            exec(code, self._namespace)
        self._place()
        placed = [name.partition(".")[0] for name in self._options.placement]
        self._tracer.bind(self._namespace, line=line, mentioned=(*mentioned, *placed))
        if self._leaf_changes is not None:
            self._leaf_changes.look_through(self._namespace)

    def _say_not_called(self, expression: ast.expr, value: object) -> None:
        """`g.backward` alone does nothing, and says nothing of it."""
        if isinstance(expression, ast.Attribute) and inspect.isroutine(value):
            name = ast.unparse(expression)
            sentence = f"{name} is not called here: {name}() calls it."
            self._outputs.add(OutputKind.WARNING, sentence)

    def _show(self, value: object, *, is_wanted: bool = True) -> None:
        if self._figures.displays(value, is_wanted=is_wanted):
            self._figures.show(cast("Figure", value))
            return
        # What `torch.manual_seed` and `plt.ion` return tells a reader nothing.
        if value is None or isinstance(value, torch.Generator | ExitStack) or not is_wanted:
            return
        with self._tracer.paused():
            text = shown(value)
        self._outputs.add(OutputKind.DISPLAY, text)

    def _place(self) -> None:
        for name, device in self._options.placement.items():
            bound = self._namespace.get(name.partition(".")[0])
            if bound is None or self._placed.get(name) is bound:
                continue
            from gradviz.devices.placement import place

            with self._tracer.paused():
                try:
                    place(self._namespace, name, device)
                except GradvizError as problem:
                    self._outputs.add(OutputKind.WARNING, str(problem))
            now = self._namespace.get(name.partition(".")[0])
            if isinstance(bound, torch.Tensor) and isinstance(now, torch.Tensor):
                self._tracer.moved(bound, now)
            self._placed[name] = now


def _names_in(code: CodeType) -> tuple[str, ...]:
    """The variables and attributes that a statement mentions, those of functions in it too."""
    within = [_names_in(one) for one in code.co_consts if isinstance(one, CodeType)]
    return tuple(dict.fromkeys(chain(code.co_names, *within)))
