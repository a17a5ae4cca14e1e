"""The readers of `source: read:`, and where each lives.

To add one: copy a file, add a line here, add a test.
"""

from __future__ import annotations

from atkc.runtime.api import Reader
from atkc.spec.signature import ReaderSignature
from atkc.stdlib.readers import (
    csv_rows,
    documents,
    huggingface_rows,
    inline_rows,
    jsonl_rows,
    parquet_rows,
)

READERS: dict[str, tuple[ReaderSignature, Reader]] = {
    "csv": (csv_rows.SIGNATURE, csv_rows.read),
    "documents": (documents.SIGNATURE, documents.read),
    "huggingface": (huggingface_rows.SIGNATURE, huggingface_rows.read),
    "inline": (inline_rows.SIGNATURE, inline_rows.read),
    "jsonl": (jsonl_rows.SIGNATURE, jsonl_rows.read),
    "parquet": (parquet_rows.SIGNATURE, parquet_rows.read),
}
