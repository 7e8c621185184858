from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.documents.expression_file import (
    MAX_NBYTES,
    decode_expression,
    encode_expression,
    read_expression_file,
    write_expression_file,
)
from gradviz.errors import GradvizError

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")

texts = st.text(
    st.characters(blacklist_characters="\r\0", blacklist_categories=["Cs"]), max_size=300
).filter(lambda text: not text.startswith("\ufeff"))


@given(texts, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_a_written_text_is_read_back_as_it_was(text: str, newline: str, has_bom: bool) -> None:
    content = encode_expression(text, newline=newline, has_bom=has_bom)
    document = decode_expression(content)
    assert document.text == text
    assert encode_expression(text, newline=document.newline, has_bom=document.has_bom) == content


def test_the_newline_style_and_the_byte_order_mark_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "windows.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\ny = 2\r\n")
    document = read_expression_file(path)
    assert document.text == "x = 1\ny = 2\n"
    write_expression_file(
        path, document.text + "z = 3\n", newline=document.newline, has_bom=document.has_bom
    )
    assert path.read_bytes() == b"\xef\xbb\xbfx = 1\r\ny = 2\r\nz = 3\r\n"


def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes(b"x = 1\n# a\xf1o\n")
    with pytest.raises(GradvizError, match=r"latin\.py cannot .* line 2 .* save it as UTF-8"):
        read_expression_file(path)


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "binary.py"
    path.write_bytes(b"x = 1\n\0\0")
    with pytest.raises(GradvizError, match="line 2 is not UTF-8 text"):
        read_expression_file(path)


def test_a_file_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.py"
    with path.open("wb") as stream:
        stream.truncate(MAX_NBYTES + 1)
    with pytest.raises(GradvizError, match="larger than 8 MiB"):
        read_expression_file(path)


def test_a_folder_and_a_missing_file_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GradvizError, match=r"cannot be opened: (it is a folder|Permission denied)"):
        read_expression_file(tmp_path)
    with pytest.raises(GradvizError, match=r"nothing\.py cannot be opened: No such file"):
        read_expression_file(tmp_path / "nothing.py")


@posix_only
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    with pytest.raises(GradvizError, match="not an ordinary file"):
        read_expression_file(pipe)


def test_a_block_that_cannot_be_read_is_told_and_the_text_is_whole() -> None:
    text = "# /// gradviz\n# seed = soon\n# ///\nx = 1\n"
    document = decode_expression(text.encode())
    assert document.text == text
    assert "not valid TOML" in document.problem


@posix_only
def test_writing_keeps_permissions_and_symbolic_links(tmp_path: Path) -> None:
    real = tmp_path / "real.py"
    real.write_text("old\n")
    real.chmod(0o640)
    link = tmp_path / "link.py"
    link.symlink_to(real)
    write_expression_file(link, "new\n")
    assert link.is_symlink()
    assert real.read_text() == "new\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.py"
    path.write_text("old\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GradvizError, match=r"cannot be written: No space left on device\."):
        write_expression_file(path, "new\n")
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_beside_a_file_that_windows_lets_nobody_replace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "locked.py"
    path.write_text("old\n", encoding="utf-8")
    path.chmod(0o444)
    unlink = Path.unlink

    def refuse(_self: Path, _target: Path) -> None:
        raise PermissionError(13, "Access is denied")

    def unlink_what_is_writable(self: Path) -> None:
        if not self.stat().st_mode & stat.S_IWRITE:
            raise PermissionError(13, "Access is denied")
        unlink(self)

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(Path, "unlink", unlink_what_is_writable)
    with pytest.raises(GradvizError, match=r"locked\.py cannot be written: Access is denied\."):
        write_expression_file(path, "new\n")
    assert list(tmp_path.iterdir()) == [path]


def test_a_character_without_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(GradvizError, match="Line 2"):
        write_expression_file(tmp_path / "x.py", "x\n'\udc80'\n")
    assert not list(tmp_path.iterdir())
