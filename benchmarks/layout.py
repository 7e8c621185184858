"""gradviz's layout beside Graphviz `dot`: time and crossings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial

import msgspec
import networkx as nx
import numpy as np

from benchmarks import graphs
from benchmarks.drawn import Point, count_crossings
from benchmarks.rows import Options, Row, interleaved
from gradviz.layout import layered_layout

PIXELS_PER_INCH = 72.0
DOT_TIMEOUT_SECONDS = 900.0


class Case(msgspec.Struct, frozen=True):
    """A graph to lay out; `dot` says whether it ends within minutes there."""

    name: str
    make: Callable[[], nx.DiGraph[int]]
    full: bool = False
    dot: bool = True
    rounds: int = 5


CASES = (
    Case("MLP, 3 layers", lambda: graphs.perceptron(3)),
    Case("MLP, 100 layers", lambda: graphs.perceptron(100)),
    Case("transformer, 14", lambda: graphs.transformer(14)),
    Case("deep 1,000", lambda: graphs.deep(1_000), rounds=3),
    Case("square 1,000", lambda: graphs.square(1_000), rounds=3),
    Case("LSTM x 200", lambda: graphs.recurrent(200), dot=False),
    Case("transformer, 110", lambda: graphs.transformer(110), full=True, rounds=1),
    Case("deep 10,000", lambda: graphs.deep(10_000), full=True, rounds=1),
    Case("square 10,000", lambda: graphs.square(10_000), full=True, rounds=1),
)


def run(options: Options) -> Iterator[Row]:
    """Two rows for each case, seconds and crossings."""
    dot = shutil.which("dot")
    if dot is None:
        print("layout: no `dot` here (install Graphviz), so nothing to compare", file=sys.stderr)
    for case in CASES:
        if case.full and not options.full:
            continue
        yield from compare(case, dot if case.dot else None)


def compare(case: Case, dot: str | None) -> Iterator[Row]:
    """Time both on one graph and count both drawings' crossings."""
    graph = case.make()
    source = to_dot(graph)
    seconds, dot_seconds = interleaved(
        lambda: layered_layout(graph),
        (lambda: run_dot(dot, source)) if dot is not None else None,
        rounds=case.rounds,
    )
    ours = count_crossings(layered_layout(graph).routes)
    peer = None if dot is None else "dot"
    row = partial(Row, name="layout", case=case.name, subject="gradviz", peer=peer)
    if dot is None or dot_seconds is None:
        yield row(value=seconds, unit="s")
        yield row(value=float(ours), unit="crossings")
        return
    ratio, budget = seconds / dot_seconds, time_budget(len(graph))
    met = None if budget is None else ratio <= budget
    yield row(value=seconds, unit="s", ratio=ratio, budget=budget, met=met)
    theirs = count_crossings(lines_of_dot(run_dot(dot, source)))
    yield row(
        value=float(ours),
        unit="crossings",
        ratio=ours / theirs if theirs else None,
        budget=1.15 if theirs else 0.0,
        met=ours <= 1.15 * theirs,
    )


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
