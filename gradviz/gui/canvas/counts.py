"""How many there are of something, in words."""

from __future__ import annotations

from PySide6.QtCore import QObject


class Counts(QObject):
    """Numbers with their nouns; an object, since lupdate finds plural forms only in `tr`."""

    def tensors(self, count: int) -> str:
        """`2 tensors`."""
        return self.tr("%Ln tensors", "", count)

    def ops(self, count: int) -> str:
        """`2 ops`."""
        return self.tr("%Ln ops", "", count)

    def parameters(self, count: int) -> str:
        """`39,360 parameters`."""
        return self.tr("%Ln parameters", "", count)

    def autograd_nodes(self, count: int) -> str:
        """`2 autograd nodes`."""
        return self.tr("%Ln autograd nodes", "", count)
