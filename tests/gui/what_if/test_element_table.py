from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont

from gradviz.gui.inspector.elements import Elements
from gradviz.gui.style import LIGHT
from gradviz.gui.what_if.element_table import ElementModel
from tests.builders import make_value
from tests.gui.inspector.test_inspector import FakeEngine

pytestmark = pytest.mark.gui


def test_an_edit_of_another_value_means_nothing_in_the_next_one(qapp: object) -> None:
    model = ElementModel(LIGHT)
    engine = FakeEngine()
    first = Elements(make_value(0, np.zeros(3, dtype="<f4")), engine)
    model.show(first, ())
    model.show_edit(np.full(3, 7.0), {})
    model.show(first, ())
    assert model.data(model.index(0, 1)) == "7"

    model.show(Elements(make_value(1, np.ones((2, 4), dtype="<f4")), engine), ())
    assert model.data(model.index(1, 3)) == "1"
    font = model.data(model.index(1, 3), Qt.ItemDataRole.FontRole)
    assert not isinstance(font, QFont)
