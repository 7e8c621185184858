"""Where do two recordings part, and by how much? Of one text, of an edited one, of two ranks."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch

import gradviz
from gradviz import api
from gradviz.errors import GradvizError
from gradviz.language.run import RunOptions, run
from gradviz.recording.compare import Quantity
from gradviz.recording.differences import Differences
from gradviz.recording.model import Recording, Value, ValueId
from gradviz.recording.queries import RecordingView
from gradviz.recording.values import to_array
from tests.builders import CHAIN_RULE_TEXT, make_chain_rule_recording, make_value

TRAINING = """\
import torch
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
x = torch.randn(5, 4)
for _ in range(3):
    loss = model(x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def record(text: str, seed: int = 0) -> RecordingView:
    options = RunOptions(seed=seed)
    done = run(text, options, on_output=lambda _o: None, on_line=lambda _l: None)
    return RecordingView(done.recording)


def whats(found: Differences) -> list[str]:
    return [one.what for one in found]


def with_values(recording: Recording, *values: Value) -> RecordingView:
    """The recording with other values in place of those with the same identities."""
    changed = {value.id: value for value in values}
    kept = tuple(changed.get(value.id, value) for value in recording.values)
    return RecordingView(msgspec.structs.replace(recording, values=kept))


def with_grad(recording: Recording, name: str, array: float | list[float]) -> RecordingView:
    """The recording with another `.grad` at the end."""
    value = make_value(len(recording.values), array)
    tensors = tuple(
        msgspec.structs.replace(tensor, grad=value.id) if tensor.name == name else tensor
        for tensor in recording.tensors
    )
    values = (*recording.values, value)
    return RecordingView(msgspec.structs.replace(recording, tensors=tensors, values=values))


def as_corner(value: Value, size: int) -> Value:
    """A vector of which only the first elements and the statistics were kept."""
    corner = to_array(value)[:size]
    return msgspec.structs.replace(value, kept_shape=corner.shape, data=corner.tobytes())


def test_equal_runs_have_no_difference() -> None:
    found = record(TRAINING).differences(record(TRAINING))
    assert list(found) == []
    assert found.are_none
    assert found.values > 20
    assert found.gradients > 20
    assert (found.by_statistics, found.not_compared) == (0, 0)


def test_a_gradient_that_is_wrong_by_a_millionth_is_found() -> None:
    plain = make_chain_rule_recording()
    wrong = with_grad(plain, "y", 3 + 1e-6)
    (found,) = wrong.differences(RecordingView(plain))
    assert (found.what, found.quantity, found.line) == ("y.grad", Quantity.GRAD, 4)
    assert found.largest == pytest.approx(1e-6, rel=0.1)
    assert found.tensor == wrong.tensor("y")
    assert float(found.value) - float(found.other_value) == found.largest
    assert wrong.differences(RecordingView(plain), rtol=1e-5).are_none
    assert not wrong.differences(RecordingView(plain), rtol=1e-8).are_none


def test_nan_is_equal_to_nan_and_zero_to_minus_zero() -> None:
    plain = make_chain_rule_recording()
    one = with_grad(plain, "y", [math.nan, 0.0, math.inf])
    assert one.differences(with_grad(plain, "y", [-math.nan, -0.0, math.inf])).are_none
    (found,) = one.differences(with_grad(plain, "y", [1.0, 0.0, -math.inf]), rtol=1e9)
    assert (found.differing, found.compared) == (2, 3)
    assert math.isnan(found.largest)
    assert found.at == (0,)


def test_values_come_as_they_were_made_then_gradients_by_step_then_grad() -> None:
    changed = record(CHAIN_RULE_TEXT.replace("tensor(1.", "tensor(5."))
    found = changed.differences(record(CHAIN_RULE_TEXT))
    assert whats(found) == [
        "x",
        "p",
        "g",
        "out of MulBackward0, slot 1",
        "into AccumulateGrad of z",
        "z.grad",
    ]
    p, sent = found[1], found[3]
    assert (p.line, p.text, p.op.name, p.largest) == (6, "x + y", "add", 4.0)
    assert (sent.when, sent.line, sent.text) == ("step 1", 7, "p * z")
    assert sent.step == changed.passes[0].steps[0]
    assert found.are_none is False


def test_calls_are_the_same_on_other_lines() -> None:
    moved = CHAIN_RULE_TEXT.replace("p = x", "unused = z.exp()\n# more\nw = z.sin()\np = x")
    assert record(CHAIN_RULE_TEXT).differences(record("# one\n\n" + CHAIN_RULE_TEXT)).are_none
    found = record(moved).differences(record(CHAIN_RULE_TEXT))
    assert list(found) == []
    assert [(op.text, op.line) for op in found.only_here] == [("z.exp()", 6), ("z.sin()", 8)]
    assert found.only_there == ()
    assert not found.are_none
    assert (found.values, found.gradients) == (5, 12)

    wrong = record(moved.replace("tensor(2.", "tensor(2.5"))
    p = wrong.differences(record(CHAIN_RULE_TEXT))[1]
    assert (p.what, p.line, p.other_line, p.largest) == ("p", 9, 6, 0.5)


def test_what_was_written_differently_is_compared_where_it_stands_in_the_same_place() -> None:
    start = "import torch\nx = torch.ones(3, requires_grad=True)\n"
    end = "y = h * 2\ny.sum().backward()\n"
    one = record(f"{start}h = torch.nn.functional.gelu(x)\n{end}")
    other = record(f"{start}h = torch.nn.functional.gelu(x, approximate='tanh')\n{end}")
    assert whats(other.differences(one))[0] == "h"
    assert (other.differences(one).only_here, other.differences(one).only_there) == ((), ())
    by_hand = record(f"{start}e = torch.erf(x / 2**0.5)\nh = x * 0.5 * (1 + e)\n{end}")
    found = by_hand.differences(one, rtol=1e-5)
    assert found.values >= 4
    assert list(found) == []
    assert "torch.erf(x / 2**0.5)" in [op.text for op in found.only_here]


def test_leaves_are_the_same_by_name_wherever_they_were_made() -> None:
    before = RecordingView(make_chain_rule_recording())  # its leaves were there already
    found = record(CHAIN_RULE_TEXT.replace("tensor(1.", "tensor(1.5")).differences(before)
    assert whats(found)[0] == "x"
    assert (found.values, found.gradients) == (5, 12)
    assert [op.name for op in found.only_here] == ["tensor"] * 3


def test_runs_of_other_lengths_are_compared_as_far_as_both_went() -> None:
    longer = record(TRAINING.replace("range(3)", "range(4)"))
    found = longer.differences(record(TRAINING))
    assert whats(found) == [f"model.{i}.{part}.grad" for i in (0, 2) for part in ("weight", "bias")]
    assert all(one.largest is not None for one in found)
    assert [one.text for one in found.only_here][-2:] == ["optimizer.step()", "loss.backward()"]
    assert found.only_there == ()
    assert len(record(TRAINING).differences(longer).only_there) == len(found.only_here)


def test_a_call_more_in_each_round_of_a_loop_shifts_nothing() -> None:
    noisy = TRAINING.replace("    optimizer.zero", "    loss.detach().sqrt()\n    optimizer.zero")
    found = record(noisy).differences(record(TRAINING))
    assert list(found) == []
    assert [op.name for op in found.only_here] == ["detach", "sqrt"] * 3


def test_the_first_of_two_equally_written_calls_can_be_missing() -> None:
    start, end = (
        "import torch\nh = torch.rand(3, requires_grad=True)\n",
        "h = h * 2\nh = h.relu()\n",
    )
    one, other = record(f"{start}h = h.relu()\n{end}"), record(start + end)
    found = other.differences(one)
    assert list(found) == []
    assert [(op.text, op.line) for op in found.only_there] == [("h.relu()", 3)]


def test_large_values_of_a_file_are_compared_by_statistics_and_corner() -> None:
    plain = make_chain_rule_recording()
    numbers = [float(i % 7) for i in range(5000)]
    grad = with_grad(plain, "y", numbers).data
    (value,) = (v for v in grad.values if v.numel == 5000)
    before = with_values(grad, as_corner(value, 64))

    def changed(at: int, by: float) -> RecordingView:
        other = [*numbers]
        other[at] += by
        return with_values(grad, as_corner(make_value(value.id, other), 64))

    assert changed(0, 0.0).differences(before).are_none
    assert changed(0, 0.0).differences(before).by_statistics == 1
    (found,) = changed(3, 0.25).differences(before)
    assert (found.differing, found.compared, found.at) == (1, 64, (3,))
    assert (found.largest, found.is_complete) == (0.25, False)
    (found,) = changed(4000, 0.25).differences(before)
    assert (found.largest, found.is_complete) == (None, False)
    assert set(found.statistics) >= {"mean", "norm"}
    assert found.sentence.startswith("by its mean")
    assert changed(4000, 1e-3).differences(before, atol=2e-3).are_none
    assert "statistics and a corner" in repr(changed(4000, 0.25).differences(before))


def test_what_a_recording_has_nothing_of_is_counted_and_is_no_difference() -> None:
    plain = make_chain_rule_recording()
    bare = msgspec.structs.replace(plain.values[-1], shape=(9,), data=None, statistics=None)
    found = with_values(plain, bare).differences(with_values(plain, bare))
    assert found.are_none
    assert found.not_compared == 1
    assert "1 could not be compared" in repr(found)


def test_another_type_or_shape_is_a_difference() -> None:
    start, end = "import torch\n", "y = x * 2\n"
    one = record(f"{start}x = torch.ones(3)\n{end}")
    wide = record(f"{start}x = torch.ones(3, dtype=torch.float64)\n{end}")
    assert whats(wide.differences(one)) == ["x", "y"]
    assert "float64, in the other float32" in wide.differences(one)[0].sentence
    assert wide.differences(one, rtol=1e-6).are_none
    longer = record(f"{start}x = torch.ones(4)\n{end}")
    assert "shape (4,), in the other (3,)" in longer.differences(one)[0].sentence


def test_two_ranks_are_compared_though_one_does_more() -> None:
    text = TRAINING.replace("x = torch.randn(5, 4)", "x = torch.ones(5, 4) * {}") + "{}\n"
    rank_0 = record(text.format(1, "loss.detach().exp()"))
    rank_1 = record(text.format(2, ""))
    found = rank_1.differences(rank_0)
    assert found[0].text.startswith("torch.ones(5, 4)")
    assert "loss.detach().exp()" in [one.text for one in found.only_there]
    assert {one.quantity for one in found} == set(Quantity)
    assert {f"model.{i}.weight.grad" for i in (0, 2)} <= set(whats(found))


def test_a_gradient_that_only_one_has_is_told() -> None:
    plain = make_chain_rule_recording()
    tensors = tuple(msgspec.structs.replace(one, grad=None) for one in plain.tensors)
    without = RecordingView(msgspec.structs.replace(plain, tensors=tensors))
    found = without.differences(RecordingView(plain))
    assert whats(found) == ["x.grad", "y.grad", "z.grad"]
    assert found[0].sentence == "only the other recording has it"
    assert found[0].value is None


def test_recordings_of_nothing_alike_say_so() -> None:
    one = record("import torch\na = torch.ones(2).exp()\n")
    other = record("import torch\nb = torch.zeros(3, 1).tanh()\n")
    found = one.differences(other)
    assert found.has_nothing_in_common
    assert "nothing in common" in repr(found)


def test_a_tolerance_below_zero_is_refused() -> None:
    recording = RecordingView(make_chain_rule_recording())
    with pytest.raises(GradvizError, match="0 or more"):
        recording.differences(recording, atol=-1.0)
    with pytest.raises(GradvizError, match="0 or more"):
        recording.differences(recording, rtol=math.nan)


def test_the_bound_of_each_statistic_holds_for_any_numbers_within_the_tolerance() -> None:
    random = np.random.default_rng(0)
    plain = make_chain_rule_recording()
    for scale in (1e-3, 1.0, 1e3):
        numbers = random.normal(0, scale, 500)
        near = numbers + (1e-4 + 1e-3 * np.abs(numbers)) * random.uniform(-0.99, 0.99, 500)
        values = [as_corner(make_value(0, array), 1) for array in (numbers, near)]
        values = [msgspec.structs.replace(value, data=None) for value in values]
        one, other = (with_values(plain, value) for value in values)
        assert one.differences(other, rtol=1.1e-3, atol=1.1e-4).are_none
        assert not one.differences(other, rtol=1e-6, atol=1e-9).are_none


def test_the_identity_of_a_value_says_nothing() -> None:
    plain = make_chain_rule_recording()
    shift = len(plain.values)
    again = with_grad(plain, "x", 3.0)
    assert again.tensor("x").record.grad == ValueId(shift)
    assert again.differences(RecordingView(plain)).are_none


def test_large_values_that_are_still_there_are_compared_whole() -> None:
    def make(at: int) -> api.ActiveRecording:
        x = torch.zeros(100, 100)
        x[at, at] = 1.0
        with gradviz.record() as recording:
            y = x + 1
        assert y.shape == (100, 100)
        kept.append((x, y))
        return recording

    kept: list[object] = []
    found = make(99).differences(make(98))
    assert whats(found) == ["x", "y"]
    assert (found[1].at, found[1].differing, found[1].compared) == ((98, 98), 2, 10_000)
    assert found[1].is_complete
    assert found.by_statistics == 0
    assert make(99).differences(make(99)).are_none
