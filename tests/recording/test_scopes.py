from __future__ import annotations

import gc
import weakref

import msgspec

from gradviz.recording.model import Recording, TensorRole
from gradviz.recording.scopes import (
    OUTSIDE,
    Scope,
    ScopeKind,
    ScopeTree,
    loose_key,
    scope_title,
    scopes_of,
)
from tests.builders import make_chain_rule_recording
from tests.recording.scoped import Program, make_block_recording, run_blocks


def titles(scopes: list[Scope] | tuple[Scope, ...]) -> list[str]:
    return [scope_title(scope) for scope in scopes]


def children(tree: ScopeTree, scope: Scope) -> list[Scope]:
    return [tree.scopes[number] for number in scope.children]


def test_equal_blocks_are_one_repeat_of_modules() -> None:
    tree = scopes_of(make_block_recording(12))

    model = tree.scopes[0]
    (repeat,) = children(tree, model)
    blocks = children(tree, repeat)

    assert (model.name, model.kind, model.start, model.stop) == ("model", ScopeKind.MODULE, 0, 36)
    assert scope_title(repeat) == "blocks × 12"
    assert (repeat.kind, repeat.type) == (ScopeKind.REPEAT, "Block")
    assert titles(blocks) == [f"blocks.{n}" for n in range(12)]
    assert titles(children(tree, blocks[3])) == ["fc"]


def test_a_recording_that_does_not_tell_calls_is_grouped_by_paths() -> None:
    tree = scopes_of(make_block_recording(12, tells_calls=False))

    model, container, repeat = tree.scopes[:3]

    assert titles((model, container)) == ["model", "blocks"]
    assert (repeat.times, repeat.parent) == (12, container.id)


def test_a_block_of_another_wiring_is_not_part_of_the_repeat() -> None:
    program = Program()
    program.enter("model", "Model")
    for number in range(6):
        program.enter(f"model.{number}", "Block")
        before = program.last
        program.op("relu")
        program.op("add", program.last, program.last if number == 5 else before)
        program.leave()
    program.leave()

    tree = scopes_of(program.finish())

    assert titles(children(tree, tree.scopes[0])) == ["Block × 5", "5"]


def test_a_loops_rounds_are_found_without_modules() -> None:
    program = Program()
    for _ in range(7):
        program.op("mul", line=3)
        program.op("add", line=4)
    tree = scopes_of(program.finish())

    repeat, *rounds = tree.scopes

    assert scope_title(repeat) == "mul · add × 7"
    assert titles(tuple(rounds)) == [f"#{n}" for n in range(1, 8)]
    assert all(one.kind is ScopeKind.ROUND and one.stop - one.start == 2 for one in rounds)


def test_loops_within_loops_are_repeats_within_repeats() -> None:
    program = Program()
    for _ in range(4):
        for _ in range(8):
            program.op("mul")
        program.op("add")
    tree = scopes_of(program.finish())

    outer = tree.scopes[0]
    first = tree.scopes[outer.children[0]]

    assert outer.times == 4
    assert titles(children(tree, first)) == ["mul × 8"]


def test_each_call_of_a_module_is_a_scope_of_its_own() -> None:
    program = Program()
    for _ in range(2):
        run_blocks(program, 1)
        program.op("mul")
    tree = scopes_of(program.finish())

    tops = [scope for scope in tree.scopes if scope.parent is None]

    assert titles(tops) == ["model #1", "model #2"]
    assert "blocks.0" in titles(tree.scopes), "within a call the number would say nothing more"


def test_a_module_that_is_called_within_another_belongs_to_that_call() -> None:
    program = Program()
    program.enter("model", "Model")
    program.op("relu")
    program.enter("shared", "Linear")
    program.op("linear")
    program.leave()
    program.op("sum")
    program.leave()
    tree = scopes_of(program.finish())

    model, shared = tree.scopes

    assert shared.parent == model.id
    assert shared.name == "shared"


def test_few_ops_are_no_repeat_and_ops_outside_have_no_scope() -> None:
    tree = scopes_of(make_chain_rule_recording())

    assert tree.scopes == ()
    assert tree.scope_of_op[0] == OUTSIDE


def test_keys_are_the_same_after_something_else_was_added() -> None:
    program = Program()
    program.op("exp")
    run_blocks(program, 13)
    program.op("sum", makes="loss", role=TensorRole.ROOT)

    before = {scope.key for scope in scopes_of(make_block_recording(12)).scopes}
    after = {scope.key for scope in scopes_of(program.finish()).scopes}

    assert before < after
    assert len(before) == len(scopes_of(make_block_recording(12)).scopes), "one key each"


def test_a_loose_key_names_no_round_and_no_call() -> None:
    assert loose_key("/*mul/~12/model#2/fc") == "/*mul/~/model/fc"
    assert loose_key("/model/fc~1") == "/model/fc~"


def test_scopes_live_as_long_as_their_recording() -> None:
    recording = msgspec.structs.replace(make_block_recording(3))
    tree = scopes_of(recording)
    assert scopes_of(recording) is tree
    watched = weakref.ref(recording)
    del recording
    gc.collect()
    assert watched() is None


def test_nothing_recorded_has_no_scopes() -> None:
    assert scopes_of(Recording()).scopes == ()


def test_a_very_deep_tree_is_walked_without_recursion() -> None:
    program = Program()
    for depth in range(3_000):
        program.enter("m" + ".m" * depth, "Deep")
    program.op("relu")
    tree = scopes_of(program.finish())

    assert tree.scopes[-1].depth == 2_999
