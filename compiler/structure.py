"""The shape of a document against its JSON Schema, each mistake at its line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from atkc.compiler.holds import holds
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.nodes import MapNode, Node, locate
from atkc.spec.places import SHIPPED
from atkc.spec.suggest import hint

Path = tuple[str | int, ...]
_PLAIN = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def check(root: Node, data: Any, schema: str) -> list[Diagnostic]:
    """Return what a document does against `schema/<schema>.schema.json`."""
    rules = _rules(schema)
    if holds(data, rules, rules["$defs"]):
        return []
    from jsonschema import Draft202012Validator

    found: list[Diagnostic] = []
    for error in Draft202012Validator(rules).iter_errors(data):
        found += _explain(error, root)
    return found


@cache
def _rules(name: str) -> dict[str, Any]:
    text = (SHIPPED / "schema" / f"{name}.schema.json").read_bytes()
    rules: dict[str, Any] = msgspec.json.decode(text)
    return rules


def _explain(error: Any, root: Node) -> Iterator[Diagnostic]:
    path: Path = tuple(error.absolute_path)
    handler = _HANDLERS.get(error.validator)
    if handler is not None:
        yield from handler(error, root, path)
        return
    node = locate(root, path)
    yield _at("ATK205", f"{_name(path)} {error.message}", node, path)


def _unknown_keys(error: Any, root: Node, path: Path) -> Iterator[Diagnostic]:
    known = sorted(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in error.schema.get("properties", {}):
            node = locate(root, (*path, key), key=True)
            near = hint(str(key), known)
            yield Diagnostic(
                "ATK201",
                f"{_name(path)} has no key `{key}`",
                node.span,
                help=near or "use one of " + ", ".join(f"`{k}`" for k in known),
                where=_dotted((*path, key)),
            )


def _missing(error: Any, root: Node, path: Path) -> Iterator[Diagnostic]:
    for key in error.validator_value:
        if key in error.instance:
            continue
        if key == "type" and _misspelt(error.instance, "type"):
            continue  # the misspelt key is reported on its own line
        yield _at("ATK203", f"{_name(path)} needs the key `{key}`", _head(root, path), path)


def _misspelt(instance: Mapping[str, Any], key: str) -> bool:
    return any(hint(str(k), [key]) for k in instance if k != key)


def _wrong_type(error: Any, root: Node, path: Path) -> Iterator[Diagnostic]:
    wanted = error.validator_value
    wanted = [wanted] if isinstance(wanted, str) else list(wanted)
    if error.schema.get("pattern", "").startswith(r"^\s*\$") and len(wanted) == 2:
        wanted.remove("string")  # only as a `${…}`
    words = " or ".join(_PLAIN[w] for w in wanted if w != "null")
    given = _given(error.instance)
    yield _at("ATK202", f"{_name(path)} must be {words}, not {given}", locate(root, path), path)


def _pattern(error: Any, root: Node, path: Path) -> Iterator[Diagnostic]:
    node = locate(root, path)
    values = error.schema.get("x-values")
    if values:
        yield Diagnostic(
            "ATK205",
            f"{_name(path)} must be one of {', '.join(f'`{v}`' for v in values)}, "
            f"not `{error.instance}`",
            node.span,
            help=hint(str(error.instance), values),
            where=_dotted(path),
        )
    elif not isinstance(error.schema.get("type"), str) and error.schema.get("type"):
        yield from _wrong_type_text(error, node, path)
    else:
        key = locate(root, (*path, error.instance), key=True)
        yield Diagnostic(
            "ATK207",
            f"`{error.instance}` is no name: letters, digits, `_` and `-`, a letter first",
            key.span,
            help="quote the expression if a comma or bracket split it"
            if re.search(r"[()\[\]]", str(error.instance))
            else None,
            where=_dotted(path),
        )


def _wrong_type_text(error: Any, node: Node, path: Path) -> Iterator[Diagnostic]:
    kinds = [t for t in error.schema["type"] if t not in ("string", "null")]
    words = " or ".join(_PLAIN[k] for k in kinds)
    yield Diagnostic(
        "ATK202",
        f"{_name(path)} must be {words}, not the text `{error.instance}`",
        node.span,
        help="remove the quotes" if re.fullmatch(r"-?\d+(\.\d+)?", error.instance) else None,
        where=_dotted(path),
    )


def _enum(error: Any, root: Node, path: Path) -> Iterator[Diagnostic]:
    values = [str(v) for v in error.validator_value]
    code = "ATK204" if path and path[-1] == "type" else "ATK205"
    yield Diagnostic(
        code,
        f"{_name(path)} must be one of {', '.join(f'`{v}`' for v in values)}, "
        f"not {_given(error.instance)}",
        locate(root, path).span,
        help=hint(str(error.instance), values),
        where=_dotted(path),
    )


def _const(error: Any, root: Node, path: Path) -> Iterator[Diagnostic]:
    code = "ATK200" if path == ("atkc",) else "ATK205"
    helps = "upgrade atkc, or write `atkc: 1`" if code == "ATK200" else None
    yield Diagnostic(
        code,
        f"{_name(path)} must be `{error.validator_value}`, not {_given(error.instance)}",
        locate(root, path).span,
        help=helps,
        where=_dotted(path),
    )


_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
}


def _bound(error: Any, root: Node, path: Path) -> Iterator[Diagnostic]:
    word = _BOUNDS.get(error.validator)
    limit = error.validator_value
    what = f"{word} {limit}" if word else f"longer: {error.validator} is {limit}"
    yield _at("ATK205", f"{_name(path)} must be {what}", locate(root, path), path)


_HANDLERS = {
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "type": _wrong_type,
    "pattern": _pattern,
    "enum": _enum,
    "const": _const,
    "minimum": _bound,
    "maximum": _bound,
    "exclusiveMinimum": _bound,
    "exclusiveMaximum": _bound,
    "minItems": _bound,
    "maxItems": _bound,
}


def misfitting(data: Any, kind: Any, root: Node, path: Path) -> Iterator[Diagnostic]:
    """Yield how data, made after `${…}` was filled in, misfits a type, at its places."""
    from atkc.spec.misfits import misfits

    for found in misfits(data, kind):
        where = _real_path(root, (*path, *found.path))
        if found.missing:
            text = f"{_name(where)} needs the key `{found.path[-1]}`"
            yield _at("ATK203", text, locate(root, where), where)
            continue
        text = f"{_name(where)} is {_given(found.value)}: {found.message}"
        yield _at("ATK202", text, locate(root, where), where)


def _real_path(root: Node, path: Path) -> Path:
    """Return the part of a path that the document has; model names inside it are dropped."""
    node: Any = root
    out: list[str | int] = []
    for part in path:
        if isinstance(node, MapNode) and isinstance(part, str) and node.get(part) is not None:
            node = node.get(part)
            out.append(part)
        elif isinstance(part, int) and hasattr(node, "items") and part < len(node.items):
            node = node.items[part]
            out.append(part)
    return tuple(out)


def _head(root: Node, path: Path) -> Node:
    """Return what to underline for a missing key: the name of the step, or the first key."""
    node = (
        locate(root, path, key=True) if path and isinstance(path[-1], str) else locate(root, path)
    )
    if isinstance(node, MapNode) and node.entries:
        return node.entries[0][0]
    return node


def _at(code: str, message: str, node: Node, path: Path) -> Diagnostic:
    return Diagnostic(code, message, node.span, where=_dotted(path))


def _dotted(path: Path) -> str:
    return ".".join(str(p) for p in path)


def _name(path: Path) -> str:
    if not path:
        return "the document"
    if path[0] == "steps" and len(path) == 2:
        return f"step `{path[1]}`"
    if isinstance(path[-1], int):
        return f"`{_dotted(path[-2:])}`"
    return f"`{path[-1]}`"


def _given(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text `{value if len(value) < 40 else value[:37] + '…'}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number `{value}`"
    return "a list" if isinstance(value, list) else "a mapping"
