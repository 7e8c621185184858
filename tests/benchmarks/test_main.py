from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from benchmarks import __main__ as program
from benchmarks import graphs, layout
from benchmarks.drawn import count_crossings
from benchmarks.rows import Options, Row, interleaved


def row(**fields: object) -> Row:
    known: dict[str, object] = {
        "name": "sample",
        "case": "one",
        "subject": "gradviz",
        "peer": "dot",
        "value": 0.5,
        "unit": "s",
    }
    return Row(**(known | fields))  # type: ignore[arg-type]


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    rows = [row(ratio=0.05, budget=0.1, met=True), row(case="two")]

    def run(options: Options) -> Iterator[Row]:
        yield from rows if options.full else rows[:1]

    monkeypatch.setattr(program, "BENCHMARKS", {"sample": run})
    return rows


def test_the_table_and_the_json_say_the_same(
    sample: list[Row], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.json"
    assert program.main(["--only", "sample", "--full", "--json", str(path)]) == 0
    written = msgspec.json.decode(path.read_bytes())
    assert [list(entry) for entry in written] == [list(program.COLUMNS)] * 2
    assert msgspec.convert(written, list[Row]) == sample
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == list(program.COLUMNS)
    assert lines[0].split() == ["sample", "one", "gradviz", "dot", "0.5", "s", "0.05", "0.1", "yes"]
    assert lines[1].split() == ["sample", "two", "gradviz", "dot", "0.5", "s", "-", "-", "-"]


def test_only_full_runs_the_long_cases(sample: list[Row], tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    program.main(["--json", str(path)])
    assert len(msgspec.json.decode(path.read_bytes())) == 1


def test_a_missed_budget_is_the_exit_status(sample: list[Row]) -> None:
    sample[0] = row(ratio=0.2, budget=0.1, met=False)
    assert program.main([]) == 1


def test_pairs_are_run_in_turn() -> None:
    calls: list[str] = []
    ours, theirs = interleaved(
        lambda: calls.append("ours"), lambda: calls.append("theirs"), rounds=3
    )
    assert calls == ["ours", "theirs"] * 3
    assert ours >= 0.0
    assert theirs is not None
    assert interleaved(lambda: None, None, rounds=1)[1] is None


def test_without_dot_the_figures_stand_alone() -> None:
    case = layout.Case("small", lambda: graphs.perceptron(2), rounds=1)
    seconds, crossings, *others = layout.compare(case, None)
    assert (seconds.unit, seconds.peer, seconds.ratio, seconds.met) == ("s", None, None, None)
    assert seconds.value > 0.0
    assert (crossings.unit, crossings.value) == ("crossings", 0.0)
    assert [(row.unit, row.value, row.met) for row in others] == [
        ("overlaps", 0.0, True),
        ("hits", 0.0, True),
        ("changes", 0.0, True),
    ]


def test_the_splines_of_dot_are_read_to_their_end() -> None:
    plain = "graph 1 2 2\nnode a 1 1 1 1\nedge a b 4 0 0 0 1 \\\n1 1 1 0 solid black\nstop\n"
    points = layout.lines_of_dot(plain)["a", "b"]
    assert len(points) == 9
    assert points[0] == (0.0, 0.0)
    assert points[4] == (0.5, 0.75)
    assert points[-1] == (1.0, 0.0)


def test_crossings_are_counted_once_for_a_bundle_and_not_at_common_ends() -> None:
    trunk = [(5.0, 0.0), (5.0, 10.0)]
    lines = {
        ("a", "b"): [*trunk, (0.0, 20.0)],
        ("a", "c"): [(5.0, 0.0), (5.0, 12.0), (9.0, 20.0)],
        ("d", "e"): [(0.0, 4.0), (10.0, 6.0)],
        ("a", "f"): [(0.0, 5.0), (10.0, 5.5)],
    }
    assert count_crossings(lines) == 2
    assert count_crossings({("a", "b"): trunk}) == 0


@pytest.mark.parametrize(
    ("graph", "nodes"),
    [
        (graphs.perceptron(3), 13),
        (graphs.deep(50), 50),
        (graphs.square(50), 49),
        (graphs.recurrent(2), 7 + 2 * 15),
    ],
)
def test_the_graphs_have_the_shape_that_they_say(graph: graphs.Graph[int], nodes: int) -> None:
    assert len(graph) == nodes
    assert all(u < v for u, v in graph.edges())
