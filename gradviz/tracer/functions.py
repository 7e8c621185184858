"""What torch's functions do to their arguments, read from their names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Final, NamedTuple

import torch

from gradviz.tracer.private.kernels import written_by_schema


class Treatment(Enum):
    """How a call is recorded."""

    SKIP = "skip"
    """No op: reads an attribute, formats, registers a hook, runs the engine."""
    OP = "op"
    GRAD = "grad"
    """Reads `.grad`."""
    REFRESH = "refresh"
    """May change `requires_grad`."""
    EXIT = "exit"
    """Leaves torch."""


class Profile(NamedTuple):
    """How one function is recorded.

    `writes` says that the first argument changes, `may_write` that it does when `inplace` is
    given, `trains` that running statistics change without a trace when `training` is, `exposes`
    that others than torch can write to the first argument's memory afterwards, `shares` that they
    can write to the result's. `hooks` that the person may hook
    into the backward pass with it. `written` names the arguments that change, by place and name,
    where those are not just the first; `is_unversioned` says that nothing counts these changes.
    `touches` sums these up but for `shares`;
    `is_lean` says that nothing special can happen unless `out` is made use of, `is_nothing` that
    there is nothing to record at all.
    """

    treatment: Treatment
    name: str = ""
    writes: bool = False
    may_write: bool = False
    trains: bool = False
    exposes: bool = False
    shares: bool = False
    hooks: bool = False
    written: tuple[tuple[int, str], ...] = ()
    is_unversioned: bool = False
    touches: bool = False
    is_lean: bool = False
    is_nothing: bool = False


_NO_OPS: Final = """
backward register_hook register_post_accumulate_grad_hook retain_grad __repr__ __str__
__format__ __len__ __bool__ __hash__ __dir__ __contains__ __reduce_ex__ __setstate__
__array_priority__ __dlpack__ __dlpack_device__ __torch_dispatch__ __deepcopy__
size dim ndimension stride storage_offset numel nelement element_size data_ptr storage
untyped_storage _typed_storage get_device has_names names equal allclose
sparse_dim dense_dim _nnz result_type can_cast promote_types broadcast_shapes share_memory_
manual_seed get_rng_state set_rng_state get_default_dtype set_default_dtype
set_default_device set_printoptions _is_view _dimI _dimV dim_order __index__ __complex__
"""
_SKIPPED: Final = frozenset(_NO_OPS.split())
_ATTRIBUTE_OPS: Final = frozenset({"T", "mT", "H", "mH", "real", "imag", "data"})
_EXITS: Final = frozenset({"item", "numpy", "tolist", "__float__", "__int__", "__array__"})
_NAMES: Final = {
    "radd": "add",
    "rsub": "sub",
    "rmul": "mul",
    "rdiv": "div",
    "rtruediv": "div",
    "truediv": "div",
    "true_divide": "div",
    "rpow": "pow",
    "rmatmul": "matmul",
    "rfloordiv": "floor_divide",
    "floordiv": "floor_divide",
    "rmod": "remainder",
    "mod": "remainder",
    "iadd": "add_",
    "isub": "sub_",
    "imul": "mul_",
    "itruediv": "div_",
    "idiv": "div_",
    "ipow": "pow_",
    "rlshift": "bitwise_left_shift",
    "rrshift": "bitwise_right_shift",
    "rand": "bitwise_and",
    "ror": "bitwise_or",
    "rxor": "bitwise_xor",
}

MOVES: Final = frozenset({"to", "cpu", "cuda", "type", "copy_"})
"""What may copy between devices."""
COUNTING_APART: Final = frozenset({"data", "set_"})
"""What makes a tensor of another's memory whose changes do not count for the other."""
_EXPOSING: Final = frozenset(
    {"numpy", "__array__", "__dlpack__", "untyped_storage", "storage", "_typed_storage", "data_ptr"}
)
SHARING: Final = frozenset({"as_tensor", "asarray", "from_dlpack", "from_numpy", "frombuffer"})
"""What makes a tensor of memory that somebody else can write to."""
_COLLECTIVES: Final = {"gather": ((1, "gather_list"),), "send": (), "isend": ()}
"""What collective calls receive in, where it is not their first argument."""
_UNCOUNTED: Final = {
    "_amp_foreach_non_finite_check_and_unscale_": ((0, "self"), (1, "found_inf")),
}
"""What functions of torch's own change that do not count it, such as `GradScaler.unscale_`."""

PROFILES: Final[dict[Any, Profile]] = {}
"""Those of the functions that were called so far."""


def profile_of(func: Callable[..., Any]) -> Profile:
    """How a call of `func` is recorded."""
    profile = PROFILES.get(func)
    if profile is None:
        profile = _make_profile(func)
        hooks = profile.hooks or profile.exposes
        touches = profile.writes or profile.may_write or profile.trains or hooks
        is_lean = (
            profile.treatment is Treatment.OP
            and not (hooks or profile.shares)
            and not (profile.writes and not profile.name.endswith("_"))
            and profile.name not in MOVES | COUNTING_APART
        )
        is_nothing = profile.treatment is Treatment.SKIP and not touches
        profile = PROFILES[func] = profile._replace(
            touches=touches, is_lean=is_lean, is_nothing=is_nothing
        )
    return profile


def _make_profile(func: Callable[..., Any]) -> Profile:
    raw = getattr(func, "__name__", type(func).__name__).partition(".")[0]  # of `add_.Tensor`
    if getattr(func, "__module__", "") == "torch.distributed.distributed_c10d":
        received = _COLLECTIVES.get(raw, ((0, ""),))
        return Profile(
            Treatment.OP, raw, writes=bool(received), written=received, is_unversioned=True
        )
    if raw in ("__get__", "__set__", "__delete__"):
        return _attribute_profile(getattr(getattr(func, "__self__", None), "__name__", ""), raw)
    if raw == "requires_grad_":
        return Profile(Treatment.REFRESH, raw)
    name = _plain_name(raw)
    if raw in _EXITS:
        return Profile(Treatment.EXIT, name, exposes=raw in _EXPOSING)
    if raw in _SKIPPED or raw.startswith("is_"):
        return Profile(Treatment.SKIP, name, exposes=raw in _EXPOSING, hooks=raw == "register_hook")
    if raw in _UNCOUNTED:
        return Profile(
            Treatment.OP, name, writes=True, written=_UNCOUNTED[raw], is_unversioned=True
        )
    written = written_by_schema(func)
    writes = name.endswith("_") or raw in ("__setitem__", "set_") or bool(written)
    if raw in ("embedding", "embedding_bag") and _takes(func, "max_norm"):
        return Profile(Treatment.OP, name, may_write=True, written=((1, "weight"),))
    return Profile(
        Treatment.OP,
        name,
        writes=writes,
        written=written,
        may_write=not writes and _takes(func, "inplace"),
        trains=name in ("batch_norm", "instance_norm", "native_batch_norm"),
        shares=raw in SHARING,
    )


def _attribute_profile(name: str, access: str) -> Profile:
    if name == "grad" or name == "_grad":
        return Profile(Treatment.GRAD if access == "__get__" else Treatment.SKIP, name)
    if name == "requires_grad" and access == "__set__":
        return Profile(Treatment.REFRESH, name)
    if name in _ATTRIBUTE_OPS:
        return Profile(Treatment.OP, name, writes=access == "__set__")
    return Profile(Treatment.SKIP, name, hooks=name == "grad_fn")


def _plain_name(raw: str) -> str:
    name = raw[2:-2] if raw.startswith("__") and raw.endswith("__") and len(raw) > 4 else raw
    if name != raw or name == "true_divide":
        name = _NAMES.get(name, name)
    return name


def _takes(func: Callable[..., Any], parameter: str) -> bool:
    if not hasattr(func, "__code__") or getattr(func, "__module__", "") != "torch.nn.functional":
        return False
    try:
        return parameter in inspect.signature(func).parameters
    except (TypeError, ValueError):
        return False


def tensors_in(arguments: Any) -> list[torch.Tensor]:
    """The tensors among nested tuples, lists and dictionaries, in order."""
    found: list[torch.Tensor] = []
    if isinstance(arguments, tuple):
        for one in arguments:
            if isinstance(one, torch.Tensor):
                found.append(one)
            elif isinstance(one, (tuple, list, dict)):
                return _nested_tensors_in(arguments)
        return found
    if isinstance(arguments, torch.Tensor):
        return [arguments]
    return _nested_tensors_in(arguments)


def _nested_tensors_in(arguments: Any) -> list[torch.Tensor]:
    return [one for one in flat(arguments) if isinstance(one, torch.Tensor)]


def flat(arguments: Any) -> Iterator[Any]:
    """What nested tuples, lists and dictionaries hold, in order."""
    stack = [arguments]
    while stack:
        one = stack.pop()
        if isinstance(one, (tuple, list)):
            stack.extend(reversed(one))
        elif isinstance(one, dict):
            stack.extend(reversed(one.values()))
        else:
            yield one


def will_write(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a function that `may_write` was told to."""
    return bool(kwargs.get("inplace")) or any(one is True for one in args[1:])


def written_by(
    profile: Profile, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[torch.Tensor]:
    """The arguments that the call will or may change."""
    if "out" in kwargs:
        return tensors_in(kwargs["out"])
    if profile.written:
        if not profile.writes and (args[3:4] or (kwargs.get("max_norm"),)) == (None,):
            return []
        return tensors_in(
            tuple(args[i] if i < len(args) else kwargs.get(name) for i, name in profile.written)
        )
    if profile.writes:
        # Those of `torch.nn.init` hand on all that they were given by its name.
        return tensors_in(args[0] if args else kwargs.get("input", kwargs.get("tensor")))
    if profile.may_write and will_write(args, kwargs):
        return tensors_in(args[:1])
    if profile.trains:
        training = kwargs.get("training", kwargs.get("use_input_stats", False))
        if training or any(one is True for one in args[3:]):
            return tensors_in((*args[1:3], kwargs.get("running_mean"), kwargs.get("running_var")))
    return []
