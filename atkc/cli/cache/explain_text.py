"""What `atkc cache explain` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import asdict

from atkc.cli.cache.reasons import difference_lines, verdict
from atkc.cli.cache.shown import as_date, table
from atkc.runtime.rehearsal import Inquiry, Rehearsal, Step
from atkc.runtime.storage.call_parts import call_parts
from atkc.runtime.storage.nearest import Near

Told = list[tuple[Inquiry, Near | None]]


def overview(found: Rehearsal) -> Iterator[str]:
    """Yield the lines that tell all steps."""
    rows = [(name, str(s.stored), str(s.missing)) for name, s in found.steps.items()]
    yield table(("step", "in the cache", "to be asked"), rows)
    if any(step.missing for step in found.steps.values()):
        yield "what lies behind a missing reply is not counted; `--step NAME` says why one is\n"
    if found.values:
        yield f"{found.values} results of functions would be made anew\n"


def overview_data(found: Rehearsal) -> dict[str, Any]:
    """Return all steps as data."""
    steps = {
        name: {"stored": step.stored, "missing": step.missing} for name, step in found.steps.items()
    }
    return {"steps": steps, "values": found.values}


def step_lines(name: str, record: int | None, step: Step, near: Told) -> Iterator[str]:
    """Yield the lines that tell one step, or one record of it."""
    if record is None:
        yield f"step {name}: {step.stored} in the cache, {step.missing} to be asked"
    for inquiry, other in near:
        if record is None:
            yield ""
        yield from _inquiry(name, record, inquiry, other)


def step_data(name: str, step: Step, near: Told) -> dict[str, Any]:
    """Return one step as data."""
    requests = [_request(inquiry, other) for inquiry, other in near]
    return {"step": name, "stored": step.stored, "missing": step.missing, "requests": requests}


def _inquiry(name: str, record: int | None, inquiry: Inquiry, near: Near | None) -> Iterator[str]:
    parts = call_parts(inquiry.text)
    assert parts is not None
    place = ".".join(str(number) for number in inquiry.ordinal)
    which = f"record {place}" if record is None else f"record {record} (place {place})"
    model = f"{parts.provider}/{parts.model}"
    yield f"step {name}, {which}: {model}, attempt {parts.attempt + 1}"
    yield f"  key {inquiry.key.hex()}: {'in' if inquiry.stored else 'NOT in'} the cache"
    if near is None:
        first = "" if inquiry.stored else ": it is asked for the first time"
        yield f"  no other stored request is like it{first}"
        return
    yield f"  nearest other request: {near.key.hex()[:16]}, stored on {as_date(near.day)}"
    yield f"  {verdict(near)}"
    for difference in near.differences:
        yield from (f"    {line}" for line in difference_lines(difference))


def _request(inquiry: Inquiry, near: Near | None) -> Mapping[str, Any]:
    parts = call_parts(inquiry.text)
    assert parts is not None
    told = {"ordinal": list(inquiry.ordinal), "key": inquiry.key.hex(), "stored": inquiry.stored}
    return {**told, "request": asdict(parts), "nearest": None if near is None else _near(near)}


def _near(near: Near) -> dict[str, Any]:
    return {
        "key": near.key.hex(),
        "day": as_date(near.day),
        "likeness": round(near.likeness, 3),
        "differences": [asdict(difference) for difference in near.differences],
    }
