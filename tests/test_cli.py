from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import gradviz
from gradviz.cli import main
from gradviz.resources_path import EXAMPLES
from tests.builders import CHAIN_RULE_TEXT

Done = subprocess.CompletedProcess[str]
HANG_SECONDS = 120


def call(*arguments: str | Path, cwd: Path | None = None) -> Done:
    return subprocess.run(
        [sys.executable, "-m", "gradviz", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=HANG_SECONDS,
        check=False,
        cwd=cwd,
        env=os.environ | {"PYTHONUTF8": "1", "PYTHONPATH": str(EXAMPLES.parents[1])},
    )


@pytest.fixture
def chain_rule(tmp_path: Path) -> Path:
    path = tmp_path / "chain.py"
    path.write_text(CHAIN_RULE_TEXT + "print('done')\nx.grad\n", encoding="utf-8")
    return path


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "code.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_run_prints_what_a_notebook_would_and_writes_every_export(
    chain_rule: Path, tmp_path: Path
) -> None:
    names = ["graph.svg", "graph.png", "graph.pdf", "graph.dot", "report.json"]
    exports = [part for name in names for part in ("--export", tmp_path / name)]
    done = call("run", chain_rule, "--trust", "--json", tmp_path / "too.json", *exports)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\ntensor(3.)\n"
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["passes"][0]["leaf_grads"] == {"x": 3.0, "y": 3.0, "z": 3.0}
    assert (tmp_path / "too.json").read_bytes() == (tmp_path / "report.json").read_bytes()
    assert "MulBackward0" in [node["name"] for node in report["autograd_nodes"]]
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8").count("<text") > 5
    assert (tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "graph.pdf").read_bytes().startswith(b"%PDF")
    assert "->" in (tmp_path / "graph.dot").read_text(encoding="utf-8")


def test_the_report_is_alone_on_standard_output(tmp_path: Path) -> None:
    path = write(tmp_path, "import warnings\nprint('noise')\nwarnings.warn('look')\n")
    done = call("run", path, "--trust", "--json", "-")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [output["kind"] for output in report["outputs"]] == ["print", "warning"]
    assert f"{path}:3: UserWarning: look" in done.stderr


def test_code_that_raises_has_status_1_its_place_and_the_graph_until_then(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, CHAIN_RULE_TEXT + "torch.ones(2) @ torch.ones(3)\n")
    dot = tmp_path / "graph.dot"
    done = call("run", path, "--trust", "--json", "-", "--export", dot)
    assert done.returncode == 1
    first, excerpt, caret, *_ = done.stderr.splitlines()
    assert first.startswith(f"{path}:9:1: RuntimeError: ")
    assert excerpt == "    9 | torch.ones(2) @ torch.ones(3)"
    assert caret.startswith("      | ^")
    report = json.loads(done.stdout)
    assert report["status"] == "error"
    assert report["error"]["line"] == 9
    assert report["passes"][0]["leaf_grads"] == {"x": 3.0, "y": 3.0, "z": 3.0}
    assert 'label="mul"' in dot.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "missing.py", "--trust"],
        ["run", "latin.py", "--trust"],
        ["run", "good.py", "--trust", "--export", "graph.xyz"],
        ["run", "good.py", "--trust", "--export", "nowhere/graph.svg"],
        ["run", "good.py", "--trust", "--timeout", "0"],
        ["run", "good.py", "--trust", "--unheard-of"],
        ["run", "broken.ipynb", "--trust"],
        ["missing.py"],
        ["time"],
    ],
)
def test_wrong_usage_and_unreadable_files_have_status_2_and_a_sentence(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "latin.py").write_bytes(b"# a\xf1o")
    (tmp_path / "good.py").write_text("x = 1")
    (tmp_path / "broken.ipynb").write_text("{")
    monkeypatch.chdir(tmp_path)
    try:
        status = main(arguments)
    except SystemExit as leaving:
        assert isinstance(leaving.code, int)
        status = leaving.code
    shown = capfd.readouterr()
    assert status == 2
    assert shown.err
    assert "Traceback" not in shown.err
    assert not shown.out


@pytest.mark.parametrize("command", ["run", "time"])
def test_a_file_that_is_not_trusted_is_not_run(
    command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    harm = tmp_path / "harm"
    path = write(tmp_path, f"open({str(harm)!r}, 'w')\n")
    report = tmp_path / "report.json"
    more = ["--json", str(report)] if command == "run" else []
    assert main([command, str(path), *more]) == 3
    assert "give --trust" in capfd.readouterr().err
    assert not harm.exists()
    if command == "run":
        assert json.loads(report.read_text())["status"] == "refused"


@pytest.mark.parametrize(
    "text",
    [
        "import torch\nx = torch.ones(2)\nwhile True: pass\n",
        "import torch\nx = torch.randn(5000, 5000)\nwhile True: x = x @ x\n",
    ],
    ids=["loop", "native"],
)
def test_a_run_at_its_time_limit_has_status_4_and_a_report(text: str, tmp_path: Path) -> None:
    path = write(tmp_path, "print('started')\n" + text)
    done = call("run", path, "--trust", "--timeout", "1", "--json", "-")
    assert done.returncode == 4, done.stderr
    report = json.loads(done.stdout)
    assert report["status"] == "limited"
    assert report["error"]["type"] == "TimeLimit"
    assert report["error"]["line"] == 4
    assert report["outputs"][0]["text"] == "started"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs names that are bytes")
def test_a_name_that_is_not_utf8_and_what_is_printed_of_it_end_no_run(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.py")
    path.write_text("import os\nprint(os.listdir())\nprint('whole')\n", encoding="utf-8")
    done = call("run", path, "--trust", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['caf\\udce9.py']\nwhole\n"
    path.write_text("print('\\udce9')\n", encoding="utf-8")
    done = call("run", path, "--trust")
    assert (done.returncode, done.stdout) == (0, "�\n"), done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's limits")
def test_a_run_at_its_memory_limit_has_status_4(tmp_path: Path) -> None:
    path = write(tmp_path, "import torch\nx = torch.ones(10**9)\n")
    done = call("run", path, "--trust", "--memory", "500")
    assert done.returncode == 4, done.stderr
    assert f"{path}:2:5: MemoryLimit: The run needed more than the 500 MiB" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of memory")
def test_at_the_memory_limit_the_tensors_are_named_that_fill_it(tmp_path: Path) -> None:
    text = "import torch\nx = torch.ones(50, 2**20)\ny = [x + 1]\nz = torch.ones(100, 2**20)\n"
    done = call("run", write(tmp_path, text), "--trust", "--memory", "600")
    assert done.returncode == 4, done.stderr
    assert "help: It asked for 400 MiB on the CPU, where " in done.stderr
    assert "x (line 2, 200 MiB)" in done.stderr
    assert "y[0] (line 3, 200 MiB)" in done.stderr
    assert "(del x)" in done.stderr


def test_a_crash_has_status_1_and_keeps_the_outputs(tmp_path: Path) -> None:
    path = write(tmp_path, "print('before')\nimport os\nos.abort()\n")
    done = call("run", path, "--trust", "--json", "-")
    assert done.returncode == 1
    assert "crashed with SIGABRT" in done.stderr
    assert f"{path}:3: " in done.stderr
    report = json.loads(done.stdout)
    assert [output["text"] for output in report["outputs"]] == ["before"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_ends_a_run_with_its_report(tmp_path: Path) -> None:
    path = write(tmp_path, "print('started', flush=True)\nwhile True: pass\n")
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "gradviz", "run", str(path), "--trust", "--json", str(report)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(HANG_SECONDS) == 130
    assert json.loads(report.read_text())["status"] == "limited"


def test_a_notebook_runs(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["import torch\n", "torch.ones(2)"]},
    ]
    path = tmp_path / "lesson.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": cells}))
    done = call("run", path, "--trust")
    assert (done.returncode, done.stdout) == (0, "tensor([1., 1.])\n"), done.stderr


def test_the_metadata_of_the_file_decides_seed_and_device(tmp_path: Path) -> None:
    text = "# /// gradviz\n# seed = 7\n# device = 'meta'\n# ///\nimport torch\ntorch.rand(3)\n"
    first, second = (call("run", write(tmp_path, text), "--trust", "--device", "cpu") for _ in "ab")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert "meta" in call("run", write(tmp_path, text), "--trust").stdout


def test_devices_are_listed_as_a_table_and_as_json() -> None:
    done = call("devices")
    assert done.returncode == 0, done.stderr
    assert "\ncpu" in done.stdout
    done = call("devices", "--json")
    assert json.loads(done.stdout)["format"] == "gradviz-devices"


def test_a_file_is_timed(tmp_path: Path) -> None:
    path = write(tmp_path, CHAIN_RULE_TEXT)
    done = call("time", path, "--trust", "--device", "cpu", "--json")
    assert done.returncode == 0, done.stderr
    timing = json.loads(done.stdout)
    assert {row["part"] for row in timing["measurements"]} == {"forward", "backward"}
    assert all(row["median"] > 0 for row in timing["measurements"])


SIZES_TEXT = """\
# /// gradviz
# placement = { x = "meta" }
# ///
import torch
n = 8
x = torch.ones(n, n, requires_grad=True)
g = (x * x).sum()
g.backward()
"""


def test_ops_types_threads_sizes_and_placement_can_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, SIZES_TEXT)
    done = call(
        *("time", path, "--trust", "--device", "cpu", "--op", "--dtype", "float64"),
        *("--threads", "1", "--sweep", "n=4:8", "--csv"),
    )
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {(row["dtype"], row["threads"], row["size"]) for row in rows} == {
        ("float64", "1", "4"),
        ("float64", "1", "8"),
    }
    assert {row["text"] for row in rows if row["part"] == "op backward"} == {
        "x * x",
        "(x * x).sum()",
    }
    # Where the document puts x nothing is computed.
    done = call("time", path, "--trust", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert "Not timed on placed: Line 7 uses x, which is on meta" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sweep", "m"), "The text has no size m; it has n."),
        (("--sweep", "n=8:4"), "8:4 is not a range of sizes: write 64:4096."),
        (("--dtype", "int8"), "invalid choice: 'int8'"),
        (("--threads", "0"), "it must be 1 or more"),
        (("--line", "99"), "There is no line 99: the text has 8."),
        (("--line", "2", "--end-line", "99"), "There is no line 99: the text has 8."),
        (("--line", "3", "--end-line", "2"), "Line 2 stands before line 3."),
        (("--end-line", "2"), "--end-line needs --line, where the lines begin."),
        (("--op", "--line", "2"), "--op times nothing but each op: leave --line and --step out."),
        (("--op", "--step"), "--op times nothing but each op: leave --line and --step out."),
    ],
)
def test_what_is_asked_wrongly_is_told(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    done = call("time", write(tmp_path, SIZES_TEXT), "--trust", *options)
    assert done.returncode == 2
    assert said in done.stderr


def test_timing_code_that_raises_has_status_1_and_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, "import torch\ntorch.ones(2) @ torch.ones(3)\n" + CHAIN_RULE_TEXT)
    done = call("time", path, "--trust", "--device", "cpu")
    assert done.returncode == 1
    assert f"{path}:2" in done.stderr


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["--version"])
    assert leaving.value.code == 0
    assert capsys.readouterr().out == f"gradviz {gradviz.__version__}\n"


@pytest.mark.gui
def test_all_files_of_the_command_line_are_opened(
    chain_rule: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[object, object]] = []
    monkeypatch.setattr(
        "gradviz.gui.app.run_app",
        lambda paths, *, tile, is_temporary: opened.append((paths, tile)) or 0,
    )
    other = tmp_path / "other.py"
    other.write_text("x = 1\n", encoding="utf-8")
    assert main([str(chain_rule), str(other)]) == 0
    assert opened == [([chain_rule, other], None)]
    assert main([str(chain_rule), str(tmp_path / "missing.py")]) == 2
    assert len(opened) == 1


def test_the_help_names_every_command_and_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for word in ("gradviz run FILE", "gradviz time FILE", "gradviz devices", "4 stopped"):
        assert word in text


def test_the_command_never_imports_torch(chain_rule: Path) -> None:
    script = (
        "import sys\nfrom gradviz.cli import main\n"
        f"status = main(['run', {str(chain_rule)!r}, '--trust', '--json', '-'])\n"
        "assert 'torch' not in sys.modules\nassert 'PySide6' not in sys.modules\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, timeout=HANG_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_module_beside_the_file_or_in_the_folder_cannot_replace_the_worker(
    tmp_path: Path, chain_rule: Path
) -> None:
    for name in ("msgspec.py", "torch.py", "random.py"):
        (tmp_path / name).write_text("raise SystemExit('replaced')\n")
    command = [sys.executable, "-P", "-m", "gradviz", "run", str(chain_rule), "--trust"]
    done = subprocess.run(
        command, capture_output=True, timeout=HANG_SECONDS, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_a_run_is_saved_and_replayed_without_running_again(
    chain_rule: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "run.gradviz"
    first = call("run", chain_rule, "--trust", "--save", saved, "--json", tmp_path / "a.json")
    assert first.returncode == 0, first.stderr
    chain_rule.unlink()
    again = call("run", saved, "--json", tmp_path / "b.json", "--export", tmp_path / "graph.svg")
    assert again.returncode == 0, again.stderr
    assert again.stdout == first.stdout == "done\ntensor(3.)\n"
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8").count("<text") > 5


def test_the_recording_of_a_failed_run_says_how_it_failed(tmp_path: Path) -> None:
    saved = tmp_path / "run.gradviz"
    code = write(tmp_path, "import torch\nx = torch.ones(2)\nx @ torch.ones(3)\n")
    first = call("run", code, "--trust", "--save", saved)
    again = call("run", saved)
    assert first.returncode == again.returncode == 1
    assert "RuntimeError" in again.stderr
    assert "x @ torch.ones(3)" in again.stderr


def test_a_damaged_recording_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "bad.gradviz").write_bytes(b"\x80\x04.")
    done = call("run", tmp_path / "bad.gradviz")
    assert (done.returncode, done.stdout) == (2, "")
    assert "not a gradviz recording" in done.stderr
    assert call("time", tmp_path / "bad.gradviz").returncode == 2
