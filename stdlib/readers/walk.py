"""The files below a folder, in canonical order, without leaving it."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from atkc.runtime.api import ReadFailure
from atkc.runtime.errors import InputError
from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.readers.glob_match import matches_any


class Found(Struct, frozen=True):
    """A file and its NFC POSIX path relative to the root."""

    file: Path
    source: str


def existing(path: str) -> Path:
    """Return the path if something is there; raise InputError ATK001 otherwise."""
    root = Path(path)
    if not root.exists():
        raise InputError(
            Diagnostic("ATK001", f"nothing is at `{path}`", help="check the path of this source")
        )
    return root


def find(root: Path, include: list[str], exclude: list[str]) -> Iterator[Found | ReadFailure]:
    """Yield the files of a folder (or the file itself), sorted by NFC POSIX relative path.

    Hidden files are left out; a link that leaves the root is a failure of kind `link`.
    """
    if not root.is_dir():
        yield Found(root, _spelled(root.name))
        return
    border = root.resolve()
    for source, file in sorted(_below(root), key=lambda pair: (pair[0], os.fsencode(pair[1]))):
        if (include and not matches_any(source, include)) or matches_any(source, exclude):
            continue
        if file.is_symlink() and not file.resolve().is_relative_to(border):
            yield ReadFailure(source, "link", "is a link that leaves the folder")
        elif file.is_file():
            yield Found(file, source)


def _below(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, files in os.walk(root):
        # Links to folders are not walked: inside the root their files have a name already.
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = [name for name in folders if not _hidden(name) and name not in linked]
        for name in files + linked:
            if not _hidden(name):
                file = Path(folder, name)
                yield _spelled(file.relative_to(root).as_posix()), file


def _hidden(name: str) -> bool:
    # `~$x.docx` is the lock file of an open document.
    return name.startswith((".", "~$")) or name == "__MACOSX"


def _spelled(path: str) -> str:
    return unicodedata.normalize("NFC", os.fsencode(path).decode("utf-8", errors="replace"))
