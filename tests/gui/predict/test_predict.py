"""Predict mode: the learner is asked before the gradient is shown."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gradviz.gui.findings import FindingsPanel, Page
from gradviz.gui.inspector.tensor_page import TensorPage
from gradviz.gui.main_window import MainWindow
from gradviz.gui.predict.bar import PredictBar
from gradviz.gui.predict.quiz import Quiz, QuizState
from gradviz.gui.session import Session
from gradviz.gui.style import DARK, LIGHT, Appearance
from gradviz.gui.timeline.track import Track
from gradviz.language.run import RunOptions, run
from gradviz.recording.answers import UnreadableAnswerError
from gradviz.recording.chain import Chain
from gradviz.recording.concealing import gives_away, query_tells_gradients
from gradviz.recording.model import Output, OutputKind, Recording
from gradviz.recording.replay import Replay
from gradviz.recording.step_facts import StepFacts
from gradviz.recording.story import story_at
from tests.builders import make_chain_rule_recording
from tests.gui.inspector.test_inspector import FakeEngine

pytestmark = pytest.mark.gui

# dg/dp, dg/dz, dg/dx and dg/dy of g = (x + y)·z, all of them 3.
QUESTIONS = ["dg/dp", "dg/dz", "dg/dx", "dg/dy"]


@pytest.fixture
def session(qapp) -> Session:
    session = Session()
    session.show_recording(make_chain_rule_recording())
    return session


@pytest.fixture
def quiz(session: Session) -> Quiz:
    return Quiz(session)


@pytest.fixture
def bar(qtbot, quiz: Quiz) -> PredictBar:
    bar = PredictBar(quiz, Appearance())
    qtbot.addWidget(bar)
    return bar


def record_run(text: str) -> Recording:
    options = RunOptions(seed=0)
    return run(text, options, on_output=lambda _: None, on_line=lambda _: None).recording


def asked(quiz: Quiz) -> str:
    assert quiz.question is not None
    return quiz.question.what


def test_every_gradient_of_the_chain_rule_is_asked_once_and_then_shown(
    session: Session, quiz: Quiz
) -> None:
    quiz.start()
    seen = []
    while quiz.state is not QuizState.FINISHED:
        assert quiz.question is not None
        assert session.playhead == quiz.question.playhead - 1
        seen.append(asked(quiz))
        quiz.answer("3")
        quiz.go_on()
    assert sorted(seen) == sorted(QUESTIONS)
    assert session.playhead == session.replay.length
    assert quiz.score == type(quiz.score)(right=4, wrong=0, shown=0)


def test_a_wrong_answer_shows_nothing_and_can_be_tried_again(quiz: Quiz) -> None:
    quiz.start()
    quiz.answer("2")
    assert quiz.state is QuizState.ASKING
    assert quiz.judgement is not None
    assert quiz.explanation is None
    quiz.answer("3")
    assert quiz.state is QuizState.ANSWERED
    quiz.go_on()
    assert (quiz.score.right, quiz.score.wrong) == (0, 1)


def test_an_answer_comes_with_its_formula(quiz: Quiz) -> None:
    quiz.start()
    quiz.show_answer()
    assert quiz.explanation is not None
    assert quiz.explanation.text == "dg/dp = z = 3"
    quiz.go_on()
    assert quiz.score.shown == 1


def test_nonsense_is_no_wrong_answer(quiz: Quiz) -> None:
    quiz.start()
    with pytest.raises(UnreadableAnswerError):
        quiz.answer("three")
    quiz.answer("3")
    quiz.go_on()
    assert quiz.score.right == 1


def test_moving_the_playhead_asks_about_the_step_there(session: Session, quiz: Quiz) -> None:
    quiz.start()
    first = asked(quiz)
    session.move_playhead(2)
    assert asked(quiz) != first
    session.move_playhead(session.replay.length)
    assert quiz.state is QuizState.FINISHED


def test_at_the_end_of_a_run_a_round_starts_from_its_beginning(
    session: Session, quiz: Quiz
) -> None:
    session.move_playhead(session.replay.length)
    quiz.start()
    assert session.playhead == 0
    assert quiz.state is QuizState.ASKING


def test_after_the_last_question_a_round_starts_from_the_beginning(
    session: Session, quiz: Quiz
) -> None:
    session.move_playhead(session.replay.length - 1)
    quiz.start()
    assert session.playhead == 0
    assert quiz.state is QuizState.ASKING


def test_another_recording_begins_anew(session: Session, quiz: Quiz) -> None:
    quiz.start()
    quiz.answer("3")
    quiz.go_on()
    session.show_recording(Recording())
    assert quiz.state is QuizState.FINISHED
    assert quiz.outcomes == ()


def test_a_round_with_the_keyboard_alone(qtbot, bar: PredictBar, quiz: Quiz) -> None:
    quiz.start()
    assert bar.isVisible()
    for _ in QUESTIONS:
        qtbot.keyClicks(bar.edit, "3")
        qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
        assert bar.feedback.text() == "Right."
        qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
        assert bar.edit.text() == ""
    assert bar.feedback.text() == "4 questions: 4 right first time, 0 later, 0 shown."
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_the_summary_names_what_was_missed(bar: PredictBar, quiz: Quiz) -> None:
    quiz.start()
    quiz.answer("1")
    while quiz.state is not QuizState.FINISHED:
        quiz.answer("3")
        quiz.go_on()
    assert bar.feedback.text().endswith(f"Worth another look: {QUESTIONS[0]}.")


def test_an_unreadable_answer_says_what_is_expected(qtbot, bar: PredictBar, quiz: Quiz) -> None:
    quiz.start()
    qtbot.keyClicks(bar.edit, "three")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    assert bar.feedback.text() == "The name three is not known here."
    assert bar.edit.text() == "three"
    qtbot.keyClicks(bar.edit, "!")
    assert bar.feedback.text() == ""


def test_an_answer_that_is_shown_takes_the_place_of_what_could_not_be_read(
    qtbot, bar: PredictBar, quiz: Quiz
) -> None:
    quiz.start()
    bar.edit.setText("abc)")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    assert "not a number" in bar.feedback.text()
    bar._reveal.click()
    assert bar.feedback.text() == "This is the answer:"


def test_in_a_narrow_window_the_answer_has_a_row_of_its_own(
    qtbot, bar: PredictBar, session: Session, quiz: Quiz
) -> None:
    session.show_recording(record_run(ADDED))
    quiz.start()
    while asked(quiz) != "x.grad":
        quiz.show_answer()
        quiz.go_on()
    bar.resize(340, 120)
    bar.show()
    qtbot.waitUntil(lambda: bar._note.geometry().top() < bar.edit.geometry().top())
    assert bar._note.text() == "after this step has added to it"
    assert bar._note.height() >= bar._note.heightForWidth(bar._note.width())
    assert bar._question.geometry().bottom() <= bar.edit.geometry().top()
    for button in (bar._check, bar._reveal):
        assert button.width() >= button.sizeHint().width()
    bar.resize(900, 120)
    qtbot.waitUntil(lambda: bar._question.geometry().bottom() > bar.edit.geometry().top())
    assert bar._note.geometry().left() > bar._reveal.geometry().right()


@pytest.mark.parametrize("width", [500, 900])
def test_a_long_question_is_shown_whole(
    qtbot, bar: PredictBar, session: Session, quiz: Quiz, width: int
) -> None:
    session.show_recording(record_run(LONG))
    quiz.start()
    while "targets" not in asked(quiz):
        quiz.show_answer()
        quiz.go_on()
    bar.resize(width, 160)
    bar.show()
    question = bar._question
    qtbot.waitUntil(lambda: question.width() == question.unbroken_width())
    assert question.width() > 200
    assert question.geometry().right() <= bar._close.geometry().left()
    assert question.geometry().bottom() <= bar.edit.geometry().top()


LONG = """\
import torch
weights = torch.tensor([2.], requires_grad=True)
targets = torch.tensor([1.])
loss = ((weights @ targets + targets.sum() - 3 * targets.mean()) ** 2).sum()
loss.backward()
"""

ADDED = """\
import torch
x = torch.tensor(2., requires_grad=True)
(x * 3).backward()
(x * x).backward()
"""


def test_both_themes_paint(bar: PredictBar, quiz: Quiz) -> None:
    quiz.start()
    for theme in (LIGHT, DARK):
        bar._on_theme_changed(theme)
        assert not bar.grab().isNull()


def test_nothing_tells_what_is_still_to_be_predicted(session: Session, quiz: Quiz, qtbot) -> None:
    track = Track()
    qtbot.addWidget(track)
    track.setRange(0, session.replay.length)
    track.show_replay(session.replay)
    track.show_facts(StepFacts(session.recording))
    session.concealment_changed.connect(track.conceal)
    whole = track.facts
    assert whole is not None
    quiz.start()
    assert session.conceals
    for playhead in range(session.replay.length + 1):
        track.setValue(playhead)
        told = track.facts
        assert told is not None
        assert np.isnan(told.norms[playhead:]).all()
        assert np.array_equal(told.norms[:playhead], whole.norms[:playhead], equal_nan=True)
    quiz.stop()
    assert not session.conceals
    assert track.facts is whole


def test_the_inspector_keeps_the_rule_that_answers_the_question(
    session: Session, quiz: Quiz, qtbot
) -> None:
    page = TensorPage(session, FakeEngine(), LIGHT)
    qtbot.addWidget(page)
    x = next(tensor.id for tensor in session.recording.tensors if tensor.name == "x")
    page.show_tensor(x, session.chain)
    assert page.formula.text
    quiz.start()
    page.show_tensor(x, session.chain)
    assert not page.formula.text
    assert "predict" in page.remark.text()
    quiz.stop()
    page.show_tensor(x, session.chain)
    assert page.formula.text


def test_a_rule_that_is_not_complete_tells_nothing_of_the_terms_to_come() -> None:
    recording = record_run(
        "import torch\na = torch.tensor(2., requires_grad=True)\n"
        "b = torch.tensor(3., requires_grad=True)\nu = a * b\nv = a + b * b\n(u + v).backward()\n"
    )
    chain = Chain(Replay(recording))
    a = next(t.id for t in recording.tensors if t.name == "a")
    playhead = next(p for p in range(1, 9) if (r := chain.rule_of(a, p)) and r.arrived == 1)
    story = story_at(chain, playhead, only_arrived=True)
    assert story is not None
    (rule,) = (rule for rule in story.rules if rule.tensor == a)
    assert rule.text == "d(u + v)/da = d(u + v)/dv · dv/da + ⋯ = 1 · 1 + ⋯"
    assert [line.text for line in rule.where] == ["dv/da = 1"]


NAMED = """\
import torch
x = torch.tensor(2., requires_grad=True)
y = x ** 3
(dy,) = torch.autograd.grad(y, x, create_graph=True)
dy.backward()
twice = x.grad * 2
"""


def test_values_that_came_from_gradients_are_concealed_until_their_pass_has_ended() -> None:
    replay = Replay(record_run(NAMED))
    tensors = {t.name: t for t in replay.recording.tensors}
    names = ("x", "y", "dy", "twice")
    first_ends = replay.span_of(0)[1]
    told = {
        at: [name for name in names if not gives_away(replay, tensors[name], at)]
        for at in (0, first_ends, replay.length)
    }
    assert told == {0: ["x", "y"], first_ends: ["x", "y", "dy"], replay.length: list(names)}


@pytest.mark.parametrize(
    ("query", "tells"),
    [
        ("grad norm > 1", True),
        ("norm > 10", True),
        ("nan", True),
        ("relu", False),
        ("numel > 10", False),
        ("grad is None", False),
        ("/(/", False),
    ],
)
def test_a_search_by_the_size_of_gradients_is_known(query: str, tells: bool) -> None:
    assert query_tells_gradients(query) is tells


def test_only_the_pass_is_drawn_while_predicting(session: Session, quiz: Quiz) -> None:
    assert session.view_options.pass_id is None
    quiz.start()
    assert session.view_options.pass_id == 0
    quiz.stop()
    assert session.view_options.pass_id is None
    assert session.limits_to_pass is None


def test_the_window_hides_what_tells_gradients_and_shows_it_again(
    qtbot, window: MainWindow
) -> None:
    window.session.show_recording(make_chain_rule_recording())
    window.output.add_output(Output(7, OutputKind.DISPLAY, "tensor(3.)"))
    quiz = Quiz(window.session)
    quiz.start()
    assert not window.output.text.isVisible()
    assert window.output.concealed.isVisible()
    quiz.stop()
    assert window.output.text.isVisible()
    assert not window.output.concealed.isVisible()


def test_findings_and_depth_are_hidden_but_memory_is_not(qtbot, session: Session) -> None:
    panel = FindingsPanel(session, Appearance())
    qtbot.addWidget(panel)
    panel.show()
    quiz = Quiz(session)
    quiz.start()
    for page in Page:
        panel.tabs.setCurrentIndex(page)
        assert panel.pages.isVisible() is (page is Page.MEMORY)
    panel.tabs.setCurrentIndex(Page.DEPTH)
    quiz.stop()
    assert panel.pages.isVisible()
