"""The messages between the window (or the command) and the worker.

Every request carries a number; the answers repeat it, so that a stale answer can be dropped.
Encoded with msgpack, each message framed by its length (`framing.py`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from gradviz.recording.changes import Change
from gradviz.recording.extent import Extent
from gradviz.recording.machine import DeviceLoad, Machine
from gradviz.recording.model import (
    AutogradNode,
    ModuleCall,
    Op,
    Output,
    Pass,
    Recording,
    RunError,
    Statistics,
    Step,
    Tensor,
    Value,
    ValueId,
)
from gradviz.recording.pictures import Histogram, Picture
from gradviz.recording.timing import Measurement, Sweep, TimedPart, Timing
from gradviz.recording.verification import Verification

GONE: Final = "The engine no longer has this value: run the document again."
"""The problem of a value of a run that the worker does not hold any more."""

NOT_KEPT: Final = "The recording had no room for all of this value."
"""The problem of a value of a run that the worker holds; `Recompute` may make it again."""


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    number: int = 0


# From the window to the worker.


class Run(_Message, frozen=True, kw_only=True):
    """Evaluate `text`; `placement` maps names of leaves and modules to devices.

    `changes` are made to leaves and gradients on the way; `verify` checks every gradient. It runs
    in `folder`; empty: in that in which the worker was started. The values of
    the run `beside` are kept and compared with this one's; 0 for none.
    """

    text: str
    filename: str = "<expression>"
    folder: str = ""
    device: str = "cpu"
    seed: int | None = None
    placement: dict[str, str] = {}
    value_budget_nbytes: int | None = None
    changes: tuple[Change, ...] = ()
    verify: bool = False
    beside: int = 0


class FetchValue(_Message, frozen=True, kw_only=True):
    """Ask for a part of a value of the last run that was too large to send whole.

    `start` and `stop` bound each dimension; `statistics` asks for those of the whole value,
    `histogram` for that of the whole value, `picture` for a heat map of the asked part in place
    of its elements: its last two dimensions, where those before have one entry each.
    `run` is the number of the run that recorded it, 0 for the last one.
    """

    value: ValueId
    run: int = 0
    start: tuple[int, ...] = ()
    stop: tuple[int, ...] = ()
    statistics: bool = False
    histogram: bool = False
    picture: bool = False


class Recompute(_Message, frozen=True, kw_only=True):
    """Run the last run's text once more, without its output, for a value that was not kept."""

    value: ValueId
    run: int = 0


class Complete(_Message, frozen=True, kw_only=True):
    """Ask what may follow `expression`, such as `torch.nn.Lin`, or how it is called.

    `imports` are the import statements of the text.
    """

    expression: str
    imports: tuple[str, ...] = ()
    signature: bool = False


class ListDevices(_Message, frozen=True, kw_only=True):
    """Ask which devices this machine has."""


class TimeParts(_Message, frozen=True, kw_only=True):
    """Time parts of `text` on each device, in each type, with each thread count.

    `line` chooses the statement for STATEMENT, with `end_line` the lines for LINES. The device
    `placed` is where `run_device` and `placement` put the tensors. `sweep` times it at other
    sizes, `ceilings` what the devices reach at best.
    """

    text: str
    filename: str = "<expression>"
    folder: str = ""
    parts: tuple[TimedPart, ...]
    devices: tuple[str, ...]
    line: int | None = None
    end_line: int | None = None
    threads: tuple[int, ...] = ()
    dtypes: tuple[str, ...] = ()
    sweep: Sweep | None = None
    ceilings: bool = False
    min_seconds: float = 0.2
    max_seconds: float = 10.0
    seed: int | None = None
    run_device: str = "cpu"
    placement: dict[str, str] = {}


class WatchMachine(_Message, frozen=True, kw_only=True):
    """Tell how busy the devices are every so many seconds, 0 for no more; served at any time."""

    seconds: float


class Interrupt(_Message, frozen=True, kw_only=True):
    """Stop the request with this number."""


class Shutdown(_Message, frozen=True, kw_only=True):
    """Leave."""


Request = (
    Run
    | Complete
    | FetchValue
    | Recompute
    | ListDevices
    | TimeParts
    | WatchMachine
    | Interrupt
    | Shutdown
)


# From the worker to the window.


class Hello(_Message, frozen=True, kw_only=True):
    """The process is there; torch is being imported."""

    pid: int
    python: str


class Ready(_Message, frozen=True, kw_only=True):
    """Torch is imported; requests are served. `cuda` is whether torch was built with CUDA."""

    torch: str
    seconds: float
    cuda: bool = False


class OutputAdded(_Message, frozen=True, kw_only=True):
    """The run has shown something."""

    output: Output


class LineReached(_Message, frozen=True, kw_only=True):
    """The run is executing the top-level statement on this line."""

    line: int


class Interrupted(_Message, frozen=True, kw_only=True):
    """The interrupt has reached the code; what was recorded until then is being completed."""


class GradientsVerified(_Message, frozen=True, kw_only=True):
    """What came of checking the gradients of a run, whose recording follows."""

    verification: Verification


class RunCompared(_Message, frozen=True, kw_only=True):
    """How far a run's large values are from those of the run beside it; its recording follows."""

    extents: tuple[Extent, ...]


class RecordingPart(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Records of a large recording, which go before its `RunFinished` (`worker/parts.py`).

    `steps` belong to the last pass that was sent.
    """

    tensors: tuple[Tensor, ...] = ()
    ops: tuple[Op, ...] = ()
    autograd_nodes: tuple[AutogradNode, ...] = ()
    values: tuple[Value, ...] = ()
    module_calls: tuple[ModuleCall, ...] = ()
    passes: tuple[Pass, ...] = ()
    steps: tuple[Step, ...] = ()


class RunFinished(_Message, frozen=True, kw_only=True):
    """The run has ended, well or not; the recording says how."""

    recording: Recording


class ValueFetched(_Message, frozen=True, kw_only=True):
    """The asked part: elements as in `Value.data`, of numpy type `storage`.

    `problem` is a sentence where the worker has the value no more. A value that `is_recomputed`
    can be fetched from now on; it `differs` where what was kept of it is not what came out now.
    """

    value: ValueId
    start: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
    storage: str = ""
    data: bytes = b""
    statistics: Statistics | None = None
    histogram: Histogram | None = None
    picture: Picture | None = None
    is_recomputed: bool = False
    differs: bool = False
    problem: str = ""


class Completed(_Message, frozen=True, kw_only=True):
    """Names that go on from an expression, or its signature; empty where nothing is known."""

    names: tuple[str, ...] = ()
    signature: str = ""


class DevicesListed(_Message, frozen=True, kw_only=True):
    """What this machine has."""

    machine: Machine


class MachineSampled(_Message, frozen=True, kw_only=True):
    """How busy the devices are."""

    loads: tuple[DeviceLoad, ...]


class TimingProgressed(_Message, frozen=True, kw_only=True):
    """A measurement has been made; `done` of `total` are there."""

    done: int
    total: int
    measuring: str
    latest: Measurement | None = None


class TimingFinished(_Message, frozen=True, kw_only=True):
    """The timing has ended; `error` says why where the text itself did not run.

    `forgot_run` is whether the last run's tensors were let go to make room: what of them was not
    sent with the recording cannot be fetched any more.
    """

    timing: Timing
    error: RunError | None = None
    forgot_run: bool = False


class RequestFailed(_Message, frozen=True, kw_only=True):
    """The request could not be served: one sentence for the person."""

    sentence: str


Answer = (
    Hello
    | Ready
    | OutputAdded
    | LineReached
    | Interrupted
    | GradientsVerified
    | RunCompared
    | RecordingPart
    | RunFinished
    | ValueFetched
    | Completed
    | DevicesListed
    | MachineSampled
    | TimingProgressed
    | TimingFinished
    | RequestFailed
)
