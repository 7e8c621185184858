"""Operators and kernels: what they write to, and a mode that sees them."""

from __future__ import annotations

import sys
from typing import Any, Final

from gradviz.tracer.private.lookup import module_of


def written_by_schema(func: Any) -> tuple[tuple[int, str], ...]:
    """The arguments, by place and name, that an operator's schema says it changes.

    None for functions without one, and for those of a schema that cannot be read.
    """
    names = func.overloads() if hasattr(func, "overloads") else ()
    schemas = [getattr(one, "_schema", None) for one in (func, *(getattr(func, n) for n in names))]
    found: dict[tuple[int, str], None] = {}
    for schema in schemas:
        for place, argument in enumerate(() if schema is None else schema.arguments):
            if argument.alias_info is not None and argument.alias_info.is_write:
                found[sys.maxsize if argument.kwarg_only else place, argument.name] = None
    return tuple(found)


_dispatch_mode = getattr(module_of("torch.utils._python_dispatch"), "TorchDispatchMode", None)


def _without_compiler(mode: Any) -> Any:
    """The same kind of mode, whose first kernel does not import the compiler.

    Torch would wrap each handler so that the compiler leaves it alone, for which it has to be
    imported: seconds during which nothing can be stopped. Under a mode it compiles nothing anyway.
    """

    class KernelMode(mode):  # type: ignore[misc]
        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False

    return KernelMode


DispatchMode: Final[Any] = None if _dispatch_mode is None else _without_compiler(_dispatch_mode)
"""A mode that sees each kernel that torch starts; None where there is none, which nobody records
with: it only counts the work of what is timed."""
