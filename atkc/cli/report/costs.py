"""What the run cost: calls, tokens, money and time, by step and by model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from atkc.cli.report import charts
from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined, money
from atkc.cli.report.steps import Step, summed
from atkc.cli.report.tables import table

_HEADS = ("calls", "from cache", "tokens in", "tokens out", "cost", "")
_ELSEWHERE = "told of no step (embeddings, calls that no record waited for)"


def costs(facts: Facts) -> Markup | None:
    """Return both tables and the times; None where no step asked anything."""
    models = facts.run.get("models", {})
    asking = [(name, step) for _, name, step in facts.boxes if step.calls or step.cached]
    parts: list[Any] = []
    if asking:
        asking.sort(key=lambda pair: (-pair[1].money, -_tokens(pair[1]), pair[0]))
        parts += [el("h3", "By step"), _by_step(facts, asking)]
    elif models and not facts.books:
        parts.append(el("p", "The run told no costs by step."))
    if models:
        parts += [el("h3", "By model"), _by_model(models)]
    timed = [(name, step) for _, name, step in facts.boxes if step.end is not None]
    if timed:
        said = "From the first record of a step to its last; steps run at the same time."
        parts += [el("h3", "Time"), el("p", said), _times(timed)]
    return joined(parts) if parts else None


def _tokens(step: Step) -> int:
    return step.prompt_tokens + step.completion_tokens


def _by_step(facts: Facts, asking: list[tuple[str, Step]]) -> Markup:
    top = max((_tokens(step) for _, step in asking), default=0)
    rows = [_row(name, _told(step), top) for name, step in asking]
    missing = _elsewhere(facts.run, summed(step for _, step in asking))
    if any(missing.values()):
        rows.append(_row(_ELSEWHERE, missing, top))
    return table(("step", *_HEADS), rows, most=60, of="steps")


def _told(step: Step) -> dict[str, Any]:
    return {
        "calls": step.calls,
        "cached": step.cached,
        "prompt_tokens": step.prompt_tokens,
        "completion_tokens": step.completion_tokens,
        "money": step.money,
    }


def _elsewhere(run: Mapping[str, Any], steps: Step) -> dict[str, Any]:
    """Return what the run counted and no step did."""
    return {
        "calls": run.get("calls", 0) - steps.calls,
        "cached": run.get("from_cache", 0) - steps.cached,
        "prompt_tokens": run.get("prompt_tokens", 0) - steps.prompt_tokens,
        "completion_tokens": run.get("completion_tokens", 0) - steps.completion_tokens,
        "money": round(run.get("money", 0.0) - steps.money, 6) or 0.0,
    }


def _by_model(models: Mapping[str, Mapping[str, Any]]) -> Markup:
    tokens = {n: m["prompt_tokens"] + m["completion_tokens"] for n, m in models.items()}
    top = max(tokens.values(), default=0)
    order = sorted(models, key=lambda n: (-models[n]["money"], -tokens[n], n))
    rows = [
        _row(name, {**models[name], "cached": models[name]["cached"] + models[name]["shared"]}, top)
        for name in order
    ]
    return table(("model", *_HEADS), rows, most=60, of="models")


def _row(name: str, told: Mapping[str, Any], top: int) -> tuple[Any, ...]:
    into, out = told["prompt_tokens"], told["completion_tokens"]
    drawn = charts.bar((("r-in", into), ("r-out", out)), top, f"{into} tokens in, {out} out")
    return (name, told["calls"], told["cached"], into, out, money(told["money"]), drawn)


def _times(timed: list[tuple[str, Step]]) -> Markup:
    return table(("step", "from s", "to s", ""), _stretches(timed), most=60, of="steps")


def _stretches(timed: list[tuple[str, Step]]) -> Iterator[tuple[Any, ...]]:
    last = max(step.end or 0.0 for _, step in timed)
    for name, step in sorted(timed, key=lambda pair: (pair[1].start or 0.0, pair[0])):
        start, end = step.start or 0.0, step.end or 0.0
        said = f"from {start:.1f} s to {end:.1f} s"
        yield name, start, end, charts.stretch(start, end, last, said)
