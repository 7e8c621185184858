"""Take the code out of what was copied from a Python or IPython session."""

from __future__ import annotations

import re
from typing import Final

PROMPT: Final = r"\s*(>>>|In ?\[[\d ]*\]:|Out ?\[[\d ]*\]:)"
"""How a line begins that shows what a session asked for or answered."""

_PROMPT: Final = re.compile(PROMPT)
_INPUT: Final = re.compile(r"\s*(?:>>>|In ?\[[\d ]*\]:) ?(?P<code>.*)$")
_CONTINUED: Final = re.compile(r"\s*(?:\.{3,}:|\.\.\.) ?(?P<code>.*)$")


def without_prompts(text: str) -> str:
    """The code of a session, without its prompts and results; another text as it is."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if _PROMPT.match(first) is None:
        return text
    code: list[str] = []
    # Below a prompt that stands alone, as a notebook's page has it, all lines are code.
    is_code = False
    for line in lines:
        asked = _INPUT.match(line)
        continued = _CONTINUED.match(line)
        if asked is not None:
            is_code = not asked["code"].strip()
            if not is_code:
                code.append(asked["code"])
        elif continued is not None and not is_code:
            code.append(continued["code"])
        elif _PROMPT.match(line):
            is_code = False
        elif is_code:
            code.append(line)
    return "\n".join(code).strip("\n") + "\n" * text.endswith("\n")
