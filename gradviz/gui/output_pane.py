"""What a run showed, as a notebook would: its outputs, and why it failed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from gradviz.gui.error_card import ErrorCard
from gradviz.gui.labels import PlainLabel
from gradviz.gui.output_text import OutputText
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Appearance
from gradviz.recording.model import Output, RunError

_LARGEST_CARD: Final = 0.7
"""Part of the pane's height that an error may take; a longer one scrolls."""


class OutputPane(Retranslated, QWidget):
    """The outputs of the last run, plain text, bounded; and why it failed.

    Signals:
        line_activated: a line of the person's text should be shown (int line, int column).
    """

    line_activated = Signal(int, int)

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("output_pane")
        self.text = OutputText(appearance, parent=self)
        self.text.line_activated.connect(self.line_activated)
        self.card = ErrorCard(appearance, parent=self)
        self.card.line_activated.connect(self.line_activated)
        self.card.resized.connect(self._fit_card)
        self._card_place = QScrollArea()
        self._card_place.setFrameShape(QScrollArea.Shape.NoFrame)
        self._card_place.setWidgetResizable(True)
        self._card_place.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._card_place.setWidget(self.card)
        self._card_place.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.concealed = PlainLabel(parent=self)
        self.concealed.setObjectName("remark")
        self.concealed.setMargin(14)
        self.concealed.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.concealed.hide()
        column.addWidget(self.text, 1)
        column.addWidget(self.concealed, 1)
        column.addWidget(self._card_place)
        self._retranslate()

    def clear(self) -> None:
        """Empty the pane, as at the start of a run."""
        self.text.clear_outputs()
        self.clear_error()

    def add_output(self, output: Output) -> None:
        """Show one more output."""
        self.text.add_output(output)

    def show_error(self, error: RunError) -> None:
        """Show why the run failed."""
        self._card_place.show()
        self.card.show_error(error)
        self._fit_card()

    def _retranslate(self) -> None:
        self.concealed.set_text(
            self.tr("While you predict, the output is hidden: it could give the gradients away.")
        )

    def conceal(self, conceals: bool) -> None:
        """Tell nothing of what the code printed, which may be gradients, or tell it again."""
        self.concealed.setVisible(conceals)
        self.text.setVisible(not conceals)

    def clear_error(self) -> None:
        """Take the error away."""
        self._card_place.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the card as high as its text, and leave room for the outputs."""
        super().resizeEvent(event)
        self._fit_card()

    def _fit_card(self) -> None:
        wanted = self.card.heightForWidth(self.width())
        largest = round(self.height() * _LARGEST_CARD)
        # A scroll bar takes width, so that the text may need more height than it was given: where
        # all of it fits, there must never be one.
        policy = Qt.ScrollBarPolicy
        self._card_place.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOff if wanted <= largest else policy.ScrollBarAsNeeded
        )
        self._card_place.setFixedHeight(min(wanted, largest))

    def set_font_points(self, points: int) -> None:
        """Make the text larger or smaller."""
        self.text.set_font_points(points)
        self.card.set_font_points(points)
