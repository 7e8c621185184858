"""The form under the list of breakpoints: on which condition, and from which hit on, one stops."""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from gradviz.gui.breakpoint_wording import condition_name
from gradviz.recording.breakpoints import Breakpoint, Condition

_MAX_HITS: Final = 1_000_000


class BreakpointForm(QWidget):
    """Edits the condition of the chosen breakpoint.

    Signals:
        edited: the person wants it so (`Breakpoint`).
    """

    edited = Signal(object)

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("breakpoint_form")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._point: Breakpoint | None = None
        self.condition = QComboBox(self)
        for condition in Condition:
            self.condition.addItem("", condition)
        self.threshold = QLineEdit(self)
        self.percent = QDoubleSpinBox(self)
        self.percent.setRange(0.0, 100.0)
        self.percent.setSuffix(" %")
        self.hits = QSpinBox(self)
        self.hits.setRange(1, _MAX_HITS)
        self._labels = [QLabel(self) for _ in range(3)]
        self.problem = QLabel(self)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.hide()
        form = QFormLayout(self)
        form.setContentsMargins(12, 10, 12, 10)
        form.setVerticalSpacing(6)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        amount = QHBoxLayout()
        amount.addWidget(self.threshold)
        amount.addWidget(self.percent)
        form.addRow(self._labels[0], self.condition)
        form.addRow(self._labels[1], amount)
        form.addRow(self.problem)
        form.addRow(self._labels[2], self.hits)
        self.condition.activated.connect(self._on_condition_chosen)
        self.threshold.editingFinished.connect(self._on_edited)
        self.percent.valueChanged.connect(self._on_edited)
        self.hits.valueChanged.connect(self._on_edited)

    def retranslate(self) -> None:
        """Set every text in the language in use."""
        texts = (self.tr("Stop when"), self.tr("Threshold"), self.tr("From hit"))
        fields = (self.condition, self.threshold, self.hits)
        for label, text, field in zip(self._labels, texts, fields, strict=True):
            label.setText(text)
            field.setAccessibleName(text)
        self.percent.setAccessibleName(texts[1])
        for row in range(self.condition.count()):
            self.condition.setItemText(row, condition_name(self.condition.itemData(row)))
        self.hits.setToolTip(self.tr("Earlier hits are ignored"))
        self._say_problem()

    def show_point(self, point: Breakpoint | None) -> None:
        """Show the condition of a breakpoint."""
        self._point = point
        self.setVisible(point is not None)
        if point is None:
            return
        has_norm = self._has_norm(point)
        is_zeros = point.when is Condition.ZEROS_ABOVE
        self._labels[1].setVisible(has_norm or is_zeros)
        self.threshold.setVisible(has_norm)
        self.percent.setVisible(is_zeros)
        with (
            QSignalBlocker(self.condition),
            QSignalBlocker(self.percent),
            QSignalBlocker(self.hits),
        ):
            self.condition.setCurrentIndex(list(Condition).index(point.when))
            self.percent.setValue(100 * point.threshold if is_zeros else 0.0)
            self.hits.setValue(point.hits)
        if not self.threshold.hasFocus() or _number(self.threshold.text()) != point.threshold:
            self.threshold.setText(f"{point.threshold:g}")
        self._say_problem()

    def _say_problem(self) -> None:
        """Say what is wrong with the threshold that is written, if it is asked for."""
        point, written = self._point, self.threshold.text()
        is_wrong = point is not None and self._has_norm(point) and _number(written) is None
        self.problem.setVisible(is_wrong)
        if point is not None and is_wrong:
            text = self.tr(
                "“{}” is not a number from 0 up, such as 100 or 1e-6; the threshold stays {}."
            )
            self.problem.setText(text.format(written, f"{point.threshold:g}"))

    @staticmethod
    def _has_norm(point: Breakpoint) -> bool:
        return point.when in (Condition.NORM_ABOVE, Condition.NORM_BELOW)

    def _on_condition_chosen(self) -> None:
        if self._point is None:
            return
        when = self.condition.currentData()
        usual = {
            Condition.NORM_ABOVE: 100.0,
            Condition.NORM_BELOW: 1e-6,
            Condition.ZEROS_ABOVE: 0.9,
        }
        if when is not self._point.when:
            threshold = usual.get(when, 0.0)
            self.edited.emit(msgspec.structs.replace(self._point, when=when, threshold=threshold))

    def _on_edited(self) -> None:
        point = self._point
        if point is None:
            return
        threshold = point.threshold
        if point.when is Condition.ZEROS_ABOVE:
            threshold = self.percent.value() / 100
        elif self._has_norm(point):
            written = _number(self.threshold.text())
            if written is not None:
                threshold = written
                self.threshold.setText(f"{threshold:g}")
            self._say_problem()
        changed = msgspec.structs.replace(point, threshold=threshold, hits=self.hits.value())
        if changed != point:
            self.edited.emit(changed)


def _number(text: str) -> float | None:
    """A threshold as it was written, with a point or a comma; None where it is none."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
