"""The formats of `export`, and where each lives.

To add one: copy a file, add a line here, add a test.
"""

from __future__ import annotations

from atkc.runtime.api import Exporter
from atkc.spec.signature import ExporterSignature
from atkc.stdlib.exporters import (
    alpaca_file,
    axolotl_file,
    card_file,
    completion_file,
    csv_file,
    jsonl_file,
    parquet_file,
    segments_file,
    turns_file,
)

EXPORTERS: dict[str, tuple[ExporterSignature, Exporter]] = {
    "alpaca": (alpaca_file.SIGNATURE, alpaca_file.write),
    "axolotl": (axolotl_file.SIGNATURE, axolotl_file.write),
    "card": (card_file.SIGNATURE, card_file.write),
    "chat": (turns_file.CHAT_SIGNATURE, turns_file.write_chat),
    "completion": (completion_file.SIGNATURE, completion_file.write),
    "csv": (csv_file.SIGNATURE, csv_file.write),
    "jsonl": (jsonl_file.SIGNATURE, jsonl_file.write),
    "parquet": (parquet_file.SIGNATURE, parquet_file.write),
    "segments": (segments_file.SIGNATURE, segments_file.write),
    "sharegpt": (turns_file.SHAREGPT_SIGNATURE, turns_file.write_sharegpt),
}
