"""The tool bar: documents, run and stop, examples."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton, QWidget

from gradviz.gui.icons import make_icon
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Appearance, Theme


class ToolBar(Retranslated, QToolBar):
    """Buttons for the actions that are used most."""

    def __init__(
        self,
        actions: Mapping[str, QAction],
        examples: QMenu,
        appearance: Appearance,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tool_bar")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self.toggleViewAction().setVisible(False)
        for name in ("new", "open", "save"):
            self.addAction(actions[name])
        self.addSeparator()
        for name in ("run", "stop"):
            self.addAction(actions[name])
            button = self.widgetForAction(actions[name])
            button.setObjectName(f"{name}_button")
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addSeparator()
        self._examples = QToolButton()
        self._examples.setObjectName("examples_button")
        self._examples.setMenu(examples)
        self._examples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._examples.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addWidget(self._examples)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Tools"))
        self._examples.setText(self.tr("Examples"))
        self._examples.setToolTip(self.tr("Open a shipped example and see its graph"))

    def _on_theme_changed(self, theme: Theme) -> None:
        self._examples.setIcon(make_icon("examples", theme))
