"""gradviz in a person's own script or notebook."""

from __future__ import annotations
