"""Recordings on disk: what is written is read again, and nothing else is believed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.documents.recording_file import (
    encode_recording,
    read_recording,
    write_recording,
)
from gradviz.errors import GradvizError
from gradviz.export.dot import dot_text
from gradviz.export.report import report_text
from gradviz.recording.chain import Chain
from gradviz.recording.check import ITEM_NBYTES, check_recording
from gradviz.recording.model import (
    Image,
    Output,
    OutputKind,
    Recording,
    Statistics,
    Value,
    ValueId,
)
from gradviz.recording.outline import outline_text
from gradviz.recording.replay import Replay
from gradviz.recording.view import ViewMode, ViewOptions, build_view
from tests.builders import make_chain_rule_recording, make_value
from tests.documents.damage import DAMAGED, archive_of, members_of, replaced, sound

CANARY = Path("/tmp/gradviz_canary")
LARGEST_PEAK = 24 << 20


def value_of(array: np.ndarray, number: int = 0) -> Value:
    return Value(
        id=ValueId(number),
        shape=array.shape,
        dtype=array.dtype.name,
        storage=array.dtype.str,
        kept_shape=array.shape,
        data=array.tobytes(),
        statistics=None,
    )


def decoded(content: bytes) -> Recording:
    """What is read of a file of this content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gradviz"
        path.write_bytes(content)
        return read_recording(path)


@contextmanager
def bounded_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < LARGEST_PEAK


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    recording = make_chain_rule_recording()
    write_recording(tmp_path / "a.gradviz", recording)
    assert read_recording(tmp_path / "a.gradviz") == recording


def test_figures_are_read_again() -> None:
    image = Image(1, 600, 400, b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    outputs = (Output(2, OutputKind.DISPLAY, "<Figure>", image), Output(3, OutputKind.PRINT, "a"))
    recording = msgspec.structs.replace(make_chain_rule_recording(), outputs=outputs)
    assert decoded(encode_recording(recording)).outputs == outputs
    for wrong in ({"number": -1}, {"width": 0}, {"height": 2**31}):
        bad = Output(2, OutputKind.DISPLAY, "", msgspec.structs.replace(image, **wrong))
        recording = msgspec.structs.replace(make_chain_rule_recording(), outputs=(bad,))
        with pytest.raises(GradvizError, match="not a gradviz recording"):
            decoded(encode_recording(recording))


def test_an_empty_recording_is_read_again() -> None:
    assert decoded(encode_recording(Recording())) == Recording()


def test_equal_recordings_give_equal_bytes() -> None:
    assert sound() == sound()


@pytest.mark.parametrize("storage", ITEM_NBYTES)
def test_elements_of_every_type_come_back_bit_for_bit(storage: str) -> None:
    content = np.random.default_rng(0).bytes(16 * 6)
    array = np.frombuffer(content, "|u1").view(storage if storage != "|b1" else "|u1")
    array = (array % 2 == 0) if storage == "|b1" else array
    values = (value_of(array.reshape(2, -1)), make_value(1, [1.0, float("nan")]))
    recording = Recording(values=values)
    assert decoded(encode_recording(recording)).values == values


def test_statistics_come_back_exactly_where_they_are_infinite_or_missing() -> None:
    huge = Statistics(-1e308, 1e308, None, float("inf"), float("inf"), 2**40, 3, 4)
    values = (
        msgspec.structs.replace(make_value(0, 1.0), statistics=huge),
        msgspec.structs.replace(make_value(1, 1.0), statistics=None, data=None, shape=(5, 5)),
    )
    recording = Recording(values=values)
    assert decoded(encode_recording(recording)) == recording


def test_a_recording_that_contradicts_itself_is_not_written(tmp_path: Path) -> None:
    recording = msgspec.structs.replace(make_chain_rule_recording(), values=())
    with pytest.raises(GradvizError):
        write_recording(tmp_path / "a.gradviz", recording)
    assert not list(tmp_path.iterdir())


def test_a_very_regular_recording_does_not_look_like_a_bomb() -> None:
    recording = Recording(text="x" * (4 << 20), warnings=("x" * (20 << 20),))
    assert decoded(encode_recording(recording)) == recording


def test_numbers_are_readable_by_any_safetensors_reader() -> None:
    import safetensors.numpy

    arrays = safetensors.numpy.load(members_of(sound())["values.safetensors"])
    expected = b"".join(value.data or b"" for value in make_chain_rule_recording().values)
    assert arrays["elements.float32"].tobytes() == expected


@pytest.mark.parametrize("what", DAMAGED)
def test_damage_is_refused_with_a_sentence_and_little_memory(what: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged.gradviz"
    path.write_bytes(DAMAGED[what]())
    with bounded_memory(), pytest.raises(GradvizError) as caught:
        read_recording(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path} cannot be opened: ")
    assert sentence.endswith(".")
    assert not CANARY.exists()
    assert [file.name for file in tmp_path.iterdir()] == ["damaged.gradviz"]


def test_a_newer_version_asks_for_a_newer_gradviz(tmp_path: Path) -> None:
    newer = b'{"format":"gradviz-recording","version":999999}'
    path = tmp_path / "newer.gradviz"
    path.write_bytes(replaced(manifest_json=newer, recording_json=b"what only they understand"))
    with pytest.raises(GradvizError, match="newer gradviz"):
        read_recording(path)


@pytest.mark.parametrize("version", [b"0", b"-1", b"1.5", b'"1"', b"null"])
def test_a_version_that_cannot_be_is_refused(version: bytes) -> None:
    manifest = b'{"format":"gradviz-recording","version":' + version + b"}"
    with pytest.raises(GradvizError):
        decoded(replaced(manifest_json=manifest))


def test_fields_that_a_later_program_added_are_passed_over() -> None:
    members = members_of(sound())
    document = members["recording.json"].replace(b'"text":', b'"later":[1],"text":', 1)
    assert decoded(replaced(recording_json=document)) == make_chain_rule_recording()


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.gradviz"
    with path.open("wb") as stream:
        stream.truncate(3 << 30)
    with bounded_memory(), pytest.raises(GradvizError, match="larger than"):
        read_recording(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_a_pipe_a_folder_and_a_link_to_another_file_are_refused(tmp_path: Path) -> None:
    pipe, folder, link = tmp_path / "p.gradviz", tmp_path / "f.gradviz", tmp_path / "l.gradviz"
    os.mkfifo(pipe)
    folder.mkdir()
    link.symlink_to("/etc/passwd")
    for path in (pipe, folder, link, tmp_path / "missing.gradviz"):
        with pytest.raises(GradvizError, match="cannot be opened"):
            read_recording(path)


def test_reading_and_writing_needs_neither_torch_nor_qt() -> None:
    code = "import gradviz.documents.recording_file, sys; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "torch" not in modules
    assert "PySide6" not in modules


def decoded_or_refused(content: bytes) -> None:
    """Any bytes give a recording that agrees with itself, or a sentence."""
    try:
        recording = decoded(content)
    except GradvizError as error:
        assert str(error)
        return
    check_recording(recording)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    decoded_or_refused(content)


@given(st.data())
@settings(max_examples=600, deadline=None)
def test_any_changed_byte_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(sound())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    with bounded_memory():
        decoded_or_refused(bytes(content))


@given(st.data())
@settings(max_examples=600, deadline=None)
def test_any_changed_member_is_read_or_refused(data: st.DataObject) -> None:
    """Behind sound checksums: what JSON and safetensors themselves may hold."""
    members = members_of(sound())
    name = data.draw(st.sampled_from(sorted(members)))
    content = bytearray(members[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        cut = data.draw(st.integers(0, 3))
        piece = data.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b"-1", b"1e999", b"[]", b"9" * 30]))
        )
        content[at : at + cut] = piece
    members[name] = bytes(content)
    with bounded_memory():
        decoded_or_refused(archive_of(list(members.items())))


def places_in(record: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something stands in JSON."""
    if isinstance(record, dict):
        inside: list[tuple[str | int, object]] = list(record.items())
    elif isinstance(record, list):
        inside = list(enumerate(record))
    else:
        return
    for key, value in inside:
        yield (*path, key)
        yield from places_in(value, (*path, key))


DOCUMENT = members_of(sound())["recording.json"]
PLACES = list(places_in(json.loads(DOCUMENT)))
STRANGE = [None, -1, 0, 1, 3, 5, 10**6, 2**31, 2**63, 1.5, True, "", "x", "\0", [], [0], [-1], {}]


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(STRANGE)), max_size=3))
@settings(max_examples=400, deadline=None)
def test_whatever_is_accepted_can_be_replayed_drawn_and_asked(
    changes: list[tuple[tuple[str | int, ...], object]],
) -> None:
    document = json.loads(DOCUMENT)
    for place, value in changes:
        record = document
        for key in place[:-1]:
            record = record[key] if isinstance(record, (dict, list)) and has(record, key) else None
        if isinstance(record, (dict, list)) and has(record, place[-1]):
            record[place[-1]] = deepcopy(value)
    try:
        recording = decoded(replaced(recording_json=json.dumps(document).encode()))
    except GradvizError:
        return
    replay = Replay(recording)
    chain = Chain(replay)
    for mode in ViewMode:
        build_view(recording, ViewOptions(mode=mode))
    for tensor in recording.tensors:
        chain.rule_of(tensor.id, replay.length)
    report_text(recording)
    dot_text(recording)
    outline_text(recording)
    assert decoded(encode_recording(recording)) == recording


def has(record: dict[str | int, object] | list[object], key: str | int) -> bool:
    if isinstance(record, dict):
        return key in record
    return isinstance(key, int) and key < len(record)
