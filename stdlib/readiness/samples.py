"""A record as the checks see it: its text, its turns, its mask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from atkc.spec.diagnostic import Diagnostic
from atkc.spec.source import Span
from atkc.stdlib.chat.roles import role_of
from atkc.stdlib.readiness.output import DataFile
from atkc.stdlib.readiness.rendered import Turn, turns_in


class Segment(Struct, frozen=True):
    """A piece of text, and whether it is trained on."""

    label: bool
    text: str


class Sample(Struct, frozen=True):
    """One record. `turns` are those of a conversation, also of one that is rendered already."""

    file: DataFile
    span: Span
    text: str  # all that is trained on or read
    turns: tuple[Turn, ...] = ()
    segments: tuple[Segment, ...] = ()

    def found(self, code: str, message: str, help_: str) -> Diagnostic:
        """Return a finding at this record."""
        return Diagnostic(code, message, self.span, help=help_)


def sample_of(record: Any, file: DataFile, span: Span) -> Sample | None:
    """Return the record by the kind of its file; None where it is no such record."""
    if not isinstance(record, Mapping):
        return None
    try:
        text, turns, segments = _KINDS[file.kind](record)
    except (KeyError, TypeError, ValueError):
        return None
    return Sample(file, span, text, turns, segments)


_Parts = tuple[str, tuple[Turn, ...], tuple[Segment, ...]]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _completion(record: Mapping[str, Any]) -> _Parts:
    text = _text(record["text"])
    return text, turns_in(text), ()


def _messages(key: str, role: str, content: str) -> Callable[[Mapping[str, Any]], _Parts]:
    def read(record: Mapping[str, Any]) -> _Parts:
        turns = tuple(Turn(role_of(m[role]), _text(m[content])) for m in record[key])
        return "\n".join(turn.content for turn in turns), turns, ()

    return read


def _segments(record: Mapping[str, Any]) -> _Parts:
    segments = tuple(Segment(_flag(s["label"]), _text(s["text"])) for s in record["segments"])
    text = "".join(segment.text for segment in segments)
    return text, turns_in(text), segments


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _alpaca(record: Mapping[str, Any]) -> _Parts:
    asked = [_text(record[part]) for part in ("instruction", "input") if record.get(part)]
    system = [_text(record["system"])] if record.get("system") else []
    pair = (Turn("user", "\n".join(asked)), Turn("assistant", _text(record["output"])))
    turns = (*(Turn("system", text) for text in system), *pair)
    return "\n".join([*system, *asked, record["output"]]), turns, ()


def _data(record: Mapping[str, Any]) -> _Parts:  # noqa: ARG001  # anything is right there
    return "", (), ()


_KINDS: dict[str, Callable[[Mapping[str, Any]], _Parts]] = {
    "alpaca": _alpaca,
    "chat": _messages("messages", "role", "content"),
    "completion": _completion,
    "data": _data,
    "segments": _segments,
    "sharegpt": _messages("conversations", "from", "value"),
}
