"""The JSON Schemas of spec and prompt files, generated from the models into `schema/`.

Wherever a value may be a `${…}`, the schema says `{type: [<type>, string], pattern}`: never
`anyOf`, whose messages name no branch. Steps are told apart by `if/then` on `type`; a step whose
type is missing or unknown is checked against all keys of all steps, so that a misspelt `type` is
found on its own line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from atkc.spec.model import EXPRESSIONS, STEP_TYPES, TEMPLATES, PromptFile, Spec

VALUE = r"^[\s\S]*\$\{[\s\S]*$"  # a text with a `${…}` in it
WHOLE = r"^\s*\$\{[\s\S]*\}\s*$"  # a text that is one `${…}`
_FREQUENT = ("map", "prompt", "vote-filter", "combine")
_FREQUENT_FIRST = (*_FREQUENT, *(name for name in STEP_TYPES if name not in _FREQUENT))


def spec_schema() -> dict[str, Any]:
    """Return the schema of a spec."""
    top = _of(Spec)
    defs = top.pop("$defs", {})
    steps = {name: _step(name, defs) for name in STEP_TYPES}
    defs |= {f"step-{name}": schema for name, schema in steps.items()}
    known = sorted({key for schema in steps.values() for key in schema["properties"]})
    defs["step"] = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(STEP_TYPES)}},
        **_by_type({"properties": dict.fromkeys(known, True), "additionalProperties": False}),
    }
    top["properties"]["steps"] = {
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/step"},
    }
    for section in ("endpoints", "models"):
        inner = top["properties"][section]
        inner["additionalProperties"] = _widen(inner["additionalProperties"], (), defs)
    top["properties"]["budget"] = _widen(top["properties"]["budget"], (), defs)
    return _finish(top, defs, "pipeline", "An atkc spec")


def _by_type(otherwise: dict[str, Any]) -> dict[str, Any]:
    """Return `if/then/else` on `type`, as a chain: the first that fits ends the search."""
    found = otherwise
    for name in reversed(_FREQUENT_FIRST):
        found = {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": {"$ref": f"#/$defs/step-{name}"},
            "else": found,
        }
    return found


def prompt_schema() -> dict[str, Any]:
    """Return the schema of a prompt file."""
    return plain_schema(PromptFile, "prompt", "An atkc prompt file")


def plain_schema(model: type[msgspec.Struct], name: str, title: str) -> dict[str, Any]:
    """Return the schema of a file that holds no `${…}`."""
    top = _of(model)
    return _finish(top, top.pop("$defs", {}), name, title)


def lines_schema(models: Sequence[type[msgspec.Struct]], name: str, title: str) -> dict[str, Any]:
    """Return the schema of a file of which each line is one of some models."""
    _, defs = msgspec.json.schema_components(models)
    defs = {each: _clean(schema, {}) for each, schema in defs.items()}
    kinds = [{"$ref": f"#/$defs/{model.__name__}"} for model in models]
    return _finish({"oneOf": kinds}, defs, name, title)


def as_text(schema: dict[str, Any]) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _of(model: type[msgspec.Struct]) -> dict[str, Any]:
    _, defs = msgspec.json.schema_components([model])
    words = {frozenset(values): values for values in _choices(model, set())}
    defs = {name: _clean(schema, words) for name, schema in defs.items()}
    top: dict[str, Any] = defs.pop(model.__name__)
    return {**top, "$defs": defs}


def _choices(hint: Any, seen: set[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the values of each `Literal` that a type is made of, in the order of the source."""
    inside = get_args(hint)
    if get_origin(hint) is Literal:
        yield inside
    elif isinstance(hint, type) and issubclass(hint, msgspec.Struct) and hint not in seen:
        seen.add(hint)
        inside = tuple(get_type_hints(hint).values())
    for part in inside:
        yield from _choices(part, seen)


def _clean(schema: Any, words: Mapping[frozenset[Any], tuple[Any, ...]]) -> Any:
    """Drop what says nothing: titles made of names, empty lists; put keywords in order.

    `words` are the alternatives of a value in their own order; msgspec sorts them.
    """
    if isinstance(schema, list):
        return [_clean(s, words) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {
        k: {n: _clean(s, words) for n, s in v.items()} if k == "properties" else _clean(v, words)
        for k, v in schema.items()
        if k != "title" and not (k == "required" and not v)
    }
    if isinstance(told := out.get("description"), str):
        out["description"] = cleandoc(told)
    if "enum" in out:
        values = words.get(frozenset(out["enum"]), tuple(out["enum"]))
        out |= {"enum": list(values)} if len(values) > 1 else {"const": values[0]}
        out["type"] = "integer" if isinstance(values[0], int) else "string"
    if "const" in out:
        out.pop("enum", None)
    return dict(sorted(out.items()))


def _step(name: str, defs: dict[str, Any]) -> dict[str, Any]:
    schema = _of(STEP_TYPES[name])
    defs |= schema.pop("$defs", {})
    properties = {
        key: value if key == "type" else _widen(value, (key,), defs)
        for key, value in schema["properties"].items()
    }
    properties["type"] = {"const": name}
    return {**schema, "properties": properties}


def _widen(schema: Any, path: tuple[str, ...], defs: dict[str, Any]) -> Any:
    """Let each value be a `${…}` too; references are written out, alternatives become one type."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _widen(defs[schema["$ref"].rpartition("/")[2]], path, defs)
    if path in EXPRESSIONS:
        return {"type": ["string", "boolean", "number", "integer"]}
    if path in TEMPLATES:
        return {"type": "string"}
    if "anyOf" in schema:
        return _merged([_widen(s, path, defs) for s in schema["anyOf"]], schema)
    out = _inner({k: v for k, v in schema.items() if k != "default"}, path, defs)
    if "const" in out:
        out["enum"] = [out.pop("const")]
    if "enum" in out:
        words = "|".join(str(w) for w in out.pop("enum"))
        return {"type": "string", "pattern": f"^(?:{words})$|{VALUE}", "x-values": words.split("|")}
    if out.get("type") in ("integer", "number", "boolean", "array"):
        return {**out, "type": [out["type"], "string"], "pattern": WHOLE}
    return out


def _inner(schema: dict[str, Any], path: tuple[str, ...], defs: dict[str, Any]) -> dict[str, Any]:
    """Widen what a schema says of the parts of a value."""
    out = dict(schema)
    if "properties" in out:
        out["properties"] = {k: _widen(v, (*path, k), defs) for k, v in out["properties"].items()}
    for key in ("additionalProperties", "items"):
        if isinstance(out.get(key), dict):
            out[key] = _widen(out[key], (*path, "*"), defs)
    return out


def _merged(options: list[Any], whole: dict[str, Any]) -> dict[str, Any]:
    """Return one schema that accepts what any option accepts; each keyword speaks for one type."""
    if not any("type" in o for o in options):
        return {}
    out: dict[str, Any] = {}
    types: set[str] = set()
    for option in options:
        kinds = option.get("type", [])
        types |= {kinds} if isinstance(kinds, str) else set(kinds)
        for key in option.keys() - {"type", "description", "title", "required"}:
            out[key] = _both(key, out, option[key])
    if any(o.get("type") == "string" and "pattern" not in o for o in options):
        out.pop("pattern", None)
        out.pop("x-values", None)
    out["type"] = sorted(types)
    if "description" in whole:
        out["description"] = whole["description"]
    return dict(sorted(out.items()))


def _both(key: str, out: dict[str, Any], value: Any) -> Any:
    """Return a keyword that holds for two alternatives; `required` is left to the strict model."""
    if key not in out or out[key] == value:
        return value
    if key == "pattern":
        return "|".join(sorted({out[key], value}))
    if key == "properties":
        return {**out[key], **value}
    return out[key] if value is False else value


def _finish(top: dict[str, Any], defs: dict[str, Any], name: str, title: str) -> dict[str, Any]:
    used: dict[str, Any] = {}
    _collect(top, defs, used)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"atkc:schema/{name}.schema.json",
        "title": title,
        **top,
        "$defs": dict(sorted(used.items())),
    }


def _collect(schema: Any, defs: dict[str, Any], used: dict[str, Any]) -> None:
    if isinstance(schema, list):
        for item in schema:
            _collect(item, defs, used)
    elif isinstance(schema, dict):
        ref = schema.get("$ref", "")
        name = ref.rpartition("/")[2] if isinstance(ref, str) else ""
        if name in defs and name not in used:
            used[name] = defs[name]
            _collect(defs[name], defs, used)
        for value in schema.values():
            _collect(value, defs, used)
