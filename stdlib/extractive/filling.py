"""Which value stands in which field of a reply, told by the field's name and description."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from atkc.stdlib.extractive.rewriting import statements
from atkc.stdlib.extractive.sentences import read_passage, topics
from atkc.stdlib.extractive.wanted import Slot, word_for
from atkc.stdlib.extractive.words import content, numbers


class Known(Struct, frozen=True):
    """What there is to fill fields from: texts by role, and the judgement if there is one."""

    passage: str
    seed: int
    texts: Mapping[str, str] = field(default_factory=dict)  # by role
    lists: Mapping[str, list[str]] = field(default_factory=dict)  # by role
    ok: bool | None = None
    outcome: str = ""


# The first row whose pattern fits the name, else the description, is the role.
_ROLES = (
    ("wrong", r"\b(?:flawed|wrong|incorrect|false|mistaken|bad|erroneous)\b"),
    ("doubt", r"\b(?:doubt|challenge|confirmation|objection|pushback|scepticism|skepticism)\b"),
    ("thought", (r"\b(?:thoughts?|thinking|plan|brainstorm|scratch(?:pad)?|chain of thought|"
                r"thought process)\b")),
    ("question", r"\b(?:questions?|query|q|prompt|human|user|ask|front|instruction)\b"),
    ("reason", (r"\b(?:reason|reasons|reasoning|why|explanation|rationale|justification|analysis|"
               r"comment|critique|feedback)\b")),
    ("evidence", r"\b(?:evidence|quote|quotation|support|supporting|citation|excerpt|snippet)\b"),
    ("answer", (r"\b(?:answers?|response|reply|a|solution|assistant|gpt|ai|back|output|correct|"
               r"completion)\b")),
    ("topic", r"\b(?:title|topic|subject|theme|name|headline|heading|label)\b"),
    ("names", (r"\b(?:names|people|persons|places|entities|keywords|key words|topics|terms|tags|"
              r"subjects|organisations|organizations)\b")),
    ("facts", (r"\b(?:facts?|statements?|claims?|points|sentences|bullets|items|findings|"
              r"inferences|propositions)\b")),
    ("body", (r"\b(?:text|rewrite|rewritten|version|summary|essay|document|content|body|cleaned|"
             r"clean|passage|paragraph|result|"
     r"dialogue|conversation|xml|json|story|article|abstract|variation|restatement)\b")),
)  # fmt: skip


def spaced(name: str) -> str:
    """Return a field's name as words: `correctAnswer_1` gives `correct answer 1`."""
    return re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower().strip()


def role_of(slot: Slot) -> str:
    """Return what a field is for, or an empty text where neither name nor description tells."""
    for text in (spaced(slot.name), spaced(slot.heading), slot.description.lower()):
        for role, pattern in _ROLES:
            if re.search(pattern, text):
                return role
    return ""


_NOT_OK = re.compile(
    r"\b(?:error|errors|wrong|flawed|problem|problems|hallucinat\w*|contradict\w*|unsupported|"
    r"missing|reject|bad|fail\w*|incorrect|inaccurate)\b"
)


def fill(slot: Slot, known: Known, index: int = 0) -> Any:
    """Return the value of a field in the type it asks for; `index` counts repeated objects."""
    match slot.kind:
        case "boolean":
            return _flag(slot, known)
        case "integer" | "number":
            return _number(slot, known)
        case "object":
            return {p.name: fill(p, known, index) for p in slot.parts}
        case "list":
            return _many(slot, known)
    if slot.choices:
        return _choice(slot, known)
    return _text(slot, known, index)


def _flag(slot: Slot, known: Known) -> bool:
    ok = known.ok if known.ok is not None else True
    return not ok if _NOT_OK.search(spaced(slot.name)) else ok


def _number(slot: Slot, known: Known) -> float | int:
    bounds = re.search(r"(?:from |between )?(\d+)\s*(?:to|-|–|and)\s*(\d+)", slot.description)
    if known.ok is not None or bounds:
        low, high = (int(bounds[1]), int(bounds[2])) if bounds else (0, 1)
        ok = known.ok if known.ok is not None else True
        return high if ok else low
    years = re.findall(r"\b[12]\d{3}\b", f"{known.texts.get('answer', '')} {known.passage}")
    if years and re.search(r"\byear\b", f"{spaced(slot.name)} {slot.description}"):
        return int(years[0])
    found = (
        numbers(_near(slot, known))
        or numbers(known.texts.get("answer", ""))
        or numbers(known.passage)
    )
    value = next((float(n) for n in found if _plain(n)), 0.0)
    return int(value) if slot.kind == "integer" or value.is_integer() else value


def _plain(number: str) -> bool:
    return len(number) < 16 and number.count(".") < 2


def _choice(slot: Slot, known: Known) -> str:
    if known.outcome and (known.ok is not None):
        return word_for(slot.choices, known.outcome)
    text = " ".join(known.texts.values()).lower() + " " + known.passage.lower()
    counts = [text.count(c.lower()) for c in slot.choices]
    best = [c for c, n in zip(slot.choices, counts, strict=True) if n == max(counts)]
    return best[known.seed % len(best)]


def _many(slot: Slot, known: Known) -> list[Any]:
    if slot.parts or slot.item == "object":
        shown = max(1, slot.least, min(3, len(known.lists.get("facts", []))))
        count = shown if slot.most is None else min(shown, slot.most)
        return [{p.name: fill(p, known, i) for p in slot.parts} for i in range(count)]
    if slot.item in ("integer", "number"):
        found = [float(n) for n in numbers(known.passage) if _plain(n)] or [0.0]
        given = [int(n) if slot.item == "integer" or n.is_integer() else n for n in found]
        return _cut(slot, given)
    if slot.choices:
        one = _choice(Slot(slot.name, choices=slot.choices), known)
        return _cut(slot, [one, *[c for c in slot.choices if c != one][: max(0, slot.least - 1)]])
    role = role_of(slot)
    if role == "names" and read_passage(known.passage).english:
        return _cut(slot, list(topics(read_passage(known.passage))) or [_text(slot, known, 0)])
    rows = known.lists.get(role) or known.lists.get("facts") or statements(known.passage)
    return _cut(slot, rows or [_text(slot, known, 0)])


def _cut(slot: Slot, rows: list[Any]) -> list[Any]:
    rows = rows[: slot.most] if slot.most is not None else rows
    while rows and len(rows) < slot.least:
        rows = [*rows, rows[len(rows) % max(1, len(set(map(str, rows))))]]
    return rows


def _text(slot: Slot, known: Known, index: int) -> str:
    role = role_of(slot)
    maker = _MAKERS.get(role)
    if role in known.lists and known.lists[role] and index:
        return known.lists[role][index % len(known.lists[role])]
    found = known.texts.get(role) or (maker(known) if maker else "")
    if role == "facts" and not found:
        rows = known.lists.get("facts") or statements(known.passage)
        found = rows[index % len(rows)] if rows else ""
    return found or _near(slot, known)


def _near(slot: Slot, known: Known) -> str:
    """Return the sentence that shares most with a field's name; else a seeded one."""
    rows = statements(known.passage) or [known.passage.strip()]
    about = set(content(f"{spaced(slot.name)} {slot.description}"))
    scores = [len(about & set(content(r))) for r in rows]
    best = [r for r, n in zip(rows, scores, strict=True) if n == max(scores)]
    return random.Random(known.seed).choice(best) or known.texts.get("answer", "")


def _topic(known: Known) -> str:
    found = topics(read_passage(known.passage))
    return found[0][:1].upper() + found[0][1:] if found else ""


_MAKERS: dict[str, Callable[[Known], str]] = {
    "topic": _topic,
    "names": lambda k: ", ".join(topics(read_passage(k.passage))[:5]),
    "evidence": lambda k: k.texts.get("answer", ""),
    "reason": lambda k: k.texts.get("thought", ""),
    "body": lambda k: " ".join(statements(k.passage)),
}
