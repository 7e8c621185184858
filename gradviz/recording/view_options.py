"""What of a recording is drawn, and how much of it is folded up."""

from __future__ import annotations

from enum import Enum

import msgspec

from gradviz.recording.model import PassId, Recording


class ViewMode(Enum):
    """Which half of the computation is drawn."""

    FORWARD = "forward"
    """Tensors and ops as written."""
    BACKWARD = "backward"
    """Autograd nodes and leaves, as torchviz draws them."""
    BOTH = "both"
    """Tensors and ops, each op paired with its autograd nodes."""


class FoldStart(Enum):
    """Which scopes are open before a person opens and folds some."""

    OPEN = "open"
    """All of them."""
    FITTING = "fitting"
    """All of them in a small graph, of a large one as many as can be read at once."""
    FOLDED = "folded"
    """None."""


class Folds(msgspec.Struct, frozen=True):
    """Which scopes are open: `start`, but also those `opened`, and none of those `folded`.

    Scopes are named by their keys, which mean the same in another run of slightly other code.
    """

    start: FoldStart = FoldStart.OPEN
    opened: frozenset[str] = frozenset()
    folded: frozenset[str] = frozenset()

    def opening(self, *keys: str) -> Folds:
        """The same with some scopes open."""
        return Folds(self.start, self.opened.union(keys), self.folded.difference(keys))

    def folding(self, *keys: str) -> Folds:
        """The same with some scopes folded."""
        return Folds(self.start, self.opened.difference(keys), self.folded.union(keys))


class Heading(Enum):
    """Which way the forward pass reads."""

    DOWN = "down"
    RIGHT = "right"


class Arrangement(Enum):
    """How the cards are placed."""

    LAYERED = "layered"
    """In layers, each op behind what it takes."""
    SPRING = "spring"
    KAMADA_KAWAI = "kamada-kawai"
    CIRCULAR = "circular"
    MULTIPARTITE = "multipartite"


class ViewOptions(msgspec.Struct, frozen=True):
    """What to draw.

    `pass_id` limits the view to what that pass executed (None: the whole run). `hide_constants`
    leaves out what needs no gradient, `hide_outside` what no backward pass went through, and
    `hide_nodes` the autograd nodes beside the ops. `heading` and `arrangement` only say where
    things stand.
    """

    mode: ViewMode = ViewMode.FORWARD
    pass_id: PassId | None = None
    hide_constants: bool = False
    hide_outside: bool = False
    hide_nodes: bool = False
    folds: Folds = Folds()
    heading: Heading = Heading.DOWN
    arrangement: Arrangement = Arrangement.LAYERED


def default_view(recording: Recording) -> ViewOptions:
    """What to draw where nobody has chosen: of a graph without ops its autograd nodes."""
    has_ops = recording.ops or not recording.autograd_nodes
    return ViewOptions() if has_ops else ViewOptions(mode=ViewMode.BACKWARD)
