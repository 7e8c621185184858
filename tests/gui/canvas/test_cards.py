from __future__ import annotations

import msgspec
import pytest

from gradviz.gui.canvas.cards import PAD_X, CardKind, CardMaker
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.describe import describe
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.symbols import op_label, scope_label, subscript_of, with_operand
from gradviz.gui.canvas.text import ELLIPSIS, TextStyle, fit_text, metrics_of, text_width
from gradviz.recording.model import ItemKind, OpId, ScopeId, TensorId
from gradviz.recording.scopes import Scope, ScopeKind
from gradviz.recording.view import (
    Folds,
    FoldStart,
    ViewOptions,
    fold_view,
    op_item,
    tensor_item,
)
from tests.builders import make_chain_rule_recording, make_transfer_recording
from tests.gui.canvas.recordings import make_odd_recording
from tests.recording.scoped import make_block_recording
from tests.recording.test_view import record

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


@pytest.mark.parametrize("make", [make_chain_rule_recording, make_odd_recording])
def test_every_text_lies_inside_its_card(make: object) -> None:
    assert callable(make)
    for card in build_scene(make()).cards:
        for label in card.labels:
            width = metrics_of(label.style).horizontalAdvance(label.text)
            assert label.x >= 0
            assert label.x + width <= card.width, (card.item, label.text)
            assert label.baseline - metrics_of(label.style).ascent() >= -1
            assert label.baseline + metrics_of(label.style).descent() <= card.height + 1


def test_labels_of_a_card_do_not_overlap() -> None:
    for card in build_scene(make_odd_recording()).cards:
        lines: dict[float, float] = {}
        for label in sorted(card.labels, key=lambda label: label.x):
            assert label.x >= lines.get(label.baseline, 0.0)
            lines[label.baseline] = label.x + text_width(label.style, label.text)


def test_a_scalar_shows_name_shape_and_value() -> None:
    maker = CardMaker(make_chain_rule_recording())
    card = maker.make(tensor_item(TensorId(0)), ())
    assert [label.text for label in card.labels] == ["x", "scalar", "1"]
    assert card.kind is CardKind.LEAF


def test_what_is_not_as_with_nearly_every_tensor_is_told() -> None:
    recording = make_chain_rule_recording()
    x = msgspec.structs.replace(recording.tensors[0], dtype="float64", device="cuda:0")
    recording = msgspec.structs.replace(recording, tensors=(x, *recording.tensors[1:]))
    card = CardMaker(recording).make(tensor_item(TensorId(0)), ())
    assert card.labels[1].text == "scalar · float64 · cuda:0"


def test_a_card_does_not_say_again_what_its_frame_says() -> None:
    recording = make_block_recording(4)
    scene = build_scene(recording, ViewOptions(folds=Folds(FoldStart.OPEN)))
    assert scene.frames[0].title == "model"
    told = [label.text for card in scene.cards for label in card.labels]
    assert not [text for text in told if "model" in text]
    assert CardMaker(recording).make(op_item(OpId(0)), set()).labels[1].text.startswith("model.")


def test_a_row_for_a_gradient_has_room_for_none() -> None:
    card = CardMaker(make_chain_rule_recording()).make(tensor_item(TensorId(0)), ())
    row = text_width(TextStyle.GRAD_LABEL, ".grad") + text_width(TextStyle.NO_GRAD, "None")
    assert card.labels[0].x + row < card.width - PAD_X


@pytest.mark.parametrize(
    ("sign", "text", "label"),
    [
        ("**", "(output - target) ** 2", "** 2"),
        ("−", "1 - x", "1 −"),
        ("×", "x * -1", "× -1"),
        ("+=", "a += 1", "+= 1"),
        ("**", "x.pow(2)", "** 2"),
        (">", "x > 0.5", "> 0.5"),
        ("×", "(y * 1.0001).sin()", "×"),
        ("+", "x + y", "+"),
        ("Σ", "x.sum(0)", "Σ"),
        ("−", "-x", "−"),
        ("×", "x * 3.141592653589793", "×"),
        ("×", "x * (", "×"),
    ],
)
def test_a_number_beside_a_sign_is_told(sign: str, text: str, label: str) -> None:
    assert with_operand(sign, text) == label


def test_only_what_gets_a_gradient_reserves_a_row_for_it() -> None:
    maker = CardMaker(make_chain_rule_recording())
    assert maker.make(tensor_item(TensorId(0)), ()).grad_top is not None
    assert maker.make(tensor_item(TensorId(3)), ()).grad_top is None


def test_roles_have_different_kinds() -> None:
    cards = build_scene(make_odd_recording()).cards
    kinds = {card.kind for card in cards if card.item.kind is ItemKind.TENSOR}
    assert kinds == set(CardKind) - {CardKind.OP, CardKind.NODE, CardKind.SCOPE}


def test_an_op_tells_its_unnamed_result() -> None:
    maker = CardMaker(make_chain_rule_recording())
    named = maker.make(op_item(OpId(0)), {tensor_item(TensorId(3))})
    assert [label.text for label in named.labels] == ["+"]
    unnamed = maker.make(op_item(OpId(0)), set())
    assert [label.text for label in unnamed.labels] == ["+", "= 3"]


def test_a_copy_between_devices_is_drawn_as_what_it_is() -> None:
    card = next(c for c in build_scene(make_transfer_recording("cpu", "cuda:0")).cards if c.mark)
    assert [label.text for label in card.labels] == ["to", "cpu → cuda:0"]


def test_long_texts_are_shortened_in_the_middle() -> None:
    shown = fit_text(TextStyle.NAME, "start" + "x" * 1000 + "end", 120.0)
    assert shown.startswith("start") and ELLIPSIS in shown
    assert text_width(TextStyle.NAME, shown) <= 120.0


def test_no_number_of_a_list_is_cut_in_two() -> None:
    text = "← [0.3647, -0.994, 0.05082, 3.35]"
    shown = {fit_text(TextStyle.CHIP, text, float(width)) for width in range(110, 260)}
    assert shown == {
        "← [0.3647, …]",
        "← [0.3647, …, 3.35]",
        "← [0.3647, -0.994, …, 3.35]",
        text,
    }
    assert text_width(TextStyle.CHIP, fit_text(TextStyle.CHIP, text, 150.0)) <= 150.0
    matrix = "[[0.06152, 0.09241], [0.06093, 0.09152]]"
    assert fit_text(TextStyle.CHIP, matrix, 110.0) == "[[0.06152, …]]"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("add", ("+", True)),
        ("__radd__", ("+", True)),
        ("__iadd__", ("+=", True)),
        ("add_", ("+=", True)),
        ("matmul", ("@", True)),
        ("__getitem__", ("[ ]", True)),
        ("relu", ("relu", False)),
        ("Adam.step", ("step", False)),
        ("__contains__", ("contains", False)),
    ],
)
def test_ops_have_the_signs_of_mathematics(name: str, label: tuple[str, bool]) -> None:
    assert op_label(name) == label


@pytest.mark.parametrize(
    ("text", "subscript"),
    [
        ("x[0]", "[0]"),
        ("x[:-1, 1:]", "[:-1, 1:]"),
        ("f(a[1])[b[2]]", "[b[2]]"),
        ("x[(0, 1)]", "[(0, 1)]"),
        ("x", None),
        ("[1, 2]", None),
        ("x[0", None),
        ("x[…]", None),
    ],
)
def test_an_index_is_labelled_as_it_was_written(text: str, subscript: str | None) -> None:
    assert subscript_of(text) == subscript


def test_a_folded_card_tells_class_ops_shapes_and_parameters() -> None:
    recording = make_block_recording(4)
    folding = fold_view(recording, ViewOptions(folds=Folds(FoldStart.FOLDED)))
    model = next(item for item in folding.items if item.kind is ItemKind.SCOPE)

    card = CardMaker(recording).make(model, folding.items, folding.folds[model])

    assert [label.text for label in card.labels] == [
        "model",
        "Model · 12 ops",
        "2×3 → 2×3",
        "24 parameters",
    ]
    assert card.kind is CardKind.SCOPE
    assert card.grad_top is not None, "there is a row for its progress"


def test_what_is_folded_tells_how_many_of_its_steps_are_done() -> None:
    recording = make_block_recording(4)
    options = ViewOptions(folds=Folds(FoldStart.FOLDED))
    scene = build_scene(recording, options)
    card = next(n for n, item in enumerate(scene.items) if item.kind is ItemKind.SCOPE)

    progress = [Marks(scene, playhead).progress_of(card) for playhead in (0, 1, 2, 17)]

    assert progress == [(0, 16), (0, 16), (1, 16), (16, 16)]
    assert Marks(scene, 5).current_cards == {card}
    assert "4 of 12 steps" in describe(scene.replay, scene.items[card], 6)


def test_an_op_does_not_count_buffers_beside_what_is_differentiated() -> None:
    recording = make_chain_rule_recording()
    buffer = msgspec.structs.replace(recording.tensors[2], requires_grad=False)
    tensors = (*recording.tensors[:2], buffer, *recording.tensors[3:])
    outputs = (*recording.ops[0].outputs, buffer.id)
    ops = (msgspec.structs.replace(recording.ops[0], outputs=outputs), *recording.ops[1:])
    maker = CardMaker(msgspec.structs.replace(recording, ops=ops, tensors=tensors))
    assert [label.text for label in maker.make(op_item(OpId(0)), set()).labels] == ["+", "= 3"]


def test_repeated_ops_are_titled_with_their_sign() -> None:
    scope = Scope(
        id=ScopeId(0), kind=ScopeKind.REPEAT, name="add_ · relu", key="*", start=0, stop=8, times=4
    )
    assert scope_label(scope) == "+= · relu × 4"
    module = msgspec.structs.replace(scope, name="add", type="Add")
    assert scope_label(module) == "add × 4"


def test_each_version_of_a_leaf_shows_the_grad_that_the_leaf_has() -> None:
    recording = record(
        "import torch\nw = torch.tensor(2.0, requires_grad=True)\n"
        "opt = torch.optim.SGD([w], lr=0.25)\n"
        "for step in range(2):\n    loss = w * w\n    loss.backward()\n    opt.step()\n"
    )
    _, second = recording.passes
    scene = build_scene(recording, ViewOptions(pass_id=second.id))
    (card,) = (
        number
        for number, item in enumerate(scene.items)
        if item.kind is ItemKind.TENSOR and recording.tensors[item.id].name == "w"
    )
    before = scene.replay.span_of(second.id)[0] + 1
    assert Marks(scene, before).grad_of(card) == "4"
    assert Marks(scene, scene.replay.length).grad_of(card) == "6"


def test_a_card_is_made_once_for_each_way_in_which_it_is_drawn() -> None:
    recording = make_chain_rule_recording()
    maker, op = CardMaker(recording), op_item(OpId(0))
    result = tensor_item(recording.ops[0].outputs[0])
    alone, beside = maker.make(op, ()), maker.make(op, {result})
    assert alone is not beside
    assert maker.make(op, ()) is alone
    assert maker.make(op, {result}) is beside
