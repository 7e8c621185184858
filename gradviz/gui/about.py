"""The dialogs of the Help menu: About, and the keyboard shortcuts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt, qVersion
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import gradviz
from gradviz.gui.action_spec import MENUS
from gradviz.gui.actions import ACTIONS
from gradviz.gui.icons import program_icon
from gradviz.gui.qactions import key_name, plain_text, translate

_Group = tuple[str, list[tuple[str, str]]]


def show_about(parent: QWidget, torch_version: str) -> None:
    """A box that says what gradviz is."""
    box = QMessageBox(parent)
    box.setWindowTitle(QCoreApplication.translate("About", "About gradviz"))
    box.setIconPixmap(program_icon().pixmap(64, 64))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"gradviz {gradviz.__version__}")
    box.setInformativeText(
        QCoreApplication.translate(
            "About",
            "Draws the computational graph of ordinary PyTorch code and steps through the backward "
            "pass that PyTorch really executed.\n\ntorch {torch}, Qt {qt}\nBSD 3-Clause licence",
        ).format(torch=torch_version or "–", qt=qVersion())
    )
    box.exec()


def show_shortcuts(parent: QWidget) -> None:
    """A box that lists every command that has keys, and the keys of the graph."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(QCoreApplication.translate("About", "Keyboard shortcuts"))
    groups = [(translate(menu).replace("&", ""), _keys_of(menu)) for menu in MENUS]
    groups.append((QCoreApplication.translate("About", "With the graph in focus"), _graph_keys()))
    timeline = QCoreApplication.translate("About", "With the timeline in focus")
    groups.append((timeline, _timeline_keys()))
    content = QWidget()
    halves = QHBoxLayout(content)
    halves.setContentsMargins(0, 0, 16, 0)
    halves.setSpacing(40)
    for half in _halves(groups):
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        # Else the columns' spacing would be inherited.
        grid.setVerticalSpacing(5)
        for title, rows in half:
            _add_group(grid, title, rows)
        grid.setRowStretch(grid.rowCount(), 1)
        halves.addLayout(grid)
    # On a small screen they are scrolled.
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
    scroll.setWidget(content)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(24, 12, 24, 16)
    column.addWidget(scroll)
    # With its parent from the start it follows the window's style sheet, which wants no icons.
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(buttons)
    wanted = content.sizeHint() + QSize(70, 90)
    dialog.resize(wanted.boundedTo(dialog.screen().availableGeometry().size() * 0.92))
    dialog.exec()


def _halves(groups: list[_Group]) -> tuple[list[_Group], list[_Group]]:
    """Split the groups into two columns of similar length, in their order."""
    lengths = [len(rows) + 2 for _, rows in groups]
    middle = min(range(len(groups) + 1), key=lambda at: abs(sum(lengths[:at]) - sum(lengths[at:])))
    return groups[:middle], groups[middle:]


def _timeline_keys() -> list[tuple[str, str]]:
    left, right = key_name("Left"), key_name("Right")
    return [
        (
            QCoreApplication.translate("About", "One autograd node forward or back"),
            f"{right}, {left}",
        ),
        (
            QCoreApplication.translate("About", "One op forward or back"),
            f"{key_name('Ctrl+Right')}, {key_name('Ctrl+Left')}",
        ),
        (QCoreApplication.translate("About", "Zoom in, zoom out, fit everything"), "+, −, 0"),
        (QCoreApplication.translate("About", "Only this pass, or everything"), key_name("Return")),
    ]


def _keys_of(menu: str) -> list[tuple[str, str]]:
    return [
        (plain_text(spec), ", ".join(key_name(key) for key in spec.shortcuts))
        for spec in ACTIONS
        if spec.menu == menu and spec.shortcuts
    ]


def _graph_keys() -> list[tuple[str, str]]:
    return [
        (
            QCoreApplication.translate("About", "Zoom at the pointer"),
            QCoreApplication.translate("About", "Ctrl+wheel"),
        ),
        (
            QCoreApplication.translate("About", "Move the view"),
            QCoreApplication.translate("About", "Space+drag, middle drag"),
        ),
        (QCoreApplication.translate("About", "Fit the selection, or everything"), "F"),
        (QCoreApplication.translate("About", "Fit everything"), key_name("Shift+F")),
        (QCoreApplication.translate("About", "Actual size"), "0"),
        (
            QCoreApplication.translate(
                "About", "What it was computed from, what was computed from it"
            ),
            "A, D",
        ),
        (
            QCoreApplication.translate("About", "All paths from the selection to a card"),
            QCoreApplication.translate("About", "Shift+click"),
        ),
        (
            QCoreApplication.translate("About", "Move a card and its edges"),
            QCoreApplication.translate("About", "Drag"),
        ),
        (
            QCoreApplication.translate("About", "To the start, to the end"),
            f"{key_name('Home')}, {key_name('End')}",
        ),
        (
            QCoreApplication.translate("About", "Along the edges"),
            QCoreApplication.translate("About", "Arrow keys"),
        ),
    ]


def _add_group(grid: QGridLayout, title: str, rows: list[tuple[str, str]]) -> None:
    row = grid.rowCount()
    grid.setRowMinimumHeight(row, 10)
    head = QLabel(title)
    font = head.font()
    font.setBold(True)
    head.setFont(font)
    grid.addWidget(head, row + 1, 0, 1, 2)
    for offset, (name, keys) in enumerate(rows, row + 2):
        grid.addWidget(QLabel(name), offset, 0)
        grid.addWidget(QLabel(keys), offset, 1)
