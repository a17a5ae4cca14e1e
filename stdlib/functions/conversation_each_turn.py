"""The function `conversation.each_turn`: every turn by itself, with what was said before it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from atkc.runtime.api import Context, Data, Options
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import INTEGER, STRING, TURNS, Record, nullable
from atkc.spec.signature import FunctionSignature, Option, Shape, ShapeError
from atkc.stdlib.chat.roles import checked_turns, turn
from atkc.stdlib.functions.fields import TURNS_OPTION, need_turns, top
from atkc.stdlib.tokens import TOKENIZERS, count

ADDED = Record.of(
    {
        "role": STRING,
        "content": STRING,
        "system": nullable(STRING),
        "history": TURNS,
        "question": nullable(STRING),
    }
)


def shape(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return: takes the turns away, adds one turn and what stands before it."""
    if problem := need_turns(record, options):
        return problem
    if options["tokenizer"] and options["tokenizer"] not in TOKENIZERS:
        message = f"no tokenizer is called `{options['tokenizer']}`"
        return ShapeError(message, "tokenizer", f"use one of {', '.join(TOKENIZERS)}")
    name = options["turns"]
    return Shape(top(record, name), ADDED, frozenset({name} if name in record else ()))


SIGNATURE = FunctionSignature(
    name="conversation.each_turn",
    version=1,
    shape=shape,
    options={
        "history_tokens": Option(INTEGER, 30_000, 0, "tokens of the history, at most"),
        "turns": TURNS_OPTION,
        "tokenizer": Option(STRING, "", description="by default that of the pipeline"),
    },
    cardinality="1:n",
    description="one record per turn, with the system turn, the history and the question before it",
)


def apply(row: Data, options: Options, context: Context) -> list[Data]:
    """Return the turns in order; RecordError `no-turns` if there is none.

    `question` is the user's turn right before an answer, else null. `history` has the last turns
    before that which fit, whole, and no system turn.
    """
    turns = checked_turns(row[options["turns"]], options["turns"])
    if not turns:
        raise RecordError("no-turns", f"field `{options['turns']}` holds no turn")
    tokenizer = options["tokenizer"] or context.tokenizer
    sizes = [count(t["content"], tokenizer) for t in turns]
    ends = [0, *accumulate(s for t, s in zip(turns, sizes, strict=True) if _spoken(t))]
    system = next((t["content"] for t in turns if t["role"] == "system"), None)
    told: list[Data] = []
    found = []
    for said in turns:
        found.append(_with_past(said, told, ends, system, options["history_tokens"]))
        if _spoken(said):
            told.append(turn(said["role"], said["content"]))
    return found


def _spoken(said: Data) -> bool:
    return bool(said["role"] != "system")


def _with_past(
    said: Data, told: list[Data], ends: list[int], system: str | None, most: int
) -> Data:
    asked = said["role"] == "assistant" and bool(told) and told[-1]["role"] == "user"
    stop = len(told) - asked
    start = next(n for n in range(stop + 1) if ends[stop] - ends[n] <= most)
    return {
        "role": said["role"],
        "content": said["content"],
        "system": system,
        "history": told[start:stop],
        "question": told[stop]["content"] if asked else None,
    }
