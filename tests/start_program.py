"""Start an installed gradviz as a person would: once as a command, once as a window.

Usage: start_program.py PATH_OF_GRADVIZ. Exits with status 0 if both worked.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

TEXT = """\
import torch
x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
"""


def run_as_command(gradviz: str, folder: Path) -> None:
    """Run the chain rule without a window and check the gradients and the picture."""
    source, picture = folder / "chain.py", folder / "graph.svg"
    source.write_text(TEXT, encoding="utf-8")
    done = subprocess.run(
        [gradviz, "run", str(source), "--trust", "--json", "-", "--export", str(picture)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["passes"][0]["leaf_grads"] == {"x": 3.0, "y": 3.0, "z": 3.0}, report
    assert picture.stat().st_size > 1000


def run_as_window(gradviz: str, folder: Path) -> None:
    """Open the window, wait until its worker has imported torch, then ask it to close."""
    environment = os.environ | {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    with (folder / "stderr.txt").open("w+", encoding="utf-8") as errors:
        window = subprocess.Popen([gradviz], stderr=errors, env=environment)
        try:
            deadline = time.monotonic() + 90
            while not _worker_is_ready(window.pid):
                assert window.poll() is None, f"ended with status {window.returncode}"
                assert time.monotonic() < deadline, "the worker did not start"
                time.sleep(0.2)
            assert "torch" not in _mapped_libraries(window.pid), "the window imported torch"
            window.send_signal(signal.SIGTERM)
            status = window.wait(timeout=30)
        finally:
            window.kill()
            errors.seek(0)
            complaints = errors.read()
            sys.stderr.write(complaints)
    assert status == 0, f"ended with status {status}"
    assert "Traceback" not in complaints


def _worker_is_ready(pid: int) -> bool:
    try:
        children = psutil.Process(pid).children(recursive=True)
        return any("torch" in _mapped_libraries(child.pid) for child in children)
    except psutil.Error:
        return False


def _mapped_libraries(pid: int) -> set[str]:
    """Names of the large libraries of interest that the process has loaded."""
    try:
        paths = {Path(region.path).name for region in psutil.Process(pid).memory_maps()}
    except psutil.Error:
        return set()
    return {"torch"} if any(name.startswith("libtorch_python") for name in paths) else set()


def main() -> int:
    """Run both."""
    gradviz = str(Path(sys.argv[1]).absolute())
    with tempfile.TemporaryDirectory() as folder:
        run_as_command(gradviz, Path(folder))
        print("the command works")
        if sys.platform == "linux":
            run_as_window(gradviz, Path(folder))
            print("the window starts, its worker imports torch, and it closes when asked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
