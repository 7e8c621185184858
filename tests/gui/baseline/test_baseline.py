"""The shown graph beside a recording on disk: what differs, where it stands, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QLocale, QObject, Qt

from gradviz.documents.recording_file import write_recording
from gradviz.gui.baseline.bar import BaselineBar
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.main_window import MainWindow
from gradviz.gui.panels import Panels
from gradviz.recording.items import tensor_item
from gradviz.recording.model import Location, Op, OpId, OpKind, Recording, TensorId
from gradviz.recording.overlays import Overlay
from tests.builders import make_chain_rule_recording, make_value
from tests.gui.fakes import FakeDialogs

pytestmark = pytest.mark.gui


@pytest.fixture
def languages(qapp: QObject) -> Iterator[Languages]:
    before = QLocale()
    languages = Languages()
    yield languages
    languages.remove()
    QLocale.setDefault(before)


@pytest.fixture
def window(
    make_window: Callable[..., MainWindow], languages: Languages, tmp_path: Path
) -> MainWindow:
    path = tmp_path / "shown.gradviz"
    write_recording(path, make_chain_rule_recording())
    languages.use(LanguageChoice.ENGLISH)
    window = make_window(start=True, languages=languages)
    assert window.document.open_path(path)
    return window


def changed(recording: Recording) -> Recording:
    """The value of p and the last `.grad` of z are others; a call more was made, further up."""
    p = recording.tensors[3].value
    values = [*recording.values, make_value(len(recording.values), 3.5)]
    values[p] = make_value(p, 2.75)
    tensors = [*recording.tensors]
    tensors[2] = msgspec.structs.replace(tensors[2], grad=values[-1].id)
    more = Op(
        id=OpId(2),
        name="exp",
        kind=OpKind.CALL,
        text="z.exp()",
        location=Location(8, 0, 8, 7),
        inputs=(TensorId(2),),
    )
    return msgspec.structs.replace(
        recording, values=tuple(values), tensors=tuple(tensors), ops=(*recording.ops, more)
    )


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.gradviz"
    write_recording(path, changed(make_chain_rule_recording()))
    return path


def panels_of(window: MainWindow) -> tuple[Panels, BaselineBar]:
    bar = window.panels.baseline_bar
    assert bar is not None
    return window.panels, bar


def compare(qtbot, window: MainWindow, dialogs: FakeDialogs, path: Path) -> BaselineBar:
    panels, bar = panels_of(window)
    dialogs.to_open = (path,)
    window.actions_by_id["compare"].trigger()
    qtbot.waitUntil(lambda: panels._baseline.comparison is not None)
    return bar


def test_what_differs_is_counted_coloured_listed_and_left(
    qtbot, window: MainWindow, dialogs: FakeDialogs, other: Path
) -> None:
    shown = window.session.recording
    bar = compare(qtbot, window, dialogs, other)
    assert bar.isVisible()
    told = "Compared with other.gradviz: 1 call only there, first on line 8"
    assert bar._told.full_text() == told
    assert bar._count.text() == "2 values differ"
    assert not bar.differences.isVisible()
    bar._count.click()
    assert bar.differences.isVisible()
    model = bar.differences.model()
    titles = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(4)]
    assert titles == ["What", "other.gradviz", "Here", "Difference"]
    rows = [tuple(model.index(row, i).data() for i in range(4)) for row in range(model.rowCount())]
    assert rows == [("p", "2.75", "3", "+0.25"), ("z.grad", "3.5", "3", "-0.5")]
    bar.differences.clicked.emit(model.index(1, 0))
    assert window.session.selection == tensor_item(TensorId(2))

    overlays = window.panels.overlays
    assert overlays is not None
    assert overlays.overlay is Overlay.DIFFERENCE
    qtbot.waitUntil(lambda: overlays.coloured is not None)
    assert window.session.recording is shown

    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert overlays.overlay is Overlay.NONE
    assert window.centre.canvas.comparison is None
    assert window.session.recording is shown


def test_the_next_run_is_compared_with_the_same_recording(
    qtbot, window: MainWindow, dialogs: FakeDialogs, other: Path
) -> None:
    panels = window.panels
    bar = compare(qtbot, window, dialogs, other)
    window.session.show_recording(changed(make_chain_rule_recording()))
    qtbot.waitUntil(lambda: panels._baseline.comparison is not None)
    assert bar._told.full_text() == "Compared with other.gradviz: all that both have is equal"
    assert not bar._count.isVisible()
    window.session.show_recording(Recording())
    assert not bar.isVisible()


def test_a_recording_with_nothing_in_common_is_refused(
    qtbot, window: MainWindow, dialogs: FakeDialogs, tmp_path: Path
) -> None:
    tensor = make_chain_rule_recording().tensors[0]
    lone = msgspec.structs.replace(tensor, name="other", autograd_node=None, value=None, grad=None)
    path = tmp_path / "unlike.gradviz"
    write_recording(path, Recording(text="other = 1\n", tensors=(lone,)))
    dialogs.to_open = (path,)
    window.actions_by_id["compare"].trigger()
    qtbot.waitUntil(lambda: dialogs.problems != [])
    (sentence,) = dialogs.problems
    assert sentence.startswith("unlike.gradviz has nothing in common with this graph")
    assert not panels_of(window)[1].isVisible()


def test_a_damaged_recording_is_refused_and_a_comparison_stays(
    qtbot, window: MainWindow, dialogs: FakeDialogs, other: Path, tmp_path: Path
) -> None:
    bar = compare(qtbot, window, dialogs, other)
    broken = tmp_path / "broken.gradviz"
    broken.write_text("nothing")
    dialogs.to_open = (broken,)
    window.actions_by_id["compare"].trigger()
    qtbot.waitUntil(lambda: dialogs.problems != [])
    assert "broken.gradviz" in dialogs.problems[0]
    assert bar.isVisible()
    assert bar._count.text() == "2 values differ"


def test_who_predicts_is_not_told_what_differs(
    qtbot, window: MainWindow, dialogs: FakeDialogs, other: Path
) -> None:
    bar = compare(qtbot, window, dialogs, other)
    bar._count.click()
    window.panels.predict()
    assert window.session.conceals
    assert bar.isVisible()
    assert not bar._count.isVisible()
    assert not bar.differences.isVisible()


def test_it_is_told_in_spanish_too(
    qtbot, window: MainWindow, dialogs: FakeDialogs, languages: Languages, other: Path
) -> None:
    bar = compare(qtbot, window, dialogs, other)
    languages.use(LanguageChoice.SPANISH)
    told = "Comparado con other.gradviz: 1 llamada solo allí, la primera en la línea 8"
    qtbot.waitUntil(lambda: bar._told.full_text() == told)
    assert bar._count.text() == "2 valores difieren"


def test_without_a_graph_there_is_nothing_to_compare(
    make_window: Callable[..., MainWindow],
) -> None:
    assert not make_window().actions_by_id["compare"].isEnabled()
