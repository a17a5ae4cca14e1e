"""The parser's tables: for this grammar, and no other parser than the grammar's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.spec.expression.tables import TABLES, as_text, is_fresh, load_parser

TEXTS = (
    "a.b[0] ?? 'x'",
    "if not a in [1, 2.5] then {k: -b, 'l': f(c,)} else null",
    "1 + 2 * 3 - x < 4 and p or q not in r",
)


def test_the_tables_belong_to_the_grammar() -> None:
    assert is_fresh()


@pytest.mark.parametrize("text", TEXTS)
def test_tables_and_grammar_make_equal_trees(text: str, tmp_path: Path) -> None:
    made = load_parser(tmp_path / "none.json")
    assert load_parser().parse(text) == made.parse(text)


@pytest.mark.parametrize("name", ["lark", "grammar"])
def test_tables_for_something_else_are_left_alone(name: str, tmp_path: Path) -> None:
    other = tmp_path / "tables.json"
    other.write_text(json.dumps({**json.loads(TABLES.read_text("utf-8")), name: "?", "data": 0}))
    assert load_parser(other).parse("a") == load_parser().parse("a")


def test_new_tables_are_complete(tmp_path: Path) -> None:
    new = tmp_path / "tables.json"
    new.write_text(as_text(), encoding="utf-8")
    assert load_parser(new).parse(TEXTS[0]) == load_parser().parse(TEXTS[0])
