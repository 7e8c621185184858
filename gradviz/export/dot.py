"""Write a view of a recording as Graphviz DOT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gradviz.recording.format import format_shape, format_value
from gradviz.recording.model import Item, ItemKind, Recording, ScopeId, Tensor, TensorRole
from gradviz.recording.scopes import scope_title, scopes_of
from gradviz.recording.view import Group, ViewOptions, build_view

_SHAPES: Final = {
    TensorRole.LEAF: "shape=ellipse",
    TensorRole.PARAMETER: "shape=octagon",
    TensorRole.INTERMEDIATE: 'shape=box, style="rounded"',
    TensorRole.ROOT: "shape=doubleoctagon",
    TensorRole.CONSTANT: 'shape=box, style="dashed"',
}
_PREFIXES: Final = {
    ItemKind.TENSOR: "t",
    ItemKind.OP: "op",
    ItemKind.NODE: "n",
    ItemKind.SCOPE: "s",
}


def dot_text(recording: Recording, options: ViewOptions | None = None) -> str:
    """The view as a digraph that runs from leaves to roots; shapes tell the roles of tensors."""
    view = build_view(recording, options)
    lines = ["digraph gradviz {", "  rankdir=TB;", '  node [fontname="sans-serif"];']
    lines += [f"  {_name(item)} [{_attributes(recording, item)}];" for item in view]
    lines += _clusters(view.graph["folding"].groups)
    for source, target, edge in view.edges(data=True):
        label = _edge_label(recording, source, target, edge["tensor"])
        lines.append(f"  {_name(source)} -> {_name(target)}{label};")
    return "\n".join((*lines, "}", ""))


def _clusters(groups: Sequence[Group]) -> list[str]:
    """The boxes around open scopes, nested."""
    inside: dict[ScopeId | None, list[Group]] = {}
    for one in groups:
        inside.setdefault(one.parent, []).append(one)
    lines: list[str] = []
    waiting: list[Group | None] = [*reversed(inside.get(None, []))]
    while waiting:
        if (group := waiting.pop()) is not None:
            lines.append(f"  subgraph cluster_{group.scope.id} {{")
            lines.append(f"  label={_quoted(scope_title(group.scope))};")
            lines += [f"  {_name(item)};" for item in group.members]
            waiting += [None, *reversed(inside.get(group.scope.id, []))]
        else:
            lines.append("  }")
    return lines


def _name(item: Item) -> str:
    return f"{_PREFIXES[item.kind]}{item.id}"


def _attributes(recording: Recording, item: Item) -> str:
    match item.kind:
        case ItemKind.TENSOR:
            tensor = recording.tensors[item.id]
            return f"{_SHAPES[tensor.role]}, label={_quoted(_tensor_label(recording, tensor))}"
        case ItemKind.OP:
            return f"shape=box, label={_quoted(recording.ops[item.id].name)}"
        case ItemKind.NODE:
            name = recording.autograd_nodes[item.id].name
            return f"shape=hexagon, label={_quoted(name)}"
        case ItemKind.SCOPE:
            return (
                f"shape=box3d, label={_quoted(scope_title(scopes_of(recording).scopes[item.id]))}"
            )


def _tensor_label(recording: Recording, tensor: Tensor) -> str:
    value = format_value(recording.value(tensor.value))
    head = tensor.name or f"tensor {tensor.id}"
    if value is not None:
        head += f" = {value}"
    return f"{head}\n{tensor.dtype} {format_shape(tensor.shape)} {tensor.device}"


def _edge_label(recording: Recording, source: Item, target: Item, tensor: int | None) -> str:
    # Only an edge between two ops stands for a tensor that is drawn nowhere else.
    if tensor is None or source.kind is not ItemKind.OP or target.kind is not ItemKind.OP:
        return ""
    return f" [label={_quoted(format_shape(recording.tensors[tensor].shape))}]"


def _quoted(text: str) -> str:
    """A DOT string: no text of a run can end it or mean an escape of Graphviz."""
    printable = "".join(c if c == "\n" or c.isprintable() else "�" for c in text)
    escaped = printable.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
