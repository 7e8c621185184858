"""Remember on this machine which texts a person has trusted to run with their own rights.

Trust belongs to exact content: it is kept per SHA-256 of the text, so that a change made outside
gradviz revokes it. Nothing in a file can raise its own rights.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from gradviz.documents.expression_file import read_expression_file
from gradviz.documents.files import own_folder, replace_file
from gradviz.errors import GradvizError
from gradviz.resources_path import EXAMPLES


class TrustStore:
    """The trusted texts of this machine: one empty file per text, named by its hash."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = own_folder("trusted") if folder is None else folder

    def is_trusted(self, text: str) -> bool:
        """Whether this exact text may run: a shipped example, or one that was trusted here."""
        digest = _digest(text)
        return digest in _shipped_digests() or (self._folder / digest).is_file()

    def trust(self, text: str) -> None:
        """Trust this text from now on; raises GradvizError where that cannot be remembered."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise GradvizError(f"Trust cannot be remembered: {error}.") from error
        replace_file(self._folder / _digest(text), b"")

    def revoke(self, text: str) -> None:
        """Stop trusting this text; a shipped example stays trusted."""
        try:
            (self._folder / _digest(text)).unlink(missing_ok=True)
        except OSError as error:
            raise GradvizError(f"Trust cannot be revoked: {error}.") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


@cache
def _shipped_digests() -> frozenset[str]:
    return frozenset(_digest(read_expression_file(path).text) for path in EXAMPLES.rglob("*.py"))
