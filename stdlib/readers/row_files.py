"""What readers of rows share: finding their files, and stopping after the first rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from atkc.runtime.api import Data, Options, Placed, ReadFailure
from atkc.runtime.errors import InputError
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.rowtype import INTEGER, STRING, Scalar, nullable
from atkc.spec.signature import Option
from atkc.stdlib.readers.walk import Found, existing, find

Rows = Iterator[Data | ReadFailure]
FIRST = Option(nullable(INTEGER), None, 0, "read this many rows and no more")


def file_options(suffixes: tuple[str, ...]) -> dict[str, Option]:
    """Return the options of a reader of files; in a folder `glob` says which."""
    default = "any of " + ", ".join("*" + suffix for suffix in suffixes)
    return {
        "path": Option(Scalar("path"), description="a file, or a folder of files"),
        "glob": Option(STRING, "", description=f"files of a folder; by default {default}"),
        "first": FIRST,
    }


def files(options: Options, suffixes: tuple[str, ...]) -> Iterator[Found | ReadFailure]:
    """Yield the files to read in canonical order; InputError ATK001 or ATK604 if there are none."""
    patterns = [options["glob"]] if options["glob"] else ["*" + suffix for suffix in suffixes]
    root = existing(options["path"])
    found = list(find(root, patterns, []))
    if not found:
        message = f"no files are at `{options['path']}`; looked for {', '.join(patterns)}"
        raise InputError(Diagnostic("ATK604", message, help="check `path` and `glob`"))
    yield from found


def placed(row: Data | ReadFailure, source: str, number: int) -> Data | ReadFailure:
    """Return the row with its file and its number (or line), from 1; a failure as it is."""
    return row if isinstance(row, ReadFailure) else Placed(row, f"{source}#{number}")


def first(rows: Iterable[Data | ReadFailure], options: Options) -> Rows:
    """Yield the rows up to the reader's own limit; a row that fails is counted too."""
    return islice(rows, options["first"])
