"""The function `conversation.from_text`: a conversation written out with names of speakers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import STRING, STRINGS, TURNS, Record
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.roles import turn
from atkc.stdlib.functions.fields import need, top, value_at

# `**User:** …`, `**User**: …` or plain `User: …` at the start of a line.
_MARKED = re.compile(r"[ \t]*\*\*([\w ]{1,40}?)(?::\*\*|\*\*[ \t]*:)[ \t]*")
_PLAIN = re.compile(r"[ \t]*([\w ]{1,40}?):(?:[ \t]+|$)")


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: reads a text, adds turns."""
    for option in ("user", "assistant"):
        if not options[option]:
            return ShapeError(f"`{option}` names no speaker", option, "give at least one name")
    problem = need(record, options["field"], STRING, "field")
    return problem or Shape(top(record, options["field"]), Record.of({options["as"]: TURNS}))


SIGNATURE = FunctionSignature(
    name="conversation.from_text",
    version=1,
    shape=shape,
    options={
        "field": Option(STRING, description="the field with the conversation as text"),
        "as": Option(STRING, "turns", description="the field to add"),
        "user": Option(STRINGS, ["User", "Human"], description="names of the one who asks"),
        "assistant": Option(
            STRINGS, ["AI Assistant", "Assistant", "AI"], description="names of the one who answers"
        ),
    },
    description="read `**User:**` / `**Assistant:**` text as turns; they must alternate",
)


def apply(row: Data, options: Options, context: Context) -> Data:  # noqa: ARG001
    """Return the turns.

    RecordError `no-turns` without a speaker, `stray-text` before the first one, `order` unless
    user and assistant alternate from the user's question to the assistant's answer, `empty-turn`.
    """
    text = value_at(row, options["field"])
    if not isinstance(text, str):
        raise RecordError("bad-field", f"field `{options['field']}` holds no text")
    speakers = {name.lower(): "user" for name in options["user"]}
    speakers |= {name.lower(): "assistant" for name in options["assistant"]}
    turns = _read(text, speakers)
    _check(turns)
    return {options["as"]: turns}


def _read(text: str, speakers: dict[str, str]) -> list[Data]:
    lines = text.split("\n")
    # Where names are marked by asterisks, a plain `User:` belongs to the words.
    marked = any(_speaker(line, _MARKED, speakers) for line in lines)
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        start = _speaker(line, _MARKED if marked else _PLAIN, speakers)
        if start:
            found.append((start[0], [start[1]]))
        elif found:
            found[-1][1].append(line)
        elif line.strip():
            message = f"`{line.strip()[:60]}` stands before the first speaker"
            raise RecordError("stray-text", message)
    return [turn(role, "\n".join(words).strip()) for role, words in found]


def _speaker(
    line: str, pattern: re.Pattern[str], speakers: dict[str, str]
) -> tuple[str, str] | None:
    found = pattern.match(line)
    role = speakers.get(found[1].strip().lower()) if found else None
    return (role, line[found.end() :]) if found and role else None


def _check(turns: list[Data]) -> None:
    if not turns:
        raise RecordError("no-turns", "no line begins with the name of a speaker")
    for n, said in enumerate(turns):
        wanted = "assistant" if n % 2 else "user"
        if said["role"] != wanted:
            raise RecordError("order", f"turn {n + 1} is the {said['role']}'s, not the {wanted}'s")
        if not said["content"]:
            raise RecordError("empty-turn", f"turn {n + 1} says nothing")
    if len(turns) % 2:
        raise RecordError("order", "the last question has no answer")
