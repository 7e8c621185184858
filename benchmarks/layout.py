"""gradviz's layout beside Graphviz `dot`: time and crossings."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import networkx as nx
import numpy as np

from benchmarks import graphs
from benchmarks.drawn import Point, count_crossings, count_hits, count_overlaps
from benchmarks.rows import Options, Row, interleaved
from gradviz.layout import Layout, layered_layout, paired_layout

PIXELS_PER_INCH = 72.0
DOT_TIMEOUT_SECONDS = 900.0


class Case(msgspec.Struct, frozen=True):
    """A graph to lay out; `dot` says whether it ends within minutes there."""

    name: str
    make: Callable[[], nx.DiGraph[int]]
    full: bool = False
    dot: bool = True
    rounds: int = 5
    seconds: float | None = None
    megabytes: float | None = None


CASES = (
    Case("MLP, 3 layers", lambda: graphs.perceptron(3)),
    Case("MLP, 100 layers", lambda: graphs.perceptron(100)),
    Case("transformer, 14", lambda: graphs.transformer(14), seconds=0.05),
    Case("deep 1,000", lambda: graphs.deep(1_000), rounds=3),
    Case("square 1,000", lambda: graphs.square(1_000), rounds=3),
    Case("LSTM x 200", lambda: graphs.recurrent(200), dot=False, seconds=0.5),
    Case("transformer, 110", lambda: graphs.transformer(110), full=True, rounds=1),
    Case("deep 10,000", lambda: graphs.deep(10_000), full=True, rounds=1, seconds=1.0),
    Case("square 10,000", lambda: graphs.square(10_000), full=True, rounds=1, seconds=1.0),
    Case(
        "deep 100,000",
        lambda: graphs.deep(100_000),
        full=True,
        dot=False,
        rounds=1,
        seconds=12.0,
        megabytes=150.0,
    ),
)
PAIRED_SECONDS = 0.1
"""For a transformer of 14 layers with its backward."""


def run(options: Options) -> Iterator[Row]:
    """For each case seconds, crossings, and what is wrong in the drawing."""
    dot = shutil.which("dot")
    if dot is None:
        print("layout: no `dot` here (install Graphviz), so nothing to compare", file=sys.stderr)
    for case in CASES:
        if case.full and not options.full:
            continue
        yield from compare(case, dot if case.dot else None)
    yield from together()


def compare(case: Case, dot: str | None) -> Iterator[Row]:
    """Time both on one graph, and count what is wrong in the drawings."""
    graph = case.make()
    source = to_dot(graph)
    seconds, dot_seconds = interleaved(
        lambda: layered_layout(graph),
        (lambda: run_dot(dot, source)) if dot is not None else None,
        rounds=case.rounds,
    )
    layout = layered_layout(graph)
    ours = count_crossings(layout.routes)
    row = partial(Row, name="layout", case=case.name, subject="gradviz", peer=None)
    if case.seconds is not None or dot_seconds is None:
        yield row(value=seconds, unit="s", budget=case.seconds)
    if dot is not None and dot_seconds is not None:
        ratio, budget = seconds / dot_seconds, time_budget(len(graph))
        beside = partial(row, peer="dot")
        yield beside(value=seconds, unit="s", ratio=ratio, budget=budget)
        theirs = count_crossings(lines_of_dot(run_dot(dot, source)))
        yield beside(
            value=float(ours),
            unit="crossings",
            ratio=ours / theirs if theirs else None,
            budget=1.15 if theirs else 0.0,
        )
    else:
        yield row(value=float(ours), unit="crossings")
    yield from soundness(graph, layout, row)
    is_same = layered_layout(shuffled(graph)) == layout
    yield row(value=float(not is_same), unit="changes", budget=0.0)
    if case.megabytes is not None:
        megabytes = peak_megabytes(lambda: layered_layout(graph))
        yield row(value=megabytes, unit="MB", budget=case.megabytes)


def together() -> Iterator[Row]:
    """A transformer's forward and backward in one picture."""
    graph, partner = graphs.with_backward(graphs.transformer(14))
    seconds, _ = interleaved(lambda: paired_layout(graph, partner), None, rounds=5)
    row = partial(Row, name="layout", case="transformer, both", subject="gradviz", peer=None)
    yield row(value=seconds, unit="s", budget=PAIRED_SECONDS)
    yield from soundness(graph, paired_layout(graph, partner), row)


def soundness(
    graph: nx.DiGraph[Any], layout: Layout[Any], row: Callable[..., Row]
) -> Iterator[Row]:
    """How many nodes overlap, and through how many lines run."""
    boxes = [
        (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        for (x, y), width, height in (
            (layout.positions[node], size.get("width", 120.0), size.get("height", 40.0))
            for node, size in graph.nodes(data=True)
        )
    ]
    for unit, number in (
        ("overlaps", count_overlaps(boxes)),
        ("hits", count_hits(layout.routes, boxes)),
    ):
        yield row(value=float(number), unit=unit, budget=0.0)


def shuffled(graph: nx.DiGraph[int]) -> nx.DiGraph[int]:
    """The same graph, put together in another order."""
    chance = random.Random(1)
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges())
    chance.shuffle(nodes)
    chance.shuffle(edges)
    result: nx.DiGraph[int] = nx.DiGraph()
    result.add_nodes_from(nodes)
    result.add_edges_from(edges)
    return result


def peak_megabytes(call: Callable[[], object]) -> float:
    """The most that Python and numpy held beyond what was there before, the result included."""
    tracemalloc.start()
    try:
        result = call()
        del result
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def time_budget(nodes: int) -> float | None:
    """The most of `dot`'s time that the layout may take."""
    if nodes >= 6_000:
        return 0.01
    return 0.1 if nodes >= 700 else None


def to_dot(graph: nx.DiGraph[int]) -> str:
    """The graph in Graphviz' language, nodes in their sizes and as gradviz spaces them."""
    lines = ["digraph {", 'nodesep="0.39"; ranksep="0.61"; node [shape=box, fixedsize=true];']
    for node, attributes in graph.nodes(data=True):
        width = attributes.get("width", 120.0) / PIXELS_PER_INCH
        height = attributes.get("height", 40.0) / PIXELS_PER_INCH
        lines.append(f"{node} [width={width:.4f}, height={height:.4f}];")
    lines += [f"{u} -> {v};" for u, v in graph.edges()]
    return "\n".join([*lines, "}"])


def run_dot(dot: str, source: str) -> str:
    """Graphviz' plain text output."""
    done = subprocess.run(
        [dot, "-Tplain"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
        timeout=DOT_TIMEOUT_SECONDS,
    )
    return done.stdout


def lines_of_dot(plain: str) -> dict[tuple[str, str], list[Point]]:
    """The edges' splines, each cubic piece as eight straight ones."""
    lines: dict[tuple[str, str], list[Point]] = {}
    t = np.linspace(0.0, 1.0, 9)[1:, None]
    # A backslash at the end of a line continues it.
    for words in (line.split() for line in plain.replace("\\\n", "").splitlines()):
        if words[:1] != ["edge"]:
            continue
        number = int(words[3])
        control = np.array(words[4 : 4 + 2 * number], dtype=np.float64).reshape(-1, 2)
        points = [control[:1]]
        for i in range(0, number - 1, 3):
            p0, p1, p2, p3 = control[i : i + 4]
            cubic = (1 - t) ** 3 * p0 + 3 * (1 - t) ** 2 * t * p1
            points.append(cubic + 3 * (1 - t) * t**2 * p2 + t**3 * p3)
        lines[words[1], words[2]] = [(x, y) for x, y in np.concatenate(points).tolist()]
    return lines
