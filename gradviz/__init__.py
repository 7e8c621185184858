"""gradviz: look at automatic differentiation, one step of the real backward pass at a time."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "load", "record", "show"]


def __getattr__(name: str) -> Any:
    """Import the API when it is first asked for: `import gradviz` itself imports no torch."""
    if name in ("load", "record", "show"):
        return getattr(import_module("gradviz.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
