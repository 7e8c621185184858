"""How far two tensors of one shape are apart, as data.

Apart from what finds it out: the messages of the worker have it, and are read before numpy is.
"""

from __future__ import annotations

import msgspec

from gradviz.recording.model import ValueId


class Extent(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """`differing` of `numel` elements are not the same; two NaN are.

    At the index `at` the values are furthest apart, by `largest` (after less before; of complex
    numbers its absolute value; NaN or infinite where one of them is not finite).
    """

    before: ValueId
    after: ValueId
    numel: int
    differing: int
    largest: float
    at: tuple[int, ...]
