"""The inspector's sentences in the person's language, from the structures of the recording."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from gradviz.gui.sentences import in_language
from gradviz.recording.chain_terms import ChainRule
from gradviz.recording.expression import to_text
from gradviz.recording.format import format_number
from gradviz.recording.model import OpKind, Statistics, TensorRole
from gradviz.recording.naming import shorten
from gradviz.recording.story import Flow, StepStory


def role_word(role: TensorRole) -> str:
    """What a role is called."""
    words = {
        TensorRole.LEAF: QCoreApplication.translate("Inspector", "leaf"),
        TensorRole.PARAMETER: QCoreApplication.translate("Inspector", "parameter"),
        TensorRole.INTERMEDIATE: QCoreApplication.translate("Inspector", "intermediate"),
        TensorRole.ROOT: QCoreApplication.translate("Inspector", "root"),
        TensorRole.CONSTANT: QCoreApplication.translate("Inspector", "constant"),
    }
    return words[role]


def op_kind_word(kind: OpKind) -> str:
    """What a kind of op is called."""
    words = {
        OpKind.CALL: QCoreApplication.translate("Inspector", "call"),
        OpKind.SOURCE: QCoreApplication.translate("Inspector", "source"),
        OpKind.IN_PLACE: QCoreApplication.translate("Inspector", "in-place"),
        OpKind.TRANSFER: QCoreApplication.translate("Inspector", "transfer"),
        OpKind.EXIT: QCoreApplication.translate("Inspector", "exit"),
        OpKind.STEP: QCoreApplication.translate("Inspector", "optimizer step"),
    }
    return words[kind]


def place(story: StepStory) -> str:
    """`p = x + y, line 6`."""
    parts = [shorten(story.label, 34)] if story.label else []
    if story.line is not None:
        parts.append(QCoreApplication.translate("Inspector", "line {}").format(story.line))
    return ", ".join(parts)


def sentence(story: StepStory) -> str:
    """What a step did."""
    where = place(story)
    name = f"{story.node_name} ({where})" if where else story.node_name
    received = ", ".join(flow_text(flow) for flow in story.received) or _nothing()
    change = story.accumulation
    if change is None:
        sent = ", ".join(flow_text(flow) for flow in story.sent) or _nothing()
        text = QCoreApplication.translate("Inspector", "{} received {} and sent {}.")
        return text.format(name, received, sent)
    after = to_text(change.shown_after)
    if change.before is None:
        text = QCoreApplication.translate("Inspector", "{} added {} to {}.grad, which is now {}.")
        return text.format(name, received, change.name, after)
    text = QCoreApplication.translate(
        "Inspector", "{} added {} to {}.grad, which was {} and is now {}."
    )
    return text.format(name, received, change.name, to_text(change.shown_before), after)


def _nothing() -> str:
    return QCoreApplication.translate("Inspector", "nothing")


def flow_text(flow: Flow) -> str:
    """`dg/dx = 3`, or `3 towards dg/dx` where it is one part of a sum."""
    if flow.parts == 1:
        return flow.text
    text = QCoreApplication.translate("Inspector", "{} towards {} (part {} of {})")
    return text.format(to_text(flow.shown), to_text(flow.derivative), flow.part, flow.parts)


def omitted(rule: ChainRule) -> str:
    """How many terms of a long sum are not written out, empty where all are."""
    left_out = rule.count - len(rule.terms)
    if rule.is_root or not left_out:
        return ""
    text = QCoreApplication.translate("Inspector", "… and {} more terms.")
    return text.format(QLocale().toString(left_out))


def progress(rule: ChainRule) -> str:
    """How much of a sum has arrived, empty where it is complete or has not begun."""
    if rule.so_far is None:
        return ""
    text = QCoreApplication.translate("Inspector", "So far {} of {} terms have arrived: {}.")
    return text.format(rule.arrived, rule.count, to_text(rule.so_far))


def hook(rule: ChainRule) -> str:
    """What a hook made of the sum, empty where it went on as it was."""
    if rule.changed_to is None:
        return ""
    text = QCoreApplication.translate("Inspector", "A hook then changed {} to {}.")
    return text.format(to_text(rule.total), to_text(rule.changed_to))


def own_formula(formulas: tuple[tuple[str, str], ...]) -> str:
    """PyTorch's own formulas, where no textbook form is known."""
    text = QCoreApplication.translate("Inspector", "PyTorch's own formula of {}: {}")
    return "\n".join(text.format(node, shorten(formula, 300)) for node, formula in formulas)


def root_remark(rule: ChainRule) -> str:
    """What the pass differentiates, where its symbol is not a variable."""
    if not rule.root_meaning:
        return ""
    text = QCoreApplication.translate("Inspector", "Here {}.")
    return text.format(in_language(rule.root_meaning))


def statistics_facts(statistics: Statistics, *, is_complex: bool) -> tuple[tuple[str, str], ...]:
    """The statistics of a tensor as pairs; counts of zeros and of what is not finite if any.

    Those of complex elements are named as what they are: of the absolute values.
    """

    def number(value: float | None) -> str:
        return "" if value is None else format_number(value)

    def count(value: int) -> str:
        return QLocale().toString(value) if value else ""

    translate = QCoreApplication.translate
    if is_complex:
        names = (
            translate("Inspector", "minimum of |z|"),
            translate("Inspector", "maximum of |z|"),
            translate("Inspector", "mean of |z|"),
            translate("Inspector", "std of |z|"),
        )
    else:
        names = (
            translate("Inspector", "minimum"),
            translate("Inspector", "maximum"),
            translate("Inspector", "mean"),
            translate("Inspector", "std"),
        )
    numbers = (statistics.min, statistics.max, statistics.mean, statistics.std)
    return (
        *zip(names, map(number, numbers), strict=True),
        (translate("Inspector", "norm"), number(statistics.norm)),
        (translate("Inspector", "zeros"), count(statistics.zeros)),
        ("NaN", count(statistics.nan)),
        ("Inf", count(statistics.inf)),
    )
