"""Reply contracts: what a model's reply looks like, and the fields that come out of it."""

from __future__ import annotations

from msgspec import Struct

from atkc.spec.rowtype import STRING, Enum, Field, Nullable, Record, Type

FORMATS = ("json", "sections", "tags", "list", "verdict", "text", "regex", "grammar")
# How a field says where it stands in the reply, by format; `list` and `text` have one place only.
LABEL_KEYS = {
    "json": "key",
    "sections": "section",
    "verdict": "section",
    "tags": "tag",
    "regex": "group",
    "grammar": "rule",
}
JUDGING = ("json", "sections", "tags", "verdict")  # formats that may have a verdict and a reason


class Part(Struct, frozen=True):
    """One field of the reply and where it stands: `label` is a heading, tag, key, group or rule."""

    name: str
    label: str
    type: Type = STRING
    optional: bool = False
    description: str = ""


class Variant(Struct, frozen=True):
    """Parts that a reply has only with the verdict `when`; else the field `name` is null."""

    name: str
    when: str
    parts: tuple[Part, ...]
    label: str = ""  # the key of a JSON reply; sections and tags stand on their own
    refuse: tuple[str, ...] = ()


class Verdict(Struct, frozen=True):
    """A closed set of values; the first word of each is the one that the model is asked for."""

    label: str
    values: tuple[tuple[str, tuple[str, ...]], ...]

    def word(self, value: str) -> str:
        """Return the word that the model is asked to write for a value."""
        return dict(self.values)[value][0]


class Each(Struct, frozen=True):
    """Bounds of the number of items; `most` is None where there is none."""

    least: int = 1
    most: int | None = None


class Contract(Struct, frozen=True):
    """What a reply must look like. Without `each` it is one item, else a list of items."""

    format: str
    parts: tuple[Part, ...] = ()
    variants: tuple[Variant, ...] = ()
    verdict: Verdict | None = None
    reason: bool = False
    each: Each | None = None
    keep_closed: bool = False  # a reply cut off at `max_tokens` keeps the items that were closed
    refuse: tuple[str, ...] = ()
    pattern: str = ""
    grammar: str = ""


def item_type(contract: Contract) -> Record:
    """Return the fields that one item of the reply adds to a record."""
    fields: dict[str, Type | Field] = {"reason": STRING} if contract.reason else {}
    fields |= {part.name: Field(part.type, part.optional) for part in contract.parts}
    if contract.verdict:
        fields["verdict"] = Enum(verdict_values(contract))
    for variant in contract.variants:
        inner = {part.name: Field(part.type, part.optional) for part in variant.parts}
        fields[variant.name] = Nullable(Record.of(inner))
    return Record.of(fields)


def cardinality(contract: Contract) -> str:
    """Return `1:n` for a reply that is a list of items, else `1:1`."""
    return "1:n" if contract.each else "1:1"


def verdict_values(contract: Contract) -> tuple[str, ...]:
    """Return the values that `verdict` can have, none without a verdict."""
    return tuple(value for value, _ in contract.verdict.values) if contract.verdict else ()
