"""The caps of one invocation, where each was set, and whether they can hold at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from atkc.compiler.plan import Budget as Written
from atkc.compiler.plan import CombineOp, Node, Plan, PromptOp, VoteOp, asked_model
from atkc.runtime.modelspec import ModelSpec
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.source import Span

_LENGTH_KEYS = ("max_completion_tokens", "max_tokens")
_COUNT_KEYS = ("n", "best_of")  # replies that are made, and paid for, at once
_OPTIONS = {"max_usd": "--max-usd", "max_calls": "--max-calls", "max_tokens": "--max-tokens"}


class Caps(Struct, frozen=True):
    """What a run may not cross, None where there is no cap; `said` names who set each."""

    max_usd: float | None = None
    max_calls: int | None = None
    max_tokens: int | None = None
    said: tuple[tuple[str, str], ...] = ()

    def origin(self, name: str) -> str:
        """Return how a message calls the place where a cap was set."""
        return dict(self.said).get(name, f"`{_OPTIONS[name]}`")


def tighter(option: Caps, written: Written) -> Caps:
    """Return of each cap the lower: that of the command line, or that of the spec."""
    values: dict[str, Any] = {}
    said: list[tuple[str, str]] = []
    for name in _OPTIONS:
        given, own = getattr(option, name), getattr(written, name)
        values[name] = given if own is None else own if given is None else min(given, own)
        if own is not None and (given is None or own < given):
            said.append((name, f"`budget: {{{name}}}` of the spec"))
    return Caps(**values, said=tuple(said))


def longest_reply(sampling: Mapping[str, Any]) -> int | None:
    """Return how many tokens the replies to one call have at most, None if nothing bounds them.

    Some servers take a negative length for one without end.
    """
    lengths = [sampling[key] for key in _LENGTH_KEYS if sampling.get(key) is not None]
    counts = [sampling[key] for key in _COUNT_KEYS if sampling.get(key) is not None]
    if not lengths or not all(type(n) is int and n > 0 for n in (*lengths, *counts)):
        return None
    return int(max(lengths)) * int(max(counts, default=1))


def unbounded(plan: Plan, models: Mapping[str, ModelSpec], caps: Caps) -> list[Diagnostic]:
    """Return why a cap could not hold: the price of a call (ATK720) or its length (ATK721).

    Each model is told once, at the first step that asks it.
    """
    found: dict[tuple[str, str], Diagnostic] = {}
    for node in plan.nodes:
        for spec, samplings in _asked(node, models):
            for finding in _of(node, spec, samplings, caps):
                found.setdefault((finding.code, spec.name), finding)
    return list(found.values())


def _asked(
    node: Node, models: Mapping[str, ModelSpec]
) -> Iterator[tuple[ModelSpec, list[Mapping[str, Any]] | None]]:
    """Yield the models that a node may ask, with their sampling; None: it asks for vectors."""
    name = asked_model(node.op)
    if not name:
        return
    spec = models[name]
    if isinstance(node.op, CombineOp):
        yield spec, None
        return
    own = list(_samplings(node.op))
    for model in (spec, *spec.fallback):
        yield model, [{**model.sampling, **sampling} for sampling in own]


def _samplings(op: object) -> Iterable[Mapping[str, Any]]:
    if isinstance(op, PromptOp):
        return [variant.prompt.sampling for variant in op.variants]
    assert isinstance(op, VoteOp)
    return [op.prompt.sampling]


def _of(
    node: Node, spec: ModelSpec, samplings: list[Mapping[str, Any]] | None, caps: Caps
) -> Iterator[Diagnostic]:
    priced = spec.price_in is not None and (samplings is None or spec.price_out is not None)
    if caps.max_usd is not None and not priced:
        yield _unpriced(node, spec, caps, vectors=samplings is None)
    free = spec.price_out == 0
    counted = caps.max_tokens is not None or (caps.max_usd is not None and not free)
    if counted and any(longest_reply(sampling) is None for sampling in samplings or ()):
        yield _endless(node, spec, "max_tokens" if caps.max_tokens is not None else "max_usd", caps)


def _unpriced(node: Node, spec: ModelSpec, caps: Caps, *, vectors: bool) -> Diagnostic:
    keys = "`price_in`" if vectors else "`price_in` and `price_out`"
    return Diagnostic(
        "ATK720",
        f"the price of the model `{spec.name}` (`{spec.model}`) is not known, "
        f"so {caps.origin('max_usd')} cannot hold",
        _span(node),
        help=f"set {keys} of `{spec.name}` (0 for a server of your own), or leave out the cap",
        where=node.id,
    )


def _endless(node: Node, spec: ModelSpec, name: str, caps: Caps) -> Diagnostic:
    return Diagnostic(
        "ATK721",
        f"the replies of the model `{spec.name}` may be of any length, "
        f"so {caps.origin(name)} cannot hold",
        _span(node),
        help=f"set `max_tokens` in the sampling of `{spec.name}`, of the step or of its prompt",
        where=node.id,
    )


def _span(node: Node) -> Span | None:
    at = node.place
    return Span(at.path, at.line, at.col, at.line, at.col + 1) if at else None
