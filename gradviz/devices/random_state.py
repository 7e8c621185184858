"""The random numbers that are drawn next, on the host and on cards."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import numpy as np
import torch


class RandomState:
    """The state of all random number generators at a moment.

    Those of cards are among them where these are in use, or of a kind in `kinds`, which starts
    them: their random numbers exist only then.
    """

    def __init__(self, kinds: Collection[str] = ()) -> None:
        self._restore: list[Callable[[], None]] = [
            partial(random.setstate, random.getstate()),
            partial(np.random.set_state, np.random.get_state()),
            partial(torch.set_rng_state, torch.get_rng_state()),
        ]
        for kind in ("cuda", "xpu"):
            module: Any = getattr(torch, kind, None)
            if module is None or not module.is_available():
                continue
            if kind in kinds or module.is_initialized():
                states = module.get_rng_state_all()
                self._restore.append(partial(module.set_rng_state_all, states))
        if torch.backends.mps.is_available():
            self._restore.append(partial(torch.mps.set_rng_state, torch.mps.get_rng_state()))

    def restore(self) -> None:
        """Put the generators back into this state."""
        for restore in self._restore:
            restore()
