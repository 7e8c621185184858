"""What Help shows: what gradviz is, and its keys."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, qVersion
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

import gradviz
from gradviz.gui.actions import ACTIONS, MENUS, plain_text, translate
from gradviz.gui.icons import program_icon


def show_about(parent: QWidget, torch_version: str) -> None:
    """A box that says what gradviz is."""
    box = QMessageBox(parent)
    box.setWindowTitle(_tr("About gradviz"))
    box.setIconPixmap(program_icon().pixmap(64, 64))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"gradviz {gradviz.__version__}")
    box.setInformativeText(
        _tr(
            "Draws the computational graph of ordinary PyTorch code and steps through the backward "
            "pass that PyTorch really executed.\n\ntorch {torch}, Qt {qt}\nBSD 3-Clause licence"
        ).format(torch=torch_version or "–", qt=qVersion())
    )
    box.exec()


def show_shortcuts(parent: QWidget) -> None:
    """A box that lists every command that has keys."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(_tr("Keyboard shortcuts"))
    columns = QVBoxLayout(dialog)
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    for number, menu in enumerate(MENUS):
        _add_group(grid, menu, 3 * (number % 2), _first_row(number))
    columns.addLayout(grid)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    columns.addWidget(buttons)
    dialog.exec()


# Two columns of groups; each pair of groups starts below the one before.
_ROWS_OF_PAIR = 8


def _first_row(number: int) -> int:
    return number // 2 * _ROWS_OF_PAIR


def _add_group(grid: QGridLayout, menu: str, column: int, row: int) -> None:
    title = QLabel(translate(menu).replace("&", ""))
    font = title.font()
    font.setBold(True)
    title.setFont(font)
    grid.addWidget(title, row, column, 1, 2)
    for spec in ACTIONS:
        if spec.menu != menu or not spec.shortcuts:
            continue
        row += 1
        keys = [
            QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            for key in spec.shortcuts
        ]
        grid.addWidget(QLabel(plain_text(spec)), row, column)
        grid.addWidget(QLabel(", ".join(keys)), row, column + 1)


def _tr(text: str) -> str:
    return QCoreApplication.translate("About", text)
