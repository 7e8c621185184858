from __future__ import annotations

import numpy as np
import pytest

from gradviz.gui.canvas.card_lookup import NO_CARD, CardLookup
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.standing import standing_for
from gradviz.recording.model import Item, ItemKind, Recording
from gradviz.recording.scopes import scopes_of
from gradviz.recording.view import Folds, FoldStart, ViewMode, ViewOptions
from tests.builders import make_chain_rule_recording
from tests.recording.scoped import make_block_recording

pytestmark = pytest.mark.gui


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("recording", [make_chain_rule_recording(), make_block_recording(3)])
@pytest.mark.parametrize("mode", tuple(ViewMode))
@pytest.mark.parametrize("start", tuple(FoldStart))
def test_every_item_stands_where_it_does_when_asked_alone(
    recording: Recording, mode: ViewMode, start: FoldStart
) -> None:
    scene = build_scene(recording, ViewOptions(mode=mode, folds=Folds(start)))
    lookup = CardLookup(scene)
    counts = {
        ItemKind.TENSOR: len(recording.tensors),
        ItemKind.OP: len(recording.ops),
        ItemKind.NODE: len(recording.autograd_nodes),
        ItemKind.SCOPE: len(scopes_of(recording).scopes),
    }
    for kind, count in counts.items():
        cards = lookup.cards_of(kind, np.arange(count))
        for number, card in enumerate(cards.tolist()):
            alone = standing_for(scene, Item(kind, number))
            assert card == (NO_CARD if alone is None else alone), (kind, number)
