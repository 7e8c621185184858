from __future__ import annotations

import msgspec
import numpy as np
import pytest

from gradviz.recording.compare import Comparison
from gradviz.recording.model import ItemKind, PassId, Recording
from gradviz.recording.overlays import (
    NONE,
    Differs,
    Gradients,
    changed_slots,
    devices,
    differences,
    dtypes,
    sizes,
    times,
)
from gradviz.recording.replay import Carrier
from gradviz.recording.scopes import scopes_of
from tests.builders import make_chain_rule_recording, make_value
from tests.recording.scoped import make_block_recording

TENSOR, OP, NODE, SCOPE = ItemKind.TENSOR, ItemKind.OP, ItemKind.NODE, ItemKind.SCOPE


@pytest.fixture
def chain() -> Recording:
    return make_chain_rule_recording()


def test_ops_and_nodes_have_the_dtype_of_what_they_make(chain: Recording) -> None:
    tensors = list(chain.tensors)
    tensors[4] = msgspec.structs.replace(tensors[4], dtype="float64")
    found = dtypes(msgspec.structs.replace(chain, tensors=tuple(tensors)))
    assert found.names == ("float32", "float64")
    assert found.of[TENSOR].tolist() == [0, 0, 0, 0, 1]
    assert found.of[OP].tolist() == [0, 1]
    assert found.of[NODE].tolist() == [1, 0, 0, 0, 0]


def test_the_cpu_is_the_first_device(chain: Recording) -> None:
    tensors = list(chain.tensors)
    tensors[0] = msgspec.structs.replace(tensors[0], device="a:0")
    assert devices(msgspec.structs.replace(chain, tensors=tuple(tensors))).names == ("cpu", "a:0")


def test_a_scope_with_several_dtypes_has_none_of_them() -> None:
    recording = make_block_recording(2)
    last = recording.ops[1].outputs[0]
    tensors = list(recording.tensors)
    tensors[last] = msgspec.structs.replace(tensors[last], dtype="float64")
    found = dtypes(msgspec.structs.replace(recording, tensors=tuple(tensors)))
    scopes = scopes_of(recording).scopes
    for scope in scopes:
        expected = len(found.names) if scope.start <= 1 < scope.stop and scope.stop > 2 else 0
        assert found.of[SCOPE][scope.id] == expected, scope.key


def test_a_scope_takes_the_time_of_its_ops_forward_and_backward() -> None:
    recording = make_block_recording(1)
    ops = tuple(msgspec.structs.replace(op, seconds=1.0) for op in recording.ops)
    found = times(msgspec.structs.replace(recording, ops=ops))
    outer = scopes_of(recording).scopes[0]
    assert found.of[SCOPE][0] == outer.stop - outer.start
    assert np.isnan(found.of[TENSOR]).all()


def test_an_op_has_the_bytes_of_what_it_makes(chain: Recording) -> None:
    found = sizes(chain)
    assert found.of[OP].tolist() == [4.0, 4.0]
    assert found.of[TENSOR].tolist() == [4.0] * 5


def test_gradients_are_norms_of_what_arrived(chain: Recording) -> None:
    found = Gradients(chain, PassId(0))
    assert found.quantities.of[TENSOR].tolist() == [3.0, 3.0, 3.0, 3.0, 1.0]
    assert found.quantities.of[OP].tolist() == [3.0, 1.0]
    carriers = chain.passes[0].steps[0].autograd_node
    norms, bad = found.of_edges([(Carrier(carriers, 0, True),), ()])
    assert norms[0] == 1.0
    assert np.isnan(norms[1])
    assert not bad.any()


def test_a_gradient_with_nan_is_bad(chain: Recording) -> None:
    step = chain.passes[0].steps[0]
    received = step.grad_outputs[0]
    assert received is not None
    bad = make_value(received, np.nan)
    values = tuple(bad if v.id == received else v for v in chain.values)
    found = Gradients(msgspec.structs.replace(chain, values=values), None).quantities
    assert found.bad[NODE][step.autograd_node]
    assert found.bad[OP].tolist() == [False, True]


def test_without_a_pass_nothing_has_a_gradient(chain: Recording) -> None:
    found = Gradients(msgspec.structs.replace(chain, passes=()), None).quantities
    assert all(np.isnan(numbers).all() for numbers in found.of.values())


def test_what_differs_reaches_ops_and_edges(chain: Recording) -> None:
    nothing = differences(Comparison(chain, chain))
    assert all((codes == NONE).all() for codes in nothing.of.values())
    p = chain.tensors[3].value
    sent = chain.passes[0].steps[0].grad_inputs[0]
    assert p is not None
    assert sent is not None
    values = tuple(make_value(v.id, 8.0) if v.id in (p, sent) else v for v in chain.values)
    comparison = Comparison(chain, msgspec.structs.replace(chain, values=values))
    found = differences(comparison)
    assert found.names[int(found.of[TENSOR][3])] == Differs.VALUE.value
    assert found.of[OP][0] != NONE
    assert Carrier(chain.passes[0].steps[0].autograd_node, 0, False) in changed_slots(comparison)
