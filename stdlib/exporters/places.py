"""Where a written file lies as seen from a file that names it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from atkc.spec.rowtype import STRING, Record
from atkc.spec.signature import Option, Shape

# The step's own `path:`; the runtime hands it over, a spec does not set it under `with:`.
PATH = Option(STRING, "", description="the place of this file below the output directory")


def relative(target: str, own: str) -> str:
    """Return the path of `target` from the folder of `own`; both relative to the output."""
    return posixpath.relpath(target, posixpath.dirname(own) or ".")


# In the path of a file: it is for evaluation, so it is never trained on.
HELD_OUT = "held_out"


def is_held_out(path: str, patterns: Iterable[str] = ()) -> bool:
    """Return whether a file is for evaluation: by its name, or by a pattern such as `eval/*`."""
    return HELD_OUT in path or any(fnmatchcase(path, pattern) for pattern in patterns)


def reads_files(options: Mapping[str, Any], record: Record) -> Shape:  # noqa: ARG001
    """Return: reads no field of a record, for exporters that are given files."""
    return Shape()
