"""A difficult model: what goes wrong is a table from (kind of request, document) to a behaviour.

A document is known by a marker word such as `m-cut`; good replies repeat it. A behaviour that
heals goes wrong at the first attempt only: the request that says so gets the good reply.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from tests.e2e.echoing import answering

# How a prompt begins: the kind of request.
KINDS = {
    "You sort passages": "judge",
    "Clean up a piece": "clean",
    "List the facts": "facts",
    "Infer new facts": "infer",
    "Rewrite the passage": "rewrite",
    "Write an open-ended question": "ask",
    "Write a chain of follow-up": "chain",
    "Check a question and its answer": "pair",
    "Check a question": "question",
    "Check the relevance": "relevancy",
    "Fact-check": "accuracy",
    "Decide whether a question and its answer": "repair",
    "Make one natural conversation": "talk",
    "Write a short talk": "rag",
    "Write a talk of four turns": "mistake",
    "Check a correction": "confirm",
    "You are shown the last question": "think",
}
PASSES = {
    "judge": "SUITABLE",
    "pair": "SOUND",
    "question": "ANSWERABLE",
    "relevancy": "RELEVANT",
    "accuracy": "ACCURATE",
    "confirm": "SOUND",
    "repair": "PASS",
}
REFUSAL = "I'm sorry, I can't help with that request."
_SYLLABLES = [
    "ba",
    "ke",
    "ri",
    "mo",
    "tun",
    "da",
    "ses",
    "vol",
    "pri",
    "gan",
    "hel",
    "ost",
    "nar",
    "wei",
    "fa",
    "lu",
]
_AGAIN = "Your reply cannot be used"


@dataclass(frozen=True, slots=True)
class Said:
    """What the endpoint sends; no text is a `content` of null."""

    text: str | None
    thought: str = ""  # beside the text
    reason: str = "stop"


Make = Callable[[str, str], Said]  # (good reply, kind)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What becomes of a good reply: at the first attempt, or always."""

    make: Make
    heals: bool = False


Table = Mapping[tuple[str, str], Behaviour]


@dataclass(slots=True)
class Asked:
    """How often the endpoint was asked, by kind and document; `again` after a failed reply."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    again: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: list[tuple[str, str, str]] = field(default_factory=list)  # kind, document, request


def section(heading: str, text: str) -> str:
    """Return a headed section."""
    return f"**{heading}:** {text}"


def verdict(word: str, about: str = "this") -> str:
    """Return a reply that judges."""
    return f"Look at {about}.\n\n" + section("Final judgment", word)


def words_for(*told: object) -> str:
    """Return a dozen words that hardly anything else is told in."""
    rng = random.Random(repr(told))
    return " ".join("".join(rng.choices(_SYLLABLES, k=3)) for _ in range(12))


def pairs(kind: str, name: str, count: int) -> str:
    """Return question-and-answer pairs; no two are alike."""
    told = []
    for n in range(1, count + 1):
        told.append(section("Question", f"What of m-{name}, {words_for(kind, name, n)}?"))
        told.append(section("Answer", f"It is {words_for(name, kind, n)} m-{name}."))
    return "\n\n".join(told)


def tags(**texts: str) -> str:
    """Return a reply in tags."""
    return "\n".join(f"<{tag}>{text}</{tag}>" for tag, text in texts.items())


def _facts(kind: str, name: str) -> str:
    return f"1. The {kind} of m-{name} begin here.\n2. And m-{name} ends them."


def _rewrite(kind: str, name: str) -> str:
    return tags(rewrite=f"In other words, m-{name} stands there: {words_for(kind, name)}.")


def _turns(kind: str, name: str) -> str:
    turns = ("user", f"What of m-{name}?"), ("assistant", f"It has m-{name}.")
    return json.dumps([{"role": role, "content": text} for role, text in turns])


def _mistake(kind: str, name: str) -> str:
    return tags(
        initial_question=f"How high is m-{name}?",
        flawed_answer=f"The tower m-{name} has nine floors.",
        followup_confirmation="Are you sure?",
        correct_answer=f"Sorry, m-{name} has two floors.",
    )


# What a good model replies, by the kind of request.
_GOOD: Mapping[str, Callable[[str, str], str]] = {
    **dict.fromkeys(PASSES, lambda kind, name: verdict(PASSES[kind], f"m-{name}")),
    "facts": _facts,
    "infer": _facts,
    "rewrite": _rewrite,
    "further": _rewrite,
    "ask": lambda kind, name: pairs(kind, name, 1),
    "chain": lambda kind, name: pairs(kind, name, 3),
    "rag": lambda kind, name: pairs(kind, name, 2),
    "talk": _turns,
    "mistake": _mistake,
    "think": lambda kind, name: tags(thought_process=f"I recall m-{name}."),
}


def good(kind: str, name: str, asked: str) -> str:
    """Return a reply as it should be."""
    if kind == "clean":  # the text, as it is
        return tags(cleaned_text=asked.split('"""\n')[1].removesuffix("\n"))
    return _GOOD[kind](kind, name)


@contextmanager
def difficult(table: Table) -> Iterator[tuple[str, Asked]]:
    """Serve the model within the block, which gets its base URL and what it was asked."""
    told = Asked()

    def answer(_authorization: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        messages = request["messages"]
        kind = next(k for words, k in KINDS.items() if messages[0]["content"].startswith(words))
        users = [m["content"] for m in messages if m["role"] == "user"]
        again = users[-1].startswith(_AGAIN)
        asked = users[-2] if again else users[-1]
        if kind == "rewrite" and "\nInferred facts:\n" in asked:
            kind = "further"
        name = _document(kind, asked)
        told.calls[kind, name] += 1
        told.again[kind, name] += again
        told.shown.append((kind, name, asked))
        right = good(kind, name, asked)
        behaviour = table.get((kind, name))
        if behaviour is None or (behaviour.heals and again):
            return _sent(Said(right))
        return _sent(behaviour.make(right, kind))

    with answering(answer) as url:
        yield url, told


def _document(kind: str, asked: str) -> str:
    if kind == "think":  # sees no source; the marker stands in the answer
        return str(re.findall(r"m-(\w+)", asked.rpartition('Answer:\n"""')[2])[0])
    (source,) = re.findall(r"^Source name: (.*)$", asked, re.MULTILINE)
    return PurePosixPath(source).stem


def _sent(said: Said) -> tuple[int, dict[str, Any]]:
    message = {"role": "assistant", "content": said.text}
    if said.thought:
        message["reasoning_content"] = said.thought
    choice = {"index": 0, "message": message, "finish_reason": said.reason}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    return 200, {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}
