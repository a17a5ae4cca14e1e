"""Masked records: the mask begins and ends with turns, and leaves something to learn."""

from __future__ import annotations

from collections.abc import Iterator

from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.readiness.samples import Sample

_HINT = "make segments with `chat.segments`, whose masks follow the turns"


def check(sample: Sample) -> Iterator[Diagnostic]:
    """Yield masks that cover nothing or all, or that begin or end within a turn."""
    if sample.file.kind != "segments":
        return
    trained = {segment.label for segment in sample.segments if segment.text}
    if True not in trained:
        yield sample.found("ATK813", "no part of the record is trained on", _HINT)
    elif False not in trained:
        yield sample.found("ATK813", "no part of the record is masked", _HINT)
    if not sample.turns:
        return  # a template of its own: where its turns begin is not known
    allowed = {border for turn in sample.turns for border in turn.borders}
    allowed |= {0, len(sample.text)}
    for place in _borders(sample):
        if place not in allowed:
            around = sample.text[max(0, place - 20) : place + 20]
            yield sample.found("ATK812", f"the mask changes within a turn, at `{around}`", _HINT)
            return


def _borders(sample: Sample) -> Iterator[int]:
    """Yield the places where the label changes."""
    place, before = 0, None
    for segment in sample.segments:
        if before is not None and segment.label != before and segment.text:
            yield place
        place += len(segment.text)
        before = segment.label if segment.text else before
