"""The Python API for scripts and notebooks: `record`, `show` and `load`."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from gradviz.documents.recording_file import read_recording, write_recording
from gradviz.errors import GradvizError
from gradviz.export.program import open_window, svg_text
from gradviz.recording.check import MAX_TEXT
from gradviz.recording.model import Environment, RunError, RunStatus
from gradviz.recording.model import Recording as RecordingData
from gradviz.recording.outline import outline_text
from gradviz.recording.queries import RecordingView
from gradviz.undisturbed import BegunUndisturbed, Undisturbed

if TYPE_CHECKING:
    import torch

    from gradviz.tracer import Tracer

RANK: Final = "RANK"
"""The variable in which torchrun tells a process which of them it is."""

_RANK_FIELD: Final = "{rank}"
_NOT_CALLERS: Final = frozenset({__file__, contextlib.__file__})


class Recording(RecordingView):
    """What torch did in a block, to be queried, saved, shown in the window or in a notebook."""

    def __init__(self, data: RecordingData) -> None:
        super().__init__(data)
        self._picture: str | None = None
        self._why_no_picture = ""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a `.gradviz` file, which the window and `load` open.

        `{rank}` in the path becomes the rank of this process among those that torchrun started,
        so that each writes a file of its own; 0 outside torchrun.
        """
        rank = self.data.environment.rank or 0
        write_recording(Path(os.fspath(path).replace(_RANK_FIELD, str(rank))), self.data)

    def show(self) -> None:
        """Open the window on it, in a process of its own; returns at once."""
        open_window(self.data, Path(self.data.filename).stem)

    def _repr_svg_(self) -> str | None:
        """The SVG picture for a notebook, drawn in another process; None if it cannot be drawn."""
        if self._picture is None and not self._why_no_picture:
            try:
                self._picture = svg_text(self.data)
            except GradvizError as error:
                self._why_no_picture = str(error)
        return self._picture

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: a picture and an outline, which says why a picture is missing."""
        picture = self._repr_svg_()
        text = outline_text(self.data)
        if picture is None:
            return {"text/plain": f"{text}\nNo picture: {self._why_no_picture}"}
        return {"image/svg+xml": picture, "text/plain": text}

    def __repr__(self) -> str:
        if self._data is None:
            return "<gradviz recording, still being made>"
        return f"<gradviz {outline_text(self._data).partition(chr(10))[0].lower()}>"


class ActiveRecording(Recording):
    """A recording that is made while its `with` block runs, and can be queried afterwards."""

    def __init__(self, keep_nbytes: int | None) -> None:
        super().__init__(RecordingData())
        self._data = None
        self._keep_nbytes = keep_nbytes
        self._tracer: Tracer | None = None
        self._frame: FrameType | None = None
        self._known: dict[str, weakref.ref[Any]] = {}
        self._started = 0.0
        self._interrupts = BegunUndisturbed()

    def __enter__(self) -> ActiveRecording:
        from gradviz.tracer import Tracer
        from gradviz.tracer.callers import text_of

        if self._tracer is not None or self._data is not None:
            raise GradvizError("This recording has already been made; call gradviz.record() again.")
        frame = _caller()
        tracer = Tracer(
            text=text_of(frame),
            home=frame.f_code.co_filename,
            value_budget_nbytes=self._keep_nbytes,
        )
        names = _torch_names(frame)
        tracer.expect(names)
        self._known = {name: weakref.ref(bound) for name, bound in names.items()}
        closing = ActiveRecording.__exit__.__code__, Tracer.__exit__.__code__
        self._interrupts = BegunUndisturbed(*closing)
        self._interrupts.begin()
        try:
            with Undisturbed():
                tracer.__enter__()
                self._frame, self._tracer = frame, tracer
                _forks.active = weakref.ref(tracer)
                self._started = perf_counter()
        except BaseException:
            tracer.__exit__(None, None, None)
            self._interrupts.end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        tracer, frame = self._tracer, self._frame
        assert tracer is not None
        assert frame is not None
        problem: BaseException | None = None
        try:
            try:
                seconds = perf_counter() - self._started
            finally:
                tracer.__exit__(kind, error, traceback)
                _forks.active = None
            self._data = self._complete(tracer, frame, error, seconds)
        except Exception as raised:  # the person's program goes on, whatever became of this
            problem = raised
        except BaseException as raised:
            problem = raised
            raise
        finally:
            if problem is not None:
                sentence = f"The recording was lost ({type(problem).__name__}: {problem})."
                self._data = RecordingData(warnings=(sentence,))
            self._tracer = self._frame = None
            self._known = {}
            self._interrupts.end()

    def _complete(
        self, tracer: Tracer, frame: FrameType, error: BaseException | None, seconds: float
    ) -> RecordingData:
        from gradviz.tracer.callers import names_in, source_name, text_of
        from gradviz.tracer.live import LiveValues
        from gradviz.tracer.out_of_sight import leave_tracebacks

        if error is not None:
            leave_tracebacks(error)
        # What a name stands for now comes before what it stood for at first.
        tracer.name(_torch_names(frame))
        before = {name: reference() for name, reference in self._known.items()}
        tracer.name({name: bound for name, bound in before.items() if bound is not None})
        local = names_in(frame)
        tracer.name_held({**local, **frame.f_globals, **local})  # in this order
        traced = tracer.finish()
        self._fetch = LiveValues(traced.live).fetch
        text = text_of(frame)
        status, problem = _ending(error, text, frame.f_code.co_filename)
        return RecordingData(
            text=text if len(text) <= MAX_TEXT else "",
            filename=source_name(frame.f_code.co_filename),
            status=status,
            error=problem,
            tensors=traced.tensors,
            ops=traced.ops,
            autograd_nodes=traced.autograd_nodes,
            passes=traced.passes,
            values=traced.values,
            environment=_environment(),
            run_seconds=seconds,
            record_seconds=traced.record_seconds,
            peak_nbytes=traced.peak_nbytes,
            module_calls=traced.module_calls,
            warnings=traced.warnings,
        )


def record(*, keep_nbytes: int | None = None) -> ActiveRecording:
    """Record everything that torch does in a `with` block of this thread, forward and backward.

    The code computes the same results as without it. `keep_nbytes` bounds the memory of the large
    tensors that the recording holds on to, whose elements can be read while it lives; with 0 it
    has only their statistics and a corner of each.
    """
    return ActiveRecording(keep_nbytes)


def load(path: str | os.PathLike[str]) -> Recording:
    """Read a `.gradviz` file; raises GradvizError where it is not one."""
    return Recording(read_recording(Path(path)))


def show(what: torch.Tensor | Iterable[torch.Tensor] | RecordingView) -> None:
    """Open the window on a recording, or on the backward graph that a tensor has already.

    Only the autograd nodes and leaves of such a graph are known; `record` also shows ops, lines and
    gradients.
    """
    if isinstance(what, RecordingView):
        open_window(what.data, Path(what.data.filename).stem)
        return
    graph_of(what, names=_torch_names(_caller())).show()


def graph_of(
    what: torch.Tensor | Iterable[torch.Tensor], *, names: Mapping[str, object] | None = None
) -> Recording:
    """The existing backward graph of one or several tensors, as a recording.

    `names` maps names to leaves; by default these are the caller's variables.
    """
    import torch

    from gradviz.tracer.existing import record_existing

    roots = [what] if isinstance(what, torch.Tensor) else list(what)
    if not roots or not all(isinstance(root, torch.Tensor) for root in roots):
        raise GradvizError("gradviz.show takes a tensor, several tensors or a recording.")
    data = record_existing(roots, _torch_names(_caller()) if names is None else names)
    return Recording(msgspec.structs.replace(data, environment=_environment()))


class _Forks:
    """Stops the recording in processes forked within a block, such as a DataLoader's workers."""

    def __init__(self) -> None:
        self.active: weakref.ref[Tracer] | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._on_forked)

    def _on_forked(self) -> None:
        tracer = None if self.active is None else self.active()
        if tracer is not None:
            tracer.abandon()


_forks: Final = _Forks()


def _caller() -> FrameType:
    """The frame of the person's code that called into gradviz."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename in _NOT_CALLERS:
        frame = frame.f_back
    assert frame is not None
    return frame


def _torch_names(frame: FrameType) -> dict[str, Any]:
    """The caller's variables that are tensors or modules, found without running any code."""
    import torch

    from gradviz.tracer.callers import names_in

    names = {**frame.f_globals, **names_in(frame)}
    kinds = (torch.Tensor, torch.nn.Module)
    return {name: bound for name, bound in names.items() if issubclass(type(bound), kinds)}


def _ending(
    error: BaseException | None, text: str, filename: str
) -> tuple[RunStatus, RunError | None]:
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return RunStatus.OK, None
    from gradviz.language.failures import run_error

    status = RunStatus.LIMITED if isinstance(error, KeyboardInterrupt) else RunStatus.ERROR
    return status, run_error(error, text, filename, {})


def _environment() -> Environment:
    import torch

    from gradviz.tracer.private.settings import chosen_device

    rank = os.environ.get(RANK, "")
    return Environment(
        torch=str(torch.__version__),
        python=platform.python_version(),
        device=str(chosen_device() or "cpu"),
        threads=torch.get_num_threads(),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        rank=int(rank) if rank.isdecimal() else None,
    )
