"""A selected op or autograd node: what it is, what goes in and out, and its derivatives."""

from __future__ import annotations

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.gui.inspector import wording
from gradviz.gui.inspector.formula_view import FormulaView
from gradviz.gui.inspector.parts import Facts, Heading, Kicker, Links, Remark
from gradviz.gui.session import Session
from gradviz.gui.style import Theme
from gradviz.recording.chain import Chain
from gradviz.recording.chain_terms import ChainTerm, own_formulas
from gradviz.recording.expression import Derivative, Equation, Expression, Number, Sum
from gradviz.recording.format import format_number, format_place, format_shape
from gradviz.recording.model import AutogradNode, Item, ItemKind, NodeId, Op, OpId, TensorId
from gradviz.recording.naming import op_label, shorten
from gradviz.recording.residence import transfer_of
from gradviz.recording.units import format_rate


class OpPage(QWidget):
    """Shows one op or one autograd node."""

    def __init__(self, session: Session, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.kicker = Kicker("", parent=self)
        self.heading = Heading(parent=self)
        self.formula = FormulaView(theme, scale=1.4, side_by_side=True, parent=self)
        self.remark = Remark(parent=self)
        self.facts = Facts(parent=self)
        self._headings = [Kicker("", parent=self) for _ in range(3)]
        self.groups = [Links(session.select, parent=self) for _ in range(3)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.kicker)
        layout.addWidget(self.heading)
        layout.addWidget(self.formula)
        layout.addWidget(self.remark)
        layout.addWidget(self.facts)
        for heading, group in zip(self._headings, self.groups, strict=True):
            layout.addWidget(heading)
            layout.addWidget(group)

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self.formula.set_theme(theme)

    def show_op(self, op_id: OpId, chain: Chain) -> None:
        """Show an op."""
        recording = self._session.recording
        op = recording.ops[op_id]
        self.kicker.setText(self.tr("Operation"))
        self.heading.set_text(op_label(recording, op))
        self._show_derivatives(self._op_terms(op, chain))
        line = format_place(op.location)
        module = f"{op.scope} ({op.module_type})" if op.module_type else op.scope
        milliseconds = format_number(op.seconds * 1000)
        self.facts.show_facts(
            (
                (self.tr("name"), op.name),
                (self.tr("line"), line),
                (self.tr("module"), module),
                (self.tr("kind"), wording.op_kind_word(op.kind)),
                *self._transfer(op),
                (self.tr("time"), self.tr("{} ms").format(milliseconds) if op.seconds else ""),
                (self.tr("grad"), "" if op.grad_enabled else self.tr("switched off")),
            )
        )
        self._show_groups(
            (self.tr("Inputs"), self._tensor_links(op.inputs)),
            (self.tr("Outputs"), self._tensor_links(op.outputs)),
            (self.tr("Autograd nodes"), self._node_links(op.autograd_nodes)),
        )

    def _transfer(self, op: Op) -> tuple[tuple[str, str], ...]:
        transfer = transfer_of(self._session.recording, op)
        if transfer is None:
            return ()
        rate = transfer.bytes_per_second
        return (
            (self.tr("between"), f"{transfer.source} → {transfer.target}"),
            (self.tr("memory"), QLocale().formattedDataSize(transfer.nbytes)),
            (self.tr("rate"), "" if rate is None else format_rate(rate, "B/s")),
        )

    def show_node(self, node_id: NodeId, chain: Chain) -> None:
        """Show an autograd node."""
        recording = self._session.recording
        node = recording.autograd_nodes[node_id]
        self.kicker.setText(self.tr("Autograd node"))
        self.heading.set_text(node.name)
        self._show_derivatives(self._node_terms(node, chain))
        playhead = self._session.playhead
        index = self._session.replay.pass_index_at(playhead)
        steps = [] if index is None else recording.passes[index].steps
        step = next((s for s in steps if s.autograd_node == node_id), None)
        text = self.tr("{} of {}")
        self.facts.show_facts(
            (
                (self.tr("step"), "" if step is None else text.format(step.index + 1, len(steps))),
                (
                    self.tr("saves"),
                    QLocale().formattedDataSize(node.saved_nbytes) if node.saved_nbytes else "",
                ),
            )
        )
        owner: tuple[tuple[str, Item], ...] = ()
        if node.op is not None:
            owner = ((op_label(recording, recording.ops[node.op]), Item(ItemKind.OP, node.op)),)
        elif node.leaf is not None:
            owner = self._tensor_links((node.leaf,))
        title = self.tr("Operation") if node.leaf is None else self.tr("Leaf")
        targets = tuple(edge.node for edge in node.next if edge is not None)
        senders = [e.node for e in chain.edges.senders_to(node_id)]
        self._show_groups(
            (title, owner),
            (self.tr("Receives from"), self._node_links(tuple(senders))),
            (self.tr("Sends to"), self._node_links(targets)),
        )

    def _show_derivatives(self, terms: list[ChainTerm]) -> None:
        groups: dict[Derivative, list[ChainTerm]] = {}
        for term in terms:
            groups.setdefault(term.local, []).append(term)
        found = (_derivative(group) for group in groups.values())
        equations = tuple(equation for equation in found if equation is not None)
        self.formula.show_equations(equations)
        measured = self.tr(
            "A number without a formula was measured: gradient out divided by gradient in."
        )
        remarks = [wording.own_formula(own_formulas(self._session.recording, terms))]
        if any(term.derivative.is_measured for term in terms):
            remarks.append(measured)
        self.remark.set_text("\n".join(remark for remark in remarks if remark))

    def _op_terms(self, op: Op, chain: Chain) -> list[ChainTerm]:
        playhead = self._session.playhead
        pass_chain = chain.pass_at(playhead)
        if pass_chain is None:
            return []
        nodes = frozenset(op.autograd_nodes)
        return [
            term
            for tensor in dict.fromkeys(op.inputs)
            for term in pass_chain.terms_of_tensor(tensor, nodes, playhead)
            if term.is_delivered or not self._session.conceals
        ]

    def _node_terms(self, node: AutogradNode, chain: Chain) -> list[ChainTerm]:
        playhead = self._session.playhead
        pass_chain = chain.pass_at(playhead)
        if pass_chain is None:
            return []
        return [
            term
            for edge in dict.fromkeys(e for e in node.next if e is not None)
            for term in pass_chain.terms_of_edge(edge, frozenset((node.id,)), playhead)
            if term.is_delivered or not self._session.conceals
        ]

    def _tensor_links(self, tensors: tuple[TensorId, ...]) -> tuple[tuple[str, Item], ...]:
        links = []
        recording = self._session.recording
        for tensor_id in dict.fromkeys(tensors):
            tensor = recording.tensors[tensor_id]
            made = "" if tensor.op is None else shorten(recording.ops[tensor.op].text)
            name = tensor.name or made or self.tr("unnamed")
            text = f"{name}  {format_shape(tensor.shape)}" if tensor.shape else name
            links.append((text, Item(ItemKind.TENSOR, tensor_id)))
        return tuple(links)

    def _node_links(self, nodes: tuple[NodeId, ...]) -> tuple[tuple[str, Item], ...]:
        links = []
        for node_id in dict.fromkeys(nodes):
            node = self._session.recording.autograd_nodes[node_id]
            leaf = None if node.leaf is None else self._session.recording.tensors[node.leaf].name
            text = f"{node.name} ({leaf})" if leaf else node.name
            links.append((text, Item(ItemKind.NODE, node_id)))
        return tuple(links)

    def _show_groups(self, *groups: tuple[str, tuple[tuple[str, Item], ...]]) -> None:
        for heading, links, (title, content) in zip(
            self._headings, self.groups, groups, strict=True
        ):
            heading.setText(title)
            heading.setVisible(bool(content))
            links.show_links(content)


def _derivative(terms: list[ChainTerm]) -> Equation | None:
    """`dp/dx = 1`, a sum where x is used more than once, or a whole gradient if no product."""
    first = terms[0].derivative
    if len(terms) == 1 and first.formula is not None and first.is_whole and first.number is None:
        return Equation((terms[0].total, first.formula))
    sides: list[Expression] = [terms[0].local]
    formulas = [t.derivative.formula for t in terms if not t.derivative.is_whole]
    known = [formula for formula in formulas if formula is not None]
    if len(known) == len(terms):
        sides.append(known[0] if len(known) == 1 else Sum(tuple(known)))
    numbers = [t.derivative.number for t in terms if t.is_delivered]
    worth = [number for number in numbers if number is not None]
    if len(worth) == len(terms) and sides[-1] != Number(sum(worth)):
        sides.append(Number(sum(worth)))
    return Equation(tuple(sides)) if len(sides) > 1 else None
