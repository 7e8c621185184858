"""The colours that an overlay gives to a scene's cards and edges, and the legend of them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from gradviz.gui.canvas.look import NO_COLOUR, Codes, Colouring
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.style import (
    PAPER,
    SCALE_STEPS,
    Paint,
    Theme,
    category_paint,
    scale_paint,
)
from gradviz.recording.compare import Comparison
from gradviz.recording.model import ItemKind, PassId
from gradviz.recording.overlays import (
    NONE,
    Categories,
    Gradients,
    Overlay,
    Quantities,
    changed_slots,
    devices,
    differences,
    dtypes,
    sizes,
    times,
)
from gradviz.recording.residence import nbytes_by_device, shown_tensors

SEVERAL: Final = "several"
ZERO: Final = "zero"
BAD: Final = "bad"
MAX_CATEGORIES: Final = 8
"""Of more the rest share one colour."""
_LOG_FROM: Final = 50.0
"""Times the smallest that the largest is, from which on the scale is logarithmic."""


class LegendRow(NamedTuple):
    """One category: its own name or `SEVERAL`, `ZERO`, `BAD`; its colours; how many cards.

    `nbytes` is what tensors take of a device, None for what is none.
    """

    name: str
    paint: Paint
    cards: int
    code: int
    nbytes: int | None = None


class Legend(NamedTuple):
    """What the colours mean; `low` and `high` are the ends of the scale where there is one."""

    overlay: Overlay
    rows: tuple[LegendRow, ...]
    low: float = 0.0
    high: float = 0.0
    is_log: bool = False
    has_scale: bool = False
    has_folded: bool = False


class Coloured(NamedTuple):
    """A scene's colours, their legend, and each card's number (NaN for none)."""

    colouring: Colouring
    legend: Legend
    numbers: np.ndarray[Any, np.dtype[np.float64]] | None = None


def colour(
    scene: Scene,
    overlay: Overlay,
    theme: Theme,
    *,
    pass_id: PassId | None,
    comparison: Comparison | None,
) -> Coloured | None:
    """The colours of a scene; gradients are those of one pass, or the largest of all.

    None where the overlay has nothing to say. Touches no widget: may be called on any thread.
    """
    recording = scene.recording
    match overlay:
        case Overlay.NONE:
            return None
        case Overlay.DTYPE:
            return _by_category(scene, overlay, theme, dtypes(recording))
        case Overlay.DEVICE:
            coloured = _by_category(scene, overlay, theme, devices(recording))
            held = nbytes_by_device(shown_tensors(recording))
            rows = tuple(row._replace(nbytes=held.get(row.name)) for row in coloured.legend.rows)
            return coloured._replace(legend=coloured.legend._replace(rows=rows))
        case Overlay.TIME:
            return _by_quantity(scene, overlay, theme, times(recording))
        case Overlay.BYTES:
            return _by_quantity(scene, overlay, theme, sizes(recording))
        case Overlay.GRADIENT:
            gradients = Gradients(recording, pass_id)
            on_edges = gradients.of_edges(edge.carriers for edge in scene.edges)
            return _by_quantity(scene, overlay, theme, gradients.quantities, on_edges)
        case Overlay.DIFFERENCE:
            if comparison is None or comparison.after is not recording:
                return None
            coloured = _by_category(scene, overlay, theme, differences(comparison))
            return _with_changed_edges(scene, coloured, comparison)


def _of_cards(scene: Scene, of: Any, absent: Any, dtype: Any) -> Any:
    kinds = {kind: number for number, kind in enumerate(ItemKind)}
    kind_of = np.fromiter((kinds[item.kind] for item in scene.items), np.intp, len(scene.items))
    ids = np.fromiter((item.id for item in scene.items), np.intp, len(scene.items))
    found = np.full(len(ids), absent, dtype)
    for kind, number in kinds.items():
        chosen = kind_of == number
        found[chosen] = of[kind][ids[chosen]]
    return found


def _by_category(scene: Scene, overlay: Overlay, theme: Theme, found: Categories) -> Coloured:
    codes = _of_cards(scene, found.of, NONE, np.intp)
    several = len(found.names)
    names = [*found.names, SEVERAL]
    most = np.bincount(codes[(codes != NONE) & (codes < several)], minlength=several)
    if several > MAX_CATEGORIES:
        kept = set(np.argsort(-most, kind="stable")[:MAX_CATEGORIES].tolist())
    else:
        kept = set(range(several))
    # Rare categories beyond the palette's room share one colour.
    codes = np.where((codes >= 0) & (codes < several) & ~np.isin(codes, list(kept)), several, codes)
    order = sorted(kept)
    number = {code: place for place, code in enumerate((*order, several))}

    def palette_in(theme: Theme) -> tuple[Paint, ...]:
        return (*(category_paint(theme, code) for code in order), theme.constant)

    paints = palette_in(theme)
    compact = np.full(len(codes), NO_COLOUR, np.uint8)
    for code, place in number.items():
        compact[codes == code] = place
    rows = tuple(
        LegendRow(names[code], paints[place], count, place)
        for code, place in number.items()
        if (count := int((compact == place).sum()))
    )
    colouring = Colouring(palette=paints, cards=compact, paper=palette_in(PAPER))
    return Coloured(colouring, Legend(overlay, rows))


def _by_quantity(
    scene: Scene, overlay: Overlay, theme: Theme, found: Quantities, on_edges: Any = None
) -> Coloured:
    numbers = _of_cards(scene, found.of, np.nan, np.float64)
    bad = _of_cards(scene, found.bad, False, np.bool_)
    every = numbers if on_edges is None else np.concatenate((numbers, on_edges[0]))
    positive = every[np.isfinite(every) & (every > 0)]
    low, high = (float(positive.min()), float(positive.max())) if len(positive) else (0.0, 0.0)
    is_log = low > 0 and high / low >= _LOG_FROM
    palette = _scale_in(theme)
    edges = None
    if on_edges is not None:
        edges = _levels(on_edges[0], on_edges[1], low, high, is_log)
    cards = _levels(numbers, bad, low, high, is_log)
    rows = tuple(
        LegendRow(name, palette[code], count, code)
        for name, code in ((ZERO, SCALE_STEPS), (BAD, SCALE_STEPS + 1))
        if (count := int((cards == code).sum()))
    )
    least = low if is_log else 0.0
    has_folded = scene.folding is not None and bool(scene.folding.folds)
    legend = Legend(overlay, rows, least, high, is_log, bool(len(positive)), has_folded)
    colouring = Colouring(palette=palette, cards=cards, edges=edges, paper=_scale_in(PAPER))
    return Coloured(colouring, legend, numbers)


def _scale_in(theme: Theme) -> tuple[Paint, ...]:
    """A paint for each level, for zero, and for what is not finite."""
    scale = [scale_paint(theme, step / (SCALE_STEPS - 1)) for step in range(SCALE_STEPS)]
    broken = Paint(fill=theme.error_fill, line=theme.error, text=theme.text)
    return (*scale, theme.constant, broken)


def _levels(numbers: Any, bad: Any, low: float, high: float, is_log: bool) -> Codes:
    codes = np.full(len(numbers), NO_COLOUR, np.uint8)
    known = np.isfinite(numbers) & (numbers > 0)
    if high > low:
        chosen = numbers[known]
        if is_log:
            shares = (np.log(chosen) - np.log(low)) / (np.log(high) - np.log(low))
        else:
            shares = chosen / high
        codes[known] = np.clip(np.rint(shares * (SCALE_STEPS - 1)), 0, SCALE_STEPS - 1)
    else:
        codes[known] = SCALE_STEPS // 2
    codes[numbers == 0] = SCALE_STEPS
    codes[bad] = SCALE_STEPS + 1
    return codes


def _with_changed_edges(scene: Scene, coloured: Coloured, comparison: Comparison) -> Coloured:
    changed = changed_slots(comparison)
    is_changed = np.fromiter(
        (any(carrier in changed for carrier in edge.carriers) for edge in scene.edges),
        np.bool_,
        len(scene.edges),
    )
    colouring = coloured.colouring
    places = {row.name: row.code for row in coloured.legend.rows}
    code = places.get("gradient", places.get("both"))
    if code is None:
        return coloured
    edges = np.where(is_changed, code, NO_COLOUR).astype(np.uint8)
    return coloured._replace(colouring=msgspec.structs.replace(colouring, edges=edges))
