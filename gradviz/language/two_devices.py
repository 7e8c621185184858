"""Name the tensors that an expression brought together although they are on different devices."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Final

import torch

_SIGNS: Final = re.compile(
    r"to be on the same device|is not on the expected device|different from other tensors on|"
    r"Input type .* and weight type .* should be the same"
)
_MAX_TENSORS: Final = 50


def is_about_devices(message: str) -> bool:
    """Whether torch complains of tensors on different devices."""
    return _SIGNS.search(message) is not None


def explain(
    text: str,
    line: int | None,
    end_line: int | None,
    names: Mapping[str, object],
    placement: Mapping[str, str],
) -> str:
    """Which two tensors of these lines are apart, where they come from, and what to do.

    `names` are those that the lines could see when they failed, `placement` the moves that the run
    was asked for. Empty where no two are found.
    """
    if line is None:
        return ""
    found = _tensors_on(text, line, end_line or line, names)
    if not found:
        return ""
    first_name, first = found[0]
    for name, tensor in found[1:]:
        if tensor.device != first.device:
            return (
                f"{_place(text, line, first_name)} is on {first.device}, "
                f"{_place(text, line, name)} on {tensor.device}. "
                f"{_move(first_name, name, placement) or _fix(first_name, name, names)}"
            )
    return ""


def _tensors_on(
    text: str, line: int, end_line: int, names: Mapping[str, object]
) -> list[tuple[str, torch.Tensor]]:
    """The tensors that names of the lines mean, parameters of modules too; data before modules."""
    tensors: list[tuple[str, torch.Tensor]] = []
    of_modules: list[tuple[str, torch.Tensor]] = []
    for name in _names_on(text, line, end_line):
        value = names.get(name)
        if isinstance(value, torch.Tensor):
            tensors.append((name, value))
        elif isinstance(value, torch.nn.Module):
            parameters = list(value.named_parameters())[:_MAX_TENSORS]
            of_modules += [(f"{name}.{path}", parameter) for path, parameter in parameters]
        elif isinstance(value, list | tuple):
            elements = enumerate(value[:_MAX_TENSORS])
            tensors += [(f"{name}[{i}]", e) for i, e in elements if isinstance(e, torch.Tensor)]
    return tensors + of_modules


def _names_on(text: str, line: int, end_line: int) -> list[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        # Magics and half-written lines: the words of the lines themselves.
        lines = "\n".join(text.split("\n")[line - 1 : end_line])
        return list(dict.fromkeys(re.findall(r"[^\W\d]\w*", lines)))
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and line <= node.lineno <= end_line
    ]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in found))


def _place(text: str, line: int, name: str) -> str:
    """The name, and the line that bound it last before it failed."""
    bound = binding_line(text, line, name)
    return name if bound is None else f"{name} (line {bound})"


def binding_line(text: str, line: int, name: str) -> int | None:
    """The last line before `line` that binds the variable in `name`, None where none does."""
    root = re.escape(re.split(r"[.\[]", name, maxsplit=1)[0])
    binding = re.compile(rf"(^|[\s,(]){root}\s*(,[^=]*)?(:[^=]+)?=[^=]")
    lines = text.split("\n")[: line - 1]
    for number in range(len(lines), 0, -1):
        if binding.search(lines[number - 1]):
            return number
    return None


def _move(first: str, second: str, placement: Mapping[str, str]) -> str:
    """What to move where no line of the text has put them apart; empty where one has."""
    roots = [re.split(r"[.\[]", name, maxsplit=1)[0] for name in (second, first)]
    for root, other in (roots, roots[::-1]):
        for moved, device in placement.items():
            if moved.partition(".")[0] == root:
                return (
                    f"The devices panel puts {moved} on {device}: move {other} there too, or "
                    "undo that move."
                )
    return ""


def _fix(first: str, second: str, names: Mapping[str, object]) -> str:
    """What to write: modules are moved as a whole, in place."""
    root, _, path = second.partition(".")
    if path and isinstance(names.get(root), torch.nn.Module):
        other = first.partition(".")[0]
        if isinstance(names.get(other), torch.nn.Module):
            return f"Move one of them: {root}.to(next({other}.parameters()).device)."
        return f"Move the module to the data: {root}.to({first}.device)."
    moved = names.get(second)
    if isinstance(moved, torch.Tensor) and moved.is_leaf and moved.requires_grad:
        # `y = y.to(...)` would mean no leaf any more.
        return f"Write device={first}.device into the call that makes {second}."
    return f"Move one of them: {second} = {second}.to({first}.device)."
