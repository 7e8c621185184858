"""A selected tensor: what it is, its elements, its gradient at the playhead and why."""

from __future__ import annotations

from enum import Enum
from typing import Final, assert_never

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gradviz.gui.buttons import toggle_button
from gradviz.gui.flow_layout import FlowLayout
from gradviz.gui.inspector import wording
from gradviz.gui.inspector.chain_tree import ChainSection
from gradviz.gui.inspector.contents import ContentsView
from gradviz.gui.inspector.elements import ValueSource
from gradviz.gui.inspector.formula_view import FormulaView
from gradviz.gui.inspector.parts import Facts, Heading, Kicker, Links, Remark, RoleBadge
from gradviz.gui.sentences import say
from gradviz.gui.session import Session
from gradviz.gui.style import Theme, role_paint
from gradviz.recording.chain import Chain
from gradviz.recording.chain_terms import ChainRule
from gradviz.recording.concealing import gives_away
from gradviz.recording.diagnostics import GradExplainer
from gradviz.recording.format import format_shape
from gradviz.recording.model import Item, ItemKind, Tensor, TensorId, ValueId
from gradviz.recording.naming import op_label
from gradviz.recording.savers import saved_by
from gradviz.recording.values import contiguous_strides
from gradviz.recording.versions import versions_of

_MAX_LINKS: Final = 10

_MAX_EXPLAINED: Final = 20_000
"""Tensors of a run up to which the window itself looks for what cut a gradient off."""


class Shown(Enum):
    """Which contents of the tensor the page shows."""

    VALUE = "value"
    GRAD = "grad"
    """`.grad` of a leaf at the playhead; of another tensor the gradient that came in."""
    INCOMING = "incoming"
    """What the pass at the playhead sends to a leaf, before it is added to `.grad`."""


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
        self._explainer: GradExplainer | None = None
        self.shown = Shown.VALUE
        self._build(theme)

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
        self.incoming_button = self._toggle(Shown.INCOMING)
        for button in (self.value_button, self.grad_button, self.incoming_button):
            self._group.addButton(button)
        self.contents = ContentsView(self._engine, theme, parent=self)
        self._about = Kicker("", parent=self)
        self.facts = Facts(parent=self)
        self.links = Links(self._session.select, limit=_MAX_LINKS, parent=self)

        title = QHBoxLayout()
        title.addWidget(self.heading, 1)
        title.addWidget(self.badge)
        toggles = FlowLayout(spacing=0)
        toggles.addWidget(self.value_button)
        toggles.addWidget(self.grad_button)
        toggles.addWidget(self.incoming_button)
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
        layout.addWidget(self.contents)
        layout.addSpacing(6)
        layout.addWidget(self._about)
        layout.addWidget(self.facts)
        layout.addWidget(self.links)

    def _toggle(self, shown: Shown) -> QToolButton:
        button = toggle_button(self._on_toggled, parent=self)
        button.setMinimumWidth(24)
        button.setChecked(shown is self.shown)
        return button

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.formula.set_theme(theme)
        self.where.set_theme(theme)
        self.section.set_theme(theme)
        self.contents.set_theme(theme)
        if self._tensor is not None:
            self._show_badge(self._tensor)

    def retranslate(self) -> None:
        """Say everything in the language that is in use now, when it is shown next."""
        self.kicker.setText(self.tr("Tensor"))
        self.value_button.setText(self.tr("Value"))
        self.incoming_button.setText(self.tr("Incoming"))
        self.incoming_button.setToolTip(
            self.tr("What this pass sends to it, before it is added to .grad")
        )
        self._about.setText(self.tr("About it"))
        self._tensor = None

    def forget(self) -> None:
        """Another recording is shown: values of the one before mean nothing any more."""
        self._tensor = None
        self._explainer = None
        self.contents.forget()

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
        if rule is not None and self._session.conceals and not (rule.is_complete or rule.is_root):
            self._conceal_rule(chain)
            return
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

    def _conceal_rule(self, chain: Chain) -> None:
        """The rule of a gradient that a learner has still to predict."""
        playhead = self._session.playhead
        self.section.show_rules(self._session.recording, chain.pass_at(playhead), (), playhead)
        self.formula.show_equations(())
        self.where.show_equations(())
        self.remark.set_text(self.tr("You are predicting it: the rule is shown afterwards."))

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
        self.incoming_button.setVisible(is_leaf_grad)
        if not has_grad and self.shown is not Shown.VALUE:
            self.shown = Shown.VALUE
        if self.shown is Shown.INCOMING and not is_leaf_grad:
            self.shown = Shown.GRAD
        for shown, button in self._buttons().items():
            button.setChecked(self.shown is shown)
        value = self._session.recording.value(self._contents_of(tensor))
        if self._is_concealed(tensor):
            text = self.tr("It is shown when you have predicted the gradients that it comes from.")
            self.contents.show_value(None, text)
            return
        self.contents.show_value(value, self._why_no_value() if value is None else "")

    def _is_concealed(self, tensor: Tensor) -> bool:
        session = self._session
        if not session.conceals or self.shown is not Shown.VALUE:
            return False
        return gives_away(session.replay, tensor, session.playhead)

    def _contents_of(self, tensor: Tensor) -> ValueId | None:
        match self.shown:
            case Shown.VALUE:
                return tensor.value
            case Shown.GRAD:
                return self._grad_of(tensor)
            case Shown.INCOMING:
                return self._incoming_of(tensor)
            case _:
                assert_never(self.shown)

    def _grad_of(self, tensor: Tensor) -> ValueId | None:
        playhead = self._session.playhead
        if tensor.is_leaf:
            return self._session.replay.leaf_grad_at(tensor.id, playhead)
        return self._incoming_of(tensor)

    def _incoming_of(self, tensor: Tensor) -> ValueId | None:
        playhead = self._session.playhead
        if tensor.autograd_node is None:
            return None
        step = self._session.replay.step_of(tensor.autograd_node, playhead)
        if step is None and tensor.is_leaf:
            return self._returned_to(tensor, playhead)
        if step is None or tensor.output_nr >= len(step.grad_outputs):
            return None
        return step.grad_outputs[tensor.output_nr]

    def _returned_to(self, leaf: Tensor, playhead: int) -> ValueId | None:
        """What `torch.autograd.grad` returned for a leaf, once its pass has ended."""
        replay = self._session.replay
        index = replay.pass_index_at(playhead)
        if index is None or playhead < replay.span_of(index)[1]:
            return None
        pass_ = self._session.recording.passes[index]
        if pass_.accumulates:
            return None
        return next((grad for number, grad in pass_.leaf_grads if number == leaf.id), None)

    def _why_no_value(self) -> str:
        if self.shown is Shown.VALUE:
            return self.tr("Its elements were not kept with the recording.")
        if self.shown is Shown.GRAD and self._tensor is not None and self._tensor.is_leaf:
            if self._session.recording.passes and (reason := self._why_no_grad(self._tensor)):
                return reason
            return self.tr(".grad is None at this point: nothing has been accumulated yet.")
        return self.tr("No gradient has arrived at this point.")

    def _buttons(self) -> dict[Shown, QToolButton]:
        return {
            Shown.VALUE: self.value_button,
            Shown.GRAD: self.grad_button,
            Shown.INCOMING: self.incoming_button,
        }

    def _on_toggled(self) -> None:
        self.shown = next(s for s, button in self._buttons().items() if button.isChecked())
        if self._tensor is not None:
            self._show_contents(self._tensor)

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
            (self.tr("strides"), self._strides(tensor)),
            (self.tr("memory"), QLocale().formattedDataSize(tensor.nbytes)),
        )

    def _strides(self, tensor: Tensor) -> str:
        value = self._session.recording.value(tensor.value)
        if value is None or not tensor.shape:
            return ""
        if value.strides is None:
            return self.tr("{} contiguous").format(contiguous_strides(tensor.shape))
        return self.tr("{} not contiguous").format(value.strides)

    def _version(self, tensor: Tensor) -> str:
        versions = versions_of(self._session.recording, tensor.id)
        if len(versions) == 1:
            return str(tensor.version)
        place = self.tr("{} of {}").format(versions.index(tensor.id) + 1, len(versions))
        return f"{tensor.version} ({place})"

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
            base = recording.tensors[tensor.base]
            name = base.name or self._made_by(base) or self.tr("unnamed")
            links.append((self.tr("View of {}").format(name), Item(ItemKind.TENSOR, tensor.base)))
        savers = saved_by(recording, tensor.id)
        for saver in savers[:_MAX_LINKS]:
            op = recording.autograd_nodes[saver].op
            label = "" if op is None else op_label(recording, recording.ops[op])
            text = self.tr("Saved for backward by {}")
            node = recording.autograd_nodes[saver]
            told = f"{node.name} ({label})" if label else node.name
            links.append((text.format(told), Item(ItemKind.NODE, saver)))
        # Only counted where there are too many to be listed.
        if len(savers) > _MAX_LINKS:
            links += [("", Item(ItemKind.NODE, savers[-1]))] * (len(savers) - _MAX_LINKS)
        return tuple(links)
