"""Notice checkpoints that are computed again with other random numbers than before."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils import checkpoint

from gradviz.tracer.backward import BackwardRecorder
from gradviz.tracer.private.modes import quiet
from gradviz.tracer.quiet import Overhead


class _Draws:
    """What a checkpoint that is computed again draws: the next random numbers, or a seed's own.

    Attributes:
        are_new: whether it has drawn of the next, which are others than they were before.
    """

    def __init__(self, states: Callable[[], list[bytes]]) -> None:
        self._states = states
        self._before = states()
        self._is_seeded = False
        self.are_new = False

    def look(self) -> None:
        """See what it has drawn until now."""
        if not self._is_seeded and self._states() != self._before:
            self.are_new = True

    def seed(self) -> None:
        """What it draws from now on it will draw each time."""
        self.look()
        self._is_seeded = True

    @contextmanager
    def forking(self, block: Any) -> Iterator[None]:
        """What it is seeded with in this block is forgotten after it."""
        was_seeded = self._is_seeded
        with block:
            try:
                yield
            finally:
                self.look()
                self._is_seeded = was_seeded


@contextmanager
def random_numbers(
    recorder: BackwardRecorder, is_recorded_thread: Callable[[], bool], overhead: Overhead
) -> Iterator[None]:
    """Notice checkpoints that are computed again with other random numbers than before.

    To do that a checkpoint forks the random numbers: without effect where it was told to.
    """
    fork = torch.random.fork_rng
    watched: list[_Draws] = []

    @functools.wraps(fork)
    def fork_rng(*args: Any, **kwargs: Any) -> Any:
        block = fork(*args, **kwargs)
        if not is_recorded_thread():
            return block
        if kwargs.get("enabled", True):
            return watched[-1].forking(block) if watched else block
        is_of_checkpoint = sys._getframe(1).f_code.co_filename == checkpoint.__file__
        return watching(block, kwargs.get("device_type", "cpu")) if is_of_checkpoint else block

    @contextmanager
    def watching(block: Any, device_type: str) -> Iterator[None]:
        draws = _Draws(lambda: _random_states(device_type, overhead))
        watched.append(draws)
        with block, _seeding(draws.seed, is_recorded_thread):
            try:
                yield
            finally:
                watched.remove(draws)
                draws.look()
                if draws.are_new:
                    recorder.note_redrawn()

    torch.random.fork_rng = fork_rng
    try:
        yield
    finally:
        torch.random.fork_rng = fork


@contextmanager
def _seeding(note: Callable[[], None], is_recorded_thread: Callable[[], bool]) -> Iterator[None]:
    """Within this block it is noted that random numbers are about to be seeded."""
    original = torch.manual_seed

    @functools.wraps(original)
    def manual_seed(seed: Any) -> torch.Generator:
        if is_recorded_thread():
            note()
        return original(seed)

    torch.manual_seed = torch.random.manual_seed = manual_seed
    try:
        yield
    finally:
        torch.manual_seed = torch.random.manual_seed = original


def _random_states(device_type: str, overhead: Overhead) -> list[bytes]:
    """What the next random numbers of the processor and of the current device depend on."""
    states: list[bytes] = []
    try:
        with quiet():
            states.append(torch.get_rng_state().numpy().tobytes())
            device = None if device_type == "cpu" else torch.get_device_module(device_type)
            if device is not None and device.is_initialized():
                states.append(device.get_rng_state().numpy().tobytes())
    except Exception as error:
        overhead.fail(error)
    return states
