"""Questions about the next step of a backward pass, and whether an answer is right."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

import msgspec
import numpy as np

from gradviz.recording.answers import is_close, read_answer
from gradviz.recording.chain import Chain
from gradviz.recording.expression import Derivative, Equation, Shown, Sum, Symbol, to_text
from gradviz.recording.model import Recording, Step, TensorId, Value, ValueId
from gradviz.recording.story import StepStory, story_at
from gradviz.recording.values import to_array

MAX_ELEMENTS: Final = 16
"""Elements of a gradient that a person is asked to type."""


class Asked(Enum):
    """What a question is about."""

    SENT = "sent"
    """The gradient that the step sends on."""
    GRAD = "grad"
    """A leaf's `.grad` after the step has added to it."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a step will send, or a leaf's `.grad` after it.

    `playhead` is the moment after the step, where the answer is to be seen. `what` is how the
    asked quantity is written; where several terms are summed it is `part` of `parts` of it.
    """

    playhead: int
    asked: Asked
    what: str
    tensor: TensorId | None
    derivative: Derivative | None
    value: ValueId
    shape: tuple[int, ...]
    part: int = 1
    parts: int = 1


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an answer: `given` as it was understood, and what is right."""

    question: Question
    text: str
    is_right: bool
    given: tuple[float, ...]
    expected: tuple[float, ...]


class Score(msgspec.Struct, frozen=True):
    """How the answers were: right at once, wrong before they were right or shown, and shown."""

    right: int = 0
    wrong: int = 0
    shown: int = 0

    @property
    def asked(self) -> int:
        """How many questions were dealt with."""
        return self.right + self.wrong + self.shown


def questions_at(chain: Chain, playhead: int) -> tuple[Question, ...]:
    """What can be asked about the step that comes next after `playhead`; often nothing.

    Asked is what a person can compute: gradients of few real elements that were kept, and `.grad`
    of a leaf that had one before.
    """
    after = playhead + 1
    moment = chain.replay.moment_at(after) if after <= chain.replay.length else None
    if moment is None or moment.step is None or not _may_ask(chain.replay.recording, moment.step):
        return ()
    story = story_at(chain, after)
    if story is None:
        return ()
    recording = chain.replay.recording
    return (*_about_sent(recording, story, after), *_about_grad(recording, story, after))


def next_question(chain: Chain, playhead: int) -> int | None:
    """The first playhead from `playhead` on whose next step can be asked about."""
    for moment in range(playhead, chain.replay.length):
        if questions_at(chain, moment):
            return moment
    return None


def judge(chain: Chain, question: Question, text: str) -> Judgement:
    """Whether an answer is right. Raises UnreadableAnswerError where it is not a number."""
    recording = chain.replay.recording
    value = recording.value(question.value)
    assert value is not None
    expected = to_array(value).astype(np.float64)
    given = read_answer(text, question.shape, _known_numbers(recording))
    return Judgement(
        question=question,
        text=text,
        is_right=is_close(given, expected),
        given=tuple(given.reshape(-1).tolist()),
        expected=tuple(expected.reshape(-1).tolist()),
    )


def _may_ask(recording: Recording, step: Step) -> bool:
    """Whether there is anything small; told without writing the step's story."""
    return any(
        _can_be_typed(recording.value(value)) for value in (*step.grad_inputs, step.leaf_grad)
    )


def explanation(chain: Chain, question: Question) -> Equation | None:
    """The equation that answers a question, with its numbers."""
    story = story_at(chain, question.playhead)
    if story is None:
        return None
    if question.asked is Asked.GRAD:
        change = story.accumulation
        if change is None:
            return None
        arrived = story.received[0].shown if story.received else Shown("?")
        return Equation(
            (Symbol(question.what), Sum((change.shown_before, arrived)), change.shown_after)
        )
    found = [rule for rule in story.rules if rule.total == question.derivative]
    return found[0].equation if found else None


def _about_sent(recording: Recording, story: StepStory, playhead: int) -> list[Question]:
    questions: dict[tuple[str, int], Question] = {}
    for flow in story.sent:
        value = recording.value(flow.value)
        if flow.value is None or not _can_be_typed(value):
            continue
        assert value is not None
        what = to_text(flow.derivative)
        questions.setdefault(
            (what, flow.part),
            Question(
                playhead=playhead,
                asked=Asked.SENT,
                what=what,
                tensor=flow.tensor,
                derivative=flow.derivative,
                value=flow.value,
                shape=value.shape,
                part=flow.part,
                parts=flow.parts,
            ),
        )
    return list(questions.values())


def _about_grad(recording: Recording, story: StepStory, playhead: int) -> list[Question]:
    change = story.accumulation
    if change is None or change.before is None or change.after is None:
        return []
    value = recording.value(change.after)
    if not _can_be_typed(value):
        return []
    assert value is not None
    return [
        Question(
            playhead=playhead,
            asked=Asked.GRAD,
            what=f"{change.name}.grad",
            tensor=change.leaf,
            derivative=None,
            value=change.after,
            shape=value.shape,
        )
    ]


def _can_be_typed(value: Value | None) -> bool:
    if value is None or not value.is_whole or not 0 < value.numel <= MAX_ELEMENTS:
        return False
    return bool(to_array(value).dtype.kind != "c")


def _known_numbers(recording: Recording) -> dict[str, np.ndarray[Any, Any]]:
    """The person's own scalars and small tensors, by which an answer may be written."""
    known: dict[str, np.ndarray[Any, Any]] = {}
    for tensor in recording.tensors:
        value = recording.value(tensor.value)
        if tensor.name is None or not tensor.name.isidentifier() or value is None:
            continue
        if _can_be_typed(value):
            known[tensor.name] = to_array(value)
    return known
