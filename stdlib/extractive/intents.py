"""What a request asks for, told by its ordinary words and by the names of the reply's fields."""

from __future__ import annotations

import re

from msgspec import Struct

from atkc.stdlib.extractive.faults import checks_in
from atkc.stdlib.extractive.reading import Read
from atkc.stdlib.extractive.wanted import Slot, Wanted
from atkc.stdlib.extractive.wordlist import wordrow


class Intent(Struct, frozen=True):
    """`task`: pairs, verdict, facts, inferred, rewrite, clean, conversation, thought or text.

    `way` says how: of pairs (plain, openended, negative, …), of verdicts (worth, answerable,
    faults, …) or of rewrites (bullets, xml, …). `count` is a number that the request names, 0 if it
    names none.
    """

    task: str
    way: str = ""
    count: int = 0
    declared_false: bool = False


_FALSE = (
    r"(?:false|wrong|mistaken|faulty|untrue|incorrect|flawed) (?:premise|assumption|belief|"
    r"presupposition|claim)|premise|"
    r"contradict\w*|misconception|negative question|assumes? something (?:that is )?(?:wrong|"
    r"false|untrue)"
)


_WAYS = (
    ("negative", _FALSE),
    ("hallucination", (r"does(?: not|n['’]t) exist|do not exist|made[- ]up|invent(?:ed)?\b|"
                      r"fictitious|fictional|nonexistent|"
     r"non-existent|fabricated|hallucinat\w*|(?:not|never|nowhere) (?:mentioned|covered|found|"
     r"contained|discussed|answered|present|in the)|"
     r"does not (?:mention|contain|cover|discuss|answer)|unanswerable|cannot be answered|"
     r"admit\w* (?:that )?(?:it|not)|not know")),
    ("comparison", (r"compar\w+|contrast\w*|differ(?:s|ence|ences)?\b|versus|\bvs\b|(?:between|"
                   r"choose between) two")),
    ("vague", (r"vague\w*|imprecise|half[- ]remember\w*|forgotten|(?:lacks?|without) (?:knowing "
              r")?the (?:terms?|words?|names?|vocabulary)|"
     r"does not know the (?:name|term|word)s?|without naming|describ\w+ (?:it|the thing|"
     r"something) (?:without|instead)|roundabout")),
    ("followup", (r"follow[- ]?up questions?|chain|build(?:s|ing)? (?:up)?on|each (?:later|next|"
                 r"further|new) question|later questions|"
     r"deepen\w*|series of (?:connected|linked|related)|successive|progressive\w*|"
     r"conversation(?:al)? (?:of|with) questions")),
    ("openended", (r"open[- ]?ended|broad\b|wide[- ]ranging|in depth|in-depth|long,? (?:and "
                  r")?(?:structured|detailed)|essay question|at length|"
     r"comprehensive|overarching|big picture")),
)  # fmt: skip


_FORMS = (
    ("logic", r"conditional|if[- ]then|pseudo-?logic|logic chains?|implication"),
    ("reverse", (r"revers\w+ (?:causal\w*|order)|from (?:effects?|conclusions?|results?) (?:back "
                r")?to|backwards?|effects? before")),
    ("stream", (r"stream[- ]of[- ](?:thought|consciousness)|inner monologue|unformatted|"
               r"unstructured|thinking aloud|train of thought")),
    ("qa", r"q ?& ?a\b|questions? and answers?|faq|catechism"),
    ("dialogue", (r"dialogue|conversation|interview|discussion|talk between|two (?:people|"
                 r"speakers|persons)")),
    ("xml", r"\bxml\b|markup"),
    ("json", r"\bjson\b"),
    ("yaml", r"\byaml\b"),
    ("csv", r"\bcsv\b|comma[- ]separated"),
    ("table", r"\btable\b"),
    ("numbered", r"numbered (?:list|points|steps|outline)"),
    ("bullets", r"bullet\w*|dash(?:ed)? list|outline|list of points|key points"),
    ("essay", r"essay|academic|article|markdown|report|encyclop\w*|textbook|lecture|prose"),
    ("summary", r"summar\w+|abstract|digest|shorten|condense"),
)  # fmt: skip


_NUMBERS = {
    w: n for n, w in enumerate(wordrow("one two three four five six seven eight nine ten"), 1)
}


_FORBIDS = re.compile(
    r"(?i)\b(?:do not|don['’]t|never|must not|should not|shall not|avoid|rather than|instead of|"
    r"no need|refrain|may not|nothing "
    r"may|without (?:inventing|adding|making))\b"
)


def wishes(request: str) -> str:
    """Return the request without what it forbids, in lower case."""
    cut = re.sub(r"(?i)\bif\b[^,.\n]*\b(?:does not|do not|is not)\b[^,.\n]*", " ", request)
    parts = re.split(r"(?<=[.!?;])\s+|\n+", cut)
    kept = []
    for part in parts:
        found = _FORBIDS.search(part)
        kept.append(part[: found.start()] if found else part)
    return " ".join(kept).lower()


def _named(slots: tuple[Slot, ...]) -> str:
    shown = [f"{s.name} {s.heading} {s.description} {_named(s.parts)}" for s in slots]
    return re.sub(r"[_-]", " ", " ".join(shown)).lower()


def _best(table: tuple[tuple[str, str], ...], text: str, default: str) -> str:
    """Return the row whose words occur most often; the earlier row where two tie."""
    counts = [(len(re.findall(pattern, text)), name) for name, pattern in table]
    most = max(n for n, _ in counts)
    return next(name for n, name in counts if n == most) if most else default


def count_in(request: str) -> int:
    """Return the number that a request names: `write three short questions` gives 3, else 0."""
    number = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
    found = re.search(
        r"(?i)\b(?:write|ask|give|list|make|create|compose|generate|produce|want|need|exactly|of|"
        rf"with|state|find|form|devise|draft)\b[^.\n]{{0,30}}?\b{number}\b(?: or more)? "
        r"(?:[a-z-]+,? ){0,3}(?:questions?|pairs?|facts?|items?|turns?|statements?|points?)\b",
        request,
    )
    word = found[1].lower() if found else "0"
    return _NUMBERS.get(word) or int(word)


def intent_of(read: Read, wanted: Wanted) -> Intent:
    """Return what is asked for."""
    asked = wishes(read.request)
    fields = _named(wanted.slots)
    everything = f"{asked} {fields}"
    if wanted.words or wanted.form == "verdict" or _judging(asked, wanted, read):
        return _verdict(asked, read, wanted)
    task = _task(asked, fields, read, wanted)
    count = count_in(read.request)
    if task == "pairs":
        return Intent("pairs", _best(_WAYS, everything, "plain"), count)
    if task == "rewrite":
        return Intent("rewrite", _best(_FORMS, everything, "prose"), count)
    return Intent(task, count=count)


def _judging(asked: str, wanted: Wanted, read: Read) -> bool:
    if read.input("pairs") or read.input("conversation"):
        return False
    flags = [s for s in wanted.slots if s.kind == "boolean" or (s.choices and not s.parts)]
    ask = bool(
        re.search(
            r"\b(?:judge|decide|check|assess|evaluate|verify|grade|rate|determine|fact-check)\b",
            asked,
        )
    )
    has_pair = bool(read.input("question") or read.input("answer"))
    creates = any(re.match(r"question", s.name) for s in wanted.slots) and not has_pair
    if flags and (ask or has_pair) and not creates:
        return True
    return (
        ask
        and has_pair
        and not any(re.match(r"question|answer|thought", s.name) for s in wanted.slots)
    )


def _verdict(asked: str, read: Read, wanted: Wanted) -> Intent:
    false = bool(re.search(_FALSE, asked))
    question, answer = read.input("question"), read.input("answer")
    if read.input("wrong") and answer:
        return Intent("verdict", "correction")
    if question and answer and checks_in(wanted.words):
        return Intent("verdict", "faults")
    if not question and not answer and read.input("pairs"):
        question = answer = read.input("pairs")
    alone = (
        r"stands? (?:alone|on (?:its|their) own)|on (?:its|their) own|self[- ]contained|"
        r"(?:without|having) (?:the|seen|seeing|reading|access)|refers? to (?:the|a) (?:text|"
        r"passage|book|document)|leans? on"
    )
    if question and re.search(alone, asked) and not read.passages:
        return Intent("verdict", "standalone", declared_false=false)
    if not question and not answer:
        return Intent("verdict", "worth", declared_false=false)
    if (
        question
        and re.search(alone, asked)
        and not re.search(r"accura|correct|support|faithful|answerable|be answered", asked)
    ):
        return Intent("verdict", "standalone", declared_false=false)
    if question and (not answer or _about_question(asked)):
        return Intent("verdict", "answerable", declared_false=false)
    relevance = len(re.findall(r"relevan|keeps? to|stays? (?:with)?in|on topic|address", asked))
    accuracy = len(re.findall(r"accura|correct|fact|support|true|faithful|agree", asked))
    return Intent(
        "verdict", "relevant" if relevance > accuracy else "accurate", declared_false=false
    )


def _about_question(asked: str) -> bool:
    about = len(
        re.findall(
            r"answerable|can be answered|be answered (?:from|by|with)|question (?:is|can|makes|"
            r"rests|could)|is the question|the question (?:really )?(?:contradict|assume)",
            asked,
        )
    )
    return about > len(
        re.findall(
            r"accura|correct|support|faithful|the answer (?:is|keeps|stays|says)|is the answer|"
            r"fact-check",
            asked,
        )
    )


def _alone(wanted: Wanted, read: Read) -> bool:
    """Return whether an answer is given, and the reply is to hold what led to it and no other."""
    given = read.input("answer") or read.input("conversation")
    asked = any(re.match(r"question|answer|role", s.name) for s in wanted.slots)
    return bool(given) and not asked


def _task(asked: str, fields: str, read: Read, wanted: Wanted) -> str:
    everything = f"{asked} {fields}"
    names = " ".join(f"{s.name} {s.heading}" for s in wanted.slots).lower().replace("_", " ")
    if re.search(r"\b(?:thoughts?|thinking|reasoning)\b", names) and _alone(wanted, read):
        return "thought"
    has_pairs = read.input("pairs") or read.input("conversation")
    if has_pairs and re.search(r"conversation|chat|dialogue|turns", everything):
        return "conversation"
    if re.search(r"\b(?:question|wrong|flawed)\b|\bquery\b", names) and not read.input("question"):
        return "pairs"
    if (
        re.search(r"\binfer|follows? from|deduc|implied|implicit", everything)
        and "question" not in names
    ):
        return "inferred"
    if re.search(r"\bfacts?\b|\bstatements?\b|\bclaims?\b", names) or re.search(
        r"(?:atomic|indivisible|single|every|all|explicit|list)[^.]{0,30} facts?", asked
    ):
        return "facts"
    if re.search(
        r"\bclean\w*|\bocr\b|artefacts?|artifacts?|line breaks|hyphenat|garbled|page (?:numbers|"
        r"furniture|headers)|scanned",
        asked,
    ):
        return "clean"
    if re.search(
        r"re-?writ|re-?express|re-?phras|re-?stat|re-?cast|\bturn\b[^.]* into|convert|re-?format|"
        r"summar|in the form of|present (?:it|the|its)|transform|re-?tell|re-?structur|variation",
        everything,
    ):
        return "rewrite"
    if re.search(r"question", everything) and not read.input("question"):
        return "pairs"
    if read.input("question") and not read.input("answer"):
        return "reply"
    return "reply" if wanted.slots else "text"
