"""Look private names up, and note what recordings lack where one is missing."""

from __future__ import annotations

import importlib
from typing import Any

NOT_TOLD: list[str] = []
"""What recordings made with this torch do not tell, or tell otherwise, in sentences."""


def find(owner: Any, path: str, without: str = "") -> Any:
    """What `path` leads to from `owner`; where it ends early None, and `without` is noted."""
    found = owner
    for name in path.split("."):
        found = getattr(found, name, None)
    if found is None and without and without not in NOT_TOLD:
        NOT_TOLD.append(without)
    return found


def module_of(name: str) -> Any:
    """A module of torch's, None where there is none of that name."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
