"""The current step: what it received and sent, as a sentence and as the chain rule."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.gui.inspector import wording
from gradviz.gui.inspector.chain_tree import ChainSection
from gradviz.gui.inspector.formula_view import FormulaView
from gradviz.gui.inspector.parts import Heading, Kicker, Links, Remark
from gradviz.gui.labels import PlainLabel
from gradviz.gui.session import Session
from gradviz.gui.style import Theme
from gradviz.gui.timeline.wording import describe_nothing
from gradviz.recording.chain import Chain
from gradviz.recording.chain_terms import ChainRule
from gradviz.recording.expression import Equation
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.recomputed import is_recomputed, step_around
from gradviz.recording.story import StepStory, story_at


class StepPage(QWidget):
    """Shows the step that the playhead has just reached.

    Attributes:
        rules: the chain rules that are shown.
    """

    def __init__(self, session: Session, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rules: tuple[ChainRule, ...] = ()
        self.kicker = Kicker("", parent=self)
        self.heading = Heading(parent=self)
        self.sentence = PlainLabel(parent=self)
        self.formula = FormulaView(theme, parent=self)
        self.where = FormulaView(theme, scale=1.2, muted=True, side_by_side=True, parent=self)
        self.section = ChainSection(session.select, theme, parent=self)
        self.remark = Remark(parent=self)
        self.links = Links(session.select, in_a_row=True, parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.kicker)
        layout.addWidget(self.heading)
        layout.addSpacing(4)
        layout.addWidget(self.formula)
        layout.addWidget(self.where)
        layout.addWidget(self.section)
        layout.addWidget(self.remark)
        layout.addSpacing(2)
        layout.addWidget(self.sentence)
        layout.addWidget(self.links)

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self.formula.set_theme(theme)
        self.where.set_theme(theme)
        self.section.set_theme(theme)

    def refresh(self, chain: Chain) -> None:
        """Show the step at the session's playhead."""
        conceals = self._session.conceals
        story = story_at(chain, self._session.playhead, only_arrived=conceals)
        self.rules = () if story is None else story.rules
        if story is None:
            self._show_start()
        else:
            self._show_story(story)
        playhead = self._session.playhead
        told = tuple(rule for rule in self.rules if rule.is_complete or not conceals)
        self.section.show_rules(self._session.recording, chain.pass_at(playhead), told, playhead)

    def announce(self) -> None:
        """Tell a screen reader of the step."""
        if QAccessible.isActive():
            text = f"{self.kicker.text()}: {self.sentence.text()}"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _show_story(self, story: StepStory) -> None:
        self.kicker.setText(self.tr("Step {} of {}").format(story.number, story.count))
        label = story.label or story.node_name
        if story.accumulation is not None:
            label = f"{story.accumulation.name}.grad"
        self.heading.set_text(label)
        self.sentence.set_text(wording.sentence(story))
        self.formula.show_equations(tuple(rule.equation for rule in story.rules))
        self.where.show_equations(_explanations(story.rules))
        remarks = [wording.omitted(rule) for rule in story.rules]
        remarks += [wording.progress(rule) for rule in story.rules]
        remarks += [wording.hook(rule) for rule in story.rules]
        remarks += [wording.own_formula(rule.own_formulas) for rule in story.rules]
        remarks += [wording.root_remark(rule) for rule in story.rules[:1]]
        remarks.append(self._whence())
        self.remark.set_text("\n".join(remark for remark in remarks if remark))
        self.links.show_links(self._links(story))

    def _whence(self) -> str:
        """Why the forward graph has no op for this step; empty where it has."""
        recording = self._session.recording
        moment = self._session.replay.moment_at(self._session.playhead)
        if moment is None or not is_recomputed(recording, moment.pass_):
            return ""
        around = step_around(recording, moment.pass_)
        if around is None:
            return ""
        text = self.tr(
            "This was computed again inside step {step} of pass {number} ({node}) and has no ops "
            "of its own: the forward graph shows that step in its place."
        )
        return text.format(
            step=around.step + 1,
            number=around.pass_id + 1,
            node=recording.autograd_nodes[around.node].name,
        )

    def _links(self, story: StepStory) -> tuple[tuple[str, Item], ...]:
        tensors = [flow.tensor for flow in (*story.received, *story.sent)]
        links = []
        for tensor in dict.fromkeys(t for t in tensors if t is not None):
            name = self._session.recording.tensors[tensor].name
            if name is not None:
                links.append((name, Item(ItemKind.TENSOR, tensor)))
        return tuple(links)

    def _show_start(self) -> None:
        moment = self._session.replay.moment_at(self._session.playhead)
        self.links.show_links(())
        self.remark.set_text("")
        self.where.show_equations(())
        self.formula.show_equations(())
        if moment is None or not self._session.replay.length:
            self.kicker.setText(self.tr("Backward pass"))
            self.heading.set_text(self.tr("Nothing to step through"))
            self.sentence.set_text(describe_nothing(self._session.recording))
            return
        pass_ = moment.pass_
        self.kicker.setText(self.tr("Before step 1 of {}").format(len(pass_.steps)))
        self.heading.set_text(pass_.text or self.tr("Backward pass"))
        text = self.tr(
            "Backward walks from {} to the leaves, one autograd node at a time. Step forward (F10)."
        )
        names = [
            self._session.recording.tensors[t].name for t in pass_.root_tensors if t is not None
        ]
        roots = ", ".join(name for name in names if name) or self.tr("the result")
        self.sentence.set_text(text.format(roots))


def _explanations(rules: tuple[ChainRule, ...]) -> tuple[Equation, ...]:
    return tuple(dict.fromkeys(line for rule in rules for line in rule.where))
