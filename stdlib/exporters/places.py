"""Where a written file lies as seen from a file that names it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from atkc.spec.rowtype import STRING, Record
from atkc.spec.signature import Option, Shape

# The step's own `path:`; the runtime hands it over, a spec does not set it under `with:`.
PATH = Option(STRING, "", description="the place of this file below the output directory")


def relative(target: str, own: str) -> str:
    """Return the path of `target` from the folder of `own`; both relative to the output."""
    return posixpath.relpath(target, posixpath.dirname(own) or ".")


def reads_files(options: Mapping[str, Any], record: Record) -> Shape:  # noqa: ARG001
    """Return: reads no field of a record, for exporters that are given files."""
    return Shape()
