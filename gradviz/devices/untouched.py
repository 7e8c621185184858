"""Leave the process as it was before a document was executed in it."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch

from gradviz.devices.random_state import RandomState
from gradviz.language.surroundings import matplotlib_settings
from gradviz.tracer.private.settings import chosen_device


def current_folder() -> str:
    """Where relative paths begin; empty where that folder is gone."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""


@contextlib.contextmanager
def untouched_state(devices: Iterable[str]) -> Iterator[None]:
    """Put back what a document can change outside its namespace.

    That is random numbers, the default type and device, threads, modes, the current folder
    and what belongs to matplotlib.
    `devices` are those that it will use: their random numbers exist once they are started.
    """
    random_state = RandomState({device.partition(":")[0] for device in devices})
    kept_dtype, kept_threads = torch.get_default_dtype(), torch.get_num_threads()
    kept_grad, kept_device = torch.is_grad_enabled(), chosen_device()
    kept_folder = current_folder()
    kept_strict = torch.are_deterministic_algorithms_enabled()
    kept_lenient = torch.is_deterministic_algorithms_warn_only_enabled()
    try:
        with warnings.catch_warnings(), matplotlib_settings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if kept_folder:
            os.chdir(kept_folder)
        random_state.restore()
        torch.set_default_dtype(kept_dtype)
        torch.set_grad_enabled(kept_grad)
        strict = torch.are_deterministic_algorithms_enabled()
        lenient = torch.is_deterministic_algorithms_warn_only_enabled()
        if (strict, lenient) != (kept_strict, kept_lenient):
            # Only where it must: calling this imports torch's compiler, longer than Stop may take.
            torch.use_deterministic_algorithms(kept_strict, warn_only=kept_lenient)
        if torch.get_num_threads() != kept_threads:
            torch.set_num_threads(kept_threads)
        if chosen_device() != kept_device:
            torch.set_default_device(kept_device)
