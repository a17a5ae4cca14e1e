"""The readers of `source: read:`, and the file in which each lives as `SIGNATURE` and `read`.

To add one: copy a file, add a line here, add a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from atkc.runtime.api import Reader
from atkc.spec.late import Late
from atkc.spec.signature import ReaderSignature

_FILES = {
    "csv": "csv_rows",
    "documents": "documents",
    "huggingface": "huggingface_rows",
    "inline": "inline_rows",
    "jsonl": "jsonl_rows",
    "parquet": "parquet_rows",
}


def _word(name: str) -> tuple[ReaderSignature, Reader]:
    module = import_module(f"{__name__}.{_FILES[name]}")
    return module.SIGNATURE, module.read


READERS: Mapping[str, tuple[ReaderSignature, Reader]] = Late(_FILES, _word)
