"""A selected tensor: what it is, its elements, its gradient at the playhead and why."""

from __future__ import annotations

import math
from enum import Enum
from typing import Any, Final, Protocol

import numpy as np
from PySide6.QtCore import QLocale, SignalInstance
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.errors import GradvizError
from gradviz.gui.inspector import wording
from gradviz.gui.inspector.chain_tree import ChainSection
from gradviz.gui.inspector.formula_view import FormulaView
from gradviz.gui.inspector.parts import Facts, Heading, Kicker, Links, Remark, RoleBadge
from gradviz.gui.inspector.value_grid import ValueGrid
from gradviz.gui.sentences import in_language, say
from gradviz.gui.session import Session
from gradviz.gui.style import Theme, role_paint
from gradviz.recording.chain import Chain, ChainRule
from gradviz.recording.diagnostics import GradExplainer
from gradviz.recording.format import format_number, format_shape
from gradviz.recording.model import Item, ItemKind, Statistics, Tensor, TensorId, Value, ValueId
from gradviz.recording.naming import op_label
from gradviz.recording.statistics import statistics_of
from gradviz.recording.values import decode, to_array
from gradviz.recording.versions import versions_of
from gradviz.worker.messages import ValueFetched

FIRST_BLOCK: Final = 256
"""Rows and columns that the first click on Load more asks for; each further click quadruples."""

_MAX_EXPLAINED: Final = 20_000
"""Tensors of a run up to which the window itself looks for what cut a gradient off."""


class ValueSource(Protocol):
    """What the page needs of the engine."""

    value_fetched: SignalInstance

    def fetch_value(
        self,
        value: ValueId,
        *,
        start: tuple[int, ...] = (),
        stop: tuple[int, ...] = (),
        statistics: bool = False,
    ) -> int:
        """Ask for a part of a value; the answer is `value_fetched`."""


class Shown(Enum):
    """Which contents of the tensor the page shows."""

    VALUE = "value"
    GRAD = "grad"


class TensorPage(QWidget):
    """Shows one tensor."""

    def __init__(
        self, session: Session, engine: ValueSource, theme: Theme, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._engine = engine
        self._theme = theme
        self._tensor: Tensor | None = None
        self._value: Value | None = None
        self._block = FIRST_BLOCK
        self._fetched: dict[ValueId, np.ndarray[Any, Any]] = {}
        self._statistics: dict[ValueId, Statistics] = {}
        self._asked: set[ValueId] = set()
        self._problem = ""
        self._explainer: GradExplainer | None = None
        self.shown = Shown.VALUE
        self._build(theme)
        engine.value_fetched.connect(self._on_value_fetched)

    def _build(self, theme: Theme) -> None:
        self.kicker = Kicker("", parent=self)
        self.heading = Heading(parent=self)
        self.badge = RoleBadge(parent=self)
        self.formula = FormulaView(theme, parent=self)
        self.where = FormulaView(theme, scale=1.2, muted=True, side_by_side=True, parent=self)
        self.section = ChainSection(self._session.select, theme, parent=self)
        self.remark = Remark(parent=self)
        self.value_button = self._toggle(Shown.VALUE)
        self.grad_button = self._toggle(Shown.GRAD)
        self._group = QButtonGroup(self)
        for button in (self.value_button, self.grad_button):
            self._group.addButton(button)
        self.scalar = Heading(scale=2.2, parent=self)
        self.grid = ValueGrid(theme, parent=self)
        self.note = Remark(parent=self)
        self.more_button = QPushButton(self)
        self.more_button.clicked.connect(self._on_more)
        self.statistics = Facts(parent=self)
        self.statistics_note = Remark(parent=self)
        self._about = Kicker("", parent=self)
        self.facts = Facts(parent=self)
        self.links = Links(self._session.select, parent=self)

        title = QHBoxLayout()
        title.addWidget(self.heading, 1)
        title.addWidget(self.badge)
        toggles = QHBoxLayout()
        toggles.setSpacing(0)
        toggles.addWidget(self.value_button)
        toggles.addWidget(self.grad_button)
        toggles.addStretch(1)
        more = QHBoxLayout()
        more.addWidget(self.more_button)
        more.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.kicker)
        layout.addLayout(title)
        layout.addWidget(self.formula)
        layout.addWidget(self.where)
        layout.addWidget(self.section)
        layout.addWidget(self.remark)
        layout.addSpacing(6)
        layout.addLayout(toggles)
        layout.addWidget(self.scalar)
        layout.addWidget(self.grid)
        layout.addWidget(self.note)
        layout.addLayout(more)
        layout.addWidget(self.statistics)
        layout.addWidget(self.statistics_note)
        layout.addSpacing(6)
        layout.addWidget(self._about)
        layout.addWidget(self.facts)
        layout.addWidget(self.links)

    def _toggle(self, shown: Shown) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("toggle")
        button.setCheckable(True)
        button.setChecked(shown is self.shown)
        button.clicked.connect(self._on_toggled)
        return button

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.formula.set_theme(theme)
        self.where.set_theme(theme)
        self.section.set_theme(theme)
        self.grid.set_theme(theme)
        if self._tensor is not None:
            self._show_badge(self._tensor)

    def retranslate(self) -> None:
        """Say everything in the language that is in use now, when it is shown next."""
        self.kicker.setText(self.tr("Tensor"))
        self.value_button.setText(self.tr("Value"))
        self.more_button.setText(self.tr("Load more"))
        self._about.setText(self.tr("About it"))
        self._tensor = None

    def forget(self) -> None:
        """Another recording is shown: values of the one before mean nothing any more."""
        self._tensor = self._value = None
        self._explainer = None
        self._fetched.clear()
        self._statistics.clear()
        self._asked.clear()

    def show_tensor(
        self, tensor_id: TensorId, chain: Chain, told: tuple[ChainRule, ...] = ()
    ) -> None:
        """Show a tensor at the session's playhead; rules that were `told` are not repeated."""
        tensor = self._session.recording.tensors[tensor_id]
        if tensor != self._tensor:
            self._tensor = tensor
            self.heading.set_text(tensor.name or self._made_by(tensor) or self.tr("unnamed"))
            self._show_badge(tensor)
            self.facts.show_facts(self._facts(tensor))
            self.links.show_links(self._links(tensor))
        self._show_rule(tensor, chain, told)
        self._show_contents(tensor)

    def _show_badge(self, tensor: Tensor) -> None:
        self.badge.show_role(wording.role_word(tensor.role), role_paint(self._theme, tensor.role))

    def _show_rule(self, tensor: Tensor, chain: Chain, told: tuple[ChainRule, ...]) -> None:
        playhead = self._session.playhead
        rule = chain.rule_of(tensor.id, playhead)
        is_told = rule is not None and rule.equation in [other.equation for other in told]
        rules = () if rule is None or is_told else (rule,)
        self.section.show_rules(self._session.recording, chain.pass_at(playhead), rules, playhead)
        if rule is None or is_told:
            self.formula.show_equations(())
            self.where.show_equations(())
            self.remark.set_text(self._why_no_rule(tensor) if rule is None else "")
            return
        self.formula.show_equations((rule.equation,))
        self.where.show_equations(rule.where)
        remarks = (
            wording.omitted(rule),
            wording.progress(rule),
            wording.hook(rule),
            wording.own_formula(rule.own_formulas),
            wording.root_remark(rule),
        )
        self.remark.set_text("\n".join(remark for remark in remarks if remark))

    def _why_no_rule(self, tensor: Tensor) -> str:
        if not self._session.recording.passes:
            return ""
        reason = self._why_no_grad(tensor)
        if reason:
            return reason
        if not tensor.requires_grad:
            return self.tr("It does not require grad, so no gradient reaches it.")
        return self.tr("No gradient reached it in this backward pass.")

    def _why_no_grad(self, tensor: Tensor) -> str:
        """What cut a leaf or a constant off, empty where nothing did or the run is too long."""
        recording = self._session.recording
        inner = tensor.requires_grad and not tensor.is_leaf
        if inner or len(recording.tensors) > _MAX_EXPLAINED:
            return ""
        if self._explainer is None:
            self._explainer = GradExplainer(recording)
        finding = self._explainer.why(tensor.id)
        return "" if finding is None else say(finding.template, finding.parameters, "Findings")

    def _show_contents(self, tensor: Tensor) -> None:
        has_grad = tensor.requires_grad
        self.grad_button.setEnabled(has_grad)
        self.grad_button.setToolTip(
            "" if has_grad else self.tr("It has no gradient, since it does not require grad")
        )
        is_leaf_grad = tensor.is_leaf and tensor.requires_grad
        self.grad_button.setText(".grad" if is_leaf_grad else self.tr("Gradient"))
        if not has_grad and self.shown is Shown.GRAD:
            self.shown = Shown.VALUE
        self.value_button.setChecked(self.shown is Shown.VALUE)
        self.grad_button.setChecked(self.shown is Shown.GRAD)
        value_id = tensor.value if self.shown is Shown.VALUE else self._grad_of(tensor)
        value = self._session.recording.value(value_id)
        if value != self._value:
            self._value = value
            self._block = FIRST_BLOCK
            self._problem = ""
        self._show_value()

    def _grad_of(self, tensor: Tensor) -> ValueId | None:
        playhead = self._session.playhead
        if tensor.is_leaf:
            return self._session.replay.leaf_grad_at(tensor.id, playhead)
        if tensor.autograd_node is None:
            return None
        step = self._session.replay.step_of(tensor.autograd_node, playhead)
        if step is None or tensor.output_nr >= len(step.grad_outputs):
            return None
        return step.grad_outputs[tensor.output_nr]

    def _show_value(self) -> None:
        value = self._value
        array = None if value is None else self._elements(value)
        is_scalar = array is not None and array.size == 1 and value is not None and value.is_whole
        has_cells = array is not None and array.size > 0
        self.scalar.setVisible(is_scalar)
        self.grid.setVisible(has_cells and not is_scalar)
        if array is not None and is_scalar:
            self.scalar.set_text(format_number(array.reshape(()).item()))
        elif array is not None and has_cells:
            self.grid.show_array(array)
        self.note.set_text(self._note(value, array))
        is_part = value is not None and (array is None or array.shape != value.shape)
        self.more_button.setVisible(is_part and not self._problem)
        self._show_statistics(value, is_scalar=is_scalar)

    def _elements(self, value: Value) -> np.ndarray[Any, Any] | None:
        if value.id in self._fetched:
            return self._fetched[value.id]
        if value.data is None:
            return None
        try:
            return to_array(value)
        except GradvizError as error:
            self._problem = in_language(str(error))
            return None

    def _note(self, value: Value | None, array: np.ndarray[Any, Any] | None) -> str:
        if self._problem:
            return self._problem
        if value is None:
            return self._why_no_value()
        if value.numel == 0:
            return self.tr("It has no elements.")
        if array is None:
            return self.tr("Its elements were not kept with the recording.")
        if array.shape != value.shape:
            text = self.tr("Showing the first {} of {}.")
            return text.format(format_shape(array.shape), format_shape(value.shape))
        return ""

    def _why_no_value(self) -> str:
        if self.shown is Shown.VALUE:
            return self.tr("Its elements were not kept with the recording.")
        if self._tensor is not None and self._tensor.is_leaf:
            if self._session.recording.passes and (reason := self._why_no_grad(self._tensor)):
                return reason
            return self.tr(".grad is None at this point: nothing has been accumulated yet.")
        return self.tr("No gradient has arrived at this point.")

    def _show_statistics(self, value: Value | None, *, is_scalar: bool) -> None:
        statistics = None
        if value is not None and not is_scalar:
            statistics = self._statistics.get(value.id) or statistics_of(value)
        is_complex = value is not None and value.dtype.startswith("complex")
        self.statistics.show_facts(
            ()
            if statistics is None
            else wording.statistics_facts(statistics, is_complex=is_complex)
        )
        self.statistics_note.set_text(
            self.tr("|z| are the absolute values of the elements.")
            if statistics is not None and is_complex
            else ""
        )
        if value is None or is_scalar or statistics is not None:
            return
        if value.id not in self._asked and value.numel:
            self._asked.add(value.id)
            empty = (0,) * len(value.shape)
            self._engine.fetch_value(value.id, start=empty, stop=empty, statistics=True)

    def _on_toggled(self) -> None:
        self.shown = Shown.VALUE if self.value_button.isChecked() else Shown.GRAD
        if self._tensor is not None:
            self._show_contents(self._tensor)

    def _on_more(self) -> None:
        value = self._value
        if value is None:
            return
        leading = max(len(value.shape) - 2, 0)
        budget = self._block * self._block
        sizes = [min(size, self._block) for size in value.shape[leading:]]
        if len(value.shape) == 1:
            sizes = [min(value.shape[0], budget)]
        budget //= max(math.prod(sizes), 1)
        for size in reversed(value.shape[:leading]):
            part = max(1, min(size, budget))
            sizes.insert(0, part)
            budget //= part
        self._block *= 2
        self._engine.fetch_value(
            value.id, start=(0,) * len(value.shape), stop=tuple(sizes), statistics=False
        )

    def _on_value_fetched(self, fetched: ValueFetched) -> None:
        if fetched.statistics is not None:
            self._statistics[fetched.value] = fetched.statistics
        is_shown = self._value is not None and fetched.value == self._value.id
        if fetched.problem:
            self._problem = in_language(fetched.problem) if is_shown else self._problem
        elif fetched.data and not any(fetched.start):
            try:
                array = decode(fetched.data, fetched.storage, fetched.shape)
            except GradvizError as error:
                self._problem = in_language(str(error))
            else:
                self._fetched[fetched.value] = array
        if is_shown:
            self._show_value()

    def _made_by(self, tensor: Tensor) -> str:
        if tensor.op is None:
            return ""
        return " ".join(self._session.recording.ops[tensor.op].text.split())

    def _facts(self, tensor: Tensor) -> tuple[tuple[str, str], ...]:
        yes, no = self.tr("yes"), self.tr("no")
        shape = format_shape(tensor.shape)
        return (
            (self.tr("shape"), self.tr("() scalar") if not tensor.shape else shape),
            (self.tr("dtype"), tensor.dtype),
            (self.tr("device"), tensor.device),
            ("requires_grad", yes if tensor.requires_grad else no),
            ("is_leaf", yes if tensor.is_leaf else no),
            (self.tr("version"), self._version(tensor)),
            (self.tr("line"), "" if tensor.line is None else str(tensor.line)),
            (self.tr("memory"), QLocale().formattedDataSize(tensor.nbytes)),
        )

    def _version(self, tensor: Tensor) -> str:
        versions = versions_of(self._session.recording, tensor.id)
        if len(versions) == 1:
            return str(tensor.version) if tensor.version else ""
        return self.tr("{} of {}").format(versions.index(tensor.id) + 1, len(versions))

    def _links(self, tensor: Tensor) -> tuple[tuple[str, Item], ...]:
        links: list[tuple[str, Item]] = []
        recording = self._session.recording
        if tensor.op is not None:
            text = self.tr("Made by {}").format(op_label(recording, recording.ops[tensor.op]))
            links.append((text, Item(ItemKind.OP, tensor.op)))
        if tensor.autograd_node is not None:
            node = recording.autograd_nodes[tensor.autograd_node]
            text = self.tr("Gradient edge: {}").format(node.name)
            links.append((text, Item(ItemKind.NODE, node.id)))
        if tensor.base is not None:
            name = recording.tensors[tensor.base].name or str(tensor.base)
            links.append((self.tr("View of {}").format(name), Item(ItemKind.TENSOR, tensor.base)))
        return tuple(links)
