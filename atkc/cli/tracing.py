"""`atkc trace FILE:LINE`: the documents and the calls that a line was made of."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from atkc.cli import codes
from atkc.cli.excerpts import excerpt
from atkc.cli.outputs import outputs_of
from atkc.cli.trace_text import as_lines
from atkc.runtime.calling.replies import decode
from atkc.runtime.errors import UsageError
from atkc.runtime.keys import read_call
from atkc.runtime.storage.store import FILE, Store, open_store

Prices = Mapping[str, list[float | None]]


def trace_line(target: str, cache: Path, *, as_json: bool) -> int:
    """Print where a line comes from."""
    told = traced(target, cache)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.flush()
    else:
        sys.stdout.writelines(line + "\n" for line in as_lines(told))
    return codes.COMPLETE


def traced(target: str, cache: Path) -> dict[str, Any]:
    """Return a line's sources with their texts, and its calls with their requests and replies.

    Raises UsageError where no line is named; InputError where nothing is known of it.
    """
    name, _, number = target.rpartition(":")
    if not name or not number.isdecimal():
        raise UsageError(f"`{target}` is not FILE:LINE; to follow a document give `--document`")
    outputs, path = outputs_of(Path(name))
    trail = outputs.trail(path, int(number))
    run = outputs.manifest.get("run", {})
    readers, prices = run.get("sources", {}), run.get("prices", {})
    with _opened(cache) as store:
        calls = [_call(call, store, prices) for call in trail["calls"]]
    sources = [
        {**source, "text": excerpt(source, readers.get(source["step"]))}
        for source in trail["sources"]
    ]
    return {"file": path, "line": int(number), "sources": sources, "calls": calls}


@contextmanager
def _opened(cache: Path) -> Iterator[Store | None]:
    if not (cache / FILE).exists():  # to look something up must not make a store
        yield None
        return
    store = open_store(cache)
    try:
        yield store
    finally:
        store.close()


def _call(call: dict[str, Any], store: Store | None, prices: Prices) -> dict[str, Any]:
    replies = [_reply(bytes.fromhex(key), store, prices) for key in call["keys"]]
    for reply, ballot in zip(replies, call.get("ballots", ()), strict=False):
        reply["ballot"] = ballot
    told = {name: value for name, value in call.items() if name not in ("keys", "ballots")}
    return {**told, "replies": replies}


def _reply(key: bytes, store: Store | None, prices: Prices) -> dict[str, Any]:
    """Return what is stored of one reply; `missing` says what is not."""
    stored = store.get(key) if store is not None else None
    asked = store.request(key) if store is not None else None
    missing = [what for what, found in (("request", asked), ("reply", stored)) if found is None]
    told: dict[str, Any] = {"key": key.hex(), "missing": missing}
    if asked is not None:
        call = read_call(asked)
        model = f"{call.pop('provider')}/{call.pop('model')}"
        told |= {"model": model, **call, "attempt": call["attempt"] + 1}
    if stored is not None:
        reply = decode(stored)
        told |= {"reply": reply.text, "finish_reason": reply.finish_reason}
        told |= {"prompt_tokens": reply.prompt_tokens, "completion_tokens": reply.completion_tokens}
    if not missing:
        told["money"] = _money(told, prices.get(told["model"]))
    return told


def _money(told: Mapping[str, Any], price: list[float | None] | None) -> float | None:
    """Return what a reply cost when it was paid for, None where no price is known."""
    price_in, price_out = price or (None, None)
    if price_in is None or price_out is None:
        return None
    spent: float = told["prompt_tokens"] * price_in + told["completion_tokens"] * price_out
    return round(spent / 1e6, 9)
