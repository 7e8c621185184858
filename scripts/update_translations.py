"""Collect the window's texts into the translation files, and compile those.

    python scripts/update_translations.py          # after a text was added or changed
    python scripts/update_translations.py --check  # say what is missing, write nothing

Writes `resources/translations/gradviz_<language>.ts` and the `.qm` beside each. Both are committed,
so that building a wheel needs no Qt tools. English holds plural forms only.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (ROOT / "gradviz" / "gui", ROOT / "gradviz" / "recording" / "diagnostics")
TRANSLATIONS = ROOT / "resources" / "translations"
LANGUAGES = ("en", "es")


def main() -> int:
    """Update and compile, or check; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    if not parser.parse_args().check:
        update(TRANSLATIONS)
        missing = unfinished(TRANSLATIONS)
    else:
        with tempfile.TemporaryDirectory() as folder:
            for path in TRANSLATIONS.glob("*.ts"):
                shutil.copy(path, folder)
            update(Path(folder))
            missing = unfinished(Path(folder))
    for line in missing:
        print(line)
    return 1 if missing else 0


def update(folder: Path) -> None:
    """Bring the files of a folder up to date with the sources."""
    files = (path for folder in SOURCES for path in folder.rglob("*.py"))
    sources = sorted(str(path.relative_to(ROOT)) for path in files)
    for language in LANGUAGES:
        file = folder / f"gradviz_{language}.ts"
        options = ["-no-obsolete", "-locations", "none", "-source-language", "en_US"]
        options += ["-target-language", language]
        if language == "en":
            options.append("-pluralonly")
        _tool("lupdate", *options, *sources, "-ts", str(file))
        compile_file(file, file.with_suffix(".qm"))


def compile_file(source: Path, target: Path) -> None:
    """Compile one translation file."""
    _tool("lrelease", "-silent", str(source), "-qm", str(target))


def unfinished(folder: Path) -> list[str]:
    """A line for each text that has no translation yet."""
    lines = []
    for language in LANGUAGES:
        tree = ElementTree.parse(folder / f"gradviz_{language}.ts")
        for context in tree.iter("context"):
            for message in context.iter("message"):
                translation = message.find("translation")
                if translation is None or translation.get("type") == "unfinished":
                    place = f"{language}: {context.findtext('name')}"
                    lines.append(f"{place}: {message.findtext('source')!r}")
    return lines


def find_tool(name: str) -> str | None:
    """Where a tool of PySide6 is: beside this Python, else on the path."""
    beside = Path(sys.executable).parent / f"pyside6-{name}"
    return str(beside) if beside.exists() else shutil.which(f"pyside6-{name}")


def _tool(name: str, *arguments: str) -> None:
    tool = find_tool(name)
    if tool is None:
        raise SystemExit(f"pyside6-{name} is not installed: pip install PySide6-Essentials")
    done = subprocess.run([tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"pyside6-{name} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
