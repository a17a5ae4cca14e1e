"""What a reply must look like: the contract read from the messages or from the response format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from atkc.spec.contract import Contract, Part
from atkc.spec.contract_asking import read_instructions
from atkc.spec.rowtype import Enum, Field, ListOf, Record, Scalar, Type, non_null


class Slot(Struct, frozen=True):
    """One field of a reply. `kind`: text, integer, number, boolean, list or object."""

    name: str
    heading: str = ""
    description: str = ""
    kind: str = "text"
    choices: tuple[str, ...] = ()
    parts: tuple[Slot, ...] = ()  # of an object, or of each object of a list
    item: str = "text"  # kind of a list's items; `object` when they have parts
    least: int = 0
    most: int | None = None
    when: str = ""  # only under this verdict word
    optional: bool = False


class Wanted(Struct, frozen=True):
    """A reply's form: `text`, `json`, `sections`, `tags`, `list` or `verdict`."""

    form: str = "text"
    slots: tuple[Slot, ...] = ()
    repeated: bool = False  # several items
    least: int = 1
    most: int | None = None
    wrapper: str = ""  # key under which JSON items stand
    verdict: str = ""  # heading, key or tag of the verdict
    words: tuple[str, ...] = ()  # verdict words, as listed
    reason: bool = False
    schema: Mapping[str, Any] | None = None
    pattern: str = ""  # of a `regex` reply


_KINDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}


def _kind(schema: Mapping[str, Any]) -> str:
    given = schema.get("type")
    if isinstance(given, list):
        given = next((t for t in given if t != "null"), "string")
    if given == "array" or "items" in schema:
        return "list"
    if given == "object" or "properties" in schema:
        return "object"
    return _KINDS.get(str(given), "text")


def _resolved(schema: Any, root: Mapping[str, Any], depth: int = 0) -> Mapping[str, Any]:
    """Return a schema with `$ref`, `anyOf` and the like replaced by what they stand for."""
    if not isinstance(schema, Mapping) or depth > 8:
        return {}
    if "$ref" in schema:
        at: Any = root
        for part in str(schema["$ref"]).lstrip("#/").split("/"):
            at = at.get(part, {}) if isinstance(at, Mapping) else {}
        return _resolved(at, root, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        for choice in schema.get(key) or ():
            if not (isinstance(choice, Mapping) and choice.get("type") == "null"):
                return {**schema, **_resolved(choice, root, depth + 1), key: None}
    return schema


def slot_of(name: str, schema: Any, root: Mapping[str, Any], depth: int = 0) -> Slot:
    """Return the slot of a JSON Schema property; nesting deeper than 6 is read as text."""
    found = _resolved(schema, root)
    kind = _kind(found) if depth < 6 else "text"
    text = str(found.get("description") or found.get("title") or "")
    choices = tuple(c for c in found.get("enum") or () if isinstance(c, str))
    if isinstance(found.get("const"), str):
        choices = (found["const"],)
    if kind == "object":
        return Slot(name, name, text, kind, parts=slots_of(found, root, depth + 1))
    if kind != "list":
        return Slot(name, name, text, kind, choices)
    inner = slot_of(name, found.get("items") or {}, root, depth + 1)
    least, most = int(found.get("minItems") or 0), found.get("maxItems")
    return Slot(name, name, text, kind, inner.choices, inner.parts, inner.kind, least, most)


def slots_of(
    schema: Mapping[str, Any], root: Mapping[str, Any], depth: int = 0
) -> tuple[Slot, ...]:
    """Return the slots of an object's properties in order."""
    given = schema.get("properties") or {}
    return tuple(slot_of(str(n), s, root, depth) for n, s in given.items())


def from_schema(schema: Mapping[str, Any]) -> Wanted:
    """Return the form that a JSON Schema asks for; a lone list of objects is the items."""
    root = _resolved(schema, schema)
    if _kind(root) == "list":
        inner = slot_of("items", root, schema)
        return Wanted("json", inner.parts, True, inner.least or 1, inner.most, schema=schema)
    slots = slots_of(root, schema)
    if len(slots) == 1 and slots[0].kind == "list" and slots[0].parts:
        only = slots[0]
        return Wanted(
            "json", only.parts, True, only.least or 1, only.most, only.name, schema=schema
        )
    return Wanted("json", slots, schema=schema)


def _slot_kind(t: Type) -> str:
    match non_null(t):
        case ListOf():
            return "list"
        case Record():
            return "object"
        case Scalar(name="integer" | "number" | "boolean" as name):
            return str(name)
    return "text"


def _typed(name: str, label: str, field: Field, description: str) -> Slot:
    inner = non_null(field.type)
    optional = field.optional
    kind = _slot_kind(inner)
    of = non_null(inner.item) if isinstance(inner, ListOf) else inner
    parts = tuple(_typed(n, n, f, "") for n, f in of.items()) if isinstance(of, Record) else ()
    choices = of.values if isinstance(of, Enum) else ()
    return Slot(name, label, description, kind, choices, parts, _slot_kind(of), optional=optional)


def _slot(part: Part) -> Slot:
    return _typed(part.name, part.label, Field(part.type, part.optional), part.description)


def from_contract(contract: Contract) -> Wanted:
    """Return the form that the reply instructions of atkc ask for."""
    slots = [_slot(part) for part in contract.parts]
    for variant in contract.variants:
        inner = tuple(_slot(part) for part in variant.parts)
        slots.append(
            Slot(variant.name, variant.label, kind="object", parts=inner, when=variant.when)
        )
    verdict = contract.verdict
    words = tuple(w[0] for _, w in verdict.values) if verdict else ()
    each = contract.each
    return Wanted(
        form=contract.format,
        slots=tuple(slots),
        repeated=each is not None,
        least=each.least if each else 1,
        most=each.most if each else None,
        verdict=verdict.label if verdict else "",
        words=words,
        reason=contract.reason,
        pattern=contract.pattern,
    )


_STARTS = ("First reason", "Reply with", "Reply in", "Write ", "End with your verdict")


def split_instructions(text: str) -> tuple[str, Contract | None]:
    """Return a message less the reply instructions of atkc, and their contract if there are any."""
    lines = text.split("\n")
    at = [i for i, line in enumerate(lines) if line.startswith(_STARTS)]
    whole = read_instructions("\n".join(lines[at[0] :])) if at else None
    if whole is None:
        return text, None
    start = next(i for i in reversed(at) if read_instructions("\n".join(lines[i:])) == whole)
    return "\n".join(lines[:start]), whole


_HEADING = re.compile(
    r"^[ \t]*(?:\*\*|#+ )([A-Z][\w ]{1,30}?):?\*\*:?|^[ \t]*([A-Z][A-Z ]{2,24}):", re.MULTILINE
)


def guessed(text: str) -> Wanted:
    """Return the form that an instruction in a person's own words seems to ask for."""
    tags = [t for t in re.findall(r"<([a-z_]+)>[^<]{0,60}</\1>", text) if t != "think"]
    if tags:
        return Wanted("tags", tuple(Slot(t, t) for t in dict.fromkeys(tags)))
    shown = re.search(r"\{[^{}]*\"(\w+)\"\s*:[^{}]*\}", text)
    if shown and re.search(r"\bjson\b", text, re.IGNORECASE):
        keys = re.findall(r"\"(\w+)\"\s*:", shown[0])
        return Wanted("json", tuple(Slot(k, k) for k in dict.fromkeys(keys)))
    found = [a or b for a, b in _HEADING.findall(text)] + re.findall(
        r"\*\*([A-Z][\w ]{1,30}):\*\*", text
    )
    asked = [
        h
        for h in dict.fromkeys(found)
        if re.match(r"(?:question|answer|reason|verdict|thought)", h, re.IGNORECASE)
    ]
    if len(asked) >= 2:
        return Wanted("sections", tuple(Slot(h.lower().replace(" ", "_"), h) for h in asked))
    either = re.search(
        r"\b(?:reply|answer|respond|say|write|end|finish|"
        r"state)\b[^.\n]{0,60}?[\"“'`*]*\b([A-Za-z]{2,12})[\"”'`*]* or [\"“'`*]*([A-Za-z]+(?: "
        r"[A-Za-z]+)?)[\"”'`*]*\s*(?:[.,;:]|$|only|and|after)",
        text,
    )
    if either and _yes(either[1]) != _yes(either[2]):
        return Wanted(
            "verdict",
            words=(either[1], either[2]),
            reason=bool(re.search(r"reason|explain|why", text, re.IGNORECASE)),
        )
    return Wanted()


_PASS = re.compile(
    r"(?i)^(?:pass|yes|true|suitable|accurate|relevant|good|ok|okay|keep|correct|valid|supported|"
    r"accept|answerable|worthy|1)\b"
)


_FAIL = re.compile(
    r"(?i)^(?:fail|no|not|false|un\w+|in\w+|irrelevant|bad|reject|drop|discard|wrong|mistaken|0)\b"
)


_MIDDLE = re.compile(
    r"(?i)^(?:reword|repair|rewrite|revise|fix|mend|edit|partial|mostly|borderline)"
)


def _yes(word: str) -> bool | None:
    return False if _FAIL.match(word) else True if _PASS.match(word) else None


def word_for(words: tuple[str, ...], outcome: str) -> str:
    """Return the listed word for `pass`, `fail` or `reword`; by default the first means pass."""
    middle = [w for w in words if _MIDDLE.match(w)]
    yes = [w for w in words if _yes(w) is True and w not in middle]
    no = [w for w in words if _yes(w) is False and w not in middle]
    if outcome == "reword" and middle:
        return middle[0]
    if outcome == "pass":
        return (
            yes[0] if yes else next((w for w in words if w not in no and w not in middle), words[0])
        )
    rest = [w for w in words if w not in yes and w not in middle and w != words[0]]
    return no[0] if no else rest[-1] if rest else words[-1]
