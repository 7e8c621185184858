"""Let an error in a method that Qt calls be told as any other, on each Python."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any, Final

from shiboken6 import Shiboken

_IS_NEEDED: Final = sys.version_info < (3, 12)
_done: Final[set[str]] = set()


def keep_errors_whole() -> None:
    """Make errors in what gradviz's classes override bearable for PySide.

    Where Python code calls a method of Qt's that calls an override, PySide keeps the error that
    the override raises to raise it again afterwards. Before Python 3.12 an error that was raised
    by C code (an index out of range) has no exception object until somebody catches it, and
    PySide (6.8 to 6.11 were tried) then ends the program with a segmentation fault. So each
    override is put into a function that catches it. To be called again once further modules of
    gradviz's were imported.
    """
    if not _IS_NEEDED:
        return
    for name, module in list(sys.modules.items()):
        if not name.startswith("gradviz.gui") or name in _done or _is_being_imported(module):
            continue
        _done.add(name)
        for kind in list(vars(module).values()):
            if isinstance(kind, type) and kind.__module__ == name:
                _keep_errors_of(kind)


def _is_being_imported(module: ModuleType) -> bool:
    """Whether another thread is still at it."""
    return getattr(module.__spec__, "_initializing", False)


def _keep_errors_of(kind: type) -> None:
    if not issubclass(kind, Shiboken.Object):
        return
    for name in list(_overridden_by(kind)):
        setattr(kind, name, _whole(vars(kind)[name]))


def _overridden_by(kind: type) -> Iterator[str]:
    """The names of methods of Qt's that a class has its own functions for."""
    bases = [base for base in kind.__mro__ if base.__module__.startswith("PySide6.")]
    for name, value in vars(kind).items():
        is_method = isinstance(value, FunctionType) and not name.startswith("__")
        if is_method and any(name in vars(base) for base in bases):
            yield name


def _whole(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except BaseException:  # being caught is what makes the exception object
            raise

    return call
