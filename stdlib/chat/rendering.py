"""Turns to text by a chat template, whole or as segments that say what is trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from atkc.runtime.errors import RecordError
from atkc.spec.template import TemplateError, compile_template
from atkc.stdlib.chat.templates import SPECIAL, source_of

_MARK = "\ue000"  # stands for the words of a turn; of the private use area, so in no template
Turns = Sequence[Mapping[str, Any]]


def render(turns: Turns, template: str, variables: Mapping[str, Any]) -> str:
    """Return the conversation as text, stripped at both ends."""
    return _raw(turns, template, variables).strip()


def render_text(text: str, variables: Mapping[str, Any]) -> str:
    """Return a template filled in; RecordError `template` if it cannot be."""
    try:
        return compile_template(text)(variables)
    except TemplateError as error:
        raise RecordError("template", error.message) from error


def render_segments(
    turns: Turns,
    trained: Sequence[bool],
    headers: bool,
    template: str,
    variables: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return segments whose texts joined are exactly what `render` gives.

    `trained` says per turn whether its words and what the template puts behind them count;
    what it puts before them counts only with `headers`.
    """
    pieces: list[tuple[bool, str]] = []
    before = ""
    for n, (turn, train) in enumerate(zip(turns, trained, strict=True), 1):
        text = _raw(turns[:n], template, variables)
        if not text.startswith(before):
            message = "the template writes earlier turns anew for each turn, so it cannot be cut"
            raise RecordError("template", message)
        marked = _raw([*turns[: n - 1], {**turn, "content": _MARK}], template, variables)
        head = max(0, marked.find(_MARK) - len(before))
        pieces += _cut(text[len(before) :], head, turn, train, headers)
        before = text
    return _segments(pieces, before.strip())


def _raw(turns: Turns, template: str, variables: Mapping[str, Any]) -> str:
    messages = [
        {"role": t["role"], "content": t["content"], "from": t["role"], "value": t["content"]}
        for t in turns
    ]
    return render_text(source_of(template), {**SPECIAL, **variables, "messages": messages})


def _cut(
    piece: str, head: int, turn: Mapping[str, Any], train: bool, headers: bool
) -> list[tuple[bool, str]]:
    """Cut a turn where its words begin: after the head, which other words have shown.

    To look for the words themselves would find an `I` in `AI: I …`.
    """
    content = str(turn["content"]).strip()
    rest = piece[head:]
    at = head + len(rest) - len(rest.lstrip()) if content else head
    if not piece.startswith(content, at):
        message = f"the template changes or leaves out the words of a {turn['role']} turn"
        raise RecordError("template", message)
    return [(train and headers, piece[:at]), (train, piece[at:])]


def _segments(pieces: list[tuple[bool, str]], whole: str) -> list[dict[str, Any]]:
    """Join neighbours with one label, and strip both ends as `render` does."""
    out: list[dict[str, Any]] = []
    skip = len(text := "".join(text for _, text in pieces)) - len(text.lstrip())
    left = len(whole)
    for label, text in pieces:
        kept = text[skip:][:left]
        skip = max(0, skip - len(text))
        left -= len(kept)
        if kept and out and out[-1]["label"] == label:
            out[-1]["text"] += kept
        elif kept:
            out.append({"label": label, "text": kept})
    return out
