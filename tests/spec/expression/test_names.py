"""What an expression reads: this decides cache keys, dead fields and what can be folded."""

from __future__ import annotations

import pytest

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.names import names_used, reads
from atkc.spec.expression.parse import parse
from atkc.spec.expression.scope import Constant, Scope
from atkc.spec.expression.syntax import Expr
from atkc.spec.rowtype import ANY, INTEGER, Record

RECORD = Record.of({"a": ANY, "b": ANY, "params": ANY, "size": ANY})
SCOPE = Scope(RECORD, {"params": Constant(ANY)}, {"size": Record.of({"tokens": INTEGER})})


def tree(text: str) -> Expr:
    found = parse(text)
    assert not isinstance(found, Problem)
    return found


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("1 + 2", set()),
        ("a + b.c", {"a", "b"}),
        ("params.x + size.tokens", set()),
        ("record.params", {"params"}),
        ("record['params'].x", {"params"}),
        ("record", {"a", "b", "params", "size"}),
        ("count(record[a])", {"a", "b", "params", "size"}),
        ("if a then [b] else {x: a}", {"a", "b"}),
        ("pluck(a, 'b')", {"a"}),
    ],
)
def test_reads(text: str, fields: set[str]) -> None:
    assert reads(tree(text), SCOPE) == fields


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1", set()),
        ("params.votes + params.way.name", {"params.votes", "params.way.name"}),
        ("params.ways[0].name", {"params.ways"}),
        ("params['ways'].x", {"params.ways.x"}),
        ("params.map[way.name]", {"params.map", "way.name"}),
        ("f(a)[params.i].x", {"a", "params.i"}),
        ("not way", {"way"}),
    ],
)
def test_names_used(text: str, names: set[str]) -> None:
    assert names_used(tree(text)) == names
