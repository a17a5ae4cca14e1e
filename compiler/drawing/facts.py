"""What there is to say of a step: one line for its box, and all of it for those who click."""

from __future__ import annotations

import json
import os.path
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from atkc.compiler.drawing.address import names_of
from atkc.compiler.plan import (
    CombineOp,
    ExportOp,
    Expression,
    MapOp,
    Node,
    ParseOp,
    Plan,
    Prompt,
    PromptOp,
    SourceOp,
    Text,
    VoteOp,
    asked_model,
    written,
)

MANY = 12  # instances that are listed before the rest is counted


class Fact(NamedTuple):
    """A titled text; lines are kept as they are."""

    title: str
    text: str


def subtitle(nodes: Sequence[Node]) -> str:
    """Return what a box says below its name: the model, operator, function, reader or path."""
    said = list(dict.fromkeys(_said(node.op) for node in nodes))
    if len(said) == 1:
        return said[0]
    if all(isinstance(node.op, ExportOp) for node in nodes):
        return common(said)
    return ", ".join(said)


def common(texts: Sequence[str]) -> str:
    """Return what texts begin and end with, and `*` for what lies between."""
    head = _same_start(texts)
    tail = _same_start([text[len(head) :][::-1] for text in texts])[::-1]
    return f"{head}*{tail}"


def _same_start(texts: Sequence[str]) -> str:
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in alike)


def _said(op: Any) -> str:
    match op:
        case PromptOp():
            return _own(op.model) + (f" · {op.samples} samples" if op.samples > 1 else "")
        case VoteOp():
            return _own(op.model) + (f" · {op.votes} votes" if op.votes > 1 else "")
        case SourceOp():
            return op.reader
        case ParseOp():
            return str(op.contract.get("format", ""))
        case CombineOp():
            return op.operator + (f" · {_own(op.model)}" if op.model else "")
        case ExportOp():
            return op.path
    applied = [action.function for action in op.actions if action.verb == "apply"]
    verbs = dict.fromkeys(action.verb for action in op.actions)
    return ", ".join(applied or verbs) or "as it is"


def _own(model: str) -> str:
    """Return the name of a model in its module: `judge` for `recall/harbour.judge`."""
    return names_of(model)[-1]


def facts_of(nodes: Sequence[Node], plan: Plan) -> tuple[Fact, ...]:
    """Return all facts about the instances of a step, those of the first where they differ."""
    first = nodes[0]
    said = [
        Fact("Written at", _place(first, plan)),
        Fact("Type", first.type),
        Fact("Records", f"{first.cardinality}, {first.order}"),
        Fact("Instances", _instances(nodes)),
        *_of_op(nodes, plan),
        Fact("Reads", ", ".join(name for name in first.reads if not name.startswith("^"))),
        *(Fact(f"Port {port}", _fields(kind)) for port, kind in first.ports.items()),
    ]
    return tuple(fact for fact in said if fact.text)


def _place(node: Node, plan: Plan) -> str:
    """Return file and line; the file as seen from the folder that holds all files of the plan."""
    if node.place is None:
        return ""
    path = node.place.path
    if not path.startswith("atkc:"):
        files = [
            n.place.path for n in plan.nodes if n.place and not n.place.path.startswith("atkc:")
        ]
        root = os.path.commonpath([os.path.dirname(file) for file in files])  # noqa: PTH120
        path = os.path.relpath(path, root)
    return f"{path}:{node.place.line}"


def _instances(nodes: Sequence[Node]) -> str:
    if len(nodes) == 1:
        return ""
    shown = [node.id.removesuffix(".unlabelled") for node in nodes[:MANY]]
    more = [f"and {len(nodes) - MANY} more"] if len(nodes) > MANY else []
    return "\n".join([*shown, *more])


def _of_op(nodes: Sequence[Node], plan: Plan) -> Iterator[Fact]:
    op = nodes[0].op
    yield from _FACTS[type(op)](op)
    condition = getattr(op, "condition", None)
    if condition is not None:
        yield Fact("Only if", condition.test.text)
    if isinstance(op, PromptOp | VoteOp):
        yield Fact("Model", _models(nodes, plan))
        yield from _prompts(nodes)


def _source_facts(op: SourceOp) -> Iterator[Fact]:
    yield Fact("Reader", op.reader)
    yield Fact("Options", _lines(op.options))


def _prompt_facts(op: PromptOp) -> Iterator[Fact]:
    if op.samples > 1:
        yield Fact("Samples", str(op.samples))
    yield Fact("On failure", f"{op.on_failure.resample} more tries, then {op.on_failure.then}")
    if len(op.variants) > 1:
        by = op.choose.by or op.choose.n
        yield Fact("Variants", f"{op.choose.kind} {by.text if by else ''}".strip())


def _vote_facts(op: VoteOp) -> Iterator[Fact]:
    value = f" {op.rule.value:g}" if op.rule.value else ""
    yield Fact("Votes", f"{op.votes}, passes with {op.rule.kind}{value}")


def _parse_facts(op: ParseOp) -> Iterator[Fact]:
    yield Fact("Parses", op.field)
    yield Fact("Contract", _lines(op.contract))


def _map_facts(op: MapOp) -> Iterator[Fact]:
    for action in op.actions:
        held = {key: value for key, value in written(action).items() if key != "verb"}
        yield Fact(action.verb, _lines(held))


def _combine_facts(op: CombineOp) -> Iterator[Fact]:
    yield Fact("Operator", op.operator)
    yield Fact("Options", _lines(op.options))
    yield Fact("Expressions", _lines(op.expressions))


def _export_facts(op: ExportOp) -> Iterator[Fact]:
    yield Fact("Format", op.format)
    yield Fact("Path", op.path)
    yield Fact("Partition", ", ".join(op.values))
    yield Fact("Options", _lines(op.options))


_FACTS: Mapping[type, Callable[[Any], Iterable[Fact]]] = {
    SourceOp: _source_facts,
    PromptOp: _prompt_facts,
    VoteOp: _vote_facts,
    ParseOp: _parse_facts,
    MapOp: _map_facts,
    CombineOp: _combine_facts,
    ExportOp: _export_facts,
}


def _models(nodes: Sequence[Node], plan: Plan) -> str:
    names = dict.fromkeys(name for n in nodes if (name := asked_model(n.op)))
    shown = []
    for name in names:
        model = plan.models.get(name)
        sampling = ", ".join(f"{k} {v}" for k, v in model.sampling.items()) if model else ""
        shown.append(
            f"{name}: {model.model if model else 'unknown'}" + f" ({sampling})" * bool(sampling)
        )
    return "\n".join(shown)


def _prompts(nodes: Sequence[Node]) -> Iterator[Fact]:
    """Yield each prompt once, by its text: instances that differ in values alone share one."""
    seen: dict[str, None] = {}
    for node in nodes:
        prompts = [v.prompt for v in node.op.variants] if isinstance(node.op, PromptOp) else []
        prompts += [node.op.prompt] if isinstance(node.op, VoteOp) else []
        for prompt in prompts:
            text = _prompt_text(prompt)
            if text not in seen:
                seen[text] = None
                yield Fact(f"Prompt {prompt.name}", text)


def _prompt_text(prompt: Prompt) -> str:
    parts = [f"[{m.role}]\n{m.content.text.strip()}" for m in prompt.messages]
    if prompt.instructions:
        parts.append(f"[reply]\n{prompt.instructions.strip()}")
    return "\n\n".join(parts)


def _fields(kind: Any) -> str:
    if not isinstance(kind, dict):
        return _notation(kind)
    return "\n".join(f"{k}: {_notation(v)}" for k, v in kind.items() if not k.startswith("^"))


def _notation(kind: Any) -> str:
    if isinstance(kind, dict):
        return "{" + ", ".join(f"{k}: {_notation(v)}" for k, v in kind.items()) + "}"
    if isinstance(kind, list):
        return "[" + ", ".join(map(_notation, kind)) + "]"
    return str(kind)


def _lines(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    if isinstance(value, Expression | Text):
        return value.text
    if isinstance(value, dict) and "text" in value and set(value) <= {"text", "constants"}:
        return str(value["text"])
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_value(v)}" for k, v in value.items()) + "}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
