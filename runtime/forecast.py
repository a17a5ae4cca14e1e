"""How many calls, tokens and how much money a run would need, step by step: low, expected, high.

What needs no model is really run, so the numbers of records that reach the first prompts are
exact; behind those each filter keeps between none and all, each list of replies has between its
least and its greatest length. An `if` lets in between none and all wherever it stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce

from msgspec import Struct, structs

from atkc.compiler.plan import (
    Action,
    Choose,
    CombineOp,
    Condition,
    Edge,
    Expression,
    MapOp,
    Node,
    Plan,
    Prompt,
    PromptOp,
    VoteOp,
    asked_model,
)
from atkc.runtime.asking import EMBEDDED_AT_ONCE
from atkc.runtime.forecast_demand import Gates, is_gate, wanted
from atkc.runtime.ledger import LedgerRow
from atkc.runtime.modelspec import ModelSpec
from atkc.runtime.operators.ballots import wave
from atkc.runtime.part import part_of
from atkc.runtime.ranges import ZERO, Range

_KEPT = 0.8  # share that a filter is expected to keep
_MEANT = 0.5  # share of the records for which an `if` is expected to be true
_ITEMS = 3  # items expected in a list of replies without a bound
_MANY = 10  # items taken as the most where a contract has no bound
_REPLY = 250  # tokens expected in a reply
_CUTTING = ("text.chunk", "document.cut")
_TEXT = 600  # tokens taken for the fields that a prompt reads, where no chunk size is known


class StepForecast(Struct, frozen=True):
    """What one step would ask for; money is None where a price is not known."""

    step: str
    model: str
    calls: Range
    tokens_in: Range
    tokens_out: Range
    money: Range | None


def without_models(plan: Plan) -> Plan:
    """Return the part of a plan that needs no model, less its exports and what waits at gates.

    A prompt of which failed replies go on with the values of `else` lets all records through: it
    is taken to do so, and what lies behind it is known as well.
    """

    def known(node: Node) -> bool:
        return node.op.op != "export" and not asked_model(node.op) and not is_gate(node)

    return part_of(plan, map(_passing_by, plan.nodes), known)


def _passing_by(node: Node) -> Node:
    op = node.op
    if not isinstance(op, PromptOp) or op.condition is None or op.on_failure.then != "else":
        return node
    why = {op.on_failure.name: Expression(text="null")} if op.on_failure.name else {}
    never = Condition(test=Expression(text="false"), otherwise={**op.condition.otherwise, **why})
    return structs.replace(
        node,
        op=MapOp(actions=[Action(verb="set")], condition=never),
        ports={"main": node.ports["main"]},
    )


def _coming(edges: Sequence[Edge], out: Mapping[str, Mapping[str, Range]]) -> Range:
    came = ZERO
    for edge in edges:
        came = came.plus(out.get(edge.node, {}).get(edge.port, ZERO))
    return came


def forecast(
    plan: Plan, ledger: tuple[LedgerRow, ...], models: Mapping[str, ModelSpec]
) -> list[StepForecast]:
    """Return the forecast of each step that calls a model, given the ledger of the rest."""
    out: dict[str, dict[str, Range]] = {}
    known: dict[str, dict[str, int]] = {}
    for row in ledger:
        known[row.step] = dict(row.ports)
    found: list[StepForecast] = []
    longest = _longest_text(plan)
    gates = Gates(plan, _out_of)
    for node in plan.nodes:
        roles = {role: _coming(edges, out) for role, edges in node.inputs.items()}
        came = ZERO
        for some in roles.values():
            came = came.plus(some)
        exact = _known(node, known)
        # of two streams the first is what goes on
        passing = roles["query"] if _embeds(node) else came
        if is_gate(node):
            out[node.id] = {"main": gates.let_in(node, came)}
        else:
            out[node.id] = exact if exact is not None else _behind(node, passing)
        if _embeds(node):
            found.append(_embedding(node, roles, models, longest))
        if isinstance(node.op, PromptOp | VoteOp):
            found.append(_step(node, node.op, came, models, longest))
    return found


def _out_of(node: Node, out: Mapping[str, Mapping[str, Range]]) -> dict[str, Range]:
    roles = [_coming(edges, out) for edges in node.inputs.values()]
    return _behind(node, reduce(Range.plus, roles, ZERO))


def _embeds(node: Node) -> bool:
    return isinstance(node.op, CombineOp) and bool(node.op.model)


def _embedding(
    node: Node, roles: Mapping[str, Range], models: Mapping[str, ModelSpec], longest: int
) -> StepForecast:
    """Return the forecast of a step that embeds its streams.

    At best all texts of queries are texts of the pool, at worst each query comes by itself.
    """
    query, pool = roles["query"], roles["pool"]
    calls = Range(
        _requests(pool.low),
        _requests(pool.expected) + _requests(query.expected),
        _requests(pool.high) + query.high,
    )
    tokens = Range(
        pool.low * longest / 4,
        (pool.expected + query.expected) * longest,
        (pool.high + query.high) * 2 * longest,
    )
    model = asked_model(node.op)
    return StepForecast(node.id, model, calls, tokens, ZERO, _money(models[model], tokens, ZERO))


def _requests(texts: float) -> int:
    return math.ceil(texts / EMBEDDED_AT_ONCE)


def longest_request(plan: Plan, models: Mapping[str, ModelSpec]) -> dict[str, tuple[int, int]]:
    """Return (expected, high) tokens of the longest prompt with its reply, by the model's name.

    Steps of models that are not handed in are left out.
    """
    longest = _longest_text(plan)
    found: dict[str, tuple[int, int]] = {}
    for node in plan.nodes:
        if not isinstance(node.op, PromptOp | VoteOp) or node.op.model not in models:
            continue
        for prompt in prompts_of(node.op):
            size, most = _size(prompt), _most(models[node.op.model], prompt)
            usual = size + longest + min(_REPLY, most)
            before = found.get(node.op.model, (0, 0))
            high = size + 2 * longest + most
            found[node.op.model] = (max(before[0], int(usual)), max(before[1], int(high)))
    return found


def prompts_of(op: PromptOp | VoteOp) -> list[Prompt]:
    """Return all prompts that a step may send."""
    return [op.prompt] if isinstance(op, VoteOp) else [v.prompt for v in op.variants]


def _size(prompt: Prompt) -> float:
    """Return the tokens of a prompt without what is filled in."""
    return (sum(len(m.content.text) for m in prompt.messages) + len(prompt.instructions)) / 4


def _most(spec: ModelSpec, prompt: Prompt) -> int:
    """Return how many tokens a reply may have."""
    return int({**spec.sampling, **prompt.sampling}.get("max_tokens", 4 * _REPLY))


def _known(node: Node, known: Mapping[str, Mapping[str, int]]) -> dict[str, Range] | None:
    last = f"{node.id}.{len(getattr(node.op, 'actions', ()))}"
    rows = known.get(node.id) or known.get(last)
    if rows is None:
        return None
    return {
        port: Range(rows.get(port, 0), rows.get(port, 0), rows.get(port, 0)) for port in node.ports
    }


def _behind(node: Node, came: Range) -> dict[str, Range]:
    """Return what a step lets out, from what comes in."""
    others = dict.fromkeys(node.ports, ZERO)
    if node.cardinality == "filter" and "main" not in node.ports:  # `cases`: some here, some there
        return dict.fromkeys(node.ports, came.times(0, 1 / len(node.ports), 1))
    most = wanted(node)
    if most is not None:
        return {**others, "main": Range(min(came.low, most), min(came.expected, most), most)}
    if isinstance(node.op, VoteOp) or node.cardinality == "filter":
        return {**others, "main": came.times(0, _KEPT, 1), "rejected": came.times(0, 1 - _KEPT, 1)}
    if isinstance(node.op, PromptOp) and node.op.expand:
        _, usual, most = _items(node.op)
        copies = _copies(node.op)
        return {**others, "main": came.times(0, usual * copies, most * copies)}
    if node.cardinality == "n:1":
        return {**others, "main": Range(min(1, came.low), came.expected / 2, came.high)}
    return dict.fromkeys(node.ports, came)


def _copies(op: PromptOp) -> int:
    names = len(op.variants) if op.choose.kind == "all" else 1
    return names * _drawn(op.choose) * op.samples


def _drawn(choose: Choose) -> int:
    """Return how many variants are drawn for a record: a number, or a parameter's value."""
    if choose.kind != "draw" or choose.n is None:
        return 1
    text = choose.n.text
    value = choose.n.constants.get("params", {}).get(text.removeprefix("params."), text)
    return int(value) if str(value).isdigit() else 1


def _items(op: PromptOp) -> tuple[int, int, int]:
    contract = op.variants[0].prompt.contract or {}
    each = contract.get("each") or {}
    if not each or op.shape.kind == "list":
        return 1, 1, 1
    least = each.get("least") or 0
    most = each.get("most") or max(_MANY, least)
    return least, max(least, min(most, _ITEMS)), most


def _longest_text(plan: Plan) -> int:
    """Return the tokens of the longest chunks that the plan makes."""
    actions = [a for node in plan.nodes if isinstance(node.op, MapOp) for a in node.op.actions]
    sizes = [a.options.get("max_tokens") for a in actions if a.function in _CUTTING]
    return max((size for size in sizes if isinstance(size, int)), default=_TEXT)


def _step(
    node: Node, op: PromptOp | VoteOp, came: Range, models: Mapping[str, ModelSpec], longest: int
) -> StepForecast:
    if isinstance(op, VoteOp):
        need = wave(op.rule, [], op.votes)
        again = op.resample if op.invalid == "resample" else 0
        calls = came.times(need, (need + op.votes) / 2, op.votes * (1 + again))
        prompt = op.prompt
    else:
        copies = _copies(op)
        if op.condition is not None and op.condition.test.text != "true":
            came = came.times(0, _MEANT, 1)
        calls = came.times(copies, copies, copies * (1 + op.on_failure.resample))
        prompt = op.variants[0].prompt
    size = _size(prompt)
    tokens_in = calls.times(size, size + longest, size + 2 * longest)
    spec = models[op.model]
    most = _most(spec, prompt)
    tokens_out = calls.times(10, min(_REPLY, most), most)
    return StepForecast(
        node.id, op.model, calls, tokens_in, tokens_out, _money(spec, tokens_in, tokens_out)
    )


def _money(spec: ModelSpec, tokens_in: Range, tokens_out: Range) -> Range | None:
    pairs = zip(
        (tokens_in.low, tokens_in.expected, tokens_in.high),
        (tokens_out.low, tokens_out.expected, tokens_out.high),
        strict=True,
    )
    sums = [spec.money(int(a), int(b)) for a, b in pairs]
    if any(s is None for s in sums):
        return None
    return Range(*(s or 0.0 for s in sums))
