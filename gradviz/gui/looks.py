"""The look of the window: its theme, and a style sheet for what Qt's Fusion style leaves coarse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from gradviz.gui.settings import ThemeChoice
from gradviz.gui.style import DARK, LIGHT, Theme


def window_style_sheet(theme: Theme) -> str:
    """The style sheet of the window: thin separators, flat tool bars, plain dock titles."""
    return f"""
QMainWindow::separator {{ background: {theme.border}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {theme.accent}; }}
QSplitter::handle {{ background: {theme.border}; }}
QSplitter::handle:hover {{ background: {theme.accent}; }}
QToolBar {{ background: {theme.window}; border: none; border-bottom: 1px solid {theme.border};
    padding: 4px 8px; spacing: 4px; }}
QToolBar::separator {{ background: {theme.border}; width: 1px; margin: 4px 6px; }}
QToolBar QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 4px 8px;
    color: {theme.text}; }}
QToolBar QToolButton#examples_button {{ padding-right: 20px; }}
QToolBar QToolButton::menu-indicator {{ subcontrol-origin: padding; right: 6px;
    subcontrol-position: center right; }}
QToolBar QToolButton:hover {{ background: {theme.current_line}; }}
QToolBar QToolButton:focus {{ border-color: {theme.accent}; }}
QToolBar QToolButton:disabled {{ color: {theme.muted}; }}
QToolBar QToolButton#run_button:enabled {{ background: {theme.accent}; color: {theme.accent_text};
    font-weight: 600; }}
QToolBar QToolButton#run_button:enabled:hover,
QToolBar QToolButton#run_button:enabled:focus {{ border-color: {theme.text}; }}
QToolButton::menu-indicator {{ subcontrol-origin: padding; subcontrol-position: center right; }}
QLineEdit {{ background: {theme.base}; border: 1px solid {theme.border}; border-radius: 3px;
    padding: 1px 3px; }}
QLineEdit:focus {{ border-color: {theme.accent}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QStatusBar {{ background: {theme.window}; border-top: 1px solid {theme.border}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {theme.muted}; padding: 1px 8px; }}
QSlider::groove:horizontal {{ background: {theme.border}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {theme.accent}; border-radius: 2px; }}
QSlider::sub-page:horizontal:disabled {{ background: {theme.border}; }}
QSlider::handle:horizontal {{ background: {theme.base}; border: 2px solid {theme.accent};
    width: 10px; margin: -5px 0; border-radius: 7px; }}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{
    background: {theme.accent}; }}
QSlider::handle:horizontal:disabled {{ border-color: {theme.border}; }}
QMainWindow > QTabBar {{ background: {theme.window}; qproperty-drawBase: 0; }}
QMainWindow > QTabBar::tab {{ background: {theme.window}; color: {theme.muted}; border: none;
    border-bottom: 2px solid transparent; padding: 7px 5px; }}
QMainWindow > QTabBar::tab:selected {{ color: {theme.text};
    border-bottom: 2px solid {theme.accent}; }}
QMainWindow > QTabBar::tab:hover {{ color: {theme.text}; }}
QMainWindow > QTabBar::tab:focus {{ color: {theme.accent}; }}
"""


def theme_for(choice: ThemeChoice) -> Theme:
    """The theme that a choice stands for at the moment."""
    match choice:
        case ThemeChoice.LIGHT:
            return LIGHT
        case ThemeChoice.DARK:
            return DARK
        case ThemeChoice.SYSTEM:
            scheme = QGuiApplication.styleHints().colorScheme()
            return DARK if scheme is Qt.ColorScheme.Dark else LIGHT
