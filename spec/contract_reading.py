"""Reading the `reply:` mapping of a prompt file into a contract, or into what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from atkc.spec.contract_dialect import check_grammar, check_pattern
from atkc.spec.contract_model import (
    FORMATS,
    JUDGING,
    LABEL_KEYS,
    Contract,
    Each,
    Part,
    Variant,
    Verdict,
)
from atkc.spec.rowtype import Enum, Field, ListOf, Nullable, Scalar, Type, non_null
from atkc.spec.suggest import hint
from atkc.spec.typetext import TypeTextError, parse_field

Path = tuple[str | int, ...]
Issue = tuple[Path, str]
T = TypeVar("T")

_KEYS = ("format", "each", "cut", "fields", "verdict", "reason", "refuse", "pattern", "grammar")
_LABELS: dict[str, tuple[str, str]] = {
    "sections": (r"[^\n*:#<>]*[^\s\n*:#<>][^\n*:#<>]*", "a heading has no `:`, `*`, `#`, `<`, `>`"),
    "tags": (r"[A-Za-z_][\w-]*", "a tag is a name"),
    "json": (r"[^\n\"\\]+", "a key has no quotes"),
    "regex": (r"[A-Za-z_]\w*", "a group is a name"),
    "grammar": (r"[a-z_][a-z0-9_]*", "a rule is a name in small letters"),
}


class _Reader:
    """Reads one mapping; notes each problem with its path and goes on."""

    def __init__(self, data: Mapping[str, Any], names: Mapping[str, Type]) -> None:
        self.data = data
        self.names = names
        self.issues: list[Issue] = []
        self.format = self._format()

    def note(self, path: Path, message: str) -> None:
        self.issues.append((path, message))

    def _format(self) -> str:
        name = self.data.get("format")
        if name in FORMATS:
            return str(name)
        if name is None:
            self.note((), "a reply needs `format`")
        else:
            near = hint(str(name), FORMATS) or "use one of " + ", ".join(FORMATS)
            self.note(("format",), f"there is no reply format `{name}`; {near}")
        return "json"

    def only_keys(self, data: Mapping[str, Any], known: Iterable[str], path: Path) -> None:
        known = tuple(known)
        for key in data:
            if key not in known:
                near = hint(str(key), known)
                tail = f"; {near}" if near else ""
                self.note((*path, key), f"there is no key `{key}` here{tail}")

    def typed(self, data: Mapping[str, Any], key: str, kind: type[T], path: Path, default: T) -> T:
        value = data.get(key, default)
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        words = {bool: "true or false", dict: "a mapping", list: "a list", str: "a text"}
        self.note((*path, key), f"`{key}` is {words.get(kind, 'a whole number')}, not `{value}`")
        return default

    def words(self, data: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
        found = self.typed(data, key, list, path, [])
        wrong = [w for w in found if not isinstance(w, str) or not w.strip()]
        if wrong:
            self.note((*path, key), f"`{key}` is a list of words, not `{wrong[0]}`")
        return tuple(w for w in found if w not in wrong)

    def contract(self) -> Contract:
        self.only_keys(self.data, _KEYS, ())
        verdict = self.verdict() if "verdict" in self.data else None
        parts, variants = self.fields(verdict)
        return Contract(
            self.format,
            parts,
            variants,
            verdict,
            self.typed(self.data, "reason", bool, (), False),
            self.each(),
            self.cut(),
            self.words(self.data, "refuse", ()),
            self.typed(self.data, "pattern", str, (), ""),
            self.typed(self.data, "grammar", str, (), ""),
        )

    def each(self) -> Each | None:
        data = self.data.get("each")
        if data is None:
            return None
        if not isinstance(data, Mapping):
            self.note(("each",), "`each` is a mapping such as `{min: 1, max: 5}`")
            return Each()
        self.only_keys(data, ("min", "max"), ("each",))
        least = self.typed(data, "min", int, ("each",), 1)
        most = None if data.get("max") is None else self.typed(data, "max", int, ("each",), 1)
        if least < 0 or (most is not None and most < max(least, 1)):
            self.note(("each",), f"no number of items is at least {least} and at most {most}")
        return Each(least, most)

    def cut(self) -> bool:
        value = self.data.get("cut", "fail")
        if value not in ("fail", "keep_closed"):
            self.note(("cut",), f"`cut` is `fail` or `keep_closed`, not `{value}`")
        return bool(value == "keep_closed")

    def verdict(self) -> Verdict:
        data, path = self.typed(self.data, "verdict", dict, (), {}), ("verdict",)
        key = LABEL_KEYS.get(self.format, "section")
        self.only_keys(data, (key, "values"), path)
        default = "Final judgment" if key == "section" else "verdict"
        label = self.label(self.typed(data, key, str, path, default), (*path, key))
        values = self.typed(data, "values", dict, path, {})
        if len(values) < 2:
            self.note((*path, "values"), "a verdict has at least two values")
        found = [(str(value), self.words(values, value, (*path, "values"))) for value in values]
        self._distinct(found, (*path, "values"))
        return Verdict(label, tuple((v, words) for v, words in found if words))

    def _distinct(self, values: list[tuple[str, tuple[str, ...]]], path: Path) -> None:
        seen: dict[str, str] = {}
        for value, words in values:
            if not words:
                self.note((*path, value), f"the value `{value}` needs at least one word")
            for word in words:
                if seen.setdefault(word.casefold(), value) != value:
                    self.note((*path, value), f"`{word}` stands for two values")
                if not any(c.isalnum() for c in word) or "," in word or "\n" in word:
                    self.note((*path, value), f"`{word}` is no word that a verdict can be")

    def label(self, label: str, path: Path) -> str:
        kind = "sections" if self.format == "verdict" else self.format
        pattern, why = _LABELS.get(kind, (".*", ""))
        if not re.fullmatch(pattern, label):
            self.note(path, f"`{label}` cannot stand there: {why}")
        return " ".join(label.split())

    def fields(self, verdict: Verdict | None) -> tuple[tuple[Part, ...], tuple[Variant, ...]]:
        parts: list[Part] = []
        variants: list[Variant] = []
        for name, data in self.typed(self.data, "fields", dict, (), {}).items():
            path = ("fields", name)
            if isinstance(data, Mapping) and "when" in data:
                variants.append(self.variant(name, data, path, verdict))
            else:
                parts.append(self.part(name, data, path))
        return tuple(parts), tuple(variants)

    def part(self, name: str, data: Any, path: Path) -> Part:
        key = LABEL_KEYS.get(self.format)
        is_long = isinstance(data, Mapping) and ("type" in data or self.format != "json")
        if not is_long:
            return self._part(name, data, self.default_label(name), path, "")
        self.only_keys(data, (*([key] if key else []), "type", "description"), path)
        label = self.default_label(name)
        if key and key in data:
            label = self.label(self.typed(data, key, str, path, label), (*path, key))
        description = " ".join(self.typed(data, "description", str, path, "").split())
        place = (*path, "type") if "type" in data else path
        return self._part(name, data.get("type", "string"), label, place, description)

    def _part(self, name: str, notation: Any, label: str, path: Path, description: str) -> Part:
        try:
            found = parse_field(notation, self.names)
        except TypeTextError as error:
            self.note((*path, *error.path), error.message)
            found = Field(Scalar("string"))
        if self.format != "json" and not _textual(found.type):
            self.note(path, f"`{name}` is too deep for a `{self.format}` reply; use `format: json`")
        return Part(name, label, found.type, found.optional, description)

    def default_label(self, name: str) -> str:
        headed = LABEL_KEYS.get(self.format) == "section"
        return name.replace("_", " ").title() if headed else name

    def variant(
        self, name: str, data: Mapping[str, Any], path: Path, verdict: Verdict | None
    ) -> Variant:
        key = LABEL_KEYS.get(self.format, "section")
        own = {"key": ["key"]}.get(key, [])
        self.only_keys(data, ("when", f"{key}s", "fields", "refuse", *own), path)
        when = data["when"]
        values = [value for value, _ in verdict.values] if verdict else []
        if when not in values:
            near = hint(str(when), values)
            message = f"`{when}` is no value of the verdict" + (f"; {near}" if near else "")
            self.note((*path, "when"), message if verdict else "`when` needs a `verdict`")
        parts = [
            Part(inner, self.label(str(label), (*path, f"{key}s", inner)))
            for inner, label in self.typed(data, f"{key}s", dict, path, {}).items()
        ]
        for inner, notation in self.typed(data, "fields", dict, path, {}).items():
            parts.append(self.part(inner, notation, (*path, "fields", inner)))
        if not parts:
            self.note(path, f"`{name}` has no fields; name them under `{key}s`")
        label = self.label(self.typed(data, "key", str, path, name), path) if own else ""
        refuse = self.words(data, "refuse", path)
        return Variant(name, str(when), tuple(parts), label, refuse)


def _textual(t: Type) -> bool:
    """Return whether a type can be read out of plain text."""
    inner = non_null(t) if isinstance(t, Nullable) else t
    if isinstance(inner, ListOf):
        inner = inner.item
    return isinstance(inner, Enum) or (
        isinstance(inner, Scalar) and inner.name not in ("any", "null")
    )


def parse_contract(data: Mapping[str, Any], names: Mapping[str, Type]) -> Contract | list[Issue]:
    """Return the contract, or every (path, message) that is wrong with it (ATK440).

    `data` is the `reply:` mapping as JSON, interpolated; `names` are the named record types.
    """
    reader = _Reader(data, names)
    contract = reader.contract()
    issues = reader.issues or [*_shape_issues(contract), *_dialect_issues(contract)]
    return issues or contract


def _shape_issues(c: Contract) -> Iterable[Issue]:
    """Yield what does not go together, once each key is right by itself."""
    one_place = c.format in ("list", "text")
    if one_place and len(c.parts) != 1:
        yield ("fields",), f"a `{c.format}` reply has exactly one field, not {len(c.parts)}"
    if c.format == "verdict" and c.parts:
        yield ("fields", c.parts[0].name), "a `verdict` reply has no fields; use `format: sections`"
    if c.format == "verdict" and not c.verdict:
        yield (), "a `verdict` reply needs `verdict`"
    if not (c.parts or c.verdict or one_place):
        yield (), "a reply needs `fields`"
    if c.format not in JUDGING and (c.verdict or c.reason):
        key = "verdict" if c.verdict else "reason"
        yield (key,), f"a `{c.format}` reply has no `{key}`"
    if c.each and (c.verdict or c.reason or c.format == "text"):
        yield ("each",), "only a reply without verdict and reason, and no `text`, has items"
    if c.keep_closed and not (c.each or c.format == "list"):
        yield ("cut",), "`cut: keep_closed` needs `each` or `format: list`"
    if c.format == "list" and c.parts and isinstance(c.parts[0].type, ListOf) is bool(c.each):
        want = "one item's type" if c.each else "a list such as `[string]`"
        yield ("fields", c.parts[0].name), f"this field's type is {want}"
    yield from _name_issues(c)


def _name_issues(c: Contract) -> Iterable[Issue]:
    added = (["verdict"] if c.verdict else []) + (["reason"] if c.reason else [])
    for name in added:
        if name in [part.name for part in c.parts] + [v.name for v in c.variants]:
            yield ("fields", name), f"the field `{name}` is added by `{name}:` already"
    labels: dict[str, str] = {c.verdict.label.casefold(): "the verdict"} if c.verdict else {}
    inner = [] if c.format == "json" else [p for v in c.variants for p in v.parts]
    for part in [*c.parts, *inner]:
        other = labels.setdefault(part.label.casefold(), f"`{part.name}`")
        if other != f"`{part.name}`" or (part in inner and part.name in [p.name for p in c.parts]):
            yield ("fields",), f"`{part.label}` stands for {other} and for `{part.name}`"


def _dialect_issues(c: Contract) -> Iterable[Issue]:
    for key, text in (("pattern", c.pattern), ("grammar", c.grammar)):
        wanted = c.format == ("regex" if key == "pattern" else "grammar")
        if wanted and not text:
            yield (), f"a `{c.format}` reply needs `{key}`"
        elif text and not wanted:
            yield (key,), f"a `{c.format}` reply has no `{key}`"
        elif text:
            check = check_pattern if key == "pattern" else check_grammar
            yield from (((key,), message) for message in check(text, c.parts))
