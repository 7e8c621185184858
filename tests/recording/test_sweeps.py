"""Lines of a sweep and where they cross."""

from __future__ import annotations

from gradviz.recording.sweeps import crossovers, sweep_lines
from gradviz.recording.timing import Measurement, TimedPart


def make_line(
    device: str, seconds: dict[int, float], *, spread: float = 0.0, **more: object
) -> list[Measurement]:
    return [
        Measurement(
            part=TimedPart.FORWARD,
            text=f"y = x[:{size}]",
            line=1,
            device=device,
            threads=1,
            seconds=(median - spread, median, median + spread),
            size=size,
            **more,  # type: ignore[arg-type]
        )
        for size, median in seconds.items()
    ]


def test_the_winner_is_named_from_the_size_on_from_which_it_always_wins() -> None:
    cpu = make_line("cpu", {64: 1.0, 128: 2.0, 256: 4.0, 512: 8.0})
    card = make_line("cuda:0", {512: 3.0, 64: 2.5, 128: 1.9, 256: 4.5})
    lines = sweep_lines(cpu + card)
    assert [m.size for m in lines[1].measurements] == [64, 128, 256, 512]
    (found,) = crossovers(lines)
    assert (found.winner.device, found.loser.device, found.size) == ("cuda:0", "cpu", 512)


def test_without_a_change_of_the_lead_there_is_no_crossover() -> None:
    slow, fast = make_line("cpu", {1: 2.0, 2: 3.0}), make_line("cuda:0", {1: 1.0, 2: 1.5})
    assert crossovers(sweep_lines(slow + fast)) == ()
    back = make_line("cuda:0", {1: 1.0, 2: 4.0, 3: 1.0})
    assert crossovers(sweep_lines(make_line("cpu", {1: 2.0, 2: 3.0, 3: 4.0}) + back)) == ()


def test_only_sizes_that_both_were_measured_at_count() -> None:
    one, other = make_line("cpu", {1: 1.0, 2: 2.0}), make_line("cuda:0", {2: 1.0, 4: 1.0})
    assert crossovers(sweep_lines(one + other)) == ()


def test_types_and_thread_counts_are_lines_of_their_own() -> None:
    lines = sweep_lines(
        make_line("cpu", {1: 1.0, 2: 4.0}) + make_line("cpu", {1: 2.0, 2: 3.0}, dtype="float64")
    )
    assert [(found.winner.dtype, found.size) for found in crossovers(lines)] == [("float64", 2)]


def test_a_lead_within_the_spread_of_the_samples_is_none() -> None:
    cpu = make_line("cpu", {64: 1.0, 128: 3.0, 256: 6.2, 512: 20.0}, spread=0.6)
    card = make_line("cuda:0", {64: 4.0, 128: 4.0, 256: 6.0, 512: 8.0}, spread=0.6)
    (found,) = crossovers(sweep_lines(cpu + card))
    assert found.size == 512  # at 256 the card's median is lower, but the samples overlap
    assert crossovers(sweep_lines(cpu[:3] + card[:3])) == ()
