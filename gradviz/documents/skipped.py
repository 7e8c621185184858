"""Lines that only a notebook understands: what stands in their place, and why."""

from __future__ import annotations

import re
from typing import Final

from gradviz.documents.magics import in_python, is_misspelt

_SETTING: Final = re.compile(
    r"(?P<indent>[ \t]*)(?P<said>%(?:matplotlib|config|load_ext|reload_ext|autoreload))\b"
)
_SHELL: Final = re.compile(
    r"(?P<indent>[ \t]*)[!%](?P<said>(?:(?<=!)|(?:pip|conda|mamba|uv)\b).*)$"
)
_OTHER: Final = re.compile(r"(?P<indent>[ \t]*)(?P<said>%(?!time(?:it)?\b)[A-Za-z_]\w*)")
_HELP: Final = re.compile(r"(?P<indent>[ \t]*)(?:\?\??(?P<of>[\w.]+)|(?P<it>[\w.]+)\?\??)[ \t]*$")
_MAX_SHOWN: Final = 60


def may_be_skipped(line: str) -> bool:
    """Whether to look closer at a line."""
    written = line.strip()
    return written[:1] in ("%", "!", "?") or written[-1:] == "?"


def skipped(line: str) -> tuple[str, str] | None:
    """What stands in place of a line, and why; None where the line is Python or is timed.

    The reason is empty where the line does what it says.
    """
    made = in_python(line)
    if made is not None:
        return made, ""
    setting = _SETTING.match(line)
    if setting is not None:
        return f"{setting['indent']}pass", f"{setting['said']} has nothing to configure here."
    shell = _SHELL.match(line)
    if shell is not None:
        command = shell["said"].strip()
        shown = command if len(command) <= _MAX_SHOWN else f"{command[:_MAX_SHOWN]}…"
        return f"{shell['indent']}pass", f"Not run here: {shown}. Run it in a terminal."
    other = _OTHER.match(line)
    if other is not None and not is_misspelt(line):
        return f"{other['indent']}pass", f"{other['said']} is not known here: it was skipped."
    asked = _HELP.match(line)
    if asked is not None:
        name = asked["of"] or asked["it"]
        return f"{asked['indent']}pass", f"Write help({name}) to read about it."
    return None
