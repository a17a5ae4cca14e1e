"""The format `segments`: texts in pieces that say what is trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.spec.rowtype import STRING, Record
from atkc.spec.signature import ExporterSignature, Option, Shape, ShapeError
from atkc.stdlib.exporters.writing import TOKENIZER, Rendered, write_json
from atkc.stdlib.functions.fields import SEGMENTS, need, top, value_at


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads the segments."""
    problem = need(record, options["segments"], SEGMENTS, "segments")
    return problem or Shape(top(record, options["segments"]))


SIGNATURE = ExporterSignature(
    name="segments",
    version=1,
    options={
        "segments": Option(STRING, "segments", description="the field with [{label, text}]"),
        "tokenizer": TOKENIZER,
    },
    shape=shape,
    writes=("segments",),
    role="segments",
    description='{"segments": [{"label": true, "text": …}]}; an array if the path ends in .json',
)


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    """Write the rows; tokens of masked segments count too."""

    def render(row: Data) -> Rendered:
        segments = [
            {"label": bool(s["label"]), "text": s["text"]}
            for s in value_at(row, options["segments"])
        ]
        return {"segments": segments}, [s["text"] for s in segments]

    return write_json(rows, path, options["tokenizer"], render)
