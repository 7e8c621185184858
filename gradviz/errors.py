"""The base class of all errors that gradviz raises on purpose."""

from __future__ import annotations


class GradvizError(Exception):
    """An error whose message is one sentence for the person, ready to be shown as it is."""
