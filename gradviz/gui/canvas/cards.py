"""What stands on the card of a tensor, an op or an autograd node, and how large the card is.

All lengths are pixels at scale 1. A card's texts are placed once, relative to its top left
corner, and already shortened to fit.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable
from enum import IntEnum
from typing import Final, NamedTuple, assert_never

import msgspec
from PySide6.QtCore import QCoreApplication

from gradviz.gui.canvas.counts import Counts
from gradviz.gui.canvas.symbols import op_label, scope_label, subscript_of, with_operand
from gradviz.gui.canvas.text import TextStyle, fit_text, metrics_of, text_width
from gradviz.recording.format import format_norm, format_shape, format_value
from gradviz.recording.model import (
    Item,
    ItemKind,
    NodeId,
    Op,
    OpId,
    OpKind,
    Recording,
    Tensor,
    TensorId,
    TensorRole,
    Value,
    ValueId,
)
from gradviz.recording.replay import leaf_identities
from gradviz.recording.residence import transfer_of
from gradviz.recording.scopes import relative_name, scopes_of
from gradviz.recording.view import Fold, tensor_item

PAD_X: Final = 12.0
PAD_Y: Final = 8.0
LEAF_BAND: Final = 6.0
ROOT_INSET: Final = 3.0
HEXAGON_POINT: Final = 12.0
CUT: Final = 9.0
RADIUS: Final = 8.0
LINE_GAP: Final = 3.0
COLUMN_GAP: Final = 12.0
GRAD_ROW: Final = 22.0
MARK: Final = 13.0
MARK_GAP: Final = 7.0
MAX_NAME: Final = 180.0
MAX_META: Final = 170.0
MAX_VALUE: Final = 260.0
MAX_GRAD: Final = 260.0
MAX_OP: Final = 230.0
MIN_WIDTH: Final = 56.0
VALUE_ELEMENTS: Final = 4
MAX_SHAPES: Final = 2
ORDINARY_DTYPE: Final = "float32"
"""PyTorch's own default goes without saying; any other is written on the card."""
GRAD_LABEL: Final = ".grad"
NO_GRAD: Final = "None"


class CardKind(IntEnum):
    """Which outline and colours a card has."""

    LEAF = 0
    PARAMETER = 1
    INTERMEDIATE = 2
    ROOT = 3
    CONSTANT = 4
    OP = 5
    NODE = 6
    SCOPE = 7


KIND_OF_ROLE: Final = {
    TensorRole.LEAF: CardKind.LEAF,
    TensorRole.PARAMETER: CardKind.PARAMETER,
    TensorRole.INTERMEDIATE: CardKind.INTERMEDIATE,
    TensorRole.ROOT: CardKind.ROOT,
    TensorRole.CONSTANT: CardKind.CONSTANT,
}
MARKED: Final = (OpKind.IN_PLACE, OpKind.TRANSFER, OpKind.EXIT, OpKind.STEP)


class Label(NamedTuple):
    """One text on a card: left end of its baseline relative to the card's top left corner."""

    text: str
    style: TextStyle
    x: float
    baseline: float
    is_muted: bool


class Card(msgspec.Struct, frozen=True):
    """What is drawn for one item.

    `mark` is the op kind whose sign is drawn at `mark_x`. `grad_top` is where the row for
    `.grad` begins (of a folded scope that for its progress), None for what never gets one.
    """

    item: Item
    kind: CardKind
    width: float
    height: float
    labels: tuple[Label, ...]
    mark: OpKind | None = None
    mark_x: float = 0.0
    grad_top: float | None = None


def gradient_text(value: Value | None) -> str:
    """A gradient in a few characters: its elements, or its norm, or its shape."""
    if value is None:
        return "?"
    return format_value(value, VALUE_ELEMENTS) or format_norm(value) or format_shape(value.shape)


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape in words where it has no numbers."""
    return format_shape(shape) if shape else QCoreApplication.translate("Canvas", "scalar")


def tensor_title(recording: Recording, tensor: Tensor) -> str:
    """The name of a tensor, else the text that made it."""
    if tensor.name is not None:
        return tensor.name
    if tensor.op is not None:
        op = recording.ops[tensor.op]
        return op.text or op.name
    return QCoreApplication.translate("Canvas", "unnamed")


class CardMaker:
    """Makes the cards of one recording, and keeps those that it has made.

    Attributes:
        recording: what the cards are about.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        # All versions of a leaf show the one `.grad` that it has.
        self._identities = leaf_identities(recording)
        self._grads: dict[TensorId, set[ValueId]] = {}
        self._grad_widths: dict[TensorId, float] = {}
        self._made: dict[Hashable, Card] = {}
        self._executed = {s.autograd_node for pass_ in recording.passes for s in pass_.steps}
        for pass_ in recording.passes:
            for leaf, grad in pass_.grads_before:
                self._note_grad(leaf, grad)
            for step in pass_.steps:
                leaf_of_node = recording.autograd_nodes[step.autograd_node].leaf
                if leaf_of_node is not None:
                    self._note_grad(leaf_of_node, step.leaf_grad)

    def _note_grad(self, leaf: TensorId, value: ValueId | None) -> None:
        # Written only where the leaf is drawn: most are folded away in a large graph.
        if value is not None:
            self._grads.setdefault(self._identities[leaf], set()).add(value)

    def _grad_width(self, tensor: TensorId) -> float | None:
        """How wide the row for `.grad` gets, None for a tensor that never has one."""
        identity = self._identities[tensor]
        known = self._grad_widths.get(identity)
        if known is None and identity in self._grads:
            values = self.recording.values
            grads = {gradient_text(values[value]) for value in self._grads[identity]}
            known = self._grad_widths[identity] = _grad_row_width(grads)
        return known

    def make(
        self, item: Item, drawn: Container[Item], fold: Fold | None = None, within: str = ""
    ) -> Card:
        """The card of an item in a view that draws the items `drawn`.

        `fold` says what is behind the card of a folded scope, `within` is the path of the module
        whose frame is around the card: what the frame says is not said again.
        """
        if item.kind is ItemKind.SCOPE:
            return self._scope_card(item, fold)
        # Of what is drawn an op's card says what is not.
        hidden: tuple[TensorId, ...] = ()
        if item.kind is ItemKind.OP:
            op = self.recording.ops[OpId(item.id)]
            hidden = tuple(t for t in op.outputs if tensor_item(t) not in drawn)
        key = item, within, hidden
        card = self._made.get(key)
        if card is None:
            card = self._made[key] = self._make(item, hidden, within)
        return card

    def _make(self, item: Item, hidden: tuple[TensorId, ...], within: str) -> Card:
        match item.kind:
            case ItemKind.TENSOR:
                return self._tensor_card(item, self.recording.tensors[item.id], within)
            case ItemKind.OP:
                return self._op_card(item, self.recording.ops[OpId(item.id)], hidden, within)
            case ItemKind.NODE:
                return self._node_card(item, NodeId(item.id))
            case ItemKind.SCOPE:
                return self._scope_card(item, None)
            case _:
                assert_never(item.kind)

    def _tensor_card(self, item: Item, tensor: Tensor, within: str) -> Card:
        kind = KIND_OF_ROLE[tensor.role]
        left = PAD_X + (LEAF_BAND if kind is CardKind.LEAF else 0.0)
        right = PAD_X
        top = PAD_Y
        if kind is CardKind.ROOT:
            left, right, top = left + ROOT_INSET, right + ROOT_INSET, top + ROOT_INSET
        name_style = TextStyle.UNNAMED if tensor.name is None else TextStyle.NAME
        title = relative_name(tensor_title(self.recording, tensor), within)
        name = fit_text(name_style, title, MAX_NAME)
        meta = fit_text(TextStyle.META, _meta(tensor), MAX_META)
        value = format_value(self.recording.value(tensor.value), VALUE_ELEMENTS)
        value = None if value is None else fit_text(TextStyle.VALUE, value, MAX_VALUE)
        inner = text_width(name_style, name) + COLUMN_GAP + text_width(TextStyle.META, meta)
        if value is not None:
            inner = max(inner, text_width(TextStyle.VALUE, value))
        grad_width = self._grad_width(tensor.id)
        if grad_width is not None:
            inner = max(inner, grad_width)
        width = max(MIN_WIDTH, inner + left + right)
        baseline = top + metrics_of(TextStyle.NAME).ascent()
        meta_x = width - right - text_width(TextStyle.META, meta)
        labels = [
            Label(name, name_style, left, baseline, is_muted=False),
            Label(meta, TextStyle.META, meta_x, baseline, is_muted=True),
        ]
        bottom = top + metrics_of(TextStyle.NAME).height()
        if value is not None:
            value_baseline = bottom + LINE_GAP + metrics_of(TextStyle.VALUE).ascent()
            labels.append(Label(value, TextStyle.VALUE, left, value_baseline, is_muted=False))
            bottom += LINE_GAP + metrics_of(TextStyle.VALUE).height()
        bottom += top
        grad_top = None if grad_width is None else bottom
        height = bottom + (0.0 if grad_width is None else GRAD_ROW)
        return Card(item, kind, width, height, tuple(labels), grad_top=grad_top)

    def _op_card(self, item: Item, op: Op, hidden: tuple[TensorId, ...], within: str) -> Card:
        text, is_sign = op_label(op.name)
        if op.name == "getitem":
            subscript = subscript_of(op.text)
            text, is_sign = (text, is_sign) if subscript is None else (subscript, False)
        elif is_sign and len(op.inputs) == 1:
            text = with_operand(text, op.text)
        style = TextStyle.SYMBOL if is_sign else TextStyle.OP_NAME
        mark = op.kind if op.kind in MARKED else None
        lines = [(fit_text(style, text, MAX_OP), style)]
        detail = self._op_detail(op, hidden, within)
        if detail:
            lines.append((fit_text(TextStyle.RESULT, detail, MAX_OP), TextStyle.RESULT))
        return _centred_card(item, CardKind.OP, lines, PAD_X + 4, mark)

    def _op_detail(self, op: Op, hidden: tuple[TensorId, ...], within: str) -> str:
        parts = [relative_name(op.scope, within)] if op.scope not in ("", within) else []
        transfer = transfer_of(self.recording, op)
        if transfer is not None:
            return " · ".join((*parts, f"{transfer.source} → {transfer.target}"))
        tensors = self.recording.tensors
        # Beside what is differentiated, a buffer that is renewed is not worth a word.
        unnamed = [t for t in hidden if tensors[t].requires_grad] or hidden
        if len(unnamed) == 1:
            tensor = self.recording.tensors[unnamed[0]]
            value = format_value(self.recording.value(tensor.value), 1)
            parts.append(shape_text(tensor.shape) if value is None else f"= {value}")
        elif unnamed:
            parts.append(Counts().tensors(len(unnamed)))
        return " · ".join(parts)

    def _node_card(self, item: Item, node_id: NodeId) -> Card:
        name = self.recording.autograd_nodes[node_id].name
        lines = [(fit_text(TextStyle.OP_NAME, name, MAX_OP), TextStyle.OP_NAME)]
        return _centred_card(item, CardKind.NODE, lines, PAD_X + HEXAGON_POINT / 2, None)

    def _scope_card(self, item: Item, fold: Fold | None) -> Card:
        scope = scopes_of(self.recording).scopes[item.id]
        counts = Counts()
        ops = counts.ops(scope.stop - scope.start)
        told = [" · ".join(part for part in (scope.type, ops) if part)]
        if fold is not None:
            sides = (fold.inputs, fold.outputs)
            shapes = [", ".join(map(shape_text, side[:MAX_SHAPES])) for side in sides]
            told += [" → ".join(shapes)] if all(shapes) else []
            if fold.parameters:
                told.append(counts.parameters(fold.parameters))
        lines = [(fit_text(TextStyle.OP_NAME, scope_label(scope), MAX_OP), TextStyle.OP_NAME)]
        lines += [(fit_text(TextStyle.RESULT, text, MAX_OP), TextStyle.RESULT) for text in told]
        card = _centred_card(item, CardKind.SCOPE, lines, PAD_X + 18, None)
        if fold is None or self._executed.isdisjoint(fold.nodes):
            return card
        return msgspec.structs.replace(card, height=card.height + GRAD_ROW, grad_top=card.height)


def _meta(tensor: Tensor) -> str:
    """The shape, and what is not as it is with nearly every tensor."""
    parts = [shape_text(tensor.shape)]
    if tensor.dtype != ORDINARY_DTYPE:
        parts.append(tensor.dtype)
    if tensor.device != "cpu":
        parts.append(tensor.device)
    return " · ".join(parts)


def _grad_row_width(grads: Iterable[str]) -> float:
    widest = max(text_width(TextStyle.GRAD, grad) for grad in grads)
    widest = max(widest, text_width(TextStyle.NO_GRAD, NO_GRAD))
    label = text_width(TextStyle.GRAD_LABEL, GRAD_LABEL)
    return label + COLUMN_GAP + min(widest, MAX_GRAD)


def _centred_card(
    item: Item,
    kind: CardKind,
    lines: list[tuple[str, TextStyle]],
    pad: float,
    mark: OpKind | None,
) -> Card:
    pad_y = PAD_Y - 2
    mark_room = MARK + MARK_GAP if mark is not None else 0.0
    widths = [text_width(style, text) for text, style in lines]
    first = widths[0] + mark_room
    width = max(MIN_WIDTH, max([first, *widths[1:]]) + 2 * pad)
    labels: list[Label] = []
    y = pad_y
    for number, ((text, style), text_wide) in enumerate(zip(lines, widths, strict=True)):
        room = mark_room if number == 0 else 0.0
        x = (width - text_wide - room) / 2 + room
        # A result too wide for its pill would stick out of the round ends.
        labels.append(Label(text, style, x, y + metrics_of(style).ascent(), number > 0))
        y += metrics_of(style).height()
    return Card(
        item, kind, width, y + pad_y, tuple(labels), mark, mark_x=(width - first) / 2, grad_top=None
    )
