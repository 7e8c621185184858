"""Run a document as `python document.py` would: in its folder, with its neighbours to import."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from pathlib import Path

from gradviz.folders import INSTALLED


class Whereabouts:
    """The worker's current folder, `sys.argv` and the first entry of `sys.path`."""

    def __init__(self) -> None:
        self._first_folder = Path.cwd()
        self._known = frozenset(sys.modules)
        self._imports_from: str | None = None

    def settle(self, filename: str, folder: str) -> None:
        """Become where a document runs.

        `folder` is the current one from now on; empty: the one in which the worker was started.
        Neighbours of the document that an earlier run imported are read again.
        """
        with contextlib.suppress(OSError):  # a folder that is gone: what needs it will say so
            os.chdir(folder or self._first_folder)
        sys.argv[:] = [filename]
        self._forget_neighbours()
        if self._imports_from in sys.path:
            sys.path.remove(self._imports_from)
        path = Path(filename).absolute()
        self._imports_from = folder or (str(path.parent) if path.is_file() else None)
        if self._imports_from is not None:
            sys.path.insert(0, self._imports_from)
            importlib.invalidate_caches()

    def _forget_neighbours(self) -> None:
        if self._imports_from is None:
            return
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name in self._known or name == "__main__" or not isinstance(file, str):
                continue
            path = Path(file)
            if path.is_relative_to(self._imports_from) and INSTALLED.isdisjoint(path.parts):
                del sys.modules[name]
