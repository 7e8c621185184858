"""The large tensors of a recording, for as long as they still hold what was recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gradviz.recording.model import ValueId
from gradviz.recording.values import decode
from gradviz.tracer.ledger import version_of
from gradviz.tracer.private import quiet
from gradviz.tracer.summary import contents_of


class LiveValues:
    """Reads recorded values out of tensors that the person may have changed since."""

    def __init__(self, live: dict[ValueId, torch.Tensor]) -> None:
        self._live = {number: (tensor, version_of(tensor)) for number, tensor in live.items()}

    def fetch(self, number: ValueId) -> np.ndarray[Any, Any] | None:
        """All elements, None where they were overwritten or freed, and so are lost."""
        if number not in self._live:
            return None
        tensor, version = self._live[number]
        if version_of(tensor) != version or tensor.untyped_storage().nbytes() == 0:
            return None
        with quiet(), torch.no_grad():
            contents = contents_of(tensor)
        if contents is None:
            return None
        return decode(contents.data, contents.storage, contents.kept_shape)
