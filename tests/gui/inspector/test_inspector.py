"""The inspector tells the current step and shows the selected item."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gradviz.gui.inspector import Inspector
from gradviz.gui.labels import LinkButton
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.session import Session
from gradviz.gui.style import DARK, LIGHT, Appearance
from gradviz.recording.model import (
    Item,
    ItemKind,
    PassId,
    Recording,
    Statistics,
    TensorId,
    TensorRole,
    Value,
    ValueId,
)
from gradviz.recording.view import ViewOptions, tensor_item
from gradviz.worker.messages import FetchValue, ValueFetched
from tests.builders import make_chain_rule_recording, make_transfer_recording, make_value
from tests.recording.test_chain import make_square_recording, repeat_pass
from tests.recording.test_view import LOOP, record

pytestmark = pytest.mark.gui

X, Y, Z, P, G = (Item(ItemKind.TENSOR, i) for i in range(5))


class FakeEngine(QObject):
    """Notes what was asked for; the test answers."""

    value_fetched = Signal(object)
    state_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.recomputed: list[ValueId] = []
        self.wanted: list[tuple[bool, bool]] = []
        self.asked: list[tuple[ValueId, tuple[int, ...], tuple[int, ...], bool]] = []

    def fetch_value(self, request: FetchValue) -> int:
        self.asked.append((request.value, request.start, request.stop, request.statistics))
        self.wanted.append((request.histogram, request.picture))
        return len(self.asked)

    def recompute(self, value: ValueId) -> int:
        self.recomputed.append(value)
        return 1


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def appearance() -> Iterator[Appearance]:
    yield Appearance(LIGHT)


@pytest.fixture
def inspector(
    qtbot: QtBot, session: Session, engine: FakeEngine, appearance: Appearance
) -> Inspector:
    widget = Inspector(session, engine, appearance)
    qtbot.addWidget(widget)
    widget.resize(380, 700)
    widget.show()
    return widget


def with_value_of_x(value: Value) -> Recording:
    """The chain rule with another tensor in the place of `x`, outside the pass."""
    base = make_chain_rule_recording()
    value = msgspec.structs.replace(value, id=ValueId(len(base.values)))
    x = msgspec.structs.replace(
        base.tensors[0], shape=value.shape, dtype=value.dtype, value=value.id
    )
    return msgspec.structs.replace(
        base, values=(*base.values, value), tensors=(x, *base.tensors[1:]), passes=()
    )


def cell(model: QAbstractItemModel, row: int, column: int, role: int = 0) -> object:
    return model.data(model.index(row, column), role)


def test_before_any_run_there_is_one_sentence(inspector: Inspector) -> None:
    assert inspector.empty.text() == "Run the code to see what it computes."
    assert not inspector.step_page.isVisible()
    assert not inspector.tensor_page.isVisible()


def test_a_run_without_tensors_is_not_told_to_be_made(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(Recording(text="print(1)\n"))
    assert inspector.empty.text() == "This run made no tensors."
    session.show_recording(Recording())
    assert inspector.empty.text() == "Run the code to see what it computes."


def test_the_step_is_told_as_sentence_and_chain_rule(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(3)

    page = inspector.step_page
    assert page.kicker.text() == "Step 3 of 5"
    assert page.heading.full_text() == "p = x + y"
    assert page.formula.text.splitlines() == [
        "dg/dx = dg/dp · dp/dx = z · 1 = 3 · 1 = 3",
        "dg/dy = dg/dp · dp/dy = z · 1 = 3 · 1 = 3",
    ]
    assert page.sentence.text() == (
        "AddBackward0 (p = x + y, line 6) received dg/dp = 3 and sent dg/dx = 3, dg/dy = 3."
    )


def test_an_accumulation_says_what_grad_is_now(session: Session, inspector: Inspector) -> None:
    session.show_recording(repeat_pass(make_chain_rule_recording(), cleared=False))

    session.move_playhead(2)
    assert inspector.step_page.sentence.text() == (
        "AccumulateGrad added dg/dz = 3 to z.grad, which is now 3."
    )

    session.move_playhead(7)
    assert inspector.step_page.sentence.text() == (
        "AccumulateGrad added dg/dz = 3 to z.grad, which was 3 and is now 6."
    )


def test_before_the_first_step_it_says_what_will_happen(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_chain_rule_recording())

    assert inspector.step_page.kicker.text() == "Before step 1 of 5"
    assert "walks from g to the leaves" in inspector.step_page.sentence.text()


def test_a_run_without_backward_says_so(session: Session, inspector: Inspector) -> None:
    session.show_recording(msgspec.structs.replace(make_chain_rule_recording(), passes=()))

    assert inspector.step_page.sentence.text() == (
        "This run has no backward pass: call .backward() on a scalar."
    )


def test_a_selected_tensor_shows_its_rule_and_its_value(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(5)
    session.select(X)

    page = inspector.tensor_page
    assert page.isVisible()
    assert page.heading.full_text() == "x"
    assert page.formula.text == "dg/dx = dg/dp · dp/dx = z · 1 = 3 · 1 = 3"
    assert page.contents.scalar.full_text() == "1"
    facts = page.facts.shown()
    assert facts["dtype"] == "float32"
    assert facts["requires_grad"] == "yes"
    assert facts["line"] == "3"


def test_a_rule_that_the_step_tells_is_not_repeated(session: Session, inspector: Inspector) -> None:
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(4)
    session.select(X)

    assert inspector.step_page.formula.text == "dg/dx = dg/dp · dp/dx = z · 1 = 3 · 1 = 3"
    assert inspector.tensor_page.formula.text == ""


def test_grad_follows_the_playhead(session: Session, inspector: Inspector) -> None:
    session.show_recording(make_chain_rule_recording())
    session.select(X)
    page = inspector.tensor_page
    page.grad_button.click()

    assert ".grad is None" in page.contents.note.text()
    session.move_playhead(4)
    assert page.contents.scalar.full_text() == "3"
    session.move_playhead(3)
    assert ".grad is None" in page.contents.note.text()
    assert not page.contents.scalar.isVisible()


def test_an_intermediate_shows_the_gradient_that_arrived(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_chain_rule_recording())
    session.select(P)
    page = inspector.tensor_page
    page.grad_button.click()
    assert page.contents.note.text() == "No gradient has arrived at this point."

    session.move_playhead(3)
    assert page.contents.scalar.full_text() == "3"


def test_a_running_sum_is_shown_until_all_terms_have_arrived(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_square_recording())
    session.move_playhead(1)

    assert inspector.step_page.formula.text == "dg/dp = p + p = 3 + 3 = 6"


def test_a_selected_op_shows_links_that_select(
    qtbot: QtBot, session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(5)
    session.select(Item(ItemKind.OP, 0))
    page = inspector.op_page

    assert page.heading.full_text() == "p = x + y"
    assert page.formula.text.splitlines() == ["dp/dx = 1", "dp/dy = 1"]
    names = [[b.full_text() for b in group.buttons()] for group in page.groups]
    assert names == [["x", "y"], ["p"], ["AddBackward0"]]

    qtbot.mouseClick(page.groups[0].buttons()[1], Qt.MouseButton.LeftButton)
    assert session.selection == Y


def test_an_op_that_uses_a_tensor_twice_shows_one_derivative(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_square_recording())
    session.move_playhead(1)
    session.select(Item(ItemKind.OP, 1))

    assert inspector.op_page.formula.text == "dg/dp = p + p = 6"


def test_a_node_without_a_textbook_form_shows_pytorch_s_own(
    session: Session, inspector: Inspector
) -> None:
    base = make_chain_rule_recording()
    nodes = tuple(
        msgspec.structs.replace(n, name="I0Backward0") if n.id == 1 else n
        for n in base.autograd_nodes
    )
    session.show_recording(msgspec.structs.replace(base, autograd_nodes=nodes))
    session.move_playhead(5)
    own = "PyTorch's own formula of I0Backward0: grad * at::special_i1(self)"
    session.select(Item(ItemKind.NODE, 1))
    assert own in inspector.op_page.remark.text().splitlines()

    session.select(X)
    session.move_playhead(3)
    assert own in inspector.step_page.remark.text().splitlines()


def test_a_leaf_without_gradient_says_why(session: Session, inspector: Inspector) -> None:
    base = make_chain_rule_recording()
    stray = msgspec.structs.replace(
        base.tensors[0], id=TensorId(5), name="stray", autograd_node=None, grad=None
    )
    constant = msgspec.structs.replace(
        stray, id=TensorId(6), name="constant", requires_grad=False, role=TensorRole.CONSTANT
    )
    session.show_recording(msgspec.structs.replace(base, tensors=(*base.tensors, stray, constant)))
    session.move_playhead(5)
    page = inspector.tensor_page

    session.select(Item(ItemKind.TENSOR, 5))
    assert page.remark.text() == "stray: .grad is None because nothing was computed from it."
    page.grad_button.click()
    assert page.contents.note.text() == "stray: .grad is None because nothing was computed from it."
    session.select(Item(ItemKind.TENSOR, 6))
    assert page.remark.text() == "constant: .grad is None because it does not require grad."
    session.select(X)
    assert page.contents.note.text() == ""


def test_a_copy_between_devices_shows_what_went_where_how_fast(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_transfer_recording("cpu", "cuda:0"))
    session.select(Item(ItemKind.OP, 0))
    facts = inspector.op_page.facts.shown()
    assert facts["between"] == "cpu → cuda:0"
    assert facts["memory"] == "4 bytes"
    assert facts["rate"] == "2.00 GB/s"


def test_a_selected_node_shows_its_neighbours(session: Session, inspector: Inspector) -> None:
    session.show_recording(make_chain_rule_recording())
    session.select(Item(ItemKind.NODE, 1))
    page = inspector.op_page

    assert page.heading.full_text() == "AddBackward0"
    assert page.facts.shown()["step"] == "3 of 5"
    names = [[b.full_text() for b in group.buttons()] for group in page.groups]
    assert names == [["p = x + y"], ["MulBackward0"], ["AccumulateGrad (x)", "AccumulateGrad (y)"]]


def test_a_matrix_is_a_table_that_marks_what_is_not_finite(
    session: Session, inspector: Inspector
) -> None:
    array = np.array([[1.0, np.nan, 3.5], [np.inf, 0.0, -2.0]], dtype="<f4")
    session.show_recording(with_value_of_x(make_value(0, array)))
    session.select(X)
    model = inspector.tensor_page.contents.grid.model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)

    shown = [[cell(model, row, column) for column in range(3)] for row in range(2)]
    assert shown == [["1", "nan", "3.5"], ["inf", "0", "-2"]]
    assert cell(model, 0, 1, Qt.ItemDataRole.BackgroundRole) is not None
    assert cell(model, 0, 0, Qt.ItemDataRole.BackgroundRole) is None
    statistics = inspector.tensor_page.contents.statistics.shown()
    assert statistics["NaN"] == "1"
    assert statistics["Inf"] == "1"
    assert statistics["zeros"] == "1"


def test_leading_dimensions_have_an_index_each(session: Session, inspector: Inspector) -> None:
    array = np.arange(24, dtype="<f4").reshape(2, 3, 2, 2)
    session.show_recording(with_value_of_x(make_value(0, array)))
    session.select(X)
    contents = inspector.tensor_page.contents
    grid = contents.grid

    assert [box.maximum() for box in contents.boxes] == [1, 2]
    contents.boxes[0].setValue(1)
    contents.boxes[1].setValue(2)

    assert cell(grid.model, 0, 0) == "20"
    assert cell(grid.model, 1, 1) == "23"


def test_an_empty_tensor_says_so(session: Session, inspector: Inspector) -> None:
    session.show_recording(with_value_of_x(make_value(0, np.zeros((0, 3)))))
    session.select(X)

    assert inspector.tensor_page.contents.note.text() == "It has no elements."
    assert not inspector.tensor_page.contents.grid.isVisible()


def corner() -> Value:
    whole = make_value(0, np.zeros((2, 2)))
    return msgspec.structs.replace(whole, shape=(1000, 800), statistics=None)


def test_what_is_not_here_is_fetched_when_it_is_looked_at(
    session: Session, engine: FakeEngine, inspector: Inspector
) -> None:
    session.show_recording(with_value_of_x(corner()))
    session.select(X)
    model = inspector.tensor_page.contents.grid.model
    assert (model.rowCount(), model.columnCount()) == (1000, 800)
    assert cell(model, 1, 1) == "0"
    assert cell(model, 999, 799) == "…"
    value, start, stop, _ = engine.asked[-1]
    assert (start, stop) == ((960, 768), (1000, 800))
    asked = len(engine.asked)
    assert cell(model, 961, 799) == "…"
    assert len(engine.asked) == asked

    block = np.full((40, 32), 7.0, dtype="<f4")
    engine.value_fetched.emit(
        ValueFetched(value=value, start=start, shape=(40, 32), storage="<f4", data=block.tobytes())
    )
    assert cell(model, 999, 799) == "7"


def test_a_vector_of_millions_is_broken_into_rows(
    session: Session, engine: FakeEngine, inspector: Inspector
) -> None:
    long = msgspec.structs.replace(make_value(0, np.zeros(4)), shape=(10_000_000,))
    session.show_recording(with_value_of_x(msgspec.structs.replace(long, statistics=None)))
    session.select(X)
    model = inspector.tensor_page.contents.grid.model
    assert (model.rowCount(), model.columnCount()) == (625_000, 16)
    assert cell(model, 5, 3) == "…"
    value = engine.asked[-1][0]
    assert ((0,), (1024,)) in [(start, stop) for _, start, stop, _ in engine.asked]
    block = np.arange(1024, dtype="<f4")
    engine.value_fetched.emit(
        ValueFetched(value=value, start=(0,), shape=(1024,), storage="<f4", data=block.tobytes())
    )
    assert cell(model, 5, 3) == "83"
    assert cell(model, 5, 3, Qt.ItemDataRole.ToolTipRole) == "[83] = 83.0"
    assert model.headerData(5, Qt.Orientation.Vertical) == "80"


def test_cells_that_were_never_fetched_are_told_apart_in_every_index(
    session: Session, engine: FakeEngine, inspector: Inspector
) -> None:
    array = msgspec.structs.replace(make_value(0, np.zeros((1, 2, 2))), shape=(5, 100, 100))
    session.show_recording(with_value_of_x(msgspec.structs.replace(array, statistics=None)))
    session.select(X)
    contents = inspector.tensor_page.contents
    contents.boxes[0].setValue(3)
    assert cell(contents.grid.model, 0, 0) == "…"
    assert engine.asked[-1][1:3] == ((3, 0, 0), (4, 64, 64))


def test_statistics_arrive_later(
    session: Session, engine: FakeEngine, inspector: Inspector
) -> None:
    session.show_recording(with_value_of_x(corner()))
    session.select(X)
    value = engine.asked[-1][0]

    statistics = Statistics(min=0.5, max=2, mean=1, std=0, norm=3, zeros=0, nan=4, inf=0)
    engine.value_fetched.emit(ValueFetched(value=value, statistics=statistics))

    assert inspector.tensor_page.contents.statistics.shown()["minimum"] == "0.5"
    assert inspector.tensor_page.contents.statistics.shown()["NaN"] == "4"
    assert len([a for a in engine.asked if a[3]]) == 1


def test_a_fetch_that_failed_says_why(
    session: Session, engine: FakeEngine, inspector: Inspector
) -> None:
    session.show_recording(with_value_of_x(corner()))
    session.select(X)
    value = engine.asked[-1][0]

    engine.value_fetched.emit(ValueFetched(value=value, problem="It is gone."))

    note = inspector.tensor_page.contents.note.text()
    assert note == "It is gone. Showing the first 2×2 of 1000×800."
    assert inspector.tensor_page.contents.grid.model.rowCount() == 2


def test_a_fetch_of_wrong_size_is_refused(
    session: Session, engine: FakeEngine, inspector: Inspector
) -> None:
    session.show_recording(with_value_of_x(corner()))
    session.select(X)
    value = engine.asked[-1][0]

    engine.value_fetched.emit(
        ValueFetched(value=value, start=(0, 0), shape=(9, 9), storage="<f4", data=b"1234")
    )

    assert "bytes" in inspector.tensor_page.contents.note.text()


def test_another_recording_forgets_the_values_of_the_last(
    session: Session, engine: FakeEngine, inspector: Inspector
) -> None:
    session.show_recording(with_value_of_x(corner()))
    session.select(X)
    model = inspector.tensor_page.contents.grid.model
    assert cell(model, 3, 3) == "…"
    value = engine.asked[-1][0]
    block = np.full((64, 64), 7.0, dtype="<f4")
    engine.value_fetched.emit(
        ValueFetched(value=value, start=(0, 0), shape=(64, 64), storage="<f4", data=block.tobytes())
    )
    assert cell(model, 3, 3) == "7"

    session.show_recording(with_value_of_x(corner()))
    session.select(X)

    assert cell(model, 3, 3) == "…"


def test_it_catches_up_when_it_is_shown_again(session: Session, inspector: Inspector) -> None:
    session.show_recording(make_chain_rule_recording())
    inspector.hide()
    session.move_playhead(1)
    assert inspector.step_page.kicker.text() == "Before step 1 of 5"

    inspector.show()
    assert inspector.step_page.kicker.text() == "Step 1 of 5"


def test_markup_of_a_run_is_shown_as_text(session: Session, inspector: Inspector) -> None:
    base = make_chain_rule_recording()
    evil = "<img src=x><b>p</b> & q"
    tensors = tuple(msgspec.structs.replace(t, name=evil) if t.id == 3 else t for t in base.tensors)
    ops = tuple(msgspec.structs.replace(op, text=evil) for op in base.ops)
    session.show_recording(msgspec.structs.replace(base, tensors=tensors, ops=ops))
    session.move_playhead(3)
    session.select(Item(ItemKind.TENSOR, TensorId(3)))

    labels = inspector.findChildren(QLabel)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    assert inspector.tensor_page.heading.full_text() == evil


def test_nothing_is_wider_than_a_narrow_dock(session: Session, inspector: Inspector) -> None:
    base = make_chain_rule_recording()
    long = "a_variable_with_quite_a_long_name_that_goes_on_and_on"
    tensors = tuple(msgspec.structs.replace(t, name=f"{long}_{t.id}") for t in base.tensors)
    session.show_recording(msgspec.structs.replace(base, tensors=tensors))
    session.move_playhead(3)
    session.select(X)
    inspector.resize(260, 700)

    page = inspector.widget()
    assert page is not None
    assert page.minimumSizeHint().width() <= 260


@pytest.mark.parametrize("width", [260, 600])
def test_every_state_paints_in_both_themes(
    session: Session, inspector: Inspector, appearance: Appearance, width: int
) -> None:
    inspector.resize(width, 500)
    session.show_recording(make_chain_rule_recording())
    pictures = set()
    for theme in (LIGHT, DARK):
        appearance.theme = theme
        appearance.theme_changed.emit(theme)
        for playhead in range(6):
            session.move_playhead(playhead)
            for item in (X, Item(ItemKind.OP, 1), Item(ItemKind.NODE, 0), None):
                session.select(item)
                assert not inspector.grab().isNull()
        pictures.add(inspector.grab().toImage().pixelColor(3, 3).name())

    assert pictures == {LIGHT.base, DARK.base}


def test_the_formula_is_copied_as_text(
    session: Session, inspector: Inspector, qapp: object
) -> None:
    from PySide6.QtGui import QGuiApplication

    session.show_recording(make_chain_rule_recording())
    session.move_playhead(2)
    inspector.step_page.formula.copy()

    assert QGuiApplication.clipboard().text() == "dg/dz = p = 3"


def test_moving_the_playhead_does_not_move_the_selection(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_chain_rule_recording())
    session.select(X)
    spy = QSignalSpy(session.selection_changed)

    for playhead in range(6):
        session.move_playhead(playhead)

    assert spy.count() == 0
    assert session.selection == X


def test_a_version_of_a_weight_says_which_of_how_many_it_is(
    session: Session, inspector: Inspector
) -> None:
    recording = record(LOOP)
    session.show_recording(recording)
    session.select(next(tensor_item(t.id) for t in recording.tensors if t.name == "w"))
    assert inspector.tensor_page.facts.shown()["version"] == "0 (1 of 4)"
    session.set_view_options(ViewOptions(pass_id=PassId(2)))
    assert inspector.tensor_page.facts.shown()["version"] == "2 (3 of 4)"


def test_what_a_view_looks_at_is_called_by_its_text_where_it_has_no_name(
    session: Session, inspector: Inspector
) -> None:
    recording = record("import torch\ni = torch.arange(6).reshape(2, 3)\n")
    session.show_recording(recording)
    session.select(next(tensor_item(t.id) for t in recording.tensors if t.name == "i"))
    links = [link.full_text() for link in inspector.tensor_page.links.findChildren(LinkButton)]
    assert "View of torch.arange(6)" in links


def test_the_gradient_of_a_constant_cannot_be_asked_for_and_says_why(
    session: Session, inspector: Inspector
) -> None:
    recording = make_chain_rule_recording()
    constant = msgspec.structs.replace(
        recording.tensors[0], requires_grad=False, role=TensorRole.CONSTANT, autograd_node=None
    )
    session.show_recording(
        msgspec.structs.replace(recording, tensors=(constant, *recording.tensors[1:]))
    )
    page = inspector.tensor_page
    session.select(X)
    assert not page.grad_button.isEnabled()
    assert "does not require grad" in page.grad_button.toolTip()
    session.select(Y)
    assert page.grad_button.isEnabled()
    assert page.grad_button.toolTip() == ""


def test_statistics_of_complex_elements_say_that_they_are_of_the_absolute_values(
    session: Session, inspector: Inspector
) -> None:
    elements = np.asarray([3 + 4j, -5j, 0], dtype="<c8")
    value = msgspec.structs.replace(
        make_value(0, [0.0]),
        shape=(3,),
        kept_shape=(3,),
        dtype="complex64",
        storage="<c8",
        data=elements.tobytes(),
        statistics=None,
    )
    session.show_recording(with_value_of_x(value))
    page = inspector.tensor_page
    session.select(X)
    shown = page.contents.statistics.shown()
    assert shown["maximum of |z|"] == "5"
    assert "maximum" not in shown
    assert "absolute values" in page.contents.statistics_note.text()
    session.show_recording(with_value_of_x(make_value(0, [1.0, 2.0])))
    session.select(X)
    assert page.contents.statistics.shown()["maximum"] == "2"
    assert page.contents.statistics_note.text() == ""


def test_an_equation_is_copied_as_text_and_as_latex(
    qtbot: QtBot, session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(2)
    formula = inspector.step_page.formula
    formula.setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(formula, Qt.Key.Key_C, control)
    assert QGuiApplication.clipboard().text() == formula.text
    qtbot.keyClick(formula, Qt.Key.Key_C, control | Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.clipboard().text() == formula.latex
    assert formula.latex.startswith(r"\frac{\mathrm{d}g}{\mathrm{d}z} = p")
    assert [action.text() for action in formula.actions()] == ["Copy as text", "Copy as LaTeX"]


def test_a_screen_reader_reads_the_chain_rule_as_a_sentence(
    session: Session, inspector: Inspector
) -> None:
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(3)
    assert inspector.step_page.formula.accessibleName().startswith(
        "The derivative of g with respect to x equals the derivative of g with respect to p times"
        " the derivative of p with respect to x equals z times 1 equals 3 times 1 equals 3."
    )


def test_the_sentence_is_in_the_language_in_use(session: Session, inspector: Inspector) -> None:
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(2)
    languages = Languages()
    try:
        languages.use(LanguageChoice.SPANISH)
        QCoreApplication.processEvents()
        assert inspector.step_page.formula.accessibleName().startswith(
            "La derivada de g respecto de z es igual a p es igual a 3."
        )
    finally:
        languages.use(LanguageChoice.ENGLISH)
        languages.remove()


def test_everything_grows_with_the_text(
    session: Session, inspector: Inspector, appearance: Appearance
) -> None:
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(3)
    session.select(X)
    page, tensor = inspector.step_page, inspector.tensor_page
    parts = (page.formula, page.heading, page.sentence, tensor.badge, tensor.heading)
    QCoreApplication.processEvents()
    before = [part.fontMetrics().height() for part in parts]
    height = page.formula.height()
    appearance.set_text_scale(2.0)
    QCoreApplication.processEvents()
    after = [part.fontMetrics().height() for part in parts]
    assert all(b > 1.5 * a for a, b in zip(before, after, strict=True)), (before, after)
    assert page.formula.height() > 1.5 * height
    assert tensor.badge.height() >= tensor.badge.fontMetrics().height()
    assert inspector.widget().minimumSizeHint().width() <= inspector.viewport().width()
    appearance.set_text_scale(1.0)
    QCoreApplication.processEvents()
    assert [part.fontMetrics().height() for part in parts] == before
    assert page.formula.height() == height
