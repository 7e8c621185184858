"""gradviz in a person's own script or notebook: `record`, `show`, `load`."""

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
from gradviz.recording.queries import Fetch, RecordingView

if TYPE_CHECKING:
    import torch

    from gradviz.tracer import Tracer

RANK: Final = "RANK"
"""The variable in which torchrun tells a process which of them it is."""

_RANK_FIELD: Final = "{rank}"
_NOT_CALLERS: Final = frozenset({__file__, contextlib.__file__})


class Recording(RecordingView):
    """What torch did in a block: ask it, save it, show it, or leave it to a notebook to display."""

    def __init__(self, data: RecordingData, fetch: Fetch | None = None) -> None:
        super().__init__(data, fetch)
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
        """The picture that a notebook shows, drawn in another process; None without one."""
        if self._picture is None and not self._why_no_picture:
            try:
                self._picture = svg_text(self.data)
            except GradvizError as error:
                self._why_no_picture = str(error)
        return self._picture

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: the picture, or where there is none a table and the reason."""
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
    """A recording that is made while its `with` block runs, and can be asked afterwards."""

    def __init__(self, keep_nbytes: int | None = None) -> None:
        super().__init__(RecordingData())
        self._data = None
        self._keep_nbytes = keep_nbytes
        self._tracer: Tracer | None = None
        self._frame: FrameType | None = None
        self._known: dict[str, weakref.ref[Any]] = {}
        self._started = 0.0

    def __enter__(self) -> ActiveRecording:
        from gradviz.tracer import Tracer
        from gradviz.tracer.callers import text_of

        if self._tracer is not None or self._data is not None:
            raise GradvizError("This recording was made already; call gradviz.record() again.")
        frame = _caller()
        tracer = Tracer(
            text=text_of(frame),
            home=frame.f_code.co_filename,
            value_budget_nbytes=self._keep_nbytes,
        )
        names = _torch_names(frame)
        tracer.expect(names)
        self._known = {name: weakref.ref(bound) for name, bound in names.items()}
        tracer.__enter__()
        self._frame, self._tracer = frame, tracer
        _forks.active = weakref.ref(tracer)
        self._started = perf_counter()
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
        seconds = perf_counter() - self._started
        tracer.__exit__(kind, error, traceback)
        _forks.active = None
        try:
            self._data = self._complete(tracer, frame, error, seconds)
        except Exception as problem:  # the person's program goes on, whatever became of this
            sentence = f"The recording was lost ({type(problem).__name__}: {problem})."
            self._data = RecordingData(warnings=(sentence,))
        finally:
            self._tracer = self._frame = None
            self._known = {}

    def _complete(
        self, tracer: Tracer, frame: FrameType, error: BaseException | None, seconds: float
    ) -> RecordingData:
        from gradviz.tracer.callers import text_of
        from gradviz.tracer.live import LiveValues

        # What a name stands for now comes before what it stood for at first.
        tracer.name(_torch_names(frame))
        before = {name: reference() for name, reference in self._known.items()}
        tracer.name({name: bound for name, bound in before.items() if bound is not None})
        traced = tracer.finish()
        self._fetch = LiveValues(traced.live).fetch
        text = text_of(frame)
        status, problem = _ending(error, text, frame.f_code.co_filename)
        return RecordingData(
            text=text if len(text) <= MAX_TEXT else "",
            filename=frame.f_code.co_filename,
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

    The results are those of the same code without it. `keep_nbytes` bounds the memory of large
    tensors that the recording holds on to, so that their elements can be asked for while it lives;
    with 0 it has their statistics and corners only.
    """
    return ActiveRecording(keep_nbytes)


def load(path: str | os.PathLike[str]) -> Recording:
    """Open a `.gradviz` file; raises GradvizError with a sentence where it is none."""
    return Recording(read_recording(Path(path)))


def show(what: torch.Tensor | Iterable[torch.Tensor] | RecordingView) -> None:
    """Open the window on a recording, or on the backward graph that a tensor has already.

    Of such a graph only autograd nodes and leaves are known; to see ops, lines and gradients, use
    `record`.
    """
    if isinstance(what, RecordingView):
        open_window(what.data, Path(what.data.filename).stem)
        return
    graph_of(what, names=_torch_names(_caller())).show()


def graph_of(
    what: torch.Tensor | Iterable[torch.Tensor], *, names: Mapping[str, object] | None = None
) -> Recording:
    """The backward graph that one or several tensors have already, as a recording.

    `names` tells what its leaves are called: the caller's variables where it is not given.
    """
    import torch

    from gradviz.tracer.existing import record_existing

    roots = [what] if isinstance(what, torch.Tensor) else list(what)
    if not roots or not all(isinstance(root, torch.Tensor) for root in roots):
        raise GradvizError("gradviz.show takes a tensor, several tensors or a recording.")
    data = record_existing(roots, _torch_names(_caller()) if names is None else names)
    return Recording(msgspec.structs.replace(data, environment=_environment()))


class _Forks:
    """A process that is forked off within a block, such as a DataLoader's, records nothing."""

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
    """The caller's variables that are tensors or modules; nobody's code runs to find out."""
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

    from gradviz.tracer.private import chosen_device

    rank = os.environ.get(RANK, "")
    return Environment(
        torch=str(torch.__version__),
        python=platform.python_version(),
        device=str(chosen_device() or "cpu"),
        threads=torch.get_num_threads(),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        rank=int(rank) if rank.isdecimal() else None,
    )
