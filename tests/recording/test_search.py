from __future__ import annotations

import msgspec
import numpy as np
import pytest

from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.model import Item, ItemKind, NodeId, OpId, Recording, TensorId
from gradviz.recording.query import UnreadableQueryError, read_query
from gradviz.recording.search import find
from tests.builders import make_chain_rule_recording, make_value
from tests.recording.scoped import make_block_recording

X, Y, Z, P, G = (tensor_item(TensorId(number)) for number in range(5))
ADD, MUL = op_item(0), op_item(1)


@pytest.fixture(scope="module")
def chain() -> Recording:
    return make_chain_rule_recording()


def items(recording: Recording, text: str) -> list[Item]:
    found = find(recording, text)
    return [found.item(number) for number in range(len(found))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ("x", [X, ADD]),
        ("X + Y", [ADD]),
        ('"p * z"', [MUL]),
        ("AddBackward", [node_item(NodeId(1))]),
        ("leaf", [X, Y, Z]),
        ("not leaf float32", [P, G]),
        ("float", [X, Y, Z, P, G]),
        ("grad is not None", [X, Y, Z]),
        ("x.grad is None", []),
        ("norm > 5 cpu", [G]),
        ("grad norm >= 3", [X, Y, Z]),
        ("line 6 and ()", [P]),
        ("lines 6-7 mul", [MUL, node_item(NodeId(0))]),
        ("line < 5", [X, Y]),
        ("/^[xy]$/", [X, Y]),
        ("not requires_grad", []),
        ("*x*", []),
        ("nan", []),
        ("bytes > 1 kB", []),
        ("bytes = 4 root", [G]),
    ],
)
def test_a_query_finds(chain: Recording, query: str, expected: list[Item]) -> None:
    assert items(chain, query) == expected


def test_shapes_are_found_however_they_are_written(chain: Recording) -> None:
    tensors = (msgspec.structs.replace(chain.tensors[0], shape=(3, 4)), *chain.tensors[1:])
    recording = msgspec.structs.replace(chain, tensors=tensors)
    for query in ("3x4", "3×4", "(3, 4)", "(3,4)", "*x4", "3X?", "ndim = 2", "numel == 12"):
        assert items(recording, query) == [X], query
    for query in ("4x3", "3x4x1", "(3,)"):
        assert items(recording, query) == [], query


def test_a_leaf_that_got_no_gradient_is_found_and_others_are_not(chain: Recording) -> None:
    tensors = (msgspec.structs.replace(chain.tensors[0], grad=None), *chain.tensors[1:])
    passes = [
        msgspec.structs.replace(
            one, leaf_grads=tuple(grad for grad in one.leaf_grads if grad.leaf != 0)
        )
        for one in chain.passes
    ]
    recording = msgspec.structs.replace(chain, tensors=tensors, passes=tuple(passes))
    assert items(recording, "grad is None") == [X]
    assert items(recording, "grad is not None") == [Y, Z]


def test_values_and_steps_with_nan_are_found(chain: Recording) -> None:
    received = chain.passes[0].steps[1].grad_outputs[0]
    assert received is not None
    bad = make_value(received, np.nan)
    values = tuple(bad if value.id == received else value for value in chain.values)
    found = items(msgspec.structs.replace(chain, values=values), "nan")
    assert node_item(chain.passes[0].steps[1].autograd_node) in found
    assert ADD not in found


def test_times_are_compared_in_their_units(chain: Recording) -> None:
    ops = (msgspec.structs.replace(chain.ops[0], seconds=0.003), *chain.ops[1:])
    recording = msgspec.structs.replace(chain, ops=ops)
    assert items(recording, "time > 2 ms") == [ADD]
    assert items(recording, "time > 2000µs") == [ADD]
    assert ADD not in items(recording, "time > 4ms")


def test_what_is_called_exactly_so_comes_first(chain: Recording) -> None:
    tensors = (msgspec.structs.replace(chain.tensors[0], name="xz"), *chain.tensors[1:])
    recording = msgspec.structs.replace(chain, tensors=tensors)
    assert items(recording, "z")[:2] == [Z, X]


def test_modules_are_found_by_path_and_class() -> None:
    recording = make_block_recording(3)
    found = find(recording, "model.blocks.1")
    assert found.count(ItemKind.SCOPE) == 2  # the block and its layer
    assert found.count(ItemKind.OP) == 3
    assert find(recording, "Linear").count(ItemKind.SCOPE) == 3


def test_an_unnamed_result_is_known_by_its_op_where_a_condition_is_set() -> None:
    recording = make_block_recording(1)
    relu = OpId(next(op.id for op in recording.ops if op.name == "relu"))
    found = items(recording, "relu 2x3")
    assert found == [tensor_item(recording.ops[relu].outputs[0])]
    assert tensor_item(recording.ops[relu].outputs[0]) not in items(recording, "relu")


def test_the_place_of_an_item_among_all(chain: Recording) -> None:
    found = find(chain, "lines 6-7")
    for number in range(len(found)):
        assert found.number_of(found.item(number)) == number
    assert found.number_of(X) is None


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("/(/", "The regular expression is wrong"),
        ("/(a+)+$/", "A repeat within a repeat"),
        (r"/(\w+\s*)*;/", "A repeat within a repeat"),
        ("/abc", "no second slash"),
        ("foo > 3", "“foo” cannot be compared"),
        ("time > 3apples", "“apples” is not a unit"),
        ("x" * 1000, "too long"),
    ],
)
def test_what_cannot_be_sought_is_said_in_a_sentence(query: str, sentence: str) -> None:
    with pytest.raises(UnreadableQueryError, match=sentence):
        read_query(query)


def test_a_path_with_a_slash_inside_is_a_word(chain: Recording) -> None:
    assert items(chain, "a/b") == []


def test_an_empty_recording_holds_nothing() -> None:
    for query in ("x", "3x4", "norm > 1", "nan", "grad is None", "line 1", "/a/", "relu 3x4"):
        assert items(Recording(), query) == []
