"""Questions and answers in the ways that are asked for: plain, open-ended, negative, vague, …"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from atkc.stdlib.extractive.claims import check_claim
from atkc.stdlib.extractive.clauses import core_of, invert, own_words
from atkc.stdlib.extractive.facts import Fact, facts_of
from atkc.stdlib.extractive.grammar import is_plural
from atkc.stdlib.extractive.questions import Asked, fallback, full, questions_of
from atkc.stdlib.extractive.rewriting import statements, topic_of
from atkc.stdlib.extractive.sentences import Passage, read_passage, split, topics
from atkc.stdlib.extractive.spoiling import denied, spoil
from atkc.stdlib.extractive.wordlist import wordrow

# What answers say of their own; everything else in an answer comes from the passage.
PREMISE = (
    "The question rests on a mistaken premise.",
    "That premise is not correct.",
    "The question assumes something that is not so.",
)


UNKNOWN = "I am sorry, but I do not know of {thing}; nothing that I have learned mentions it."


KNOWN = "What I do know is this:"


DOUBTS = (
    "Are you sure about that?",
    "Is that really right?",
    "That does not sound right to me. Could you check it?",
)


SORRY = (
    "You are right to doubt it, and I am sorry: my answer was wrong.",
    "I apologise, I made a mistake.",
)


class Item(Struct, frozen=True):
    """A question with its answer and what else a reply may want of it."""

    question: str
    answer: str
    thought: str = ""
    wrong: str = ""  # an answer that the passage contradicts
    topic: str = ""


def _turned(rows: Sequence[Asked], seed: int) -> list[Asked]:
    """Return the questions from a seeded place on, those with a new answer first."""
    if not rows:
        return []
    at = seed % len(rows)
    turned = [*rows[at:], *rows[:at]]
    seen: set[str] = set()
    fresh: list[Asked] = []
    again: list[Asked] = []
    for asked in turned:
        (again if asked.answer in seen else fresh).append(asked)
        seen.add(asked.answer)
    return fresh + again


def _item(passage: Passage, asked: Asked) -> Item:
    return Item(asked.question, asked.answer, topic=_topic(passage, asked.answer))


def _topic(passage: Passage, sentence: str) -> str:
    return next((t for t in topics(passage) if t in sentence), topic_of(passage))


def _plain(passages: Sequence[Passage], count: int, seed: int) -> list[Item]:
    main = passages[0]
    rows = _turned(questions_of(main.text), seed)
    if len(rows) < count:
        rows += [a for a in fallback(main) if a.question not in {r.question for r in rows}]
    return [_item(main, a) for a in rows[:count]]


def _about(passages: Sequence[Passage], topic: str, most: int) -> list[str]:
    found = [
        s
        for p in passages
        for s in statements(p.text)
        if re.search(rf"\b{re.escape(topic)}\b", s, re.IGNORECASE)
    ]
    return list(dict.fromkeys(found))[:most]


def _bare(topic: str) -> str:
    return re.sub(r"^(?:the|an?) ", "", topic)


def called(passage: Passage, topic: str) -> str:
    """Return a topic as it stands in a sentence: with its article where it has one."""
    if topic not in passage.names:
        return topic if is_plural(topic) else f"the {topic}"
    article = re.search(rf"\b[Tt]he {re.escape(topic)}\b", passage.text)
    return f"the {topic}" if article else topic


_OPEN = (
    "What is known about {topic}?",
    "What would you tell someone who wants to learn about {topic}?",
    "How would you describe {topic} to a newcomer?",
    "Could you explain the main facts about {topic}?",
    "What are the most important things to know about {topic}?",
)


def _openended(passages: Sequence[Passage], count: int, seed: int) -> list[Item]:
    main = passages[0]
    subjects = {full(main, f).subject for f in facts_of(main.text)}
    shown = [s for s in sorted(subjects) if s != "there" and len(s.split()) <= 5]
    shown += [called(main, t) for t in topics(main)[:8] if not any(t in s for s in shown)]
    rich = [(t, _about(passages, _bare(t), 5)) for t in shown]
    rich = [(t, rows) for t, rows in rich if len(rows) > 1] or [(t, r) for t, r in rich if r]
    asks = [(template.format(topic=t), t, rows) for template in _OPEN for t, rows in rich]
    asked = [Item(q, " ".join(rows), topic=t) for q, t, rows in _from(asks, seed)[:count]]
    return asked or _plain(passages, count, seed)


def _from(rows: list[tuple[str, str, list[str]]], seed: int) -> list[tuple[str, str, list[str]]]:
    at = seed % len(rows) if rows else 0
    return rows[at:] + rows[:at]


def _false(passage: Passage, fact: Fact, seed: int) -> str:
    """Return a why-question that takes something wrong for granted, or an empty text."""
    core = core_of(fact.rest)
    wrong = spoil(passage, core, seed)
    if not own_words(wrong) or not core or fact.subject == "there":
        return ""
    if wrong != core:
        return invert(fact, wrong, "Why")
    if fact.auxiliary and not re.match(r"not\b|no\b|never\b", core):
        return invert(fact, f"not {core}", "Why")
    return (
        ""
        if re.search(r"\b(?:not|no|never)\b", core)
        else invert(fact, core, "Why").replace(f" {fact.subject} ", f" {fact.subject} not ", 1)
    )


def _negative(passages: Sequence[Passage], count: int, seed: int) -> list[Item]:
    main, rng = passages[0], random.Random(seed)
    facts = [full(main, f) for f in facts_of(main.text)]
    asks = [
        (q, f)
        for f in facts
        if (q := _false(main, f, seed)) and not check_claim([main], q.partition(" ")[2][:-1]).ok
    ]
    asks = asks or [(q, f) for f in facts if (q := _false(main, f, seed))]
    at = seed % len(asks) if asks else 0
    chosen = [*asks[at:], *asks[:at]][:count]
    made = [Item(q, f"{rng.choice(PREMISE)} {f.sentence}", topic=f.subject) for q, f in chosen]
    if made:
        return made
    return [
        Item(f"Is it not wrong that {i.answer.rstrip('.')}?", f"{PREMISE[0]} {i.answer}")
        for i in _plain(passages, count, seed)
    ]


_INVENTED = wordrow(
    """Harrowgate Lindqvist Ostrava Pemberley Quillon Ravensholt Tessaly Velden Wexcombe Yarrowby"""
)


_THINGS = wordrow("protocol report commission index method survey ledger theorem charter")


_MISSING = (
    "What did the {thing} say about {topic}?",
    "When was the {thing} on {topic} published?",
    "Who wrote the {thing} about {topic}?",
    "How did the {thing} change {topic}?",
)


def _hallucination(passages: Sequence[Passage], count: int, seed: int) -> list[Item]:
    main, rng = passages[0], random.Random(seed)
    asked = _plain(passages, count, seed)
    found = []
    for item in asked:
        names = [n for n in _INVENTED if n not in main.text]
        thing = f"{rng.choice(names)} {rng.choice(_THINGS)}"
        topic = called(main, item.topic) if item.topic else "this matter"
        question = rng.choice(_MISSING).format(thing=thing, topic=topic)
        answer = f"{UNKNOWN.format(thing='the ' + thing)} {KNOWN} {item.answer}"
        found.append(Item(question, answer, topic=item.topic))
    return found


_VAGUE = (
    "I cannot recall the name: {ask}",
    "I do not know the proper term for it, but {ask}",
    "There is a word for this that I forget: {ask}",
)


def _vague(passages: Sequence[Passage], count: int, seed: int) -> list[Item]:
    main = passages[0]
    rows = [a for a in questions_of(main.text) if a.kind in ("who", "name")]
    rows = _turned(rows or questions_of(main.text), seed)
    rng = random.Random(seed)
    return [
        Item(
            rng.choice(_VAGUE).format(ask=a.question[0].lower() + a.question[1:]),
            a.answer,
            topic=_topic(main, a.answer),
        )
        for a in rows[:count]
    ] or _plain(passages, count, seed)


_ONWARD = (
    "And {ask}",
    "Going on from there, {ask}",
    "Building on that, {ask}",
    "To follow that up, {ask}",
)


def _followup(passages: Sequence[Passage], count: int, seed: int) -> list[Item]:
    """Return a chain in the passage's order, each later question taking up the one before."""
    main, rng = passages[0], random.Random(seed)
    chosen = _turned(questions_of(main.text), seed)[:count]
    chosen.sort(key=lambda a: a.index)
    items = [_item(main, a) for a in chosen]
    later = [
        Item(
            rng.choice(_ONWARD).format(ask=i.question[0].lower() + i.question[1:]),
            i.answer,
            topic=i.topic,
        )
        for i in items[1:]
    ]
    return items[:1] + later


_COMPARE = (
    "How do {a} and {b} differ?",
    "How do {a} and {b} compare?",
    "What distinguishes {a} from {b}?",
)


def _comparison(passages: Sequence[Passage], count: int, seed: int) -> list[Item]:
    main = passages[0]
    subjects: dict[str, str] = {}
    for passage in passages:
        for fact in facts_of(passage.text):
            told = full(passage, fact)
            if told.subject != "there" and len(told.subject.split()) <= 5:
                subjects.setdefault(told.subject, told.sentence)
    names = list(subjects)
    pairs = [
        (a, b)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if subjects[a] != subjects[b] and a not in b and b not in a
    ]
    asks = [
        (t.format(a=a, b=b), main.text, [subjects[a], subjects[b]])
        for t in _COMPARE
        for a, b in pairs
    ]
    return [Item(q, " ".join(rows)) for q, _, rows in _from(asks, seed)[:count]] or _plain(
        passages, count, seed
    )


WAYS: dict[str, Callable[[Sequence[Passage], int, int], list[Item]]] = {
    "plain": _plain, "openended": _openended, "negative": _negative, "vague": _vague,
    "hallucination": _hallucination, "followup": _followup, "comparison": _comparison,
}  # fmt: skip


def items(texts: Sequence[str], way: str, count: int, seed: int) -> list[Item]:
    """Return `count` questions with answers, fewer where the passage has too few sentences."""
    passages = [read_passage(t) for t in texts]
    if not passages[0].sentences:
        shown = texts[0].strip()
        return [Item("What does the passage say?", shown or "The passage is empty.")]
    make = WAYS[way if passages[0].english else "plain"]
    found = make(passages, count, seed)
    return [_completed(passages[0], item, seed) for item in found]


def _completed(passage: Passage, item: Item, seed: int) -> Item:
    about = item.topic or topic_of(passage)
    start = f"The question is about {about}. " if about else ""
    thought = f"{start}What I recall is this: {item.answer}"
    wrong = item.wrong or spoil(passage, item.answer, seed)
    if wrong == item.answer:
        wrong = _denied(passage, item.answer)
    return Item(item.question, item.answer, thought, wrong, about)


def _denied(passage: Passage, answer: str) -> str:
    """Return the answer with one of its sentences turned into its contrary."""
    for sentence in split(answer):
        turned = denied(passage, sentence)
        if not turned.startswith("It is not so"):
            return answer.replace(sentence, turned, 1)
    return denied(passage, answer)
