"""The small bar above the graph: which half is drawn, and how much of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from gradviz.gui.buttons import flat_button
from gradviz.gui.icons import make_icon
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.view_options import ViewMode, ViewOptions


class ViewBar(Retranslated, QWidget):
    """Shows and changes the session's view options.

    Where it is too narrow for all of its words, icons stand for the last of them, as many as need
    be; where it is too narrow for icons, the last ones are in the View menu alone.

    Signals:
        fit_requested: the whole graph should be shown.
    """

    fit_requested = Signal()

    def __init__(
        self, session: Session, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("view_bar")
        self._session = session
        self._widths: list[int] = []
        self._modes = QButtonGroup(self)
        self._mode_of: dict[int, ViewMode] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 4, 4)
        row.setSpacing(0)
        for number, mode in enumerate((ViewMode.FORWARD, ViewMode.BACKWARD, ViewMode.BOTH)):
            button = QToolButton()
            button.setObjectName("mode")
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            self._modes.addButton(button, number)
            self._mode_of[number] = mode
            row.addWidget(button)
        self._modes.idClicked.connect(self._on_mode_clicked)
        row.addSpacing(6)
        self._this_pass = self._toggle()
        self._this_pass.clicked.connect(session.limit_to_pass)
        self._filters, self._folding, self._layout = (self._menu_button() for _ in range(3))
        row.addWidget(self._this_pass)
        for button in (self._filters, self._folding, self._layout):
            row.addSpacing(4)
            row.addWidget(button)
        row.addStretch(1)
        self._fit = flat_button()
        self._fit.clicked.connect(self.fit_requested)
        row.addWidget(self._fit)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        session.view_options_changed.connect(self._on_view_options_changed)
        session.recording_changed.connect(self._on_recording_changed)
        session.playhead_moved.connect(self._on_playhead_moved)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._on_view_options_changed(session.view_options)
        self._on_recording_changed()
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Measure again in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def showEvent(self, event: QShowEvent) -> None:
        """Measure again: only now every style is applied."""
        super().showEvent(event)
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show words where there is room for them."""
        super().resizeEvent(event)
        self._choose_labels()

    def _measure(self) -> None:
        """Note how much room the words need: all of them, all but the last, and so on."""
        toggles = self._toggles()
        self._widths = []
        for worded in range(len(toggles), -1, -1):
            self._label_toggles(worded)
            self._widths.append(self.sizeHint().width())
        self._choose_labels()

    def _choose_labels(self) -> None:
        count = len(self._toggles())
        icons = next((n for n, width in enumerate(self._widths) if width <= self.width()), count)
        self._label_toggles(count - icons)
        for button in (self._layout, self._folding):
            if self.sizeHint().width() > self.width():
                button.hide()

    def _toggles(self) -> tuple[QToolButton, ...]:
        return self._this_pass, self._filters, self._folding, self._layout

    def _label_toggles(self, worded: int) -> None:
        """Show all: so many of them in words, the others as icons."""
        for number, toggle in enumerate(self._toggles()):
            toggle.show()
            style = (
                Qt.ToolButtonStyle.ToolButtonTextOnly
                if number < worded
                else Qt.ToolButtonStyle.ToolButtonIconOnly
            )
            if toggle.toolButtonStyle() is not style:
                toggle.setToolButtonStyle(style)

    def _retranslate(self) -> None:
        texts = {
            ViewMode.FORWARD: (self.tr("Forward"), self.tr("Tensors and ops as written")),
            ViewMode.BACKWARD: (
                self.tr("Backward"),
                self.tr("PyTorch's autograd nodes and the leaves"),
            ),
            ViewMode.BOTH: (self.tr("Both"), self.tr("Each op with its autograd nodes")),
        }
        for number, mode in self._mode_of.items():
            text, tooltip = texts[mode]
            self._modes.button(number).setText(text)
            self._modes.button(number).setToolTip(tooltip)
        for toggle, text, tooltip in (
            (
                self._this_pass,
                self.tr("This pass"),
                self.tr("Draw only what the shown backward pass executed"),
            ),
            (self._filters, self.tr("Filters"), self.tr("Leave some of the graph out")),
            (
                self._folding,
                self.tr("Folding"),
                self.tr("Draw modules and loops open, or as one card each"),
            ),
            (self._layout, self.tr("Layout"), self.tr("Where the cards stand")),
        ):
            toggle.setText(text)
            toggle.setAccessibleName(text)
            toggle.setToolTip(f"{text}: {tooltip}")
        self._fit.setToolTip(self.tr("Show the whole graph (Shift+F)"))
        self._fit.setAccessibleName(self.tr("Fit"))
        self._measure()

    def _toggle(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("toggle")
        button.setCheckable(True)
        return button

    def _menu_button(self) -> QToolButton:
        button = self._toggle()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setEnabled(False)
        return button

    def set_menus(self, filters: QMenu, folding: QMenu, layout: QMenu) -> None:
        """What the three menu buttons open."""
        for button, menu in (
            (self._filters, filters),
            (self._folding, folding),
            (self._layout, layout),
        ):
            button.setMenu(menu)
            button.setEnabled(True)
            # A tick says that something is chosen, which only the options decide.
            menu.aboutToHide.connect(self._mirror_filters)
        self._measure()

    def _mirror_filters(self) -> None:
        options = self._session.view_options
        is_filtered = options.hide_constants or options.hide_outside or options.hide_nodes
        for button, checked in (
            (self._filters, is_filtered),
            (self._folding, False),
            (self._layout, False),
        ):
            button.setChecked(checked)

    def _on_mode_clicked(self, number: int) -> None:
        self._session.change_view(mode=self._mode_of[number])

    def _on_playhead_moved(self, _playhead: int) -> None:
        if self._session.view_options.pass_id is not None:
            self._session.change_view(pass_id=self._session.pass_at_playhead)

    def _on_recording_changed(self) -> None:
        self._this_pass.setEnabled(bool(self._session.recording.passes))
        self._on_view_options_changed(self._session.view_options)

    def _on_view_options_changed(self, options: ViewOptions) -> None:
        for number, mode in self._mode_of.items():
            if mode is options.mode:
                self._modes.button(number).setChecked(True)
        with QSignalBlocker(self._this_pass):
            self._this_pass.setChecked(options.pass_id is not None)
        self._mirror_filters()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._fit.setIcon(make_icon("fit", theme))
        self._this_pass.setIcon(make_icon("this-pass", theme))
        self._filters.setIcon(make_icon("filter", theme))
        self._folding.setIcon(make_icon("fold", theme))
        self._layout.setIcon(make_icon("layout", theme))
        self.setStyleSheet(
            f"#view_bar {{ border-bottom: 1px solid {theme.border}; }}"
            f"#mode {{ border: 1px solid {theme.border}; padding: 3px 5px;"
            f" background: {theme.base}; color: {theme.text}; margin-left: -1px; }}"
            f"#mode:hover {{ background: {theme.current_line}; }}"
            f"#mode:checked {{ background: {theme.accent}; color: {theme.accent_text};"
            f" border-color: {theme.accent}; }}"
            f"#toggle {{ border: 1px solid {theme.border}; border-radius: 4px; padding: 3px 5px;"
            f" background: {theme.base}; color: {theme.text}; }}"
            f"#toggle:hover {{ background: {theme.current_line}; }}"
            f"#toggle:checked {{ background: {theme.leaf.fill}; color: {theme.leaf.text};"
            f" border-color: {theme.accent}; }}"
            f"#toggle::menu-indicator {{ image: none; }}"
            f"#toggle:disabled {{ color: {theme.muted}; background: {theme.window}; }}"
            f"#toggle:focus, #mode:focus {{ border-color: {theme.accent}; }}"
        )
        self._measure()
