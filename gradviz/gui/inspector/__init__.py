"""The inspector: what the current step did and what the selected item is."""

from __future__ import annotations

from gradviz.gui.inspector.panel import Inspector

__all__ = ["Inspector"]
