"""Find the files shipped with gradviz, from a wheel or from a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final


def _find_resources() -> Path:
    installed = Path(str(files("gradviz"))) / "resources"
    if installed.is_dir():
        return installed
    return Path(__file__).resolve().parent.parent / "resources"


RESOURCES: Final = _find_resources()
EXAMPLES: Final = RESOURCES / "examples"
ICONS: Final = RESOURCES / "icons"
TRANSLATIONS: Final = RESOURCES / "translations"
