"""What `atkc trace FILE:LINE` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from atkc.spec.screen import printable

_EXCERPT = 300  # characters of a source
_MISSING = {
    "request": "what was asked is not in the cache",
    "reply": "the reply is not in the cache",
}


def as_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that tell a trace."""
    yield f"{told['file']}:{told['line']}"
    for source in told["sources"]:
        yield ""
        yield from _source(source)
    for number, call in enumerate(told["calls"], 1):
        yield ""
        yield from _call(number, call)


def _source(source: Mapping[str, Any]) -> Iterator[str]:
    parts = [f"{'shown' if source['shown'] else 'from'} {printable(source['source'])}"]
    if source["page"] is not None:
        parts.append(f"page {source['page']}")
    if source["start"] is not None:
        parts.append(f"characters {source['start']}-{source['end']}")
    yield ", ".join(parts) + f" (step {source['step']})"
    if source["text"] is None:
        yield "    (the text cannot be read again, or has changed)"
    else:
        yield from _indented(_short(source["text"]))


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[:_EXCERPT].rstrip() + " …"


def _call(number: int, call: Mapping[str, Any]) -> Iterator[str]:
    verdict = {True: ", passed", False: ", refused", None: ""}[call.get("passed")]
    shown = " (of a record that was shown)" if call["shown"] else ""
    yield f"call {number}: {call['step']}{verdict}{shown}"
    before = None
    for index, reply in enumerate(call["replies"], 1):
        yield "  " + _head(index, reply)
        yield from (f"    ({_MISSING[what]})" for what in reply["missing"])
        if reply.get("messages") is not None and reply["messages"] != before:
            before = reply["messages"]
            for message in before:
                yield f"    {message['role']}:"
                yield from _indented(str(message["content"]), 6)
        if "reply" in reply:
            yield "    reply:"
            yield from _indented(reply["reply"], 6)


def _head(index: int, reply: Mapping[str, Any]) -> str:
    parts = [f"reply {reply['key'][:12]}"]
    if "ballot" in reply:
        verdict = {True: "pass", False: "fail", None: "not counted"}[reply["ballot"]]
        parts = [f"ballot {index}: {verdict}", *parts]
    if "model" in reply:
        parts += [printable(reply["model"]), f"attempt {reply['attempt']}"]
    if "prompt_tokens" in reply:
        parts.append(f"{reply['prompt_tokens']} + {reply['completion_tokens']} tokens")
    if "money" in reply:
        money = reply["money"]
        parts.append("price not known" if money is None else f"${money:.6f}")
    return ", ".join(parts)


def _indented(text: str, by: int = 4) -> Iterator[str]:
    return (" " * by + printable(line) for line in text.splitlines() or [""])
