"""A value as one line of JSON, whatever a record may hold."""

from __future__ import annotations

import json
from typing import Any

import orjson


def json_line(value: Any) -> bytes:
    """Return the line with its end; big integers and lone surrogates survive."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # orjson knows neither
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
