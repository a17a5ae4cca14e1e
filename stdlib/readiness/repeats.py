"""Records that say the same twice, and records held out that are trained on nevertheless.

Equal means, for texts, all but white space; for what is said in conversations, the same words,
whatever their case and stops. Records that are nearly equal would be found here too, by a second
index beside `_seen` that is asked with shingles of the words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from atkc.spec.diagnostic import Diagnostic, Label
from atkc.spec.source import Span
from atkc.stdlib.readiness.samples import Sample

_WORD = re.compile(r"\w+")
_LEAST = 5  # words of a question or an answer: `Yes.` and `Go on.` may come again
_PLACES = {"record": "ATK820", "question": "ATK822", "answer": "ATK822"}
_HINTS = {
    "ATK820": "put `combine` with `op: dedupe` before the export",
    "ATK822": "dedupe `by` that field, if the two are not meant to be trained on both",
    "ATK821": "split before pairs are made, by document (`op: split` with `by`)",
}


class Repeats:
    """Remembers a short hash of each record, question and answer that it has seen.

    Files held out are to be seen first.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, bytes], Span] = {}
        self._held_out: dict[bytes, Span] = {}

    def see(self, sample: Sample) -> Iterator[Diagnostic]:
        """Yield one finding at most: a leak, the same record, else a same question or answer."""
        parts = list(_parts(sample))
        if sample.file.held_out:
            for _, key in parts:
                self._held_out.setdefault(key, sample.span)
            return
        if leak := self._leak(sample, parts):
            yield leak
        for n, (what, key) in enumerate(parts):
            within = sample.span if key in (other for _, other in parts[:n]) else None
            if first := self._first(sample, key) or within:
                code = _PLACES[what]
                label = (Label(first, "the first is here"),)
                message = f"the same {what} stands in `{first.path}:{first.line}`"
                yield Diagnostic(code, message, sample.span, label, _HINTS[code])
                break
        for scope in sample.file.scopes:
            for what, key in parts:
                # Two questions may well have one answer; in one conversation none comes twice.
                if what != "answer":
                    self._seen.setdefault((scope, key), sample.span)

    def _leak(self, sample: Sample, parts: list[tuple[str, bytes]]) -> Diagnostic | None:
        for what, key in parts if sample.file.trained else ():
            if held := self._held_out.get(key):
                label = (Label(held, "held out here"),)
                message = f"a {what} held out for evaluation is trained on"
                return Diagnostic("ATK821", message, sample.span, label, _HINTS["ATK821"])
        return None

    def _first(self, sample: Sample, key: bytes) -> Span | None:
        found = (self._seen.get((scope, key)) for scope in sample.file.scopes)
        return next((span for span in found if span), None)


def _parts(sample: Sample) -> Iterator[tuple[str, bytes]]:
    """Yield what is compared: the conversation less its system prompt, its questions, answers.

    Of masked records it is what they are trained on: the rest may well stand in others.
    """
    if sample.segments:
        yield from _trained(sample)
        return
    said = [turn for turn in sample.turns if turn.role != "system"]
    # Texts may differ in case or marks on purpose: spellings and forms make more of them.
    talk = "\n".join(f"{t.role} {t.content}" for t in said)
    if words := _WORD.findall(talk.casefold()) if said else sample.text.split():
        yield "record", _key("record", words)
    for turn in said:
        what = {"user": "question", "assistant": "answer"}.get(turn.role)
        words = _WORD.findall(turn.content.casefold())
        if what and len(words) >= _LEAST:
            yield what, _key(what, words)


def _trained(sample: Sample) -> Iterator[tuple[str, bytes]]:
    pieces = [_WORD.findall(s.text.casefold()) for s in sample.segments if s.label]
    if words := [word for piece in pieces for word in piece]:
        yield "record", _key("record", words)
    for words in pieces if len(pieces) > 1 else ():
        if len(words) >= _LEAST:
            yield "answer", _key("answer", words)


def _key(what: str, words: list[str]) -> bytes:
    text = f"{what}\0{' '.join(words)}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=12).digest()
