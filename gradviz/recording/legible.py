"""Make text that UTF-8 can hold of text that it cannot.

A name of a file that is not UTF-8, and whatever is printed of it, comes with lone surrogates.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def legible(message: object) -> Any:
    """A message as plain data, in its texts � for each lone surrogate."""
    return _legible(msgspec.to_builtins(message, builtin_types=(bytes, memoryview), enc_hook=str))


def _legible(data: Any) -> Any:
    if isinstance(data, str):
        return _SURROGATE.sub("�", data)
    if isinstance(data, dict):
        return {_legible(key): _legible(content) for key, content in data.items()}
    if isinstance(data, list | tuple):
        return [_legible(content) for content in data]
    return data
