"""Contracts in the plan: to JSON and back, and the response format that a model may be held to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.spec.contract_model import Contract, Each, Part, Variant, Verdict
from atkc.spec.rowtype import (
    ANY,
    Enum,
    Field,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Scalar,
    Type,
    nullable,
    to_notation,
)
from atkc.spec.typetext import parse_type

ITEMS = "items"  # the key under which a response format holds a list


def to_json(contract: Contract) -> dict[str, Any]:
    """Return the contract as JSON data, without what it does not say."""
    verdict = contract.verdict
    data: dict[str, Any] = {
        "format": contract.format,
        "parts": [_part_json(part) for part in contract.parts],
        "variants": [_variant_json(variant) for variant in contract.variants],
        "verdict": verdict and {"label": verdict.label, "values": _values_json(verdict)},
        "reason": contract.reason,
        "each": contract.each and {"least": contract.each.least, "most": contract.each.most},
        "keep_closed": contract.keep_closed,
        "refuse": list(contract.refuse),
        "pattern": contract.pattern,
        "grammar": contract.grammar,
    }
    return {key: value for key, value in data.items() if value}


def _values_json(verdict: Verdict) -> list[Any]:
    return [[value, list(words)] for value, words in verdict.values]


def _part_json(part: Part) -> dict[str, Any]:
    data = {"name": part.name, "label": part.label, "type": to_notation(part.type)}
    extra = {"optional": part.optional, "description": part.description}
    return data | {key: value for key, value in extra.items() if value}


def _variant_json(variant: Variant) -> dict[str, Any]:
    return {
        "name": variant.name,
        "when": variant.when,
        "parts": [_part_json(part) for part in variant.parts],
        "label": variant.label,
        "refuse": list(variant.refuse),
    }


def from_json(data: Mapping[str, Any]) -> Contract:
    """Return the contract that `to_json` wrote."""
    verdict, each = data.get("verdict"), data.get("each")
    return Contract(
        format=data["format"],
        parts=tuple(_part(part) for part in data.get("parts", ())),
        variants=tuple(_variant(variant) for variant in data.get("variants", ())),
        verdict=Verdict(verdict["label"], _values(verdict)) if verdict else None,
        reason=data.get("reason", False),
        each=Each(each["least"], each["most"]) if each else None,
        keep_closed=data.get("keep_closed", False),
        refuse=tuple(data.get("refuse", ())),
        pattern=data.get("pattern", ""),
        grammar=data.get("grammar", ""),
    )


def _values(data: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((value, tuple(words)) for value, words in data["values"])


def _part(data: Mapping[str, Any]) -> Part:
    kind = parse_type(data["type"], {})
    optional, description = data.get("optional", False), data.get("description", "")
    return Part(data["name"], data["label"], kind, optional, description)


def _variant(data: Mapping[str, Any]) -> Variant:
    parts = tuple(_part(part) for part in data["parts"])
    refuse = tuple(data.get("refuse", ()))
    return Variant(data["name"], data["when"], parts, data.get("label", ""), refuse)


def response_format(contract: Contract, mode: str) -> dict[str, Any] | None:
    """Return OpenAI's `response_format`, or None for mode `off` and for what is not JSON.

    `mode` is the model's `structured:`. A list is wrapped in an object, since strict schemas want
    one; the schema is strict unless a field is an open map or `any`.
    """
    if contract.format != "json" or mode == "off":
        return None
    if mode == "json":
        return {"type": "json_object"}
    item = _object(_properties(contract))
    root = _object({ITEMS: {"type": "array", "items": item}}) if contract.each else item
    body = {"name": "reply", "strict": not _is_open(contract), "schema": root}
    return {"type": "json_schema", "json_schema": body}


def _properties(contract: Contract) -> dict[str, Any]:
    found: dict[str, Any] = {"reason": {"type": "string"}} if contract.reason else {}
    found |= _part_properties(contract.parts)
    if contract.verdict:
        words = [words[0] for _, words in contract.verdict.values]
        found[contract.verdict.label] = {"type": "string", "enum": words}
    for variant in contract.variants:
        inner = _object(_part_properties(variant.parts))
        found[variant.label] = {"anyOf": [inner, {"type": "null"}]}
    return found


def _part_properties(parts: tuple[Part, ...]) -> dict[str, Any]:
    found = {}
    for part in parts:
        schema = schema_of(nullable(part.type) if part.optional else part.type)
        found[part.label] = schema | ({"description": part.description} if part.description else {})
    return found


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def schema_of(t: Type) -> dict[str, Any]:
    """Return the JSON Schema of a type; optional fields are nullable, as strict schemas want it."""
    match t:
        case Scalar():
            names = ("integer", "number", "boolean", "null")
            return {} if t == ANY else {"type": t.name if t.name in names else "string"}
        case Enum():
            return {"type": "string", "enum": list(t.values)}
        case ListOf():
            return {"type": "array", "items": schema_of(t.item)}
        case MapOf():
            return {"type": "object", "additionalProperties": schema_of(t.value)}
        case Record():
            return _object({n: schema_of(_strict(field)) for n, field in t.items()})
        case Nullable():
            return {"anyOf": [schema_of(t.item), {"type": "null"}]}


def _strict(field: Field) -> Type:
    return nullable(field.type) if field.optional else field.type


def _is_open(contract: Contract) -> bool:
    inner = [part.type for variant in contract.variants for part in variant.parts]
    return any(_open_type(t) for t in [*(part.type for part in contract.parts), *inner])


def _open_type(t: Type) -> bool:
    match t:
        case ListOf() | Nullable():
            return _open_type(t.item)
        case Record():
            return any(_open_type(field.type) for _, field in t.items())
    return isinstance(t, MapOf) or t == ANY
