"""Marks of the beginning of a text that a tokenizer would put there a second time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.readiness.rendered import BOS
from atkc.stdlib.readiness.samples import Sample

_ANY = "|".join(map(re.escape, BOS))
_TWICE = re.compile(rf"(?:{_ANY})\s*(?:{_ANY})")
_FIRST = re.compile(rf"\s*(?:{_ANY})")


def check(sample: Sample) -> Iterator[Diagnostic]:
    """Yield a doubled mark, or one at the start where the tokenizer adds its own.

    Segments are tokenized as they stand: there one mark at the start is right.
    """
    starts = [turn.content for turn in sample.turns] if _has_messages(sample) else [sample.text]
    if _TWICE.search(sample.text):
        message = "the mark of the beginning stands twice"
    elif sample.file.kind != "segments" and (match := _first(starts)):
        message = f"the text begins with `{match}`, and the tokenizer adds its own"
    else:
        return
    yield sample.found("ATK815", message, "leave `bos_token` out of the template's variables")


def _has_messages(sample: Sample) -> bool:
    return sample.file.kind not in ("completion", "segments")


def _first(texts: list[str]) -> str | None:
    return next((m.group().strip() for text in texts if (m := _FIRST.match(text))), None)
