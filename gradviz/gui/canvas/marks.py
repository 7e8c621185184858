"""What a playhead adds to a scene: phases of cards, gradients on edges and `.grad` on leaves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from gradviz.gui.canvas.cards import MAX_GRAD, VALUE_ELEMENTS, gradient_text
from gradviz.gui.canvas.chips import CHIP_HEIGHT, MAX_CHIP, Room, chip_text, chip_width
from gradviz.gui.canvas.geometry import OUTWARDS, Box, Mask, Points
from gradviz.gui.canvas.look import CODE_OF_PHASE, PHASES, Codes
from gradviz.gui.canvas.scene import REACH, Scene
from gradviz.gui.canvas.text import TextStyle, fit_text
from gradviz.recording.model import ItemKind, Pass, TensorId
from gradviz.recording.recomputed import step_around
from gradviz.recording.replay import Phase, Replay
from gradviz.recording.view import tensor_item

FEW_STEPS: Final = 16
"""Further apart everything is drawn again."""


class Chip(NamedTuple):
    """A gradient written on an edge; `is_current` where the step just executed involves it.

    Where it would be in the way of others, it is shown only while it is current.
    """

    edge: int
    text: str
    box: Box
    is_current: bool
    room: Room = Room.FREE

    @property
    def is_shown(self) -> bool:
        """Whether it is written on the picture."""
        return self.room is Room.FREE or (self.is_current and self.room is Room.CROWDED)


class Marks:
    """Answers what the playhead shows on a scene; only what is asked for is looked up.

    Attributes:
        scene: what is marked.
        playhead: the moment.
        passes: the passes whose gradients are shown, each with the playhead up to which it has
            delivered them: the one at the playhead and, where it ran inside a step, those around
            it. Where nothing of it is drawn, the first is one around it; empty without passes.
        current_cards: cards of the autograd node that was executed last.
        current_edges: edges whose gradients that node received or sent.
    """

    def __init__(self, scene: Scene, playhead: int) -> None:
        self.scene = scene
        self.playhead = playhead
        moment = scene.replay.moment_at(playhead)
        self.step = moment.step if moment is not None else None
        node = self.step.autograd_node if self.step is not None else None
        cards = [] if node is None else scene.nodes.cards_of(node)
        edges = [] if node is None else scene.nodes.edges_of(node)
        self.passes: tuple[tuple[int, int], ...] = ()
        if moment is not None:
            self.passes = ((moment.pass_.id, playhead), *_around(scene.replay, moment.pass_))
        if node is not None and moment is not None and moment.pass_.parent is not None:
            drawn = scene.drawn_around(moment.pass_)
            if drawn is not None:
                cards = [*cards, *scene.nodes.cards_of(drawn.node)]
                edges = scene.nodes.edges_of(drawn.node)
                numbers = [number for number, _ in self.passes]
                self.passes = self.passes[numbers.index(drawn.pass_id) :]
        self.current_cards = frozenset(cards)
        self.current_edges = frozenset(edges)
        self._chips: dict[int, Chip | None] = {}

    @cached_property
    def delivered_edges(self) -> list[int]:
        """The current edges along which a gradient has come, in order."""
        return [edge for edge in sorted(self.current_edges) if self.is_delivered(edge)]

    @cached_property
    def has_begun(self) -> bool:
        """Whether a step of the pass has been executed, so that there are gradients."""
        return any(self.playhead > self.scene.replay.span_of(index)[0] for index, _ in self.passes)

    @cached_property
    def phases(self) -> Codes:
        """The `PHASES` index of every card, shape (n,): done when all of its nodes are."""
        scene = self.scene
        codes = np.full(len(scene.cards), CODE_OF_PHASE[Phase.IDLE], np.uint8)
        for index, _ in reversed(self.passes):
            last = scene.last_offsets(index)
            executed = scene.replay.executed_in(index, self.playhead)
            codes[last >= executed] = CODE_OF_PHASE[Phase.PENDING]
            codes[(last >= 0) & (last < executed)] = CODE_OF_PHASE[Phase.DONE]
        codes[list(self.current_cards)] = CODE_OF_PHASE[Phase.CURRENT]
        return codes

    @cached_property
    def delivered(self) -> Mask:
        """Along which edges a gradient has come by now, shape (m,)."""
        found: Mask = np.zeros(len(self.scene.edges), np.bool_)
        for index, _ in self.passes:
            found |= self._delivered_in(index)
        return found

    def _delivered_in(self, index: int) -> Mask:
        executed = self.scene.replay.executed_in(index, self.playhead)
        found: Mask = self.scene.first_deliveries(index) < executed
        return found

    def gradients_at(self, edge: int) -> int:
        """The playhead at which the gradients of an edge are those that stand on it now."""
        for index, playhead in self.passes[:-1]:
            if self._delivered_in(index)[edge]:
                return playhead
        return self.passes[-1][1] if self.passes else self.playhead

    def phase_of(self, card: int) -> Phase:
        """Where the autograd nodes of a card stand: it is done when all of them are."""
        return PHASES[int(self.phases[card])]

    def progress_of(self, card: int) -> tuple[int, int]:
        """How many of the pass's steps behind a folded scope's card are done, and of how many."""
        for index, _ in self.passes:
            behind = self.scene.steps_behind(card, index)
            if len(behind):
                executed = self.scene.replay.executed_in(index, self.playhead)
                return int(np.searchsorted(behind, executed)), len(behind)
        return 0, 0

    def is_delivered(self, edge: int) -> bool:
        """Whether a gradient has come along an edge by now."""
        return bool(self.delivered[edge])

    def chip_of(self, edge: int) -> Chip | None:
        """The gradient that stands on an edge, None before it was delivered."""
        if edge not in self._chips:
            self._chips[edge] = self._look_up_chip(edge)
        return self._chips[edge]

    def _look_up_chip(self, edge: int) -> Chip | None:
        scene = self.scene
        carriers = scene.edges[edge].carriers
        text = chip_text(scene.recording, scene.replay, carriers, self.gradients_at(edge))
        if text is None:
            return None
        x, y, room = scene.chips.place_of(edge)
        if room is Room.FREE and self._is_on_card(edge):
            room = Room.CROWDED
        half_x, half_y = chip_width(text) / 2, CHIP_HEIGHT / 2
        box = Box(x - half_x, y - half_y, x + half_x, y + half_y)
        return Chip(edge, text, box, edge in self.current_edges, room)

    def _is_on_card(self, edge: int) -> bool:
        """Whether the leaf's card beside the edge says the same of a gradient of many elements."""
        scene = self.scene
        carriers = scene.edges[edge].carriers
        value_id = scene.replay.gradient_at(carriers[0], self.gradients_at(edge))
        item = scene.items[scene.edges[edge].source]
        if len(carriers) != 1 or value_id is None or item.kind is not ItemKind.TENSOR:
            return False
        value = scene.recording.values[value_id]
        grad = scene.replay.leaf_grad_at(TensorId(item.id), self.playhead)
        if value.numel <= VALUE_ELEMENTS or grad is None:
            return False
        return gradient_text(value) == gradient_text(scene.recording.values[grad])

    def grad_of(self, card: int) -> str | None:
        """What stands in the `.grad` row of a leaf's card, None while it has no gradient."""
        item = self.scene.items[card]
        if item.kind is not ItemKind.TENSOR or self.scene.cards[card].grad_top is None:
            return None
        value_id = self.scene.replay.leaf_grad_at(TensorId(item.id), self.playhead)
        value = self.scene.recording.value(value_id)
        return None if value is None else fit_text(TextStyle.GRAD, gradient_text(value), MAX_GRAD)


def _around(replay: Replay, pass_: Pass) -> Iterator[tuple[int, int]]:
    """The passes around one, innermost first, and the playheads before the steps that ran it."""
    around = step_around(replay.recording, pass_)
    while around is not None:
        before = replay.playhead_of(around.pass_id, around.step - 1) if around.step else 0
        yield around.pass_id, before
        around = step_around(replay.recording, replay.recording.passes[around.pass_id])


def changed_boxes(before: Marks, after: Marks, *, with_edges: bool) -> Points | None:
    """Where two playheads of a scene look different, None where that may be anywhere.

    Boxes of shape (k, 4); without edges only the cards' own.
    """
    scene, replay = after.scene, after.scene.replay
    low, high = sorted((before.playhead, after.playhead))
    if high - low > FEW_STEPS or replay.pass_index_at(low) != replay.pass_index_at(high):
        return None
    cards: set[int] = set()
    edges: set[int] = set()
    for playhead in range(low, high + 1):
        moment = replay.moment_at(playhead)
        if moment is not None and moment.step is not None:
            node = moment.step.autograd_node
            cards.update(scene.nodes.cards_of(node))
            edges.update(scene.nodes.edges_of(node))
            leaf = scene.recording.autograd_nodes[node].leaf
            drawn = None if leaf is None else scene.index.get(tensor_item(leaf))
            cards.update(() if drawn is None else (drawn,))
    boxes = [scene.card_boxes[sorted(cards)] + REACH * OUTWARDS]
    if with_edges:
        chosen = sorted(edges)
        boxes.append(scene.edge_boxes[chosen] + REACH * OUTWARDS)
        boxes.append(np.tile(scene.chips.anchors[chosen], 2) + MAX_CHIP * OUTWARDS)
    return np.vstack(boxes)
