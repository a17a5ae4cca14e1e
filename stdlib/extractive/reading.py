"""What the messages hold: passages, labelled inputs and the request in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

_KINDS = {
    "related": r"(?:related|neighbou?ring|neighbou?r|other|additional|further|supporting|"
    r"retrieved|second|nearby|similar)"
    r"(?: (?:text|passage|source|excerpt|chunk|document|material|section))?s?|distractors?|"
    r"search results?",
    "question": r"questions?|query",
    "wrong": r"(?:flawed|wrong|incorrect) answer",
    "answer": r"answers?|response",
    "pairs": r"(?:q ?& ?a|question[- ]and[- ]answer|question[- ]answer|qa)(?: pairs?)?|pairs?|"
    r"questions and answers",
    "conversation": r"conversation|dialogue|chat|history|transcript",
    "facts": r"(?:atomic |inferred |known |extracted |explicit )?facts|statements|claims",
    "title": r"title|name|topic|source name|file(?: ?name)?|author|date|language|tone|subject|"
    r"domain",
    "passage": r"text|passage|excerpt|document|article|chapter|section|paragraph|chunk|material|"
    r"content|"
    r"extract|context|reading|notes?|page|source|input|story|report|evidence",
}


_VOCABULARY = "|".join(f"(?P<{kind}>{words})" for kind, words in _KINDS.items())


_ADJECTIVES = (
    r"(?:(?:the|main|source|original|given|full|user.?s|student.?s|assistant.?s|candidate|"
    r"proposed|generated|raw|corrected|correct|right|mended|"
    r"draft|first|reference|input|human|your|here is the|this is the|primary|complete|cleaned|"
    r"scanned|existing|"
    r"short|long|background) )*"
)


_LABEL = re.compile(
    rf"^[ \t>]*(?:#+ |\*\*|[-*] )?{_ADJECTIVES}(?:{_VOCABULARY})(?: (?:to|for|of|from|about|by) "
    rf"[^:\n]{{1,40}})?"
    r"(?: ?\d+)?(?:,? \(?(?:from|source)[^:\n]{0,80}\)?)?\**[ \t]*[:：]\**[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)


_HASH_LABEL = re.compile(
    rf"^#+ {_ADJECTIVES}(?:{_VOCABULARY})[ \t]*\d*[ \t]*$", re.IGNORECASE | re.MULTILINE
)


_FENCES = (
    re.compile(r'"""[ \t]*\n?(.*?)\n?[ \t]*"""', re.DOTALL),
    re.compile(r"'''[ \t]*\n?(.*?)\n?[ \t]*'''", re.DOTALL),
    re.compile(r"^```\w*[ \t]*\n(.*?)\n```[ \t]*$", re.DOTALL | re.MULTILINE),
    re.compile(
        r"(?:^|(?<=:)|(?<=: ))[ \t]*<(?P<tag>[A-Za-z][\w-]*)(?:\s[^>]*)?>"
        r"\s*(.*?)\s*</(?P=tag)>[ \t]*$",
        re.DOTALL | re.MULTILINE,
    ),
    re.compile(
        r"^(?:-{4,}|={4,}|\*{4,}|~{3,})[ \t]*\n(.*?)\n(?:-{4,}|={4,}|\*{4,}|~{3,})[ \t]*$",
        re.DOTALL | re.MULTILINE,
    ),
    re.compile(
        r"^[^\w\n]*(?:BEGIN|START)\b[^\n]*\n(.*?)\n[^\w\n]*(?:END|STOP)\b[^\n]*$",
        re.DOTALL | re.MULTILINE,
    ),
)


_MOST_FENCES = 12  # of one kind; more are part of a text
_INSTRUCTION = re.compile(
    r"^(?:please |now |then |first,? |next,? |finally,? |for (?:the|this|each)\b.{0,40}, "
    r")?(?:write|read|give|list|make|create|compose|generate|"
    r"produce|ask|answer|reply|respond|decide|judge|check|rewrite|turn|use|return|extract|find|"
    r"think|state|say|"
    r"do not|don't|never|consider|look|study|draft|explain|summari[sz]e|convert|clean|restate|"
    r"here (?:is|are)|"
    r"below (?:is|are)|the (?:following|text|passage|question|answer)|following|your|you|based "
    r"on|given|from the|"
    r"i (?:want|need|would)|we (?:want|need)|can you|could you|would you|is the|does the|suppose|"
    r"imagine|evaluate|"
    r"assess|rate|tell|determine|identify|formulate|devise|prepare|express|present|render|"
    r"transform|wrap)\b",
    re.IGNORECASE,
)


class Block(Struct, frozen=True):
    """A piece of a message that is set off from the request. `kind` is a key of _KINDS or empty."""

    kind: str
    text: str
    label: str = ""  # the line above it


class Read(Struct, frozen=True):
    """The messages, sorted: `passages` has the main text first; `inputs` by kind of label."""

    request: str
    passages: tuple[str, ...]
    related: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # of the related texts' sources; empty where none is told
    inputs: Mapping[str, str] = field(default_factory=dict)

    def input(self, kind: str) -> str:
        """Return a labelled input, or an empty text."""
        return self.inputs.get(kind, "")


def text_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message; parts that are no text (images) are left out."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        return ""
    parts = (p.get("text") for p in content if isinstance(p, Mapping))
    return "\n\n".join(p for p in parts if isinstance(p, str))


def tidy(text: str) -> str:
    """Return the text with long runs of blank lines and spaces cut, on which patterns crawl."""
    return re.sub(r"[ \t]{60,}", " ", re.sub(r"\n{4,}", "\n\n\n", text))


def last_user(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of the last user message, or of the last message."""
    users = [m for m in messages if m.get("role") == "user"]
    chosen = users[-1] if users else messages[-1] if messages else {}
    return text_of(chosen)


def _label_kind(line: str) -> str:
    cleaned = line.strip().strip("#*> ").rstrip(":：").strip() + ":"
    found = _LABEL.match(cleaned)
    if found is None:
        found = re.search(rf"\b(?:{_VOCABULARY})\b(?=[^.]{{0,60}}:?$)", cleaned, re.IGNORECASE)
    return _group(found) if found else ""


def _group(found: re.Match[str]) -> str:
    return next((k for k, v in found.groupdict().items() if v is not None and k in _KINDS), "")


def _fenced(text: str) -> tuple[list[Block], str]:
    """Return the fenced blocks, the longest fences first, and the text less them."""
    found: list[Block] = []
    for pattern in _FENCES:
        for _ in range(_MOST_FENCES):
            match = _outermost(pattern, text)
            if match is None:
                break
            body = match[match.lastindex or 1].strip()
            before = text[: match.start()].rstrip()
            line = before.rsplit("\n", 1)[-1]
            tag = match.groupdict().get("tag") or ""
            kind = (
                _label_kind(tag.replace("_", " ").replace("-", " ")) if tag else _label_kind(line)
            )
            found.append(Block(kind, body, line.strip()))
            gone = _LABEL.fullmatch(line + " ") or _LABEL.fullmatch(line)
            kept = before[: len(before) - len(line)] if gone else before
            text = kept + "\n\n" + text[match.end() :]
    return found, text


_SOURCE = re.compile(
    r"(?:,| \() ?(?:from|source:?) ([^:\n]{1,80}?)\)?\**[ \t]*[:：]", re.IGNORECASE
)


def _source(label: str) -> str:
    """Return the source that a label names: `Related text 1, from coats.txt:`, or an empty text."""
    found = _SOURCE.search(label)
    return found[1].strip() if found else ""


def _outermost(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    if "tag" in pattern.groupindex and "</" not in text:
        return None
    matches = [m for m in pattern.finditer(text) if len(m[m.lastindex or 1].split()) >= 1]
    return max(matches, key=lambda m: len(m[0]), default=None)


def _labelled(text: str) -> tuple[list[Block], str]:
    """Return the blocks that begin with a known label and the text before the first."""
    marks = sorted([*_LABEL.finditer(text), *_HASH_LABEL.finditer(text)], key=lambda m: m.start())
    if not marks:
        return [], text
    found: list[Block] = []
    rest = [text[: marks[0].start()]]
    ends = [m.start() for m in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        kind, body = _group(mark), text[mark.end() : end].strip()
        if kind in ("question", "answer", "title", "wrong") or end == len(text):
            body, after = _own(kind, body)
            rest.append(after)
        if body:
            found.append(Block(kind, body, mark[0].strip()))
    return found, "\n\n".join(r.strip() for r in rest if r.strip())


def _own(kind: str, body: str) -> tuple[str, str]:
    """Return what belongs to a label and what follows it: instructions after the last block."""
    parts = re.split(r"\n\s*\n", body)
    keep = 1
    while keep < len(parts) and not _is_request(parts[keep], last=keep == len(parts) - 1):
        if kind in ("title", "question"):
            break
        keep += 1
    return "\n\n".join(parts[:keep]), "\n\n".join(parts[keep:])


def _is_request(part: str, last: bool) -> bool:
    """Return whether a paragraph speaks to the reader: an instruction, or a closing question."""
    asks = last and len(part) < 300 and part.rstrip().endswith("?")
    return asks or bool(_INSTRUCTION.match(part.strip()))


def _unlabelled(text: str) -> tuple[str, str]:
    """Return (passage, request) of a message without marks."""
    parts = [p for p in re.split(r"\n\s*\n", text) if p.strip()]
    told = [
        p
        for p in parts
        if not _INSTRUCTION.match(p.strip()) and not p.rstrip().endswith((":", "?"))
    ]
    told = [p for p in told if len(p) > 60] or told
    if len(parts) > 1 and told:
        return "\n\n".join(told), "\n\n".join(p for p in parts if p not in told)
    found = re.match(r"(?s)(.{5,300}?[:?])\s+(.{40,})$", text.strip())
    return (found[2], found[1]) if found else (text, text if len(text) < 400 else "")


def read(messages: Sequence[Mapping[str, Any]], task: str) -> Read:
    """Return the messages sorted; `task` is the last user message less the reply contract."""
    system = "\n\n".join(text_of(m) for m in messages if m.get("role") in ("system", "developer"))
    fenced, left = _fenced(task)
    labelled, left = _labelled(left)
    blocks = fenced + labelled
    if not _has_passage(blocks):
        also, system = _fenced(system)
        blocks += [b for b in also if b.kind in ("passage", "related") or len(b.text) > 200]
    passages, shown, inputs = _sorted(blocks)
    shown.sort(key=lambda b: task.find(b.text, max(task.find(b.label), 0)))
    related = [b.text for b in shown]
    whole_pair = inputs.get("question") and inputs.get("answer")
    if not (passages or whole_pair or inputs.get("pairs") or inputs.get("facts")):
        passage, left = _unlabelled(left) if left.strip() else ("", left)
        passages = [passage] if passage.strip() else related[:1] or _earlier(messages)
    request = f"{system}\n\n{left}".strip()
    names = tuple(_source(b.label) for b in shown)
    return Read(request, tuple(passages), tuple(related), names, _guess_pair(inputs, left))


def _has_passage(blocks: list[Block]) -> bool:
    return any(b.kind in ("passage", "") and len(b.text) > 80 for b in blocks)


def _earlier(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    texts = [text_of(m) for m in messages]
    return [max(texts, key=len)] if texts and max(texts, key=len).strip() else []


def _sorted(blocks: list[Block]) -> tuple[list[str], list[Block], dict[str, str]]:
    main = [b.text for b in blocks if b.kind in ("passage", "")]
    inputs: dict[str, str] = {}
    for block in blocks:
        if block.kind not in ("passage", "", "related"):
            inputs[block.kind] = (
                f"{inputs[block.kind]}\n\n{block.text}" if block.kind in inputs else block.text
            )
    _gather_pairs(blocks, inputs)
    longest = max((len(t) for t in main), default=0)
    passages = [t for t in main if len(t) >= min(40, longest)]
    passages.sort(key=lambda t: len(t) < 0.25 * longest)
    related = [b for b in blocks if b.kind == "related"]
    return passages, related, inputs


def _gather_pairs(blocks: list[Block], inputs: dict[str, str]) -> None:
    """Put several questions and answers together as `pairs`."""
    asked = [b.text for b in blocks if b.kind == "question"]
    told = [b.text for b in blocks if b.kind == "answer"]
    if len(asked) < 2 or len(asked) != len(told):
        return
    both = (f"Question: {q}\nAnswer: {a}" for q, a in zip(asked, told, strict=True))
    inputs["pairs"] = "\n\n".join(both)
    del inputs["question"], inputs["answer"]


def _guess_pair(inputs: dict[str, str], left: str) -> dict[str, str]:
    """Fill in a question and an answer that are told in a sentence: `asked: "…?"`, `wrote: "…"`."""
    quoted = re.findall(r"[“\"]([^”\"\n]{6,400})[”\"]", left)
    if "question" not in inputs:
        asked = next((q for q in quoted if q.rstrip().endswith("?")), "")
        if asked:
            inputs["question"] = asked
            after = quoted[quoted.index(asked) + 1 :]
            if "answer" not in inputs and after:
                inputs["answer"] = after[0]
    return inputs


def pairs_in(text: str) -> list[tuple[str, str]]:
    """Return the questions and answers of a text that lists them under headings."""
    mark = r"^[^\w\n]*(?:\d+[.)][ \t]*)?[^\w\n]*(?:question|q|user|human|ask)\s*\d*\W{0,3}[:：]\W*"
    parts = re.split(mark, text, flags=re.IGNORECASE | re.MULTILINE)[1:]
    found = []
    for part in parts:
        both = re.split(
            r"^[^\w\n]*(?:answer|a|assistant|ai assistant|ai|gpt|model)\s*\d*\W{0,3}[:：]\W*",
            part,
            maxsplit=1,
            flags=re.IGNORECASE | re.MULTILINE,
        )
        if len(both) == 2 and both[0].strip() and both[1].strip():
            found.append(
                (
                    both[0].strip(" *\n"),
                    re.sub(r"\n\s*(?:-{3,}|\d+[.)])\s*$", "", both[1]).strip(" *\n"),
                )
            )
    return found
