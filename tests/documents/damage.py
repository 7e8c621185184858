"""Files that are no recordings, as bytes: what a reader must refuse in a sentence."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import Final

from gradviz.documents.recording_file import encode_recording
from tests.builders import make_chain_rule_recording

PICKLE_OF_A_COMMAND: Final = b"cos\nsystem\n(S'touch /tmp/gradviz_canary'\ntR."


def sound() -> bytes:
    return encode_recording(make_chain_rule_recording())


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # a name twice is what one of them is about
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def replaced(**contents: bytes) -> bytes:
    """The sound file with other members: `recording_json=b"…"`."""
    members = members_of(sound())
    for key, content in contents.items():
        members[key.replace("_", ".")] = content
    return archive_of(list(members.items()))


def renamed(old: str, new: str) -> bytes:
    members = members_of(sound())
    return archive_of([(new if name == old else name, data) for name, data in members.items()])


def with_extra(name: str, data: bytes = b"") -> bytes:
    return archive_of([*members_of(sound()).items(), (name, data)])


def edited_json(old: bytes, new: bytes) -> bytes:
    document = members_of(sound())["recording.json"]
    assert old in document
    return replaced(recording_json=document.replace(old, new, 1))


def lying_size(size: int) -> bytes:
    """The directory and the header say another size of recording.json than it has."""
    content = bytearray(sound())
    at = content.index(b"recording.json") - 30
    struct.pack_into("<L", content, at + 22, size)
    at = content.rindex(b"recording.json") - 46
    struct.pack_into("<L", content, at + 24, size)
    return bytes(content)


def bomb(unpacked: int, *, tells: int | None = None) -> bytes:
    """`recording.json` unpacks to so many blanks; `tells` is the size that is given."""
    members = members_of(sound())
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b" " * unpacked) + packer.flush()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.json", members["manifest.json"])
        archive.writestr("recording.json", packed)
        archive.writestr("values.safetensors", members["values.safetensors"])
    content = bytearray(buffer.getvalue())
    size = unpacked if tells is None else tells
    for at, method, sizes in (
        (content.index(b"recording.json") - 30, 8, 18),
        (content.rindex(b"recording.json") - 46, 10, 20),
    ):
        struct.pack_into("<H", content, at + method, zipfile.ZIP_DEFLATED)
        struct.pack_into("<LL", content, at + sizes, len(packed), size)
    return bytes(content)


def many_entries() -> bytes:
    return archive_of([(f"{number}", b"") for number in range(20_000)])


def safetensors_header(header: bytes) -> bytes:
    return replaced(values_safetensors=struct.pack("<Q", len(header)) + header)


def random_bytes() -> bytes:
    return random.Random(0).randbytes(512)


DAMAGED: Final[dict[str, Callable[[], bytes]]] = {
    "empty": lambda: b"",
    "cut in the middle": lambda: sound()[: len(sound()) // 2],
    "cut at the end": lambda: sound()[:-1],
    "without its beginning": lambda: sound()[100:],
    "something after the end": lambda: sound() + b"x",
    "nested brackets": lambda: b"[" * 100_000,
    "nested JSON": lambda: replaced(recording_json=b'{"recording":' + b"[" * 100_000),
    "nested manifest": lambda: replaced(manifest_json=b"[" * 4_000),
    "random bytes": random_bytes,
    "UTF-16 text": lambda: "import torch\n".encode("utf-16") + b"\xe9",
    "a pickle": lambda: PICKLE_OF_A_COMMAND,
    "a zip of a pickle": lambda: archive_of([("archive/data.pkl", PICKLE_OF_A_COMMAND)]),
    "a pickle for the values": lambda: replaced(values_safetensors=PICKLE_OF_A_COMMAND),
    "a pickle beside": lambda: with_extra("data.pkl", PICKLE_OF_A_COMMAND),
    "a way out": lambda: renamed("values.safetensors", "../../../../tmp/gradviz_canary"),
    "an absolute name": lambda: renamed("values.safetensors", "/tmp/gradviz_canary"),
    "a name of Windows": lambda: renamed("values.safetensors", "..\\..\\x"),
    "a device's name": lambda: renamed("manifest.json", "CON"),
    "a very long name": lambda: renamed("manifest.json", "x" * 60_000),
    "a name twice": lambda: with_extra("recording.json", b"{}"),
    "many entries": many_entries,
    "no manifest": lambda: archive_of(list(members_of(sound()).items())[1:]),
    "empty JSON": lambda: replaced(recording_json=b""),
    "a huge manifest": lambda: replaced(manifest_json=b" " * 5_000 + b"{}"),
    "a text that is a number": lambda: edited_json(b'"text":"import', b'"text":5,"a":"import'),
    "a text that is a list": lambda: edited_json(b'"text":"', b'"text":["import torch"],"a":"'),
    "a text that is null": lambda: edited_json(b'"text":"', b'"text":null,"a":"'),
    "NaN": lambda: edited_json(b'"run_seconds":0.0', b'"run_seconds":NaN'),
    "infinite": lambda: edited_json(b'"run_seconds":0.0', b'"run_seconds":1e999'),
    "a huge number": lambda: edited_json(b'"nbytes":4', b'"nbytes":' + b"9" * 4000),
    "a missing record": lambda: edited_json(b'"inputs":[0,1]', b'"inputs":[0,10]'),
    "an unknown role": lambda: edited_json(b'"role":"leaf"', b'"role":"king"'),
    "a negative kept shape": lambda: edited_json(b'"<f4",[]', b'"<f4",[-1]'),
    "a huge kept shape": lambda: edited_json(b'"<f4",[]', b'"<f4",[4611686018427387904,4]'),
    "another element type": lambda: edited_json(b'"<f4"', b'"<f8"'),
    "elements that are objects": lambda: edited_json(b'"<f4"', b'"|O"'),
    "a shorter size than it has": lambda: lying_size(10),
    "a longer size than it has": lambda: lying_size(100_000),
    "a size beyond all": lambda: lying_size(2**31),
    "a bomb": lambda: bomb(64 << 20),
    "a bomb that lies": lambda: bomb(64 << 20, tells=200),
    "safetensors of nothing": lambda: replaced(values_safetensors=b""),
    "safetensors header": lambda: replaced(values_safetensors=struct.pack("<Q", 2**62) + b"{}"),
    "safetensors offsets": lambda: safetensors_header(
        b'{"form":{"dtype":"U32","shape":[1000000000],"data_offsets":[0,4000000000]}}'
    ),
    "safetensors type": lambda: safetensors_header(
        b'{"form":{"dtype":"F99","shape":[0],"data_offsets":[0,0]}}'
    ),
}
