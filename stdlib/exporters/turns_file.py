"""The formats `sharegpt` and `chat`: conversations as lists of messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Exporter, Options
from atkc.spec.rowtype import Record
from atkc.spec.signature import ExporterSignature, Shape, ShapeError
from atkc.stdlib.chat.roles import SHAREGPT, checked_turns
from atkc.stdlib.exporters.writing import (
    MORE_COLUMNS,
    TOKENIZER,
    Rendered,
    check_columns,
    more_columns,
    write_json,
)
from atkc.stdlib.functions.fields import TURNS_OPTION, need_turns, top, value_at

_OPTIONS = {"turns": TURNS_OPTION, "columns": MORE_COLUMNS, "tokenizer": TOKENIZER}


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads the turns and further columns."""
    problem = need_turns(record, options) or check_columns(options["columns"], record)
    return problem or Shape(top(record, options["turns"], *options["columns"].values()))


SHAREGPT_SIGNATURE = ExporterSignature(
    name="sharegpt",
    version=1,
    options=_OPTIONS,
    shape=shape,
    writes=("conversations",),
    role="sharegpt",
    description='{"conversations": [{"from": "system|human|gpt", "value": …}]}',
)
CHAT_SIGNATURE = ExporterSignature(
    name="chat",
    version=1,
    options=_OPTIONS,
    shape=shape,
    writes=("messages",),
    role="chat",
    description='{"messages": [{"role": "system|user|assistant", "content": …}]}',
)


def _sharegpt(turn: Data) -> Data:
    return {"from": SHAREGPT.get(turn["role"], turn["role"]), "value": turn["content"]}


def _chat(turn: Data) -> Data:
    return {"role": turn["role"], "content": turn["content"]}


def _exporter(key: str, message: Callable[[Data], Data]) -> Exporter:
    """Return an exporter that writes each conversation under `key`; tokens are those of turns."""

    def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
        def render(row: Data) -> Rendered:
            turns = checked_turns(value_at(row, options["turns"]), options["turns"])
            out = {key: [message(turn) for turn in turns], **more_columns(row, options)}
            return out, [turn["content"] for turn in turns]

        return write_json(rows, path, options["tokenizer"], render)

    return write


write_sharegpt = _exporter("conversations", _sharegpt)
write_chat = _exporter("messages", _chat)
