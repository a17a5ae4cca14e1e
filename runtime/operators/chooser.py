"""Which variants of a prompt a row gets, and how many samples of each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from atkc.compiler.plan import PromptOp
from atkc.runtime.api import Data
from atkc.runtime.errors import RecordError
from atkc.runtime.formulas import formula
from atkc.runtime.keys import child_identity
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Row


class Choice(Struct, frozen=True):
    """One ask to make: a variant, the number of the sample, and what the choice adds to the row."""

    variant: str
    sample: int
    data: Data


def chooser(op: PromptOp, stage: Stage) -> Callable[[Row], list[Choice]]:
    """Return what gives a row's choices in order: variant by variant, sample by sample."""
    if op.choose.kind == "all":
        return _always(op)
    names = _names(op, stage)

    def choose(row: Row) -> list[Choice]:
        choices = []
        seen: Counter[str] = Counter()  # a variant drawn twice goes on counting its samples
        for name in names(row):
            data = {op.variant_field: name} if op.variant_field else {}
            choices += [Choice(name, seen[name] + i, data) for i in range(op.samples)]
            seen[name] += op.samples
        return choices

    return choose


def _always(op: PromptOp) -> Callable[[Row], list[Choice]]:
    named = [
        (variant.name, {op.variant_field: variant.name} if op.variant_field else {})
        for variant in op.variants
    ]
    choices = [Choice(name, i, data) for name, data in named for i in range(op.samples)]
    return lambda _: choices


def _names(op: PromptOp, stage: Stage) -> Callable[[Row], list[str]]:
    known = [variant.name for variant in op.variants]
    if op.choose.kind == "by":
        return _by(op, stage, known)
    return _draw(op, stage, known)


def _by(op: PromptOp, stage: Stage, known: list[str]) -> Callable[[Row], list[str]]:
    assert op.choose.by is not None
    by = formula(op.choose.by, stage.run.bodies)

    def named(row: Row) -> list[str]:
        name = by(row.data, stage.env(row.identity))
        if name not in known:
            raise RecordError("no-variant", f"`{name}` is none of the step's variants")
        return [name]

    return named


def _draw(op: PromptOp, stage: Stage, known: list[str]) -> Callable[[Row], list[str]]:
    choose = op.choose
    number = formula(choose.n, stage.run.bodies) if choose.n else None
    weights = [choose.weights.get(name, 1.0 if not choose.weights else 0.0) for name in known]
    label = "variant " + " ".join(known)

    def drawn(row: Row) -> list[str]:
        # A 1:n step enters its branch only with its children; its own draw needs the branch too.
        branch = stage.node.branch if op.expand else ""
        seed = child_identity(row.identity, branch, -1) if branch else row.identity
        env = stage.env(seed)
        n = int(number(row.data, env)) if number else 1
        rng = env.rng(label)
        if choose.replace:
            return rng.choices(known, weights, k=n)
        return _without_replacement(rng, known, weights, n)

    return drawn


def _without_replacement(
    rng: random.Random, known: list[str], weights: list[float], n: int
) -> list[str]:
    left = [(name, weight) for name, weight in zip(known, weights, strict=True) if weight > 0]
    chosen: list[str] = []
    while left and len(chosen) < n:
        at = rng.choices(range(len(left)), [weight for _, weight in left])[0]
        chosen.append(left.pop(at)[0])
    return chosen
