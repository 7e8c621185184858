"""Widgets that set their texts again when the language of the window changes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    _Base = QWidget
else:
    _Base = object


class Retranslated(_Base):
    """A mixin, named before the Qt class: calls `_retranslate` at Qt's `LanguageChange`.

    The widget sets every text of its own in `_retranslate` and calls it once when it is built.
    """

    def changeEvent(self, event: QEvent) -> None:
        """Set every text again when the language has changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    @abstractmethod
    def _retranslate(self) -> None:
        """Set every text."""
