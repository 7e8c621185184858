from __future__ import annotations

import re
import shutil
import subprocess

import msgspec
import pytest

from gradviz.export.dot import dot_text
from gradviz.recording.model import Recording
from gradviz.recording.view import ViewMode, ViewOptions
from tests.builders import make_chain_rule_recording


def test_the_forward_view_has_its_tensors_ops_and_edges() -> None:
    text = dot_text(make_chain_rule_recording())
    assert 't0 [shape=ellipse, label="x = 1\\nfloat32 () cpu"];' in text
    assert 't4 [shape=doubleoctagon, label="g = 9' in text
    edges = set(re.findall(r"(\w+) -> (\w+)", text))
    assert edges == {
        ("t0", "op0"), ("t1", "op0"), ("op0", "t3"), ("t3", "op1"), ("t2", "op1"), ("op1", "t4"),
    }  # fmt: skip


def test_autograd_nodes_are_there_on_request() -> None:
    text = dot_text(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BACKWARD))
    assert 'n0 [shape=hexagon, label="MulBackward0"];' in text
    assert "op0" not in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize("mode", list(ViewMode))
def test_graphviz_reads_it_whatever_the_names(mode: ViewMode) -> None:
    recording = make_chain_rule_recording()
    evil = ['x"]; t9 [label="', "back\\", "\\N\n<b>", "\0\x1b\u2028", "ñ→∂"]
    tensors = tuple(
        msgspec.structs.replace(tensor, name=name)
        for tensor, name in zip(recording.tensors, evil, strict=True)
    )
    for drawn in (msgspec.structs.replace(recording, tensors=tensors), Recording()):
        text = dot_text(drawn, ViewOptions(mode=mode))
        done = subprocess.run(
            ["dot", "-Tplain"], input=text.encode(), capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        assert b"\nnode t9 " not in done.stdout
