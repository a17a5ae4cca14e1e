"""The quick look at a document says what jsonschema says, on right documents and on spoilt ones."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from atkc.compiler.holds import KEYWORDS, holds
from atkc.spec.nodes import plain
from atkc.spec.places import SHIPPED
from atkc.spec.source import Source
from atkc.spec.yamltext import load

FILES = sorted(
    path
    for folder in (SHIPPED / "recipes", SHIPPED / "examples", Path(__file__).parent / "cases")
    for path in folder.rglob("*.yaml")
)
RULES = {
    name: json.loads((SHIPPED / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    for name in ("pipeline", "prompt")
}
JUDGES = {name: Draft202012Validator(rules) for name, rules in RULES.items()}
SPOILS: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 2, 0.5, 1.0, 2.5, "", "map", "none", "a b", "${params.x}", "x ${y} z"),
    *([], ["a"], [1, 1, 1], {}, {"share": 2}, {"a b": 1}, {"type": "map"}, float("inf")),
)


def data_of(path: Path) -> Any:
    root = load(Source(path.name, path.read_text(encoding="utf-8", errors="replace")))[0]
    return None if root is None else plain(root)


def same(data: Any, name: str) -> bool:
    """Return what both say of a document; they must agree."""
    said = holds(data, RULES[name], RULES[name]["$defs"])
    assert said == JUDGES[name].is_valid(data), data
    return said


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else items:
        yield (*path, key)
        yield from places(value, (*path, key))


def spoilt(data: Any, path: tuple[Any, ...], chance: random.Random) -> Any:
    """Return a copy in which one value is another, is missing or has a key more."""
    copy = json.loads(json.dumps(data))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    match chance.randrange(4):
        case 0:
            del inner[path[-1]]
        case 1 if isinstance(inner, dict):
            inner[chance.choice(("surprise", "type", "from", "as"))] = chance.choice(SPOILS)
        case _:
            inner[path[-1]] = chance.choice(SPOILS)
    return copy


@pytest.mark.parametrize("name", RULES)
def test_both_agree_on_every_document_and_on_spoilt_ones(name: str) -> None:
    chance = random.Random(name)
    said = []
    for path in FILES:
        data = data_of(path)
        said.append(same(data, name))
        ways = list(places(data))
        said += [
            same(spoilt(data, way, chance), name) for way in chance.sample(ways, min(len(ways), 12))
        ]
    assert len(said) > 1500
    assert 100 < sum(said) < len(said) - 100


def keywords(schema: Any) -> Iterator[str]:
    """Yield the keywords of a schema, not the names of properties."""
    for key, value in schema.items() if isinstance(schema, dict) else ():
        yield key
        inner = value.values() if key in ("properties", "$defs") else [value]
        for part in inner if key not in ("default", "enum", "const", "x-values") else ():
            for one in part if isinstance(part, list) else [part]:
                yield from keywords(one)


@pytest.mark.parametrize("name", RULES)
def test_each_keyword_of_our_schemas_is_known(name: str) -> None:
    assert set(keywords(RULES[name])) <= set(KEYWORDS)


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ({"const": 1}, True),
        ({"enum": [0]}, False),
        ({"type": "integer"}, 1.5),
        ({"type": "number"}, True),
        ({"minimum": 1}, 0),
        ({"exclusiveMaximum": 1}, 1),
        ({"minItems": 1}, []),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}),
        ({"additionalProperties": False, "properties": {"a": True}}, {"b": 1}),
        ({"anyOf": [{"type": "string"}, {"minimum": 3}]}, 2),
        ({"if": {"type": "string"}, "then": False}, "x"),
        ({"if": {"type": "string"}, "else": {"minimum": 3}}, 2),
        ({"x-values": ["a"], "pattern": "^a$"}, "b"),
    ],
)
def test_what_does_not_hold(schema: dict[str, Any], data: Any) -> None:
    assert not holds(data, schema, {})
    assert not Draft202012Validator(schema).is_valid(data)


def test_a_keyword_that_no_schema_of_ours_uses_is_refused() -> None:
    with pytest.raises(KeyError):
        holds({}, {"minProperties": 1}, {})
