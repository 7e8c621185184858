"""Keep earlier timings of a document on this machine, to be compared with later ones."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Final

import msgspec

from gradviz.documents.files import own_folder, read_bounded, replace_file
from gradviz.errors import GradvizError
from gradviz.recording.timing import Measurement, TimedPart, Timing

MAX_TIMINGS: Final = 12
"""Of one document; older ones go."""
MAX_DOCUMENTS: Final = 100
MAX_SAMPLES: Final = 101
"""Kept of a measurement: enough that median and quartiles stay what they were."""
_MAX_NBYTES: Final = 4 << 20
_SUFFIX: Final = ".json"
_BY_TEXT: Final = frozenset(
    {TimedPart.STATEMENT, TimedPart.LINES, TimedPart.OP, TimedPart.OP_BACKWARD}
)
"""Parts of which a document may have several, told apart by what is timed."""


class TimingHistory:
    """The earlier timings of each document: a file of JSON for each, named by a hash.

    A document is known by its path, or by its text where it has none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = own_folder("timings") if folder is None else folder

    def timings_of(self, path: str, text: str) -> tuple[Timing, ...]:
        """The document's earlier timings, the newest first; what cannot be read is left out."""
        try:
            content = read_bounded(self._file(path, text), _MAX_NBYTES)
            return tuple(msgspec.json.decode(content, type=list[Timing]))[:MAX_TIMINGS]
        except (GradvizError, msgspec.MsgspecError, RecursionError):
            return ()

    def add(self, path: str, text: str, timing: Timing) -> None:
        """Keep a timing; raises GradvizError where that cannot be done."""
        if not timing.measurements:
            return
        kept = [_thinned(timing), *self.timings_of(path, text)][:MAX_TIMINGS]
        content = msgspec.json.encode(kept)
        while len(content) > _MAX_NBYTES and len(kept) > 1:
            kept.pop()
            content = msgspec.json.encode(kept)
        if len(content) > _MAX_NBYTES:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise GradvizError(f"The timing cannot be kept: {error}.") from error
        replace_file(self._file(path, text), content)
        self._forget_oldest()

    def _file(self, path: str, text: str) -> Path:
        is_path = Path(path).is_absolute()
        key = f"path {path}" if is_path else f"text {text.strip()}"
        digest = hashlib.sha256(key.encode("utf-8", errors="surrogatepass")).hexdigest()
        return self._folder / f"{digest}{_SUFFIX}"

    def _forget_oldest(self) -> None:
        with contextlib.suppress(OSError):
            files = sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda f: -f.stat().st_mtime)
            for file in files[MAX_DOCUMENTS:]:
                file.unlink(missing_ok=True)


def _thinned(timing: Timing) -> Timing:
    return msgspec.structs.replace(
        timing, measurements=tuple(_with_few_samples(m) for m in timing.measurements)
    )


def _with_few_samples(measurement: Measurement) -> Measurement:
    """Order statistics at equal distances, so that quantiles stay where they were."""
    ordered = sorted(measurement.seconds)
    if len(ordered) <= MAX_SAMPLES:
        return measurement
    last = len(ordered) - 1
    kept = tuple(ordered[round(i * last / (MAX_SAMPLES - 1))] for i in range(MAX_SAMPLES))
    return msgspec.structs.replace(measurement, seconds=kept)


def matching(measurements: tuple[Measurement, ...], earlier: Timing) -> dict[int, Measurement]:
    """For the index of each measurement the earlier one of the same part and conditions."""
    known = {_identity(m): m for m in earlier.measurements if m.seconds}
    found = {}
    for index, measurement in enumerate(measurements):
        before = known.get(_identity(measurement))
        if before is not None:
            found[index] = before
    return found


def _identity(m: Measurement) -> tuple[object, ...]:
    """What stays when lines move and the code between them changes."""
    text = m.text if m.part in _BY_TEXT and m.size is None else ""
    return m.part, text, m.device, m.to_device, m.dtype, m.threads, m.size
