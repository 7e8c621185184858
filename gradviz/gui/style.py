"""Every colour of the window, as pure functions of a theme; no colour literal stands elsewhere.

The roles are told apart by shape and line as well as by colour, and the colours stay apart for
the common forms of colour blindness (blue, amber, green-with-double-outline, grey, violet, and
vermilion for everything that is a gradient).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyle

from gradviz.recording.model import TensorRole


class Paint(msgspec.Struct, frozen=True):
    """Colours of one kind of card."""

    fill: str
    line: str
    text: str


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """All colours of one look; `#rrggbb`."""

    name: str
    is_dark: bool
    window: str
    base: str
    alternate: str
    text: str
    muted: str
    border: str
    accent: str
    accent_text: str
    error: str
    error_fill: str
    warning: str
    success: str
    canvas: str
    edge: str
    gradient: str
    gradient_text: str
    current: str
    current_fill: str
    done: str
    selection: str
    match: str
    current_line: str
    leaf: Paint
    parameter: Paint
    intermediate: Paint
    root: Paint
    constant: Paint
    op: Paint
    autograd_node: Paint
    scope: Paint
    keyword: str
    string: str
    number: str
    comment: str
    function: str
    builtin: str
    operator: str
    series: tuple[str, ...]
    scale: tuple[str, ...]


LIGHT: Final = Theme(
    name="light",
    is_dark=False,
    window="#f4f5f7",
    base="#ffffff",
    alternate="#f3f5f8",
    text="#1b2129",
    muted="#566170",
    border="#c8d0d9",
    accent="#0b63ce",
    accent_text="#ffffff",
    error="#c01c28",
    error_fill="#fde7e9",
    warning="#8f5a00",
    success="#1a7f45",
    canvas="#fbfcfd",
    edge="#8a96a3",
    gradient="#d1490c",
    gradient_text="#a83a06",
    current="#d1490c",
    current_fill="#ffe9dc",
    done="#b9703f",
    selection="#0b63ce",
    match="#b5179e",
    current_line="#eef4fc",
    leaf=Paint(fill="#dcebfd", line="#1766c2", text="#0d2d54"),
    parameter=Paint(fill="#fdf0d2", line="#a36a00", text="#4a3000"),
    intermediate=Paint(fill="#ffffff", line="#77838f", text="#1b2129"),
    root=Paint(fill="#d9f3e1", line="#1a7f45", text="#0b3d20"),
    constant=Paint(fill="#eef0f3", line="#98a3ae", text="#3d4753"),
    op=Paint(fill="#3a4654", line="#3a4654", text="#ffffff"),
    autograd_node=Paint(fill="#efe8fb", line="#7448bf", text="#34195f"),
    scope=Paint(fill="#def1f2", line="#0e7680", text="#06363b"),
    keyword="#8031a7",
    string="#1a7f45",
    number="#0b63ce",
    comment="#66717d",
    function="#0a5a8a",
    builtin="#9a4b00",
    operator="#3a4654",
    series=("#0b63ce", "#d1490c", "#1a7f45", "#7448bf", "#a36a00", "#0e8a93"),
    scale=("#f1e9a6", "#a5d48a", "#52b39a", "#2a8a9c", "#2a5f8f", "#35316f", "#2d0b47"),
)

PAPER: Final = msgspec.structs.replace(LIGHT, canvas="#ffffff")
"""Pictures that leave the window: nothing is printed where nothing is drawn."""

DARK: Final = Theme(
    name="dark",
    is_dark=True,
    window="#1d2127",
    base="#16191e",
    alternate="#1b1f25",
    text="#e6eaef",
    muted="#9aa6b3",
    border="#39424d",
    accent="#5aa9ff",
    accent_text="#0a1420",
    error="#ff7b81",
    error_fill="#43191d",
    warning="#f0b955",
    success="#5cd28d",
    canvas="#14171b",
    edge="#6b7784",
    gradient="#ff8a4c",
    gradient_text="#ffa776",
    current="#ff8a4c",
    current_fill="#4a2410",
    done="#b9784f",
    selection="#5aa9ff",
    match="#ff7ad9",
    current_line="#1c2633",
    leaf=Paint(fill="#16365c", line="#5aa9ff", text="#e2f0ff"),
    parameter=Paint(fill="#47340c", line="#e3ae3f", text="#fff1d2"),
    intermediate=Paint(fill="#252b33", line="#8793a0", text="#e6eaef"),
    root=Paint(fill="#143d26", line="#5cd28d", text="#def8e7"),
    constant=Paint(fill="#22262c", line="#6b7784", text="#b8c2cc"),
    op=Paint(fill="#cfd7e0", line="#cfd7e0", text="#14171b"),
    autograd_node=Paint(fill="#33234f", line="#b08cf0", text="#efe6ff"),
    scope=Paint(fill="#123a3f", line="#4fc3cc", text="#dcfafc"),
    keyword="#cf9bf0",
    string="#7fd8a2",
    number="#7dbbff",
    comment="#8793a0",
    function="#79c7e8",
    builtin="#f0b077",
    operator="#c4ccd5",
    series=("#5aa9ff", "#ff8a4c", "#5cd28d", "#b08cf0", "#e3ae3f", "#4fd0d8"),
    scale=("#3d3a73", "#3a5a94", "#2f7f96", "#2ea18a", "#62c06e", "#b3d755", "#fbe85a"),
)

SMALLEST_TEXT_SCALE: Final = 0.8
LARGEST_TEXT_SCALE: Final = 2.5

THEMES: Final = {theme.name: theme for theme in (LIGHT, DARK)}


class Contrast(Enum):
    """How strongly something is drawn; what is out of focus is faded."""

    FULL = 1.0
    MUTED = 0.72
    FADED = 0.45


def role_paint(theme: Theme, role: TensorRole) -> Paint:
    """The colours of a tensor's card."""
    paints = {
        TensorRole.LEAF: theme.leaf,
        TensorRole.PARAMETER: theme.parameter,
        TensorRole.INTERMEDIATE: theme.intermediate,
        TensorRole.ROOT: theme.root,
        TensorRole.CONSTANT: theme.constant,
    }
    return paints[role]


SCALE_STEPS: Final = 24
BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
_TINT: Final = 0.24


def mixed(ground: str, colour: str, share: float) -> str:
    """A colour between two: `share` 0 is the first one, 1 the second."""
    one, other = QColor(ground), QColor(colour)
    return QColor(
        round(one.red() + (other.red() - one.red()) * share),
        round(one.green() + (other.green() - one.green()) * share),
        round(one.blue() + (other.blue() - one.blue()) * share),
    ).name()


def category_paint(theme: Theme, number: int) -> Paint:
    """The colours of a card of the category with this number; they begin again after six."""
    colour = theme.series[number % len(theme.series)]
    return Paint(fill=mixed(theme.base, colour, _TINT), line=colour, text=theme.text)


def scale_colour(theme: Theme, share: float) -> str:
    """The colour of a number on the scale from 0, the lowest, to 1, the highest.

    Lightness runs one way, so that the order can be seen without telling colours apart.
    """
    at = min(max(share, 0.0), 1.0) * (len(theme.scale) - 1)
    first = min(int(at), len(theme.scale) - 2)
    return mixed(theme.scale[first], theme.scale[first + 1], at - first)


def scale_paint(theme: Theme, share: float) -> Paint:
    """The colours of a card with a number on the scale."""
    fill = scale_colour(theme, share)
    return Paint(fill=fill, line=fill, text=readable_on(fill))


_FUSION_DARKER: Final = 140
"""How much darker than the window Fusion draws a border, in percent."""

PROJECTOR_SCALE: Final = 1.3
"""How much larger menus, buttons and the graph are in projector mode; text has its own size."""


def blended(colour: str, background: str, strength: float) -> QColor:
    """An opaque colour that looks as the first one at some strength over the second."""
    parts = zip(_channels(colour), _channels(background), strict=True)
    return QColor(*(round(a * strength + b * (1 - strength)) for a, b in parts))


def _channels(colour: str) -> tuple[int, int, int]:
    parsed = QColor(colour)
    return parsed.red(), parsed.green(), parsed.blue()


def readable_on(fill: str) -> str:
    """Black or white, whichever has more contrast (WCAG 2) on a colour."""
    parts = [value / 255 for value in _channels(fill)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return BLACK if (luminance + 0.05) ** 2 > 1.05 * 0.05 else WHITE


def make_palette(theme: Theme) -> QPalette:
    """The palette of all standard widgets."""
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.base),
        (role.AlternateBase, theme.alternate),
        (role.Text, theme.text),
        (role.Button, theme.window),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.error),
        (role.ToolTipBase, theme.base),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.accent_text),
        (role.Link, theme.accent),
        (role.Accent, theme.accent),
        (role.Mid, theme.border),
        (role.Dark, theme.border),
    ):
        palette.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(theme.muted))
    return palette


def _spin_box_palette(theme: Theme) -> QPalette:
    """The palette of boxes for numbers: Fusion draws their border darker than the window.

    That is not seen on a dark ground.
    """
    palette = make_palette(theme)
    palette.setColor(QPalette.ColorRole.Window, QColor(theme.border).lighter(_FUSION_DARKER))
    return palette


class Appearance(QObject):
    """The theme in use; widgets that paint for themselves follow `theme_changed`.

    Attributes:
        theme: the theme in use.
        text_scale: how large the text of panels is drawn, 1 for the desktop's own size.
        reduced_motion: whether the person wants nothing to move by itself.

    Signals:
        theme_changed: another theme is in use (`Theme`).
        text_scaled: the text has another size (`text_scale`).
        enlarged: pictures should be as large as for a projector, or as usual (`enlargement`).
    """

    theme_changed = Signal(object)
    text_scaled = Signal(float)
    enlarged = Signal(float)

    def __init__(self, theme: Theme = LIGHT, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.text_scale = 1.0
        self.reduced_motion = False
        self._usual_font: QFont | None = None

    @property
    def enlargement(self) -> float:
        """How much larger than usual what an audience reads has to be."""
        return 1.0 if self._usual_font is None else PROJECTOR_SCALE

    @property
    def moves(self) -> bool:
        """Whether animations are on: neither the person nor the desktop forbids them."""
        style = QApplication.style()
        duration = style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
        return not self.reduced_motion and duration > 0

    def set_text_scale(self, scale: float) -> None:
        """Draw the text of panels larger or smaller, as the editor's."""
        scale = min(max(scale, SMALLEST_TEXT_SCALE), LARGEST_TEXT_SCALE)
        if scale == self.text_scale:
            return
        self.text_scale = scale
        self.text_scaled.emit(scale)

    def set_text_points(self, points: int) -> None:
        """Draw the text of panels in this size."""
        self.set_text_scale(points / QApplication.font().pointSizeF())

    def set_projector(self, is_on: bool) -> None:
        """Make menus, buttons and tables larger for an audience, or as they were."""
        if is_on == (self._usual_font is not None):
            return
        usual = self._usual_font or QFont(QApplication.font())
        self._usual_font = usual if is_on else None
        font = QFont(usual)
        if is_on:
            font.setPointSizeF(usual.pointSizeF() * PROJECTOR_SCALE)
        QApplication.setFont(font)
        self.enlarged.emit(self.enlargement)

    def scaled_font(self) -> QFont:
        """The program's font in the size of the panels' text."""
        font = QFont(QApplication.font())
        font.setPointSizeF(font.pointSizeF() * self.text_scale)
        return font

    def set_theme(self, theme: Theme) -> None:
        """Use another theme in the whole application."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setStyle("Fusion")
            application.setPalette(make_palette(theme))
            # PySide6 takes text, whatever its stub says.
            application.setPalette(_spin_box_palette(theme), "QAbstractSpinBox")  # type: ignore[arg-type]
        if theme == self.theme:
            return
        self.theme = theme
        self.theme_changed.emit(theme)
