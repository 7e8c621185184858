"""Predict mode: questions that can be answered, and answers as people write them."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.recording.answers import UnreadableAnswerError, is_close, read_answer
from gradviz.recording.chain import Chain
from gradviz.recording.predict import Asked, judge, next_question, questions_at
from gradviz.recording.replay import Replay
from tests.builders import make_chain_rule_recording


@pytest.fixture
def chain() -> Chain:
    return Chain(Replay(make_chain_rule_recording()))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3.0),
        (" -2.5 ", -2.5),
        ("−2", -2.0),
        ("1/4", 0.25),
        ("3·2", 6.0),
        ("2^3", 8.0),
        ("0,5", 0.5),
        ("-1,25", -1.25),
        ("z * 1", 3.0),
        ("exp(0) + sqrt(4)", 3.0),
        ("nan", float("nan")),
        ("[7]", 7.0),
    ],
)
def test_a_number_is_understood_as_people_write_it(text: str, number: float) -> None:
    found = read_answer(text, (), {"z": np.array(3.0)})
    assert found.shape == ()
    assert np.array_equal(found, number, equal_nan=True)


@pytest.mark.parametrize("text", ["[1, 2]", "(1, 2)", "1 2", "[1., 4/2]", "x"])
def test_several_numbers_are_understood(text: str) -> None:
    assert read_answer(text, (2,), {"x": np.array([1.0, 2.0])}).tolist() == [1.0, 2.0]


def test_one_number_stands_for_every_element() -> None:
    assert read_answer("1", (2, 2), {}).tolist() == [[1.0, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "three",
        "1 +",
        "__import__('os')",
        "x.grad",
        "[1, [2]]",
        "9**9**9**9",
        "lambda: 1",
        "True",
        "'3'",
        "(" * 500,
        "[1, 2, 3]",
    ],
)
def test_nonsense_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UnreadableAnswerError, match=r"\.$"):
        read_answer(text, (2,), {})


def test_rounding_in_the_head_is_allowed_and_no_more() -> None:
    third = np.array(1 / 3)
    assert is_close(np.array(0.33), third)
    assert not is_close(np.array(0.3), third)


def test_the_first_question_is_about_the_root_s_own_node(chain: Chain) -> None:
    questions = questions_at(chain, 0)
    assert [one.what for one in questions] == ["dg/dp", "dg/dz"]
    assert {one.playhead for one in questions} == {1}
    assert {one.asked for one in questions} == {Asked.SENT}


def test_answers_are_judged(chain: Chain) -> None:
    to_p, to_z = questions_at(chain, 0)
    assert judge(chain, to_p, "3").is_right
    assert judge(chain, to_p, "z").is_right
    wrong = judge(chain, to_z, "2")
    assert not wrong.is_right
    assert wrong.given == (2.0,)
    assert wrong.expected == (3.0,)


def test_every_question_is_answered_by_the_value_that_the_step_sends(chain: Chain) -> None:
    recording = chain.replay.recording
    asked = [one for moment in range(chain.replay.length) for one in questions_at(chain, moment)]
    assert asked
    for question in asked:
        value = recording.values[question.value]
        numbers = np.frombuffer(value.data or b"", value.storage).tolist()
        assert judge(chain, question, str(numbers)).is_right


def test_steps_that_only_hand_on_ask_nothing(chain: Chain) -> None:
    moments = [m for m in range(chain.replay.length) if questions_at(chain, m)]
    first = next_question(chain, 0)
    assert first == moments[0]
    assert next_question(chain, moments[-1] + 1) is None
    assert questions_at(chain, chain.replay.length) == ()
