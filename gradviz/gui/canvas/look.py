"""What decides how a scene is drawn besides the scene itself: theme, overlay colours, focus."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from gradviz.gui.canvas.cards import CardKind
from gradviz.gui.canvas.geometry import Mask
from gradviz.gui.canvas.norms import NormRange
from gradviz.gui.style import PAPER, Paint, Theme
from gradviz.recording.replay import Phase

Codes = np.ndarray[Any, np.dtype[np.uint8]]

NO_COLOUR: Final = 255
"""In an overlay: keeps the colours of its kind."""
PHASES: Final[tuple[Phase, ...]] = tuple(Phase)
"""Phases by the numbers that stand for them in arrays."""
CODE_OF_PHASE: Final = {phase: code for code, phase in enumerate(PHASES)}
DIM: Final = 0.22
"""How strongly is drawn what the focus leaves out."""

_DONE: Final = len(CardKind)
_FIRST_OVERLAY: Final = 16
_DIMMED: Final = 128


class Colouring(msgspec.Struct, frozen=True):
    """Colours of an overlay, such as by dtype or by norm.

    `cards` holds for each card of the scene the index of its paint in `palette` (at most 100 of
    them), or `NO_COLOUR`, shape (n,); `edges` the same for edges, None where they keep theirs.
    `paper` is the palette on white paper, empty where that is the same.
    """

    palette: tuple[Paint, ...]
    cards: Codes
    edges: Codes | None = None
    paper: tuple[Paint, ...] = ()


class Focus(NamedTuple):
    """What stands out while the rest is dimmed: masks over cards (n,) and edges (m,)."""

    cards: Mask
    edges: Mask


class Look(NamedTuple):
    """How a scene is drawn; `hidden` cards and their edges are drawn by somebody else.

    With `norms` the width of an edge that has carried a gradient tells its norm.
    """

    theme: Theme
    colouring: Colouring | None = None
    focus: Focus | None = None
    hidden: frozenset[int] = frozenset()
    norms: NormRange | None = None

    def on_paper(self) -> Look:
        """The same in the colours of white paper, whatever theme the window has."""
        colouring = self.colouring
        if colouring is not None and colouring.paper:
            colouring = msgspec.structs.replace(colouring, palette=colouring.paper, paper=())
        return self._replace(theme=PAPER, colouring=colouring)


class Detail(IntEnum):
    """How much is drawn."""

    BLOCKS = 0
    """Coloured blocks and lines."""
    LABELS = 1
    """Outlines with one label each, and curves."""
    FULL = 2
    """Everything."""


LABELS_FROM: Final = 0.18
FULL_FROM: Final = 0.5


def detail_at(scale: float) -> Detail:
    """How much can be seen at a scale."""
    if scale < LABELS_FROM:
        return Detail.BLOCKS
    return Detail.LABELS if scale < FULL_FROM else Detail.FULL


def card_paint(theme: Theme, kind: CardKind) -> Paint:
    """The colours of a kind of card."""
    paints = {
        CardKind.LEAF: theme.leaf,
        CardKind.PARAMETER: theme.parameter,
        CardKind.INTERMEDIATE: theme.intermediate,
        CardKind.ROOT: theme.root,
        CardKind.CONSTANT: theme.constant,
        CardKind.OP: theme.op,
        CardKind.NODE: theme.autograd_node,
        CardKind.SCOPE: theme.scope,
    }
    return paints[kind]


def paint_of(look: Look, card: int, kind: CardKind) -> Paint:
    """The colours of one card."""
    colouring = look.colouring
    if colouring is not None and colouring.cards[card] != NO_COLOUR:
        return colouring.palette[int(colouring.cards[card])]
    return card_paint(look.theme, kind)


def block_codes(kinds: Codes, phases: Codes, look: Look) -> Codes:
    """A number for each card's colour where it is drawn as a block: see `block_colour`."""
    codes = kinds.copy()
    if CODE_OF_PHASE[Phase.PENDING] in phases:
        # Once all is done there is nothing to tell apart but what the cards are.
        codes[(phases == CODE_OF_PHASE[Phase.DONE]) | (phases == CODE_OF_PHASE[Phase.CURRENT])] = (
            _DONE
        )
    if look.colouring is not None:
        coloured = look.colouring.cards != NO_COLOUR
        codes[coloured] = look.colouring.cards[coloured] + _FIRST_OVERLAY
    if look.focus is not None:
        codes[~look.focus.cards] += _DIMMED
    return codes


def block_colour(code: int, look: Look) -> tuple[str, bool]:
    """The colour that a code of `block_codes` stands for, and whether it is dimmed."""
    is_dimmed, code = code >= _DIMMED, code % _DIMMED
    if code >= _FIRST_OVERLAY and look.colouring is not None:
        # Lines' colours: fills are too pale to be seen at this size.
        return look.colouring.palette[code - _FIRST_OVERLAY].line, is_dimmed
    if code == _DONE:
        return look.theme.done, is_dimmed
    return card_paint(look.theme, CardKind(code)).line, is_dimmed
