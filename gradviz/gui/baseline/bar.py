"""The strip above the graph that tells how it differs from a recording on disk."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gradviz.gui.baseline.baseline import Baseline
from gradviz.gui.labels import ElidedLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.strip import Strip
from gradviz.gui.style import Appearance
from gradviz.recording.format import format_place
from gradviz.recording.model import Op, Pass


class BaselineBar(Retranslated, Strip):
    """Says with what the graph is compared and how much differs; lists that, and leads back."""

    def __init__(
        self,
        session: Session,
        baseline: Baseline,
        appearance: Appearance,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("baseline_bar", "info", session, parent)
        self._session = session
        self._baseline = baseline
        self._build()
        baseline.changed.connect(self._show)
        session.concealment_changed.connect(self._show)
        appearance.theme_changed.connect(self._paint_in)
        self._paint_in(appearance.theme)
        self._retranslate()

    def _build(self) -> None:
        self._told = ElidedLabel()
        self._told.setObjectName("told")
        self._count.toggled.connect(self._show)
        row = QHBoxLayout()
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._told, 1)
        row.addWidget(self._count)
        row.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.differences)

    def _retranslate(self) -> None:
        self._close.setToolTip(self.tr("Close (Esc)"))
        self._close.setAccessibleName(self.tr("Close"))
        self.differences.setAccessibleName(self.tr("What differs from the other recording"))
        self.differences.rows.retranslate()
        self._show()

    def close_bar(self) -> None:
        """Show the graph alone again."""
        self._baseline.leave()
        super().close_bar()

    def _show(self) -> None:
        baseline = self._baseline
        comparison = baseline.comparison
        count = 0 if comparison is None else len(comparison.differences)
        is_told = count > 0 and not self._session.conceals
        self._count.setVisible(is_told)
        self._count.setText(self.tr("%Ln value(s) differ", "", count))
        self.differences.setVisible(is_told and self._count.isChecked())
        self.differences.show_comparison(comparison, (baseline.name, self.tr("Here")))
        self._told.set_text(self._text())
        self.setVisible(baseline.is_active)

    def _text(self) -> str:
        title = self.tr("Compared with {name}").format(name=self._baseline.name)
        comparison = self._baseline.comparison
        if comparison is None:
            return title
        alignment = comparison.pairs.alignment
        told = []
        if comparison.pairs.alignment.has_nothing:
            told.append(self.tr("nothing in common"))
        elif not comparison.differences and not self._session.conceals:
            told.append(self.tr("all that both have is equal"))
        for text, calls in (
            (self.tr("%Ln call(s) only here", "", len(alignment.only_after)), alignment.only_after),
            (
                self.tr("%Ln call(s) only there", "", len(alignment.only_before)),
                alignment.only_before,
            ),
        ):
            if calls:
                told.append(self._with_line(text, calls))
        return f"{title}: {', '.join(told)}" if told else title

    def _with_line(self, text: str, calls: Sequence[Op | Pass]) -> str:
        line = format_place(calls[0].location)
        return (
            self.tr("{calls}, first on line {line}").format(calls=text, line=line) if line else text
        )
