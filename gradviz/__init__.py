"""gradviz: look at automatic differentiation, one step of the real backward pass at a time."""

from __future__ import annotations

__version__ = "0.1.0"
