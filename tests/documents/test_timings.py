"""Earlier timings of a document, kept on this machine within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.documents import timings
from gradviz.documents.timings import MAX_TIMINGS, TimingHistory, matching
from gradviz.errors import GradvizError
from gradviz.recording.timing import Measurement, TimedPart, Timing


def make_timing(date: str = "", *, samples: int = 3, **more: object) -> Timing:
    given: dict[str, object] = {"part": TimedPart.FORWARD, "text": "y = x", "line": 1} | more
    measurement = Measurement(
        device="cpu",
        threads=1,
        seconds=tuple(float(i) for i in range(1, samples + 1)),
        **given,  # type: ignore[arg-type]
    )
    return Timing(measurements=(measurement,), date=date)


@pytest.fixture
def history(tmp_path: Path) -> TimingHistory:
    return TimingHistory(tmp_path / "timings")


def test_timings_come_back_with_the_newest_first(history: TimingHistory) -> None:
    for date in ("1", "2"):
        history.add("", "x = 1", make_timing(date))
    assert history.timings_of("", "x = 1") == (make_timing("2"), make_timing("1"))
    assert history.timings_of("", "x = 2") == ()


def test_a_document_is_known_by_its_path_else_by_its_text(history: TimingHistory) -> None:
    history.add("/a/b.py", "x = 1", make_timing("1"))
    assert len(history.timings_of("/a/b.py", "x = 2")) == 1
    assert history.timings_of("untitled.py", "x = 1") == ()


def test_what_is_kept_is_bounded(
    history: TimingHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timings, "MAX_DOCUMENTS", 3)
    for number in range(MAX_TIMINGS + 3):
        history.add("", "x", make_timing(str(number)))
    assert len(history.timings_of("", "x")) == MAX_TIMINGS
    for number in range(5):
        history.add("", f"x{number}", make_timing())
    assert len(list((tmp_path / "timings").iterdir())) == 3
    monkeypatch.setattr(timings, "_MAX_NBYTES", 2000)
    for number in range(9):
        history.add("", "y", make_timing(str(number), samples=20))
    assert 1 <= len(history.timings_of("", "y")) < 9


def test_many_samples_are_thinned_without_moving_the_median_or_the_spread(
    history: TimingHistory,
) -> None:
    timing = make_timing(samples=10_001)
    history.add("", "x", timing)
    (kept,) = history.timings_of("", "x")
    assert len(kept.measurements[0].seconds) == timings.MAX_SAMPLES
    assert kept.measurements[0].median == timing.measurements[0].median
    assert kept.measurements[0].iqr == pytest.approx(timing.measurements[0].iqr, rel=0.01)


def test_nonsense_on_the_disk_reads_as_nothing_and_is_replaced(
    history: TimingHistory, tmp_path: Path
) -> None:
    history.add("", "x", make_timing("1"))
    (file,) = (tmp_path / "timings").iterdir()
    for content in (b"", b"{", b'[{"measurements": 3}]', b"\xff" * 100):
        file.write_bytes(content)
        assert history.timings_of("", "x") == ()
    history.add("", "x", make_timing("2"))
    assert len(history.timings_of("", "x")) == 1


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GradvizError, match="cannot be kept"):
        TimingHistory(tmp_path / "file" / "timings").add("", "x", make_timing())


def test_the_same_part_under_the_same_conditions_is_compared_whatever_its_line() -> None:
    before = make_timing(line=1)
    assert matching(make_timing(line=7).measurements, before) == {0: before.measurements[0]}
    assert matching(make_timing(dtype="float64").measurements, before) == {}
    statement = make_timing(part=TimedPart.STATEMENT)
    assert matching(make_timing(part=TimedPart.STATEMENT, text="z").measurements, statement) == {}
