"""Whether claims agree with a passage: numbers, names, negations and content words are aligned."""

from __future__ import annotations

import re
from collections.abc import Sequence

from atkc.stdlib.extractive.aligning import TALK_STEMS, Judgement, best_rows, has, quote
from atkc.stdlib.extractive.answerable import answerable, is_foreign
from atkc.stdlib.extractive.claims import check_claim, substance
from atkc.stdlib.extractive.sentences import Passage, read_passage, split
from atkc.stdlib.extractive.words import content, numbers, words

_REFUSAL = re.compile(
    r"\b(?:(?:do|does|did|can|could) ?n[o’']t (?:know|say|mention|state|tell|specify|have|recall|"
    r"find)|do not know|"
    r"does not (?:say|mention|state|tell|specify|contain|provide|give|appear)|not (?:stated|"
    r"mentioned|known|given|"
    r"specified|provided|told|aware|familiar)|no (?:information|mention|record|knowledge)|unknown|"
    r"cannot (?:be answered|say|tell|answer|find)|nothing that I|I am (?:sorry|afraid)|sorry)\b",
    re.IGNORECASE,
)


_CORRECTION = re.compile(
    r"\b(?:premise|mistaken|incorrect|not (?:correct|right|true|accurate|the case)|misconception|"
    r"assumes? something|apologi[sz]e|i made a mistake|my answer was wrong|misunderstanding|"
    r"assumption|contrary to|"
    r"false assumption|that is wrong|error in)\b",
    re.IGNORECASE,
)


# `I am sorry, that was wrong:` before a claim is neither a refusal nor a claim.
_APOLOGY = re.compile(
    r"^[^.!]{0,90}?\b(?:sorry|apologi[sz]e|right to (?:doubt|ask))\b[^.!]{0,60}?"
    r"\b(?:wrong|mistaken?|error|incorrect)\b[^.!:]{0,20}[:.!]\s*",
    re.IGNORECASE,
)


_FILLER = re.compile(
    r"^(?:sure|certainly|of course|yes|no|great question|good question|let me know|feel free|"
    r"would you like|"
    r"if you (?:want|would like|need)|i hope|i can|shall i|do you want)\b",
    re.IGNORECASE,
)


def said(text: str) -> list[str]:
    """Return the sentences of an answer that claim something; a thought before it is left out."""
    parts = re.split(r"(?im)^[^\w\n]*(?:final )?answer[^\w\n]*:[^\w\n]*$|^[^\w\n]*answer:\**", text)
    text = re.split(r"(?im)^[^\w\n]*sources? used\b", parts[-1])[0]
    rows = (re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", row) for row in text.split("\n"))
    found = [s for row in rows for s in split(re.sub(r"\*\*|__|`", "", row).strip())]
    return [s for s in found if not _FILLER.match(s) or substance(s)] or found


def check_answer(passages: Sequence[Passage], question: str, answer: str) -> Judgement:
    """Return whether each claim of an answer agrees with the passages; the first fault decides."""
    claims = said(answer)
    if not claims:
        return Judgement(False, "The answer is empty.", "unsupported")
    if is_foreign(passages, answer):
        return _foreign(passages, answer)
    last = Judgement(True, "The answer claims nothing that the passage could contradict.")
    refused = False
    for claim in _less_apologies(claims):
        if _REFUSAL.search(claim):
            refused = True
            continue
        if claim.rstrip().endswith("?") or _is_correction(claim) or _small_talk(claim):
            continue
        last = check_claim(passages, _bare(claim), question)
        if not last.ok:
            return last
        astray = _adds(passages, question, _bare(claim))
        if astray:
            return astray
    if refused and question and answerable(passages, question).ok:
        best = best_rows(passages, question)
        return Judgement(
            False,
            f"The answer says it is not known, but the passage tells: {quote(best[0].text)}.",
            "unsupported",
        )
    if refused:
        return Judgement(True, "The passage does not tell, and the answer says so.")
    return _answers_kind(question, answer) or _yes_no(passages, question, answer) or last


def _less_apologies(claims: Sequence[str]) -> list[str]:
    return [rest for c in claims if (rest := _APOLOGY.sub("", c))]


def _adds(passages: Sequence[Passage], question: str, claim: str) -> Judgement | None:
    """Return a failure where a claim has a word of its own and its question finds no answer."""
    whole = frozenset(s for p in passages for s in content(p.text))
    new = [s for s in content(claim) if s not in TALK_STEMS and not has(whole, s)]
    if not new or not question:
        return None
    rows = best_rows(passages, claim, question)[:1]
    fresh = set(content(claim)) - set(content(question)) - TALK_STEMS
    told = sum(len(fresh & r.stems) + 2 * len(set(numbers(claim)) & r.numbers) for r in rows)
    asked = answerable(passages, question)
    if asked.ok or told > 1:
        return None
    return Judgement(
        False, f"The passage has nothing on {', '.join(new[:3])}. {asked.reason}", "unsupported"
    )


def _is_correction(claim: str) -> bool:
    return bool(_CORRECTION.search(claim)) and not numbers(claim)


def _small_talk(claim: str) -> bool:
    return len([s for s in content(claim) if s not in TALK_STEMS]) == 0 and not numbers(claim)


def _bare(claim: str) -> str:
    claim = re.sub(
        r"^(?:The (?:question|premise)[^:]{0,80}:|That is not (?:correct|right|so):)\s*", "", claim
    )
    return re.sub(r"^(?:According to|As stated in|Based on) [^,]+,\s*", "", claim)


def _answers_kind(question: str, answer: str) -> Judgement | None:
    """Return a failure where the question asks for a number or date and the answer has none."""
    asks = r"\W*(?:how many|how much|in (?:which|what) year)\b"
    tells = r"\b(?:one|no|none|half|all|several|many|few|dozen|both|most)\b"
    if not re.match(asks, question, re.IGNORECASE) or numbers(answer):
        return None
    if re.search(tells, answer, re.IGNORECASE):
        return None
    return Judgement(False, "The question asks for a number, the answer gives none.", "unsupported")


def _yes_no(passages: Sequence[Passage], question: str, answer: str) -> Judgement | None:
    """Return a failure where a bare yes or no contradicts the passage."""
    found = re.match(r"\s*(yes|no)\b", answer, re.IGNORECASE)
    if not found or len(words(answer)) > 3 or not question:
        return None
    rows = best_rows(passages, question)
    if not rows:
        return Judgement(False, "Nothing in the passage speaks of it.", "unsupported")
    holds = check_claim(passages, question.rstrip("?")).ok
    if holds != (found[1].lower() == "yes"):
        return Judgement(False, f"The passage says otherwise: {quote(rows[0].text)}.", "negation")
    return None


def _foreign(passages: Sequence[Passage], answer: str) -> Judgement:
    """Return whether an answer that is not English repeats numbers and words of its passage."""
    text = "\n".join(p.text for p in passages)
    for number in re.findall(r"\d+", answer):
        if number not in re.findall(r"\d+", text):
            return Judgement(
                False, f"The answer gives {number}, which the passage does not.", "number"
            )
    grams = {answer[i : i + 3].lower() for i in range(len(answer) - 2)}
    share = sum(g in text.lower() for g in grams) / max(1, len(grams))
    if share < 0.6:
        return Judgement(False, "The answer's words do not stand in the passage.", "unsupported")
    return Judgement(True, "The answer's words stand in the passage.")


def relevant(passages: Sequence[Passage], question: str, answer: str) -> Judgement:
    """Return whether an answer keeps to its question and to the passages."""
    accurate = check_answer(passages, question, answer)
    if not accurate.ok:
        return accurate
    told = set(content(answer)) | {
        s for c in said(answer) for r in best_rows(passages, c, question)[:1] for s in r.near
    }
    wanted = [s for s in content(question) if s not in TALK_STEMS]
    if wanted and not any(has(frozenset(told), s) for s in wanted) and not _REFUSAL.search(answer):
        return Judgement(False, "The answer does not speak of what is asked.", "unsupported")
    return accurate


def check_correction(
    passages: Sequence[Passage], question: str, wrong: str, right: str
) -> Judgement:
    """Return whether the passages contradict the one answer and bear out the other."""
    if not _less_apologies(said(right)):
        return Judgement(False, "The corrected answer says nothing.", "unsupported")
    mended = check_answer(passages, question, right)
    if not mended.ok:
        return mended
    flawed = check_answer(passages, question, wrong)
    if flawed.ok:
        return Judgement(False, "The passage does not contradict the flawed answer.", "unflawed")
    return Judgement(True, flawed.reason)


def passages_of(texts: Sequence[str]) -> tuple[Passage, ...]:
    """Return the passages of some texts, read once each."""
    return tuple(read_passage(t) for t in texts)
