"""`gradviz diff`: two recordings on disk, without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.cli import main
from gradviz.documents.recording_file import write_recording
from gradviz.language.run import RunOptions, run
from gradviz.recording.model import Recording
from gradviz.terminal import ExitStatus
from tests.builders import CHAIN_RULE_TEXT


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    return record(tmp_path / "chain.gradviz", CHAIN_RULE_TEXT)


def save(path: Path, recording: Recording) -> Path:
    write_recording(path, recording)
    return path


def record(path: Path, text: str) -> Path:
    done = run(text, RunOptions(seed=0), on_output=lambda _o: None, on_line=lambda _l: None)
    return save(path, done.recording)


def test_equal_runs_have_status_0_and_tell_how_much_was_compared(
    chain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(chain), str(chain)]) == ExitStatus.OK
    told = capsys.readouterr().out
    assert told == "Both runs did the same; 5 values and 12 gradients are equal.\n"


def test_runs_that_differ_have_status_1_and_the_first_difference_its_line_text_and_gap(
    chain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CHAIN_RULE_TEXT.replace("p = x + y", "z.exp()\np = x + y * 1.0005")
    other = record(tmp_path / "other.gradviz", text)
    assert main(["diff", str(chain), str(other)]) == ExitStatus.DIFFERENT == 1
    told = capsys.readouterr().out
    assert told.startswith("2 of 5 values and 5 of 12 gradients differ.\n")
    assert "The first difference: line 7 (6), p: +0.0009999." in told
    assert "\n  7 (6)  p     x + y * 1.0005  +0.0009999\n" in told
    assert f"Only in {other}:" in told
    assert "z.exp()" in told
    assert f"Only in {chain}:" not in told
    assert main(["diff", str(chain), str(other), "--atol", "0.01"]) == ExitStatus.DIFFERENT
    assert "Of what both runs did, all is equal; 5 values" in capsys.readouterr().out


def test_a_tolerance_lets_numbers_be_apart(
    chain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    near = CHAIN_RULE_TEXT.replace("tensor(3.", "tensor(3.0001")
    other = record(tmp_path / "near.gradviz", near)
    assert main(["diff", str(chain), str(other)]) == ExitStatus.DIFFERENT
    assert main(["diff", str(chain), str(other), "--rtol", "1e-3"]) == ExitStatus.OK
    assert main(["diff", str(chain), str(other), "--atol", "1e-3"]) == ExitStatus.OK
    capsys.readouterr()


def test_json_has_every_difference(
    chain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CHAIN_RULE_TEXT.replace("tensor(1.", "tensor(float('nan')")
    other = record(tmp_path / "other.gradviz", text)
    assert main(["diff", str(chain), str(other), "--json"]) == ExitStatus.DIFFERENT
    told = json.loads(capsys.readouterr().out)
    assert [one["what"] for one in told["differences"]][:3] == ["x", "p", "g"]
    assert told["differences"][1]["largest"] == "nan"
    assert told["differences"][1]["line"] == told["differences"][1]["line_before"] == 6
    assert (told["same"], told["values"], told["gradients"]) == (False, 5, 12)
    assert told["only_before"] == told["only_after"] == []


def test_many_differences_are_counted_and_not_all_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "import torch\nh = torch.tensor({})\nfor _ in range(30):\n    h = h + 1\n"
    one, other = (record(tmp_path / f"{n}.gradviz", text.format(float(n))) for n in (1, 2))
    assert main(["diff", str(one), str(other)]) == ExitStatus.DIFFERENT
    told = capsys.readouterr().out
    assert told.startswith("31 of 31 values and 0 of 0 gradients differ.")
    assert "… 19 more" in told


def test_what_is_no_recording_is_refused_with_what_to_do(
    chain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = tmp_path / "code.py"
    code.write_text(CHAIN_RULE_TEXT, encoding="utf-8")
    assert main(["diff", str(chain), str(code)]) == ExitStatus.USAGE
    assert f"gradviz run {code} --trust --save" in capsys.readouterr().err
    assert main(["diff", str(chain), str(tmp_path / "none.gradviz")]) == ExitStatus.USAGE
    assert "none.gradviz" in capsys.readouterr().err
    with pytest.raises(SystemExit) as raised:
        main(["diff", str(chain), str(chain), "--rtol", "-1"])
    assert raised.value.code == ExitStatus.USAGE
    capsys.readouterr()


def test_neither_torch_nor_qt_is_imported(chain: Path) -> None:
    code = (
        "import sys; from gradviz.cli import main; "
        f"main(['diff', {str(chain)!r}, {str(chain)!r}]); "
        "print(sorted({'torch', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
