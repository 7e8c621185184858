"""What is known of all steps at once agrees with what each one says."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from gradviz.recording.model import Recording, Statistics, Value, ValueId
from gradviz.recording.statistics import statistics_of
from gradviz.recording.step_facts import StepFacts
from tests.builders import make_chain_rule_recording, make_value
from tests.recording.test_view import LOOP, record
from tests.recording.walks import make_walk

NAN, INF = math.nan, math.inf


def with_value(recording: Recording, value: Value) -> Recording:
    values = list(recording.values)
    values[value.id] = value
    return msgspec.structs.replace(recording, values=tuple(values))


def test_norms_and_zeros_are_of_what_the_node_received() -> None:
    facts = StepFacts(make_walk((":a", ":b", "x"), gradients=([3.0, 4.0, 0.0, 0.0], -2.0, 0.0)))
    assert facts.norms.tolist() == [5.0, 2.0, 0.0]
    assert facts.zero_fractions.tolist() == [0.5, 0.0, 1.0]
    assert facts.accumulates.tolist() == [False, False, True]


def test_what_is_not_finite_is_told_and_left_out_of_the_norm() -> None:
    walk = make_walk((":a", ":b", ":c", ":d"), (":a",), gradients=(1.0, [NAN, 2.0], -INF, 1, NAN))
    facts = StepFacts(walk)
    assert facts.has_nan.tolist() == [False, True, False, False, True]
    assert facts.has_inf.tolist() == [False, False, True, False, False]
    assert [n for n in facts.norms.tolist() if not math.isnan(n)] == [1.0, 2.0, 1.0]
    assert facts.first_bad.tolist() == [False, True, False, False, True]


def test_a_node_that_only_sends_a_nan_is_told() -> None:
    walk = make_walk((":a", ":b"), gradients=(1.0, NAN))
    step = msgspec.structs.replace(walk.passes[0].steps[0], grad_inputs=(None, ValueId(1)))
    one = msgspec.structs.replace(walk.passes[0], steps=(step,))
    facts = StepFacts(msgspec.structs.replace(walk, passes=(one,)))
    assert facts.has_nan.tolist() == [True]
    assert facts.norms.tolist() == [1.0]


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_very_small_and_very_large_gradients_keep_their_norm(size: float) -> None:
    facts = StepFacts(make_walk((":a",), gradients=([3 * size, 4 * size],)))
    assert facts.norms[0] == pytest.approx(5 * size, rel=1e-6)


def test_of_a_value_that_was_not_kept_whole_the_statistics_count() -> None:
    corner = Value(
        id=ValueId(0),
        shape=(100,),
        dtype="float32",
        storage="<f4",
        kept_shape=(2,),
        data=np.ones(2, "<f4").tobytes(),
        statistics=Statistics(0.0, 1.0, 0.5, 0.5, 7.0, zeros=25, nan=1, inf=0),
    )
    facts = StepFacts(with_value(make_walk((":a", ":b")), corner))
    assert facts.norms.tolist() == [7.0, 1.0]
    assert facts.zero_fractions.tolist() == [0.25, 0.0]
    assert facts.has_nan.tolist() == [True, False]


@pytest.mark.parametrize("storage", ["<f4", "nonsense"])
def test_of_what_is_not_known_nothing_is_told(storage: str) -> None:
    unknown = msgspec.structs.replace(
        make_value(0, 1.0),
        data=None if storage == "<f4" else b"1234",
        storage=storage,
        statistics=None,
    )
    facts = StepFacts(with_value(make_walk((":a", ":b")), unknown))
    assert np.isnan(facts.norms).tolist() == [True, False]
    assert facts.has_nan.tolist() == [False, False]


def test_a_node_that_received_nothing_has_no_norm() -> None:
    walk = make_walk((":a",))
    step = msgspec.structs.replace(walk.passes[0].steps[0], grad_outputs=(None,))
    one = msgspec.structs.replace(walk.passes[0], steps=(step,))
    assert np.isnan(StepFacts(msgspec.structs.replace(walk, passes=(one,))).norms).all()


@pytest.mark.parametrize("recording", [Recording(), make_chain_rule_recording(), record(LOOP)])
def test_the_norm_of_each_step_is_that_of_its_value(recording: Recording) -> None:
    norms = []
    for pass_ in recording.passes:
        for step in pass_.steps:
            known = [statistics_of(recording.values[v]) for v in step.grad_outputs if v is not None]
            norms.append(math.hypot(*(s.norm for s in known if s and s.norm is not None)))
    assert StepFacts(recording).norms.tolist() == pytest.approx(norms)


def test_many_values_are_summarised_in_batches_as_if_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walk = make_walk(tuple(f":op{i}" for i in range(50)), gradients=tuple(map(float, range(50))))
    at_once = StepFacts(walk).norms.tolist()
    assert at_once == list(range(50))
    bare = tuple(msgspec.structs.replace(v, statistics=None) for v in walk.values)
    walk = msgspec.structs.replace(walk, values=bare)
    monkeypatch.setattr("gradviz.recording.step_facts._BATCH_NBYTES", 24)
    assert StepFacts(walk).norms.tolist() == at_once


def test_elements_tell_the_same_as_statistics() -> None:
    walk = make_walk((":a", ":b", ":c"), gradients=([NAN, 3.0, 0.0], INF, []))
    bare = tuple(msgspec.structs.replace(v, statistics=None) for v in walk.values)
    told, counted = StepFacts(walk), StepFacts(msgspec.structs.replace(walk, values=bare))
    for name in ("norms", "zero_fractions", "has_nan", "has_inf"):
        np.testing.assert_array_equal(getattr(told, name), getattr(counted, name), name)
