"""The head: what was run, how it ended, what it took, and what to look at first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined, money, number

_HOW = {
    "StopRun": "stopped by a cap or for want of consent",
    "CancelledError": "interrupted",
    "KeyboardInterrupt": "interrupted",
    "Permanent": "ended by an endpoint that refused",
    "StoreError": "ended because the cache could not be written",
    "InputError": "ended by a mistake in its inputs",
}


def head(facts: Facts) -> Markup:
    """Return name, state, numbers and alarms."""
    state, kind = state_of(facts)
    return joined(
        [
            el("p", el("strong", state, cls=f"r-state r-{kind}"), f" {_when(facts)}"),
            el("p", facts.manifest.get("description", "")) if facts.own else "",
            el("dl", *(_number(name, value) for name, value in _numbers(facts)), cls="r-numbers"),
            *(el("p", said, cls="r-alarm", role="alert") for said in alarms(facts)),
        ]
    )


def state_of(facts: Facts) -> tuple[str, str]:
    """Return how the run ended, in words and as a class."""
    if facts.complete and facts.manifest.get("partial"):
        return "partial: made with --limit", "partial"
    if facts.complete:
        return "complete", "complete"
    how = facts.ended.get("how")
    said = "killed, or still running" if how is None else _HOW.get(how, f"ended by {how}")
    return f"not complete: {said}", "stopped"


def alarms(facts: Facts) -> Iterator[str]:
    """Yield what must not be overlooked."""
    if not facts.complete and facts.manifest and not facts.own:
        yield "The files in this folder are of an earlier run: this one has replaced none of them."
    if facts.own and facts.manifest.get("forgotten"):
        gone = ", ".join(facts.manifest["forgotten"])
        yield f"Lines of these documents were left out of this copy, not of its ledger: {gone}"
    for warning in facts.warnings:
        yield f"{warning['step']}: {warning['message']}"
    for taken in facts.manifest.get("takes", ()) if facts.own else ():
        if taken["shortage"]:
            yield (
                f"{taken['step']} was to draw {taken['target']:,} {taken['unit']} and drew "
                f"{taken['actual']:,}: {taken['shortage']:,} too few."
            )
    for box, name, step in facts.boxes:
        if step.came and step.failed >= step.came:
            yield f"{name}: all {step.came:,} records failed."
        elif step.filtered and not step.out and box is not None and box.kind == "vote-filter":
            yield f"{name} let nothing through: {step.filtered:,} of {step.came:,} were refused."


def _when(facts: Facts) -> str:
    run = facts.run
    began = run.get("started") or (facts.events[0]["time"] if facts.events else "")
    took = f", {run['seconds']:,.1f} s" if "seconds" in run else ""
    return f"{began}{took}"


def _numbers(facts: Facts) -> Iterator[tuple[str, Any]]:
    run = facts.run
    yield "model calls", number(run.get("calls", 0)) or "0"
    yield "from cache", number(run.get("from_cache", 0)) or "0"
    yield "tokens in", number(run.get("prompt_tokens", 0)) or "0"
    yield "tokens out", number(run.get("completion_tokens", 0)) or "0"
    yield "cost", money(run.get("money", 0.0)) or "$0"
    yield "failed records", number(failed(facts)) or "0"
    yield "records written", number(sum(e["records"] for e in facts.entries.values())) or "0"


def failed(facts: Facts) -> int:
    """Return how many records failed that no step reads; of a run that ended early, all."""
    if "failed" in facts.run:
        return int(facts.run["failed"])
    return sum(step.failed for _, _, step in facts.boxes)


def _number(name: str, value: Any) -> Markup:
    return el("div", el("dt", name), el("dd", value))
