"""The formats of `export`: the file in which each lives, its signature and its function there.

To add one: copy a file, add a line here, add a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from atkc.runtime.api import Exporter
from atkc.spec.late import Late
from atkc.spec.signature import ExporterSignature

_PLACES = {
    "alpaca": ("alpaca_file", "SIGNATURE", "write"),
    "axolotl": ("axolotl_file", "SIGNATURE", "write"),
    "card": ("card_file", "SIGNATURE", "write"),
    "chat": ("turns_file", "CHAT_SIGNATURE", "write_chat"),
    "completion": ("completion_file", "SIGNATURE", "write"),
    "csv": ("csv_file", "SIGNATURE", "write"),
    "jsonl": ("jsonl_file", "SIGNATURE", "write"),
    "parquet": ("parquet_file", "SIGNATURE", "write"),
    "segments": ("segments_file", "SIGNATURE", "write"),
    "sharegpt": ("turns_file", "SHAREGPT_SIGNATURE", "write_sharegpt"),
}


def _word(name: str) -> tuple[ExporterSignature, Exporter]:
    file, signature, write = _PLACES[name]
    module = import_module(f"{__name__}.{file}")
    return getattr(module, signature), getattr(module, write)


EXPORTERS: Mapping[str, tuple[ExporterSignature, Exporter]] = Late(_PLACES, _word)
