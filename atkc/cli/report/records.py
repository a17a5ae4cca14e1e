"""A record as people read it: conversations as chat, masked segments shaded, all else as fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

import orjson
from markupsafe import Markup

from atkc.cli.report.markup import cut, el, joined

SHORT, LONG = 400, 2_000  # characters of a text at once, and after a click
TURNS = 12  # of a conversation


def shown(record: Any) -> Markup:
    """Return a record as markup, shortened."""
    if isinstance(record, dict):
        return joined(_parts(record))
    return text(_json(record))


def text(said: str) -> Markup:
    """Return a text: its start, and more of it after a click."""
    if len(said) <= SHORT:
        return el("pre", said)
    start = el("summary", f"{said[:SHORT]} …")
    return el("details", start, el("pre", cut(said[SHORT:], LONG)), cls="r-long")


def chat(turns: list[dict[str, Any]]) -> Markup:
    """Return turns as bubbles; those that the loss leaves out are shaded."""
    more = len(turns) - TURNS
    left = el("p", f"and {more} more turns", cls="r-more") if more > 0 else ""
    return el("div", *(map(_turn, turns[:TURNS])), left, cls="r-chat")


def _parts(record: dict[str, Any]) -> Iterator[Markup]:
    for name, value in record.items():
        if name in ("conversations", "messages") and _is_chat(value):
            yield chat(value)
        elif name == "segments" and isinstance(value, list):
            yield el("div", *map(_segment, value[:TURNS]), cls="r-segments")
        elif name == "failure" and isinstance(value, dict):
            yield failure(value)
        elif value is not None:
            said = value if isinstance(value, str) else _json(value)
            yield el("div", el("b", name), text(said), cls="r-field")


def failure(told: dict[str, Any]) -> Markup:
    """Return what is told of a failure, with request and reply."""
    head = el("p", el("b", told.get("kind", "")), f": {told.get('message', '')}")
    request, reply = told.get("request"), told.get("reply")
    asked = request.get("messages") if isinstance(request, dict) else None
    parts = [head]
    if _is_chat(asked):
        parts.append(el("details", el("summary", "request"), chat(asked)))
    elif request is not None:
        parts.append(el("details", el("summary", "request"), text(_json(request))))
    if reply is not None:
        said = reply if isinstance(reply, str) else _json(reply)
        parts.append(el("div", el("b", "reply"), text(said), cls="r-field"))
    return el("div", *parts, cls="r-failure")


def _is_chat(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(t, dict) for t in value)


def _turn(turn: dict[str, Any]) -> Markup:
    who = str(turn.get("from", turn.get("role", "")))
    said = turn.get("value", turn.get("content", ""))
    side = "r-them" if who in ("gpt", "assistant") else "r-us"
    body = text(said if isinstance(said, str) else _json(said))
    return el("div", el("b", who), body, cls=side)


def _segment(segment: Any) -> Markup:
    if not isinstance(segment, dict):
        return text(_json(segment))
    trained = segment.get("label") is not False
    mark = "trained on" if trained else "masked"
    kind = "r-trained" if trained else "r-masked"
    return el("div", el("b", mark), text(str(segment.get("text", ""))), cls=kind)


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except TypeError:
        return str(value)  # numbers beyond 64 bits, dates of Parquet files
