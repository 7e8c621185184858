"""The data model: everything that one run did, as immutable plain data without torch objects.

Identities are small integers handed out by the recorder; each is the index of its record in the
tuple of the `Recording` that holds it (`recording.tensors[tensor_id].id == tensor_id`).
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Final, NamedTuple, NewType

import msgspec

TensorId = NewType("TensorId", int)
OpId = NewType("OpId", int)
NodeId = NewType("NodeId", int)
PassId = NewType("PassId", int)
ValueId = NewType("ValueId", int)
ScopeId = NewType("ScopeId", int)

FORMAT_VERSION: Final = 1
"""Raised when a recording's structure changes so that older readers would misread it."""


class ItemKind(Enum):
    """What a thing that can be drawn and selected is."""

    TENSOR = "tensor"
    OP = "op"
    NODE = "node"
    SCOPE = "scope"

    # Items are keys nearly everywhere: an enum's own hash takes longer than all else in a lookup.
    __hash__ = object.__hash__


class Item(NamedTuple):
    """One thing that can be drawn and selected: a tensor, an op, an autograd node or a scope.

    The scopes of a recording are those of `gradviz.recording.scopes.scopes_of`.
    """

    kind: ItemKind
    id: int


class Location(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A piece of the person's text; lines count from 1, columns from 0, the end is exclusive.

    Columns are in characters (as an editor counts), not in UTF-8 bytes. `file` names another
    file than the recording's own text, empty for that.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    file: str = ""


class Statistics(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Summary of a tensor's elements; `min` to `norm` are over the finite elements only.

    For complex tensors they are of the absolute values. `std` is the population standard
    deviation, `norm` the Euclidean norm. All are None where no element is finite.
    """

    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    norm: float | None
    zeros: int
    nan: int
    inf: int


class Value(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A tensor's contents at one moment, as far as they were kept.

    `data` holds little-endian elements in C order, of numpy type `storage`: the whole tensor
    where `kept_shape == shape`, else its leading corner (the first `kept_shape[i]` entries along
    dimension i), or None where nothing was kept. `storage` differs from `dtype` where numpy has
    no such type (bfloat16 is stored as float32, exactly). `statistics` is left out where all
    elements are there to be asked (`gradviz.recording.statistics.statistics_of` does). `strides`
    says how the tensor's own elements lay in memory, None where that was in C order or is not
    known.
    """

    id: ValueId
    shape: tuple[int, ...]
    dtype: str
    storage: str
    kept_shape: tuple[int, ...]
    data: bytes | None
    statistics: Statistics | None
    strides: tuple[int, ...] | None = None

    @property
    def numel(self) -> int:
        """Number of elements of the whole tensor."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def is_whole(self) -> bool:
        """Whether every element was kept."""
        return self.data is not None and self.kept_shape == self.shape


class TensorRole(Enum):
    """How a tensor takes part in differentiation; decides its shape and colour."""

    LEAF = "leaf"
    """A leaf that requires grad and is not a parameter."""
    PARAMETER = "parameter"
    """A leaf that is a `torch.nn.Parameter`."""
    INTERMEDIATE = "intermediate"
    """Made by an op, requires grad."""
    ROOT = "root"
    """A tensor that a backward call started from."""
    CONSTANT = "constant"
    """Does not require grad."""


class Tensor(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One tensor at one version: an in-place change makes a new record.

    `previous` is the record of the same tensor before the change. `op` and `slot` say which op
    made it and as which of its outputs (None for a source such as a tensor that was there before
    the run). `autograd_node` and `output_nr` are its gradient edge, None where it needs no grad;
    for a leaf it is the AccumulateGrad node, None where no pass has created that. `grad` is
    `.grad` when the run ended, `retains_grad` whether a tensor that is not a leaf was told to keep
    it, `read_no_grad` the line where the person read it and got None. `line` is where it was made
    or first seen.
    """

    id: TensorId
    name: str | None
    line: int | None
    shape: tuple[int, ...]
    dtype: str
    device: str
    requires_grad: bool
    is_leaf: bool
    role: TensorRole
    nbytes: int
    version: int = 0
    previous: TensorId | None = None
    base: TensorId | None = None
    op: OpId | None = None
    slot: int = 0
    autograd_node: NodeId | None = None
    output_nr: int = 0
    value: ValueId | None = None
    grad: ValueId | None = None
    retains_grad: bool = False
    read_no_grad: int | None = None


class OpKind(Enum):
    """What a call did besides computing."""

    CALL = "call"
    """An ordinary op."""
    SOURCE = "source"
    """Makes a tensor from no tensor: `torch.zeros`, `torch.tensor`, `torch.from_numpy`."""
    IN_PLACE = "in-place"
    """Changes an input."""
    TRANSFER = "transfer"
    """Copies between devices."""
    EXIT = "exit"
    """Leaves torch: `.item()`, `.numpy()`, `.tolist()`."""
    STEP = "step"
    """An optimizer's step, recorded as one op."""


class Op(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One call as the person wrote it.

    `name` is torch's name (`add`, `linear`), `text` the piece of source that made the call,
    `scope` the module path joined by dots (empty outside modules), `call` which call of that
    module it was, counted from 0 over the run. `seconds` is wall-clock time of the call.
    """

    id: OpId
    name: str
    kind: OpKind
    text: str
    location: Location | None
    scope: str = ""
    module_type: str = ""
    call: int = 0
    inputs: tuple[TensorId, ...] = ()
    outputs: tuple[TensorId, ...] = ()
    autograd_nodes: tuple[NodeId, ...] = ()
    grad_enabled: bool = True
    seconds: float = 0.0


class NextEdge(NamedTuple):
    """Where a node sends one gradient: the `slot`-th incoming gradient of `node`."""

    node: NodeId
    slot: int


class Saved(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One tensor that a node keeps for backward.

    `name` is what the node calls it (`self`, `result`), `tensor` the record that it was then, None
    for what lives inside the op. `version` is PyTorch's own count of in-place changes at that
    moment. Of what is held at the same time, equal `memory` is the same piece of memory.
    """

    name: str
    tensor: TensorId | None
    version: int
    nbytes: int
    memory: int


class AutogradNode(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One node of PyTorch's backward graph; `next[j]` receives its j-th outgoing gradient.

    `leaf` is the variable of an AccumulateGrad node. `saved` is what the node keeps for backward,
    `saved_nbytes` its size, parameters included.
    """

    id: NodeId
    name: str
    op: OpId | None
    next: tuple[NextEdge | None, ...]
    leaf: TensorId | None = None
    saved_nbytes: int = 0
    saved: tuple[Saved, ...] = ()


class Step(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One node's execution; gradients in PyTorch's meaning, None where undefined.

    `grad_outputs` came in from the output side (accumulated over all consumers), `grad_inputs`
    were sent on. Where the node is an AccumulateGrad, `leaf_grad` is the leaf's `.grad` right
    after. `seconds` runs from the node's start to its end where that was watched, else to the next
    node's start, and is 0.0 where it was not measured. In a pass that raised, the last step is the
    node that raised: it sent nothing, so that its `grad_inputs` are empty, and what earlier steps
    had sent to nodes that were then not executed stands in their `grad_inputs` only where the
    node's end was watched, None elsewhere.
    """

    index: int
    autograd_node: NodeId
    grad_outputs: tuple[ValueId | None, ...]
    grad_inputs: tuple[ValueId | None, ...]
    leaf_grad: ValueId | None = None
    seconds: float = 0.0


class LeafGrad(NamedTuple):
    """A leaf and its `.grad` at some moment, None where it had none."""

    leaf: TensorId
    grad: ValueId | None


class Pass(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One backward call: `.backward()` or `torch.autograd.grad`.

    `root_tensors[i]` is the tensor whose gradient edge is `roots[i]`. `grads_before` is `.grad`
    of every leaf of this pass just before it started. `leaf_grads` is what the pass ended with:
    `.grad` of each leaf after `.backward()`, or the returned gradients of `autograd.grad`, which
    leaves `.grad` alone. `parent` is the pass, and `parent_step` its step, during which this one
    was called. `ops_before` is how many ops had been recorded when it began. `raised` is what it
    ended with if not with its end; the step that raised is then its last one. `redrawn` are the
    steps during which a checkpoint was computed again with new random numbers.
    """

    id: PassId
    text: str
    location: Location | None
    accumulates: bool
    create_graph: bool
    roots: tuple[NextEdge, ...]
    root_tensors: tuple[TensorId | None, ...]
    steps: tuple[Step, ...]
    grads_before: tuple[LeafGrad, ...]
    leaf_grads: tuple[LeafGrad, ...]
    parent: PassId | None = None
    parent_step: int | None = None
    seconds: float = 0.0
    ops_before: int = 0
    retain_graph: bool = False
    raised: str = ""
    redrawn: tuple[int, ...] = ()


class OutputKind(Enum):
    """What an output of a run is."""

    DISPLAY = "display"
    PRINT = "print"
    TIMING = "timing"
    WARNING = "warning"


class Image(msgspec.Struct, frozen=True, gc=False):
    """A figure that a run drew: a PNG file, meant to be `width` × `height` pixels at scale 1.

    `number` tells the images of a run apart: one that has the number of an earlier one is shown
    instead of it, as in a plot that is drawn again and again.
    """

    number: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    width: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    height: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    png: bytes


class Output(msgspec.Struct, frozen=True, gc=False):
    """What a run showed, as a notebook would; `line` is where in the text, None if unknown.

    `text` stands for the image, if there is one, where no images can be shown.
    """

    line: int | None
    kind: OutputKind
    text: str
    image: Image | None = None


class RunError(msgspec.Struct, frozen=True, gc=False):
    """Why a run did not reach its end.

    `line` and `column` (from 1 and 0) are in the person's text, None where there is no place.
    `help` says what to do next, empty where there is nothing useful to say. `traceback` holds
    the person's own frames only, in Python's format.
    """

    type: str
    message: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    help: str = ""
    traceback: str = ""

    @property
    def location(self) -> Location | None:
        """The piece of the text that it is about; None where there is no place."""
        if self.line is None:
            return None
        column = self.column or 0
        end_column = column if self.end_column is None else self.end_column
        return Location(self.line, column, self.end_line or self.line, end_column)


class ModuleCall(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One call of an `nn.Module`, also of one that only calls others.

    `path` and `call` are what its ops have as `scope` and `call`, `type` is the module's class.
    `parent` is the index of the call during which it was made, smaller than its own.
    """

    path: str
    type: str
    call: int
    parent: int | None = None


class RunStatus(Enum):
    """How a run ended."""

    OK = "ok"
    ERROR = "error"
    REFUSED = "refused"
    LIMITED = "limited"


class Environment(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where a run took place; `rank` is that of its process where several run together."""

    torch: str = ""
    python: str = ""
    device: str = "cpu"
    threads: int = 0
    machine: str = ""
    rank: int | None = None


class Recording(msgspec.Struct, frozen=True, kw_only=True, weakref=True):
    """Everything that one run did; `filename` is where its text came from, as far as known."""

    version: Annotated[int, msgspec.Meta(ge=1)] = FORMAT_VERSION
    text: str = ""
    filename: str = ""
    status: RunStatus = RunStatus.OK
    error: RunError | None = None
    outputs: tuple[Output, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    ops: tuple[Op, ...] = ()
    autograd_nodes: tuple[AutogradNode, ...] = ()
    passes: tuple[Pass, ...] = ()
    values: tuple[Value, ...] = ()
    environment: Environment = Environment()
    run_seconds: float = 0.0
    record_seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    peak_nbytes: int = 0
    """The most that kept values held at a time during the run, shared with the program or not."""
    module_calls: tuple[ModuleCall, ...] = ()
    """The calls of modules in the order in which they began."""

    @property
    def has_graph(self) -> bool:
        """Whether there is anything to be drawn."""
        return bool(self.tensors or self.ops or self.autograd_nodes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was made, and nothing went wrong."""
        return not self.has_graph and self.error is None

    def value(self, value_id: ValueId | None) -> Value | None:
        """The value with this identity, None for None."""
        return None if value_id is None else self.values[value_id]


def line_of(record: Op | Pass | None) -> int | None:
    """The line of the document that an op or a pass is written on, None for one elsewhere."""
    place = None if record is None else record.location
    return None if place is None or place.file else place.line
