"""The sentences of a passage in another form; every content word comes from the passage."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from xml.sax.saxutils import escape

from atkc.stdlib.extractive import layout
from atkc.stdlib.extractive.facts import Fact, facts_of, stands_alone
from atkc.stdlib.extractive.questions import expand, full, questions_of
from atkc.stdlib.extractive.sentences import Passage, read_passage, topics
from atkc.stdlib.extractive.words import FUNCTION, WORD


def statements(text: str) -> list[str]:
    """Return the passage's facts as sentences that stand alone, in order, each once."""
    return list(_statements(text))


@lru_cache(maxsize=256)
def _statements(text: str) -> tuple[str, ...]:
    passage = read_passage(text)
    resolved = {f.index: full(passage, f).sentence for f in facts_of(text)}
    found: list[str] = []
    for i, sentence in enumerate(passage.sentences):
        shown = resolved.get(i) or sentence.text
        found += _halves(shown) if passage.english else [shown]
    whole = [
        s for s in found if not passage.english or (stands_alone(s) and len(WORD.findall(s)) > 3)
    ]
    return tuple(dict.fromkeys(whole or found))


def _halves(sentence: str) -> list[str]:
    """Return the two halves of a sentence joined by `; ` or by `, and` before a named subject."""
    found = re.match(r"^([^;,]{25,}?)(?:;|, and) (the [a-z][^;,]{20,}|[A-Z][^;,]{20,})$", sentence)
    if found is None or not facts_of(_closed(found[1])) or not facts_of(_closed(found[2])):
        return [sentence]
    return [_closed(found[1]), _closed(found[2])]


def _closed(part: str) -> str:
    part = part.strip()
    return part[:1].upper() + part[1:] + ("" if part[-1:] in ".!?" else ".")


def topic_of(passage: Passage) -> str:
    """Return what the passage is most about, or an empty text."""
    found = topics(passage)
    return found[0] if found else (passage.headings[0] if passage.headings else "")


def _title(passage: Passage) -> str:
    topic = topic_of(passage)
    return topic[:1].upper() + topic[1:]


def _body(passage: Passage) -> list[str]:
    return statements(passage.text) or [layout.plain(passage.text)]


def _shuffled(rows: list[str], seed: int) -> list[str]:
    """Return the rows turned by a seeded place, so that neighbours stay together."""
    at = random.Random(seed).randrange(len(rows)) if rows else 0
    return rows[at:] + rows[:at]


def _asked(passage: Passage) -> list[tuple[str, str]]:
    by_answer = {a.answer: a.question for a in reversed(questions_of(passage.text))}
    return [(by_answer[s], s) for s in _body(passage) if s in by_answer]


def _dialogue(passage: Passage, seed: int) -> str:
    asks = {a: q for q, a in _asked(passage)}
    speakers = random.Random(seed).choice((("A", "B"), ("Student", "Teacher"), ("Reader", "Guide")))
    rows: list[str] = []
    for sentence in _body(passage):
        rows += (
            [f"{speakers[0]}: {asks[sentence]}"]
            if sentence in asks
            else [f"{speakers[0]}: And then?"]
            if rows
            else [f"{speakers[0]}: Go on."]
        )
        rows.append(f"{speakers[1]}: {sentence}")
    return "\n".join(rows)


def _qa(passage: Passage, seed: int) -> str:
    found = _asked(passage)
    rows = [f"Q: {q}\nA: {a}" for q, a in found] or [f"- {s}" for s in _body(passage)]
    return "\n\n".join(_shuffled(rows, seed))


def _xml(passage: Passage, seed: int) -> str:
    rows = [f"  <fact>{escape(s)}</fact>" for s in _shuffled(_body(passage), seed)]
    return (
        f"<document>\n  <title>{escape(_title(passage))}</title>\n"
        + "\n".join(rows)
        + "\n</document>"
    )


def entries(passage: Passage) -> list[dict[str, str]]:
    """Return the facts as objects: subject, predicate and the whole statement."""
    rows = []
    for fact in facts_of(passage.text):
        predicate = " ".join(x for x in (fact.adverb, fact.verb, fact.rest) if x)
        rows.append({"subject": fact.subject, "predicate": predicate, "statement": fact.sentence})
    return rows or [{"statement": s} for s in _body(passage)]


def _json(passage: Passage, seed: int) -> str:
    rows = entries(passage)
    at = random.Random(seed).randrange(len(rows)) if rows else 0
    return json.dumps(
        {"topic": _title(passage), "facts": rows[at:] + rows[:at]}, ensure_ascii=False, indent=2
    )


def _yaml(passage: Passage, seed: int) -> str:
    rows = [f"  - {json.dumps(s, ensure_ascii=False)}" for s in _shuffled(_body(passage), seed)]
    return f"topic: {json.dumps(_title(passage), ensure_ascii=False)}\nfacts:\n" + "\n".join(rows)


def _csv(passage: Passage, seed: int) -> str:
    rows = ['"' + s.replace('"', '""') + '"' for s in _shuffled(_body(passage), seed)]
    return "fact\n" + "\n".join(rows)


def _table(passage: Passage, _seed: int) -> str:
    facts = facts_of(passage.text)
    if not facts:
        return "| Fact |\n| --- |\n" + "\n".join(
            f"| {s.replace('|', '/')} |" for s in _body(passage)
        )
    rows = [f"| {f.subject} | {f.verb} {f.rest} |".replace("\n", " ") for f in facts]
    return "| Subject | Predicate |\n| --- | --- |\n" + "\n".join(rows)


def _groups(passage: Passage) -> list[tuple[str, list[str]]]:
    """Return the statements under the name that each mentions first; order is kept."""
    found: dict[str, list[str]] = {}
    names = topics(passage)[:6]
    for sentence in _body(passage):
        name = next((n for n in names if re.search(rf"\b{re.escape(n)}\b", sentence)), "")
        found.setdefault(name or _title(passage), []).append(sentence)
    return [(n[:1].upper() + n[1:], rows) for n, rows in found.items()]


def _bullets(passage: Passage, seed: int) -> str:
    groups = _groups(passage)
    at = random.Random(seed).randrange(len(groups)) if groups else 0
    parts = []
    for name, rows in groups[at:] + groups[:at]:
        parts.append((f"- {name}\n" if name else "") + "\n".join(f"  - {s}" for s in rows))
    return "\n".join(parts)


def _numbered(passage: Passage, seed: int) -> str:
    return "\n".join(f"{i}. {s}" for i, s in enumerate(_shuffled(_body(passage), seed), 1))


def _essay(passage: Passage, seed: int) -> str:
    groups = _groups(passage)
    at = random.Random(seed).randrange(len(groups)) if groups else 0
    parts = [f"# {_title(passage)}"] if _title(passage) else []
    for name, rows in groups[at:] + groups[:at]:
        parts += ([f"## {name}"] if name and len(groups) > 1 else []) + [" ".join(rows)]
    return "\n\n".join(parts)


def _logic(passage: Passage, seed: int) -> str:
    rows = []
    for fact in facts_of(passage.text):
        because = re.search(r"^(.*?),? because (.+?)[.]?$", fact.sentence)
        lead = re.match(r"(?:If|When|Whenever|Once) (.*)$", fact.lead)
        if lead:
            after = fact.sentence[len(fact.lead) :].strip(" ,")
            rows.append(f"IF {lead[1]} THEN {after}")
        elif because and not because[2].startswith("of "):
            rows.append(f"IF {because[2]} THEN {_closed(because[1])}")
        else:
            rows.append(f"IF the matter is {fact.subject} THEN {fact.sentence}")
    rows = rows or [f"IT HOLDS THAT {s}" for s in _body(passage)]
    return "\n".join(_shuffled(rows, seed))


def _reverse(passage: Passage, _seed: int) -> str:
    rows = []
    for sentence in reversed(_body(passage)):
        found = re.match(r"^(.*?),? because (?!of)(.+?)\.$", sentence)
        cause = found[2][0].upper() + found[2][1:] if found else ""
        rows.append(f"{found[1]}. The reason: {cause}." if found else sentence)
    return "\n".join(rows)


def _stream(passage: Passage, seed: int) -> str:
    links = ("", "and ", "so then, ", "right, ", "and also, ", "hm, ")
    rng = random.Random(seed)
    rows = _shuffled(_body(passage), seed)
    return " ".join(rng.choice(links) + _lower(passage, s).rstrip(".") + " …" for s in rows)


def _lower(passage: Passage, sentence: str) -> str:
    first = sentence.split(" ", 1)[0]
    plain = first.lower() in FUNCTION or first.lower() in passage.lower
    return sentence[:1].lower() + sentence[1:] if plain and first != "I" else sentence


def _summary(passage: Passage, seed: int) -> str:
    rows = _body(passage)
    keep = max(1, min(4, len(rows) // 3 or 1))
    rng = random.Random(seed)
    chosen = sorted({0, *rng.sample(range(len(rows)), keep)})
    return " ".join(rows[i] for i in chosen)


def _prose(passage: Passage, seed: int) -> str:
    return " ".join(_shuffled(_body(passage), seed))


FORMS: dict[str, Callable[[Passage, int], str]] = {
    "dialogue": _dialogue, "qa": _qa, "xml": _xml, "json": _json, "yaml": _yaml, "csv": _csv,
    "table": _table, "bullets": _bullets, "numbered": _numbered, "essay": _essay, "logic": _logic,
    "reverse": _reverse, "stream": _stream, "summary": _summary, "prose": _prose,
}  # fmt: skip


def rewrite(text: str, form: str, seed: int) -> str:
    """Return the passage in a form of FORMS; another seed begins elsewhere in the passage."""
    return FORMS[form](read_passage(text), seed)


def inferences(text: str) -> list[str]:
    """Return facts that follow from the passage's: shared subjects joined, causes turned."""
    passage = read_passage(text)
    by_subject: dict[str, list[Fact]] = {}
    for fact in facts_of(text):
        by_subject.setdefault(expand(passage, fact.subject), []).append(fact)
    found = [
        _joined(s, facts) for s, facts in by_subject.items() if len(facts) > 1 and s != "there"
    ]
    for fact in facts_of(text):
        reason = re.match(r"^(.*?),? because (?!of)(.+?)\.$", fact.sentence)
        if reason:
            effect = reason[1]
            if effect.lower().startswith(fact.subject.lower()):
                effect = fact.subject + effect[len(fact.subject) :]
            found.append(f"{_closed(reason[2])[:-1]}, and therefore {effect}.")
    return found or statements(text)


def _joined(subject: str, facts: Sequence[Fact]) -> str:
    first, second = facts[0], facts[1]
    head = subject[:1].upper() + subject[1:]
    parts = [" ".join(x for x in (f.adverb, f.verb, f.rest) if x) for f in (first, second)]
    return f"{head} {parts[0]}, and {'they' if first.plural else 'the same subject'} {parts[1]}."
