"""One round of questions about the steps of a recording, from the playhead to the end."""

from __future__ import annotations

from enum import Enum

import msgspec
from PySide6.QtCore import QObject, Signal

from gradviz.gui.session import Session
from gradviz.recording.expression import Equation
from gradviz.recording.predict import (
    Judgement,
    Question,
    Score,
    explanation,
    judge,
    next_question,
    questions_at,
)


class QuizState(Enum):
    """Where a round is."""

    OFF = "off"
    ASKING = "asking"
    ANSWERED = "answered"
    """Right, or shown: the formula is there, and the step can be made."""
    FINISHED = "finished"


class Outcome(msgspec.Struct, frozen=True):
    """How a question went: tries that were wrong, and whether the answer had to be shown."""

    question: Question
    wrong: int
    is_shown: bool


class Quiz(QObject):
    """Asks about the next step of the session's recording, judges, and makes the step.

    Attributes:
        state: where the round is.
        question: what is asked, None unless it is ASKING or ANSWERED.
        judgement: of the latest answer to it, None before one.
        outcomes: how the questions before went.

    Signals:
        changed: any of these is another one.
    """

    changed = Signal()

    def __init__(self, session: Session, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._open: tuple[Question, ...] = ()
        self._wrong = 0
        self._moves_itself = False
        self._drawn: tuple[bool | None, bool] = None, False
        self.state = QuizState.OFF
        self.question: Question | None = None
        self.judgement: Judgement | None = None
        self.outcomes: tuple[Outcome, ...] = ()
        session.recording_changed.connect(self._on_recording_changed)
        session.playhead_moved.connect(self._on_playhead_moved)

    @property
    def is_on(self) -> bool:
        """Whether a round is going on, or has just been finished."""
        return self.state is not QuizState.OFF

    @property
    def score(self) -> Score:
        """How the questions before went, in numbers."""
        shown = sum(one.is_shown for one in self.outcomes)
        right = sum(not one.wrong and not one.is_shown for one in self.outcomes)
        return Score(right=right, wrong=len(self.outcomes) - right - shown, shown=shown)

    @property
    def explanation(self) -> Equation | None:
        """The formula that answers the question, None before it is answered."""
        if self.state is not QuizState.ANSWERED or self.question is None:
            return None
        return explanation(self._session.chain, self.question)

    def start(self) -> None:
        """Begin a round at the playhead; where nothing is left to ask from there, at the start."""
        session = self._session
        self.outcomes = ()
        if next_question(session.chain, session.playhead) is None:
            self._move(0)
        self._ask_from(session.playhead)

    def stop(self) -> None:
        """End the round."""
        self._become(QuizState.OFF, None)

    def answer(self, text: str) -> None:
        """Judge an answer. Raises UnreadableAnswerError where it is not a number."""
        if self.state is not QuizState.ASKING or self.question is None:
            return
        self.judgement = judge(self._session.chain, self.question, text)
        if self.judgement.is_right:
            self._settle(is_shown=False)
        else:
            self._wrong += 1
            self.changed.emit()

    def show_answer(self) -> None:
        """Give up on this question."""
        if self.state is QuizState.ASKING:
            self._settle(is_shown=True)

    def go_on(self) -> None:
        """The next question; the step is made when all of it has been asked."""
        if self.state is not QuizState.ANSWERED or self.question is None:
            return
        if self._open:
            first, *others = self._open
            self._open = tuple(others)
            self._become(QuizState.ASKING, first)
            return
        self._move(self.question.playhead)
        self._ask_from(self._session.playhead)

    def _settle(self, *, is_shown: bool) -> None:
        assert self.question is not None
        outcome = Outcome(self.question, self._wrong, is_shown)
        self.outcomes = (*self.outcomes, outcome)
        self.state = QuizState.ANSWERED
        self.changed.emit()

    def _ask_from(self, playhead: int) -> None:
        chain = self._session.chain
        moment = next_question(chain, playhead)
        if moment is None:
            self._move(self._session.replay.length)
            self._become(QuizState.FINISHED, None)
            return
        self._move(moment)
        first, *others = questions_at(chain, moment)
        self._open = tuple(others)
        self._become(QuizState.ASKING, first)

    def _become(self, state: QuizState, question: Question | None) -> None:
        self.state, self.question = state, question
        self.judgement = None
        self._wrong = 0
        self._conceal(state in (QuizState.ASKING, QuizState.ANSWERED))
        self.changed.emit()

    def _conceal(self, conceals: bool) -> None:
        """Show nothing that tells what the steps to come will bring, or all of it again."""
        session = self._session
        if conceals == session.conceals:
            return
        if conceals:
            # What was made after a pass, of its gradients, is drawn where the whole run is.
            self._drawn = session.limits_to_pass, session.view_options.pass_id is not None
            session.limit_to_pass(True)
        session.conceal(conceals)
        if not conceals:
            limits, was_limited = self._drawn
            session.limit_to_pass(was_limited)
            session.limits_to_pass = limits

    def _move(self, playhead: int) -> None:
        self._moves_itself = True
        try:
            self._session.move_playhead(playhead)
        finally:
            self._moves_itself = False

    def _on_playhead_moved(self, playhead: int) -> None:
        if not self._moves_itself and self.state is not QuizState.OFF:
            self._ask_from(playhead)

    def _on_recording_changed(self) -> None:
        if self.state is not QuizState.OFF:
            self.outcomes = ()
            self._ask_from(self._session.playhead)
