"""Recording changes nothing: values, gradients, exceptions and random numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.capabilities import problems
from tests.tracer.helpers import (
    array,
    contributions,
    recording_of,
    run_plainly,
    run_recorded,
    same_bits,
    tensors_of,
)
from tests.tracer.programs import FAILING, HOOKED, PROGRAMS

pytestmark = pytest.mark.filterwarnings("ignore")
ALL = PROGRAMS | HOOKED


@pytest.mark.parametrize("name", [*ALL, *FAILING])
def test_a_program_leaves_the_same_bits_as_without_recording(name: str) -> None:
    text = (ALL | FAILING)[name]
    plain, plain_error = run_plainly(text)
    next_plain = torch.rand(4)
    recorded, error, traced = run_recorded(text)
    next_recorded = torch.rand(4)
    assert (type(error), str(error)) == (type(plain_error), str(plain_error))
    assert same_bits(next_plain, next_recorded)
    expected, got = tensors_of(plain), tensors_of(recorded)
    assert expected.keys() == got.keys()
    for key, tensor in expected.items():
        assert same_bits(tensor, got[key]), key
        if tensor.is_leaf or tensor.retains_grad:
            assert same_bits(tensor.grad, got[key].grad), f"{key}.grad"
    assert problems(traced.warnings) == ()


@pytest.mark.parametrize("name", [*ALL, *FAILING])
def test_the_programs_do_what_their_list_says(name: str) -> None:
    assert (run_plainly((ALL | FAILING)[name])[1] is not None) is (name in FAILING)


@pytest.mark.parametrize("name", ALL)
def test_the_recorded_gradient_of_each_leaf_is_its_grad(name: str) -> None:
    namespace, _, traced = run_recorded(ALL[name])
    recording = recording_of(traced)
    latest = {tensor.name: tensor for tensor in recording.tensors}
    checked = 0
    for key, tensor in tensors_of(namespace).items():
        if not tensor.requires_grad or not tensor.is_leaf or key not in latest:
            continue
        value = array(recording, latest[key].grad)
        if tensor.grad is None:
            assert latest[key].grad is None
        elif value is not None:
            grad = (
                tensor.grad.to_dense().float()
                if tensor.grad.dtype is torch.bfloat16
                else (tensor.grad.to_dense() if tensor.grad.is_sparse else tensor.grad)
            )
            assert np.array_equal(value, grad.resolve_conj().numpy()), key
            checked += 1
    if name not in ("leaves the scope", "autograd.grad", "larger than a corner"):
        assert checked


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "sparse gradient"])
def test_what_arrives_at_a_node_is_the_sum_of_what_was_sent_to_it(name: str) -> None:
    _, _, traced = run_recorded(PROGRAMS[name])
    recording = recording_of(traced)
    compared = 0
    for pass_ in recording.passes:
        sent = contributions(recording, pass_)
        roots = {(root.node, root.slot) for root in pass_.roots}
        for step in pass_.steps:
            for slot, arrived in enumerate(step.grad_outputs):
                place = (step.autograd_node, slot)
                if place in roots:
                    continue
                terms = [array(recording, value) for value in sent.get(place, [])]
                if arrived is None:
                    assert not terms
                    continue
                whole = array(recording, arrived)
                if whole is None or any(term is None for term in terms):
                    continue
                total = terms[0]
                for term in terms[1:]:
                    total = total + term
                assert total.tobytes() == whole.tobytes()
                compared += 1
    if name not in ("larger than a corner",):
        assert compared


def test_hand_made_damage_breaks_the_law_of_accumulation() -> None:
    _, _, traced = run_recorded(PROGRAMS["same tensor twice"])
    recording = recording_of(traced)
    sent = contributions(recording, recording.passes[0])
    several = [values for values in sent.values() if len(values) > 1]
    assert several
    terms = [array(recording, value) for value in several[0]]
    assert sum(terms).tobytes() != (sum(terms) * np.float32(1 + 1e-6)).tobytes()
