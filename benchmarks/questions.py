"""Questions as a model would ask them about many documents, and copies that are known to be alike.

Everything is seeded. The similarity of a copy to its original is worked out here, by its own few
lines, so that the benchmark does not ask the code that it measures what is right.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NEAR = 0.8
_SHINGLE = 3
_FORMS = (
    (
        "In {year}, which {job} of {place} was sent to mend the {adjective} {thing} that "
        "{name} had left at {other}?"
    ),
    (
        "Why did {name} of {place}, the {adjective} {job}, refuse to sell {count} "
        "{thing}s to {other} before {year}?"
    ),
    (
        "How many {thing}s did the {job} {name} bring from {place} to {other} in the "
        "{adjective} winter of {year}?"
    ),
    (
        "According to the {job}'s letter of {year}, what did {name} find beneath the "
        "{adjective} {thing} near {place} and {other}?"
    ),
    (
        "What made the {adjective} {thing} of {place} dearer than the {count} from "
        "{other}, as {name} the {job} wrote in {year}?"
    ),
    (
        "Who paid {name}, the {job} from {place}, for {count} {adjective} {thing}s that "
        "never reached {other} in {year}?"
    ),
)
_ENDS = ("indeed", "exactly", "then", "precisely", "now")
_SYLLABLES = ("ba", "do", "fen", "gar", "hol", "ki", "lor", "mun", "nes", "pol", "rin", "sta")


@dataclass(frozen=True, slots=True)
class Planted:
    """A record; `copies` is true if it is like an earlier kept one, `kind` says how it was made."""

    question: str
    copies: bool
    kind: str


def questions(count: int, seed: int = 0) -> list[Planted]:
    """Return so many questions: of each ten, seven new ones and three made of earlier ones."""
    rng = random.Random(seed)
    made: list[Planted] = []
    families: list[list[str]] = []  # of each new question: itself, and what is kept of its copies
    while len(made) < count:
        if families and rng.random() < 0.3:
            kind, family = rng.choice(list(_CHANGES)), rng.choice(families)
            question = _CHANGES[kind](family[0], rng)
            copies = any(similarity(kept, question) >= NEAR for kept in family)
            if not copies:
                family.append(question)
            made.append(Planted(question, copies, kind))
        else:
            families.append([_asked(rng)])
            made.append(Planted(families[-1][0], False, "new"))
    return made


def similarity(one: str, other: str) -> float:
    """Return the Jaccard similarity of the shingles of two questions."""
    first, second = set(_shingles(one)), set(_shingles(other))
    return len(first & second) / len(first | second)


def _shingles(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    yield from zip(*(words[at:] for at in range(_SHINGLE)), strict=False)


def _asked(rng: random.Random) -> str:
    def word(syllables: int) -> str:
        return "".join(rng.choices(_SYLLABLES, k=syllables))

    return rng.choice(_FORMS).format(
        year=rng.randint(1500, 1999),
        count=rng.randint(2, 900),
        name=word(2).title() + " " + word(3).title(),
        place=word(3).title(),
        other=word(3).title(),
        job=word(2) + "er",
        thing=word(2),
        adjective=word(2) + "y",
    )


def _shouted(text: str, _rng: random.Random) -> str:
    return text.upper().replace(",", " –").replace("?", " ?!")


def _longer(text: str, rng: random.Random) -> str:
    return f"{text[:-1]}, {rng.choice(_ENDS)}?"


def _other_end(text: str, rng: random.Random) -> str:
    return f"{text[:-1].rpartition(' ')[0]} {rng.randint(1, 99999)}x?"


def _other_middle(text: str, rng: random.Random) -> str:
    words = text.split()
    words[len(words) // 2] = f"z{rng.randint(1, 99999)}"
    return " ".join(words)


def _turned(text: str, _rng: random.Random) -> str:
    words = text[:-1].split()
    half = len(words) // 2
    return " ".join(words[half:] + words[:half]) + "?"


# How a copy differs. The first three stay alike, the fourth does not; the last is just around 0.8.
_CHANGES: dict[str, Callable[[str, random.Random], str]] = {
    "case and punctuation": _shouted,
    "a word more": _longer,
    "another last word": _other_end,
    "another word in the middle": _other_middle,
    "halves turned round": _turned,
}
