"""Find which piece of the person's text is being executed, and which names take its results."""

from __future__ import annotations

import linecache
from enum import Enum
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Final, NamedTuple

import torch

import gradviz
from gradviz.folders import folder_of, is_of_library, plain_name
from gradviz.recording.model import Location
from gradviz.tracer.callers import source_name
from gradviz.tracer.targets import is_returned_after, targets_after

if TYPE_CHECKING:
    from gradviz.tracer.entries import CallEntry

_TORCH: Final = folder_of(torch.__file__)
_GRADVIZ: Final = folder_of(gradviz.__file__)
_GENERATED: Final = "<eval_with_key>"
"""How the files that `torch.fx` generates begin, which the person did not write."""
_MAX_TEXT: Final = 200

COLLECTIVES: Final = (
    "all_gather", "all_gather_coalesced", "all_gather_into_tensor", "all_gather_single",
    "all_reduce", "all_reduce_coalesced", "all_to_all", "all_to_all_single", "broadcast", "gather",
    "irecv", "isend", "recv", "reduce", "reduce_scatter", "reduce_scatter_single",
    "reduce_scatter_tensor", "scatter", "send",
)  # fmt: skip
# Files of torch that hand a call through, so that the person's own words still name it.
_THIN: Final = (
    "overrides.py",
    "functional.py",
    "nn/functional.py",
    "_tensor.py",
    "_jit_internal.py",
    "_VF.py",
    "_ops.py",
    "_library/custom_ops.py",
    "utils/_contextlib.py",
    "utils/_device.py",
    "autograd/__init__.py",
    "autograd/forward_ad.py",
    "autograd/function.py",
    "_functorch/predispatch.py:_make_dual",
    "_functorch/predispatch.py:_unpack_dual",
    "optim/optimizer.py:wrapper",
    "utils/checkpoint.py:checkpoint",
    "distributed/c10d_logger.py:wrapper",
    *(f"distributed/distributed_c10d.py:{name}" for name in (*COLLECTIVES, "batch_isend_irecv")),
    # What a compiled module is called through, also when it runs as it was written, and what
    # `torch.compiler.disable` wraps: of torch's own functions `checkpoint`.
    "_compile.py:inner",
    "_dynamo/eval_frame.py:__call__",
    "_dynamo/eval_frame.py:_fn",
    "_dynamo/eval_frame.py:compile_wrapper",
    "_dynamo/external_utils.py:inner",
)
# How `copy.copy` and `copy.deepcopy` put a tensor together; it is met when it is used.
_COPIERS: Final = frozenset(
    {"_tensor.py:__deepcopy__", "_utils.py:_rebuild_tensor", "_utils.py:_rebuild_tensor_v2"}
)
# Parts of torch whose inner workings are not a step of the person's computation.
_SILENT: Final = (
    "optim/",
    "utils/data/",
    "testing/",
    # What distributions are given is checked, which computes nothing.
    "distributions/constraints.py",
    "distributions/distribution.py:__init__",
    "distributions/distribution.py:_validate_sample",
    "serialization.py",
    "random.py",
    "_tensor_str.py",
    "_dynamo/",
    "_functorch/",
    "fx/",
    "jit/",
    "cuda/",
    # What becomes of objects that are sent, as by `broadcast_object_list`.
    "distributed/distributed_c10d.py",
    "autograd/gradcheck.py",
    "autograd/functional.py",
    # What a checkpoint does before and after the person's function; in torch 2.6 these are ops.
    "utils/checkpoint.py:_checkpoint_without_reentrant_generator",
)
# Among those, what computes what the person has it compute.
_CALLERS: Final = frozenset(
    {
        "_functorch/functional_call.py:functional_call",
        "fx/graph_module.py:__call__",
        "fx/graph_module.py:call_wrapped",
        *(f"fx/interpreter.py:{name}" for name in ("run", "boxed_run", "run_node")),
        *(f"fx/interpreter.py:call_{kind}" for kind in ("function", "method", "module")),
        "optim/swa_utils.py:forward",
        "optim/swa_utils.py:update_bn",
    }
)
_PROTOCOL: Final = "__torch_function__"
"""A method that hands calls on, which come from where the person made them."""
_SILENT_IN_MODULES: Final = frozenset(
    {"__init__", "reset_parameters", "_reset_parameters", "zero_grad", "_apply", "load_state_dict"}
)


_OF_MANY: Final = frozenset(
    {"dict", "list", "max", "min", "prod", "reduce", "set", "sorted", "sum", "tuple"}
)
"""Functions of Python's own that go through what they are given, and call what makes it."""
_OF_THE_LAST: Final = frozenset({"prod", "reduce", "sum"})
"""Those among them whose result is that of the last op that they run."""
_THEIR_MODULES: Final = frozenset({"", "functools", "math"})


class Origin(Enum):
    """Whose code a frame runs."""

    PERSON = "person"
    THIN = "thin"
    CALL = "call"
    """A library's too: it calls one module."""
    LIBRARY = "library"
    SILENT = "silent"


_LIBRARY: Final = Origin.LIBRARY


class Texts:
    """The files that the person's code comes from.

    Attributes:
        home: the file whose places need not name it.
        lines: of home, None where Python itself has to find them.
    """

    def __init__(self, home: str | None, text: str) -> None:
        self.home = home
        self.lines = text.split("\n") if text else None

    def cut(self, code: CodeType, lasti: int) -> tuple[Location | None, str]:
        """Where an instruction comes from, and the text that it was compiled from."""
        line, end_line, column, end_column = next(
            islice(code.co_positions(), lasti // 2, None), (None, None, None, None)
        )
        if line is None:
            return None, ""
        if end_line is None or column is None or end_column is None:
            return Location(line, 0, line, 0, self.name_of(code.co_filename)), ""
        return self._piece(code.co_filename, line, column, end_line, end_column)

    def _piece(
        self, filename: str, line: int, column: int, end_line: int, end_column: int
    ) -> tuple[Location, str]:
        file = self.name_of(filename)
        lines = linecache.getlines(filename) if file or self.lines is None else self.lines
        if end_line > len(lines):
            return Location(line, column, end_line, end_column, file), ""
        first, last = lines[line - 1], lines[end_line - 1]
        start, stop = characters(first, column), characters(last, end_column)
        if line == end_line:
            text = first[start:stop]
        else:
            text = "\n".join([first[start:], *lines[line : end_line - 1], last[:stop]])
        text = " ".join(text.split())
        if len(text) > _MAX_TEXT:
            text = text[: _MAX_TEXT - 1] + "…"
        return Location(line, start, end_line, stop, file), text

    def name_of(self, filename: str) -> str:
        """The name of a file, empty for home."""
        return "" if self.home is None or filename == self.home else source_name(filename)


class Site:
    """A place in the person's text; what it says is cut out of the text only when it is asked.

    Attributes:
        line: where it begins, None where that is unknown or not in the text but another file.
        targets: the names that the result is bound to.
        is_of_many: whether any number of ops run before the result is there, as in `sum(losses)`.
        is_of_last: whether it is then that of the last of them.
        is_returned: whether the result is what the function around it returns.
    """

    __slots__ = (
        "_code",
        "_cut",
        "_lasti",
        "_texts",
        "is_of_last",
        "is_of_many",
        "is_returned",
        "line",
        "targets",
    )

    def __init__(
        self, texts: Texts | None = None, code: CodeType | None = None, lasti: int = 0
    ) -> None:
        self.line: int | None = None
        self.targets: tuple[str, ...] = ()
        self.is_of_many = False
        self.is_of_last = False
        self.is_returned = False
        self._texts = texts
        self._code = code
        self._lasti = lasti
        self._cut: tuple[Location | None, str] | None = None

    @property
    def location(self) -> Location | None:
        """From where to where it reaches."""
        return (self._cut or self._found())[0]

    @property
    def text(self) -> str:
        """The piece of text, in one line."""
        return (self._cut or self._found())[1]

    def _found(self) -> tuple[Location | None, str]:
        if self._cut is None:
            if self._texts is None or self._code is None:
                self._cut = None, ""
            else:
                self._cut = self._texts.cut(self._code, self._lasti)
        return self._cut


class Place(NamedTuple):
    """Where a call comes from.

    `inside_library` says that a library's code, such as a module's, made the call for the person.
    `module_call` is the call of a module that the person's code made and waits for.
    """

    site: Site
    inside_library: bool
    frame: FrameType | None
    module_call: CallEntry | None = None


Whence = tuple[Site, bool, FrameType | None, "CallEntry | None"]
"""What a `Place` holds."""

NOWHERE: Final = Site()
_TORCHS_CODE: Final[dict[int, tuple[CodeType, Origin]]] = {}
"""What torch's own code was found to be; it lasts as long as torch."""


class ModuleFrame:
    """The call of one module.

    Attributes:
        around: the call during which it was made.
        place: where it comes from, once that was asked.
    """

    __slots__ = ("around", "call", "module", "place")

    def __init__(
        self, module: torch.nn.Module, call: CallEntry, around: ModuleFrame | None
    ) -> None:
        self.module = module
        self.call = call
        self.around = around
        self.place: Place | None = None


class SourceMap:
    """Maps running frames to the person's text.

    Attributes:
        filename: the file name that the person's text was compiled with; None takes every file
            outside torch, the standard library and installed packages for the person's.
        home: of all these files, the one whose places need not name it.
        direct: the sites of calls that the person's own code makes, by the identity of the code
            and then by instruction; None for code of others.
        silent: by their identities, codes whose own calls are no step of anybody's.
    """

    def __init__(self, text: str, filename: str | None, home: str | None = None) -> None:
        self.filename = filename
        self.home = filename if home is None else home
        self._texts = Texts(self.home, text)
        # By identity: hashing a code object walks all its constants. The code is kept alongside,
        # so that its identity cannot be given to another.
        self._origins: dict[int, tuple[CodeType, Origin]] = dict(_TORCHS_CODE)
        self._library = {key for key, (_, origin) in self._origins.items() if origin is _LIBRARY}
        self._sites: dict[tuple[int, int], Site] = {}
        self.direct: dict[int, dict[int, Site] | None] = {}
        self.silent: set[int] = set()

    def place(self, frame: FrameType | None, within: ModuleFrame | None = None) -> Place | None:
        """Where the call that reached `frame` comes from; None inside parts that stay silent.

        `within` is the call of the innermost module: whence that was made is found only once.
        """
        inside_library = False
        passed: list[ModuleFrame] = []
        origins, library = self._origins, self._library
        while frame is not None:
            code = frame.f_code
            if id(code) in library:
                inside_library = True
                frame = frame.f_back
                continue
            known = origins.get(id(code))
            origin = self._origin(code) if known is None else known[1]
            if origin is Origin.PERSON:
                if code.co_name == "step" and self._is_optimizer_step(frame):
                    return None
                module_call = passed[-1].call if passed else None
                place = Place(self._site(frame), inside_library, frame, module_call)
                break
            if origin is Origin.SILENT:
                self.silent.add(id(code))
                return None
            if origin is Origin.CALL:
                inside_library = True
                if within is not None:
                    if within.place is not None:
                        place = within.place
                        break
                    passed.append(within)
                    within = within.around
            elif origin is Origin.LIBRARY:
                inside_library = True
                library.add(id(code))
            frame = frame.f_back
        else:
            return Place(NOWHERE, True, None)
        for one in passed:
            one.place = place
        return place

    def direct_site(self, frame: FrameType) -> Site | None:
        """The place of a call that the person's own code makes; None where `place` must tell."""
        code = frame.f_code
        try:
            sites = self.direct[id(code)]
        except KeyError:
            is_persons = self._origin(code) is Origin.PERSON and code.co_name != "step"
            sites = self.direct[id(code)] = {} if is_persons else None
        if sites is None:
            return None
        site = sites.get(frame.f_lasti)
        if site is None:
            site = sites[frame.f_lasti] = self._site(frame)
        return site

    def place_of_caller(self, frame: FrameType | None) -> Place:
        """The person's nearest call, whatever lies between."""
        while frame is not None:
            if self._origin(frame.f_code) is Origin.PERSON:
                return Place(self._site(frame), True, frame)
            frame = frame.f_back
        return Place(NOWHERE, True, None)

    def _is_optimizer_step(self, frame: FrameType) -> bool:
        caller = frame.f_back
        for _ in range(2):  # torch.no_grad's decorator may stand between
            if caller is None:
                return False
            code = caller.f_code
            if code.co_name == "wrapper" and _is_of_optimizers(code):
                return True
            caller = caller.f_back
        return False

    def _origin(self, code: CodeType) -> Origin:
        known = self._origins.get(id(code))
        if known is None:
            known = self._origins[id(code)] = (code, self._classify(code))
            if _is_of_torch(code) and code.co_filename != self.home:
                _TORCHS_CODE[id(code)] = known
        return known[1]

    def _classify(self, code: CodeType) -> Origin:
        if code.co_name == _PROTOCOL:
            return Origin.THIN
        if self.home is not None and code.co_filename == self.home:
            return Origin.PERSON
        name = plain_name(code.co_filename)
        if name.startswith(_GRADVIZ):
            return Origin.THIN
        if name.startswith(_TORCH):
            return _classify_torch(name.removeprefix(_TORCH), code.co_name)
        if self.filename is not None or name.startswith(_GENERATED) or is_of_library(name):
            return Origin.LIBRARY
        return Origin.PERSON

    def _site(self, frame: FrameType) -> Site:
        key = (id(frame.f_code), frame.f_lasti)
        site = self._sites.get(key)
        if site is None:
            site = self._sites[key] = self._make_site(frame)
        return site

    def _make_site(self, frame: FrameType) -> Site:
        code = frame.f_code
        site = Site(self._texts, code, frame.f_lasti)
        site.targets = targets_after(code, frame.f_lasti)
        of_many = _of_many(site, code) if site.targets else ""
        site.is_of_many, site.is_of_last = bool(of_many), of_many in _OF_THE_LAST
        site.is_returned = not site.targets and is_returned_after(code, frame.f_lasti)
        if not self._texts.name_of(code.co_filename):
            site.line = frame.f_lineno
        return site


def _of_many(site: Site, code: CodeType) -> str:
    """Which of the functions that go through many things is called; empty where none is."""
    if _OF_MANY.isdisjoint(code.co_names):  # to cut out the text takes longer
        return ""
    function, is_call, _ = site.text.partition("(")
    owner, _, name = function.rpartition(".")
    return name if is_call and name in _OF_MANY and owner in _THEIR_MODULES else ""


def characters(line: str, nbytes: int) -> int:
    """The column in characters of a column in UTF-8 bytes."""
    if line.isascii():
        return nbytes
    return len(line.encode()[:nbytes].decode(errors="replace"))


def _is_of_torch(code: CodeType) -> bool:
    return plain_name(code.co_filename).startswith(_TORCH)


def _is_of_optimizers(code: CodeType) -> bool:
    return plain_name(code.co_filename) == f"{_TORCH}optim/optimizer.py"


@lru_cache(maxsize=4096)
def _classify_torch(path: str, function: str) -> Origin:
    if f"{path}:{function}" in _COPIERS:
        return Origin.SILENT
    if path in _THIN or f"{path}:{function}" in _THIN:
        return Origin.THIN
    if path == "nn/modules/module.py" and function == "_call_impl":
        return Origin.CALL
    if path.startswith("nn/modules/") and function in _SILENT_IN_MODULES:
        return Origin.SILENT
    if f"{path}:{function}" in _CALLERS:
        return Origin.LIBRARY
    if f"{path}:{function}".startswith(_SILENT):
        return Origin.SILENT
    return Origin.LIBRARY
