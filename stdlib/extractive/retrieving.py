"""Answers in a talk with a search: from the retrieved text that has them, else from memory."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from atkc.stdlib.extractive.reading import Read
from atkc.stdlib.extractive.rewriting import topic_of
from atkc.stdlib.extractive.sentences import read_passage
from atkc.stdlib.extractive.ways import Item, called
from atkc.stdlib.extractive.words import content, numbers

_SEARCHES = re.compile(r"\b(?:retriev\w+|search(?:es|ed|ing)?)\b", re.IGNORECASE)


def is_search(read: Read) -> bool:
    """Return whether the request is about texts that a search found, and shows some."""
    return bool(read.passages and read.related and _SEARCHES.search(read.request))


def told(read: Read, items: Sequence[Item]) -> list[Item]:
    """Return the items with answers that say which retrieved text has them, or that none has."""
    names = _names(read)
    return [
        replace(item, answer=_answer(read, names, item.answer, first=n == 0))
        for n, item in enumerate(items)
    ]


def _names(read: Read) -> list[str]:
    """Return what each retrieved text is called: by its source, else by its number."""
    return [f"the text from {n}" if n else f"text {i}" for i, n in enumerate(read.names, 1)]


def _answer(read: Read, names: list[str], answer: str, *, first: bool) -> str:
    at = next((i for i, text in enumerate(read.related) if _holds(text, answer)), None)
    if at is not None:
        return f"{_capital(names[at])} {'answers this' if first else 'tells this too'}. {answer}"
    source = read.input("title").strip()
    memory = f"What I recall from {source}" if source else "What I recall"
    return f"{_gone_through(read, names, first=first)} {memory} is this. {answer}"


def _holds(text: str, answer: str) -> bool:
    """Return whether every content word and number of an answer stands in a text."""
    return set(content(answer)) <= set(content(text)) and set(numbers(answer)) <= set(numbers(text))


def _gone_through(read: Read, names: list[str], *, first: bool) -> str:
    if not first:
        return "This is not in what was retrieved either."
    about = [
        f"{name} is about {_matter(text)}" for name, text in zip(names, read.related, strict=True)
    ]
    few = "it does not answer this" if len(about) == 1 else "they do not answer this"
    return f"{_capital(', '.join(about))}; {few}."


def _matter(text: str) -> str:
    passage = read_passage(text)
    topic = topic_of(passage)
    return called(passage, topic) if topic else "something else"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
