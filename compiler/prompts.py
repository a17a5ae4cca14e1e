"""Prompt files: messages, parameters and the reply contract become part of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from atkc.compiler.flow import FAILURE, Flow
from atkc.compiler.instance import Instance, Path
from atkc.compiler.load import Document, span_at
from atkc.compiler.params import Unset
from atkc.compiler.plan import Prompt, PromptMessage, Shape, Text
from atkc.compiler.prompt_parts import applicable
from atkc.compiler.records import record_types
from atkc.spec.contract import (
    Contract,
    instructions,
    item_type,
    parse_contract,
    response_format,
    to_json,
)
from atkc.spec.diagnostic import Diagnostic, Problem
from atkc.spec.nodes import ScalarNode, locate
from atkc.spec.rowtype import STRING, Field, Fit, ListOf, Record, fits, show
from atkc.spec.suggest import hint
from atkc.spec.template import check, parse
from atkc.spec.typetext import TypeTextError, parse_field


class Read(Struct, frozen=True):
    """A prompt file fitted to the records of a step."""

    prompt: Prompt
    contract: Contract | None
    fields: frozenset[str]


def read_prompt(
    flow: Flow,
    inst: Instance,
    path: Path,
    text: str,
    record: Record,
    *,
    each: Mapping[str, Any] | None = None,
    structured: str = "off",
) -> Read | None:
    """Return a prompt file named at a path of a step, or None after reporting what is wrong."""
    if isinstance(text, Unset):
        flow.partial = True
        return None
    span = flow.span(inst, *path)
    file = flow.space.locate(text, inst.document.path, span)
    document = file and flow.space.document(file, "prompt", span)
    if not document:
        return None
    known = (file, record, repr(each), structured, repr(inst.step.with_))
    done: Read | None = flow.prompts.get(known)
    if done is not None:
        return done  # an equal step, of another `for_each` instance for example
    found = len(flow.space.diagnostics)
    read = _read(flow, inst, path, document, record, each, structured)
    if read is not None and len(flow.space.diagnostics) == found:
        flow.prompts[known] = read
    return read


def _read(
    flow: Flow,
    inst: Instance,
    path: Path,
    document: Document,
    record: Record,
    each: Mapping[str, Any] | None,
    structured: str,
) -> Read | None:
    params = _params(flow, inst, document)
    variables = _variables(flow, inst, path, document, record)
    if params is None or variables is None:
        return None
    constants, kinds = params
    before = len(flow.space.diagnostics)
    data = applicable(flow, document, constants, kinds)
    messages, used = _messages(flow, document, data["examples"], constants, kinds, variables)
    if len(flow.space.diagnostics) == before:  # a misspelt field explains an unread one
        _declared_but_unread(flow, document, used)
    contract = None
    if "reply" in data:
        raw = dict(data["reply"])
        if each is not None:
            raw["each"] = {k: v for k, v in each.items() if v is not None}
        contract = read_contract(flow, inst, document, raw, ("reply",))
        if contract is None:
            return None
    prompt = Prompt(
        name=document.path.rpartition("/")[2].removesuffix(".yaml"),
        messages=messages,
        contract=None if contract is None else to_json(contract),
        instructions="" if contract is None else instructions(contract, structured),
        response_format=None if contract is None else response_format(contract, structured),
        sampling=dict(document.data.get("sampling", {})),
    )
    return Read(prompt, contract, used & frozenset(record.names()))


def _params(flow: Flow, inst: Instance, document: Document) -> tuple[dict[str, Any], Record] | None:
    """Return the values and types of the prompt file's parameters under the step's `with:`."""
    given = inst.step.with_
    declared: dict[str, Field] = {}
    for name, raw in document.data.get("params", {}).items():
        try:
            declared[name] = parse_field(raw, record_types(flow.space, document))
        except TypeTextError as error:
            span = span_at(document.root, ("params", name, *error.path))
            flow.report(error.code, error.message, span)
            return None
    right = True
    for name in given:
        if name not in declared:
            span = flow.span(inst, "with", name, key=True)
            flow.report(
                "ATK431", f"the prompt has no parameter `{name}`", span, hint(name, declared)
            )
            right = False
    values: dict[str, Any] = {}
    for name, field in declared.items():
        if name in given:
            values[name] = given[name]
            right &= _value_fits(flow, inst, name, field, given[name])
        elif field.rule is not None and field.rule.has_default:
            values[name] = field.rule.default
        else:
            span = flow.span(inst, key=True)
            flow.report(
                "ATK432", f"the prompt needs the parameter `{name}`", span, "add it to `with:`"
            )
            right = False
    kinds = Record.of({n: f.type for n, f in declared.items()})
    return (values, kinds) if right else None


def _value_fits(flow: Flow, inst: Instance, name: str, field: Field, value: Any) -> bool:
    from atkc.spec.conform import conform

    found = conform({name: value}, Record(((name, field),)))
    for miss in found:
        path = ".".join(map(str, miss.path))
        flow.report("ATK202", f"`{path}`: {miss.message}", flow.span(inst, "with", *miss.path))
    return not found


def _variables(
    flow: Flow, inst: Instance, path: Path, document: Document, record: Record
) -> Record | None:
    """Return what templates may name: the declared fields, else all fields of the record."""
    if "fields" not in document.data:
        return record
    out: dict[str, Field] = {}
    right = True
    for name, raw in document.data["fields"].items():
        try:
            want = parse_field(raw, record_types(flow.space, document))
        except TypeTextError as error:
            span = span_at(document.root, ("fields", name, *error.path))
            flow.report(error.code, error.message, span)
            return None
        out[name] = want
        have = record.get(name)
        if have is None:
            if not want.optional:
                flow.report(
                    "ATK412",
                    f"the prompt reads `{name}`, which the records do not have",
                    flow.span(inst, *path),
                    hint(name, record.names()) or f"the record here is {show(record)}",
                )
                right = False
        elif fits(have.type, want.type) is not Fit.YES or (have.optional and not want.optional):
            flow.report(
                "ATK420",
                f"the prompt reads `{name}: {show(want.type)}`; it is {show(have.type)} here",
                flow.span(inst, *path),
            )
            right = False
    return Record(tuple(out.items())) if right else None


def _messages(
    flow: Flow,
    document: Document,
    shown: list[Mapping[str, str]],
    constants: dict[str, Any],
    kinds: Record,
    variables: Record,
) -> tuple[list[PromptMessage], frozenset[str]]:
    """Return the messages with examples in their place: after the system messages."""
    scope = variables.plus(Record.of({"params": kinds})) if kinds.fields else variables
    out: list[PromptMessage] = []
    used: frozenset[str] = frozenset()
    examples = [
        PromptMessage(role=role, content=Text(text=_escaped(turn[role])))
        for turn in shown
        for role in ("user", "assistant")
    ]
    for i, message in enumerate(document.data["messages"]):
        if message["role"] != "system" and examples:
            out += examples
            examples = []
        found = _check(flow, document, ("messages", i, "content"), message["content"], scope)
        used |= found
        named = {"params": constants} if "params" in found else {}
        content = Text(text=message["content"], constants=named)
        out.append(PromptMessage(role=message["role"], content=content))
    return out + examples, used


def _escaped(text: str) -> str:
    """Return a template that prints the text as it is."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    return "".join("{{ '" + c + "' }}" if c in "{}" else c for c in text)


def _check(
    flow: Flow, document: Document, path: Path, text: str, variables: Record
) -> frozenset[str]:
    parsed = parse(text)
    used: frozenset[str] = frozenset()
    found = [parsed] if isinstance(parsed, Problem) else []
    if not isinstance(parsed, Problem):
        used, found = check(parsed, variables)
    node = locate(document.root, path)
    for problem in found:
        span = node.span
        if isinstance(node, ScalarNode) and problem.end > problem.start:
            span = node.span_of(problem.start, problem.end)
        flow.space.report(problem.at(span))
    return used


def _declared_but_unread(flow: Flow, document: Document, used: frozenset[str]) -> None:
    for name in document.data.get("fields", {}):
        if name not in used:
            span = span_at(document.root, ("fields", name), key=True)
            message = f"field `{name}` is declared, and no message reads it"
            flow.space.report(Diagnostic("ATK501", message, span))


def read_contract(
    flow: Flow, inst: Instance, document: Document, raw: Mapping[str, Any], path: Path
) -> Contract | None:
    """Return a reply contract, or None after reporting what is wrong with it."""
    del inst
    found = parse_contract(raw, record_types(flow.space, document))
    if isinstance(found, Contract):
        return found
    for inner, message in found:
        span = span_at(document.root, (*path, *inner))
        flow.report("ATK440", message, span)
    return None


def shape_of(flow: Flow, inst: Instance, each: Any, name: str | None) -> Shape | None:
    """Return how reply items become fields."""
    if each == "none":
        if name is None:
            span = flow.span(inst, "each")
            flow.report(
                "ATK203", "`each: none` keeps a list, which needs a name", span, "add `as:`"
            )
            return None
        return Shape(kind="list", name=name)
    return Shape(kind="field", name=name) if name else Shape()


def added_fields(contract: Contract, shape: Shape) -> Record:
    """Return the fields that a reply adds."""
    item = item_type(contract)
    if shape.kind == "list":
        return Record.of({shape.name: ListOf(item)})
    return Record.of({shape.name: item}) if shape.kind == "field" else item


def failure_ports(record: Record) -> dict[str, Record]:
    """Return the ports of what failed or was turned away."""
    return {
        "rejected": record.plus(Record.of({"rejected_by": STRING})),
        "failed": record.plus(Record.of({"failure": FAILURE})),
    }
