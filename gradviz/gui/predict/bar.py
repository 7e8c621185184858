"""The strip under the graph where a learner types the next gradient."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.buttons import flat_button
from gradviz.gui.icons import make_icon
from gradviz.gui.inspector.formula_view import FormulaView
from gradviz.gui.labels import PlainLabel
from gradviz.gui.predict.quiz import Quiz, QuizState
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.answers import UnreadableAnswerError
from gradviz.recording.expression import Equation, Shown, Symbol
from gradviz.recording.format import format_shape
from gradviz.recording.predict import Asked, Question

_MIN_INPUT_WIDTH: Final = 110
_MAX_INPUT_WIDTH: Final = 260
_QUESTION_WIDTH: Final = 114
_NARROW_INPUT_WIDTH: Final = 76
_SPACING: Final = 8
_TITLED_FROM: Final = 560
"""Width from which there is room for the title beside question, answer and buttons."""


class PredictBar(Retranslated, QFrame):
    """Asks, takes an answer, says what was right, and keeps the score.

    Attributes:
        edit: the answer as it is typed.
        feedback: what became of it, or the summary of the round.

    Signals:
        closed: the person has ended the round here.
    """

    closed = Signal()

    def __init__(
        self, quiz: Quiz, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("predict_bar")
        self._quiz = quiz
        self._theme = appearance.theme
        self._problem = ""
        self._asked: Question | None = None
        self._build()
        quiz.changed.connect(self._show)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()

    def _build(self) -> None:
        self._title = QLabel()
        self._title.setObjectName("predict_title")
        self._question = FormulaView(self._theme, scale=1.3)
        self._question.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._question.setFixedWidth(_QUESTION_WIDTH)
        self._note = PlainLabel()
        self.edit = QLineEdit()
        self.edit.setMinimumWidth(_MIN_INPUT_WIDTH)
        self.edit.setMaximumWidth(_MAX_INPUT_WIDTH)
        self.edit.returnPressed.connect(self._on_check)
        self.edit.textEdited.connect(self._on_edited)
        self._check = QPushButton()
        self._check.clicked.connect(self._on_check)
        self._reveal = QPushButton()
        self._reveal.clicked.connect(self._on_reveal)
        self._score = QLabel()
        self._score.setTextFormat(Qt.TextFormat.PlainText)
        self._again = QPushButton()
        self._again.clicked.connect(self._on_again)
        self._close = flat_button()
        self._close.clicked.connect(self._on_close)
        self._asking = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._asking.setSpacing(_SPACING)
        self._head = QHBoxLayout()
        self._typed = QHBoxLayout()
        for part, widgets in (
            (self._head, (self._title, self._question)),
            (self._typed, (self.edit, self._check, self._reveal)),
        ):
            part.setSpacing(_SPACING)
            for widget in widgets:
                part.addWidget(widget)
            self._asking.addLayout(part)
        self._typed.addWidget(self._note, 1)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(_SPACING)
        row.addLayout(self._asking, 1)
        for last in (self._score, self._again, self._close):
            row.addWidget(last)
        self.feedback = PlainLabel()
        self.feedback.setObjectName("feedback")
        self._formula = FormulaView(self._theme, scale=1.2)
        below = QHBoxLayout()
        below.setContentsMargins(12, 0, 12, 8)
        below.setSpacing(12)
        below.addWidget(self.feedback, 2)
        below.addWidget(self._formula, 3)
        self._below = QWidget()
        self._below.setLayout(below)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._below)

    def _retranslate(self) -> None:
        self._title.setText(self.tr("Predict"))
        self._reveal.setText(self.tr("Show me"))
        self._reveal.setToolTip(self.tr("Show the answer with its formula"))
        self._again.setText(self.tr("Start again"))
        self._close.setToolTip(self.tr("End (Esc)"))
        self._close.setAccessibleName(self.tr("End"))
        self.edit.setPlaceholderText(self.tr("Your answer"))
        self.edit.setToolTip(
            self.tr("A number, a fraction such as 1/2, a list such as [1, 2], or names: z * 1")
        )
        self._show()

    def focus_answer(self) -> None:
        """Let the person type."""
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow the question and its note have a row of their own."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Arrange it again where the type has another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def _arrange(self) -> None:
        """Give a question that is long, or the one of a narrow bar, a row of its own."""
        wanted = self._question.unbroken_width()
        has_room = self.width() >= _TITLED_FROM and wanted <= _QUESTION_WIDTH
        self._title.setVisible(has_room)
        room = self.width() - self._close.sizeHint().width() - 4 * _SPACING
        self._question.setFixedWidth(_QUESTION_WIDTH if has_room else min(wanted, room))
        direction = QBoxLayout.Direction
        self._asking.setDirection(direction.LeftToRight if has_room else direction.TopToBottom)
        head = self._head if wanted <= room / 2 else self._asking
        (self._typed if has_room else head).addWidget(self._note, 1)
        self.edit.setMinimumWidth(_MIN_INPUT_WIDTH if has_room else _NARROW_INPUT_WIDTH)
        self._show_score()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape ends the round."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_close()
        else:
            super().keyPressEvent(event)

    def _on_close(self) -> None:
        self._quiz.stop()
        self.closed.emit()

    def _on_again(self) -> None:
        self._quiz.start()
        self.focus_answer()

    def _on_edited(self) -> None:
        if self._problem:
            self._problem = ""
            self._show()

    def _on_reveal(self) -> None:
        self._problem = ""
        self._quiz.show_answer()

    def _on_check(self) -> None:
        if self._quiz.state is QuizState.ANSWERED:
            self._quiz.go_on()
            self.focus_answer()
            return
        self._problem = ""
        try:
            self._quiz.answer(self.edit.text())
        except UnreadableAnswerError as problem:
            self._problem = str(problem)
            self._show()

    def _show(self) -> None:
        quiz = self._quiz
        self.setVisible(quiz.state is not QuizState.OFF)
        if quiz.question is not self._asked:
            self._asked = quiz.question
            self.edit.clear()
            self._problem = ""
        is_asking = quiz.state is QuizState.ASKING
        is_answered = quiz.state is QuizState.ANSWERED
        is_finished = quiz.state is QuizState.FINISHED
        for widget in (self._question, self.edit, self._check):
            widget.setVisible(is_asking or is_answered)
        self.edit.setReadOnly(is_answered)
        self._reveal.setVisible(is_asking)
        self._again.setVisible(is_finished and bool(quiz.outcomes))
        self._check.setText(self.tr("Continue") if is_answered else self.tr("Check"))
        self._question.show_equations(() if quiz.question is None else (_asked(quiz.question),))
        note = "" if quiz.question is None else self._note_on(quiz.question)
        self._note.set_text(note)
        self._arrange()
        explanation = quiz.explanation
        self._formula.show_equations(() if explanation is None else (explanation,))
        self._formula.setVisible(explanation is not None)
        self._say(*self._feedback())

    def _show_score(self) -> None:
        score = self._quiz.score
        text = self.tr("{right} of {asked} right first time")
        self._score.setText(text.format(right=score.right, asked=score.asked))
        self._score.setVisible(score.asked > 0 and self.width() >= _TITLED_FROM)

    def _say(self, text: str, colour: str) -> None:
        self.feedback.set_text(text)
        self.feedback.setStyleSheet(f"color: {colour}; font-weight: 600;")
        self._below.setVisible(bool(text))

    def _feedback(self) -> tuple[str, str]:
        quiz, theme = self._quiz, self._theme
        if self._problem:
            return in_language(self._problem), theme.warning
        judgement = quiz.judgement
        match quiz.state:
            case QuizState.ANSWERED if judgement is not None and judgement.is_right:
                return self.tr("Right."), theme.success
            case QuizState.ANSWERED:
                return self.tr("This is the answer:"), theme.text
            case QuizState.ASKING if judgement is not None:
                return self.tr("Not yet. Try again, or have it shown."), theme.error
            case QuizState.FINISHED:
                return self._summary(), theme.text
            case _:
                return "", theme.text

    def _summary(self) -> str:
        outcomes = self._quiz.outcomes
        if not outcomes:
            return self.tr("There is no step left with gradients to predict.")
        score = self._quiz.score
        lines = [
            self.tr("{asked} questions: {right} right first time, {wrong} later, {shown} shown.")
            .format(asked=score.asked, right=score.right, wrong=score.wrong, shown=score.shown)
        ]  # fmt: skip
        missed = [one.question.what for one in outcomes if one.wrong or one.is_shown]
        if missed:
            listed = ", ".join(dict.fromkeys(missed))
            lines.append(self.tr("Worth another look: {}.").format(listed))
        return "\n".join(lines)

    def _note_on(self, question: Question) -> str:
        notes = []
        if question.asked is Asked.GRAD:
            notes.append(self.tr("after this step has added to it"))
        elif question.parts > 1:
            notes.append(
                self.tr("the part {part} of {parts} that this step contributes").format(
                    part=question.part, parts=question.parts
                )
            )
        if question.shape:
            notes.append(self.tr("shape {}").format(format_shape(question.shape)))
        return "; ".join(notes)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._theme = theme
        self._question.set_theme(theme)
        self._formula.set_theme(theme)
        self._close.setIcon(make_icon("close", theme))
        self.setStyleSheet(
            f"#predict_bar {{ background: {theme.current_line}; border: none;"
            f" border-top: 1px solid {theme.border}; }}"
            f"#predict_bar QLabel {{ color: {theme.muted}; background: transparent; }}"
            f"#predict_bar QLabel#predict_title {{ color: {theme.text}; font-weight: 600; }}"
        )
        self._show()


def _asked(question: Question) -> Equation:
    what = question.derivative if question.derivative is not None else Symbol(question.what)
    return Equation((what, Shown("?")))
