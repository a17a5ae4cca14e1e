"""Laws: what is well typed never raises but for caps, and gives a value of its type."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from atkc.spec.conform import conform
from atkc.spec.diagnostic import Problem
from atkc.spec.expression.check import check
from atkc.spec.expression.evaluate import compile_expr
from atkc.spec.expression.functions import FUNCTIONS
from atkc.spec.expression.names import reads
from atkc.spec.expression.parse import parse
from atkc.spec.expression.scope import Constant, Scope
from atkc.spec.expression.syntax import Expr
from atkc.spec.expression.values import EvaluationError
from atkc.spec.rowtype import Record, Type
from atkc.spec.typetext import parse_type
from atkc.stdlib.expressions import EXPRESSIONS


class Env:
    """Seeded by the label alone; a token is a character."""

    sides: Mapping[str, Any] = {"size": {"tokens": 3}}

    def rng(self, label: str) -> random.Random:
        return random.Random(label)

    def tokens(self, text: str) -> int:
        return len(text)


KINDS = parse_type(
    {
        "s": "string",
        "i": "integer",
        "n": "number",
        "b": "boolean",
        "k": "one of a | b",
        "ns": "string | null",
        "ni": "integer | null",
        "os": "optional string",
        "ss": ["string"],
        "xs": ["integer"],
        "rows": [{"id": "string", "at": "optional integer"}],
        "open": {"any": "number"},
        "inner": {"type": {"id": "string"}, "nullable": True},
    },
    {},
)
assert isinstance(KINDS, Record)
VOTES = parse_type("{votes: integer}", {})
SIZE = parse_type("{tokens: integer}", {})
assert isinstance(SIZE, Record)
SCOPE = Scope(KINDS, {"params": Constant(VOTES)}, {"size": SIZE})

TEXT = st.text("ab .1", max_size=4)
WHOLE = st.integers(-3, 2**70)
NUMBER = st.one_of(WHOLE, st.floats(-1e300, 1e300), st.just(0))
NULL = st.none()
RECORDS = st.fixed_dictionaries(
    {
        "s": TEXT,
        "i": WHOLE,
        "n": NUMBER,
        "b": st.booleans(),
        "k": st.sampled_from("ab"),
        "ns": NULL | TEXT,
        "ni": NULL | WHOLE,
        "ss": st.lists(TEXT, max_size=3),
        "xs": st.lists(WHOLE, max_size=3),
        "rows": st.lists(st.fixed_dictionaries({"id": TEXT}, optional={"at": WHOLE}), max_size=3),
        "open": st.dictionaries(TEXT, NUMBER, max_size=2),
        "inner": NULL | st.fixed_dictionaries({"id": TEXT}),
    },
    optional={"os": TEXT},
)

LITERALS = ["0", "1", "-2", "2.5", "1e308", "'a'", "''", "true", "null", "[]", "{}"]
LEAVES = st.sampled_from([*KINDS.names(), "record", "params.votes", "size.tokens", *LITERALS])
BINARY = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">="]
BINARY += ["in", "not in", "??", "and", "or"]


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    args = st.lists(inner, min_size=1, max_size=3).map(", ".join)
    labelled = st.sampled_from(["draw('l')", "draw_int('l', {}, {})", "pick({}, 'l')"])
    plucked = st.sampled_from(["shuffle({}, 'l')", "pluck({}, 'id')", "pluck({}, 'at')"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(BINARY), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(BINARY), inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
        st.builds("(if {0} != null then {0} else {1})".format, inner, inner),
        st.builds("({0} == null or {0} {1} {2})".format, inner, st.sampled_from(BINARY), inner),
        st.builds("{}({})".format, st.sampled_from(sorted(FUNCTIONS)), args),
        st.builds("{}({})".format, st.sampled_from(sorted(FUNCTIONS)), inner),
        st.builds(lambda form, a, b: form.format(a, b), labelled | plucked, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{a: {}, b: {}}}".format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({}).id".format, inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
    )


TEXTS = st.recursive(LEAVES, _larger, max_leaves=8)


# Forms of each type; `<x>` is an expression of type x. What is without holes is a leaf.
FORMS = {
    "int": (
        "i|0|1|-2|count(xs)|tokens(s)|params.votes|size.tokens|(<int> + <int>)|(<int> * <int>)"
        "|-<int>|(<int> % 7)|count(<texts>)|count(<text>)|(<maybe int> ?? <int>)|floor(<num>)"
        "|round(<num>)|sum(<ints>)|max(<int>, <int>)|abs(<int>)|words(<text>)"
        "|(if <bool> then <int> else <int>)|draw_int('l', <int>, <int>)"
        "|(if ni != null then ni - 1 else <int>)|(if inner == null then 0 else count(inner.id))"
    ),
    "num": (
        "n|2.5|-0.0|1e308|<int>|(<num> - <num>)|(<num> * <num>)|(<num> / <num> ?? <num>)"
        "|(<num> % <num> ?? 1)|(<num> / 3)|draw('l')|(to_number(<text>) ?? <num>)"
        "|min(<num>, <num>)|round(<num>, <int>)|abs(<num>)|(get(open, <text>) ?? <num>)"
    ),
    "text": (
        "s|k|'a'|'1'|(<text> + <text>)|lower(<text>)|slug(<text>)|stem(<text>)|strip(<text>)"
        "|join(<texts>, <text>)|replace(<text>, <text>, <text>)|truncate(<text>, <int>)"
        "|to_string(<num>)|to_string(<bool>)|(ns ?? <text>)|(os ?? <text>)|basename(<text>)"
        "|(if <bool> then <text> else <text>)|(pick(<texts>, 'l') ?? <text>)"
        "|(if inner != null then inner.id else <text>)"
    ),
    "bool": (
        "b|true|(<num> < <num>)|(<text> >= <text>)|(<num> == <num>)|(ns != <text>)|not <bool>"
        "|(<bool> and <bool>)|(<bool> or <bool>)|(<int> in <ints>)|(<text> not in <text>)"
        "|starts_with(<text>, <text>)|(ni == null or ni < <int>)|('a' in open)|(k == 'a')"
        "|contains(<ints>, <int>)|(<maybe int> == null)"
    ),
    "ints": (
        "xs|[]|[<int>, <int>]|range(<int>)|take(<ints>, <int>)|drop(<ints>, <int>)"
        "|concat(<ints>, <ints>)|sort(<ints>)|unique(<ints>)|reverse(<ints>)|shuffle(<ints>, 'l')"
    ),
    "texts": (
        "ss|[<text>]|split(<text>)|split(<text>, <text>)|pluck(rows, 'id')|keys(open)"
        "|concat(<texts>, <texts>)|sort(<texts>)|(if <bool> then <texts> else [])"
    ),
    "maybe int": (
        "ni|null|<ints>[<int>]|first(<ints>)|rows[<int>].at|to_integer(<text>)"
        "|min(<ints>)|pick(<ints>, 'l')|pluck(rows, 'at')[<int>]"
    ),
    "any": "<int>|<num>|<text>|<bool>|<ints>|<texts>|<maybe int>|{a: <any>, b: <any>}|[<text>]",
}
HOLE = re.compile("<([a-z ]+)>")


@st.composite
def well_typed(draw: st.DrawFn, kind: str = "any", depth: int = 4) -> str:
    forms = FORMS[kind].split("|")
    leaves = [form for form in forms if not HOLE.search(form)]
    form = draw(st.sampled_from(leaves if depth <= 0 and leaves else forms))
    return HOLE.sub(lambda hole: draw(well_typed(hole[1], depth - 1)), form)


def parsed(text: str) -> Expr:
    tree = parse(text)
    assert not isinstance(tree, Problem), text
    return tree


@settings(max_examples=600, deadline=None)
@given(well_typed(), RECORDS)
def test_well_typed_expressions_give_values_of_their_type(text: str, data: dict[str, Any]) -> None:
    tree = parsed(text)
    kind, problems = check(tree, SCOPE)
    assert problems == [], text
    _holds(tree, kind, data)


@settings(max_examples=600, deadline=None)
@given(TEXTS, RECORDS)
def test_what_the_checker_lets_pass_gives_values_of_its_type(
    text: str, data: dict[str, Any]
) -> None:
    tree = parsed(text)
    kind, problems = check(tree, SCOPE)
    for problem in problems:
        assert problem.code in ("ATK401", "ATK402", "ATK403", "ATK404", "ATK405")
        assert 0 <= problem.start < problem.end <= len(text)
    if not problems:
        _holds(tree, kind, data)


def _holds(tree: Expr, kind: Type, data: dict[str, Any]) -> None:
    compiled = compile_expr(tree, {"params": {"votes": 3}}, EXPRESSIONS)
    try:
        value = compiled(data, Env())
    except EvaluationError:
        return  # a cap: nothing else is left to go wrong
    assert conform(value, kind, closed=False) == []
    kept = {name: data[name] for name in reads(tree, SCOPE) if name in data}
    assert compiled(kept, Env()) == value


@settings(max_examples=300, deadline=None)
@given(TEXTS, RECORDS)
def test_evaluation_of_anything_raises_nothing_else(text: str, data: dict[str, Any]) -> None:
    """A program that was not checked may fail a record, but in the same one way."""
    tree = parsed(text)
    _, problems = check(tree, SCOPE)
    if any(p.code == "ATK404" for p in problems):
        return  # the number of arguments is what the checker answers for
    with suppress(EvaluationError):
        compile_expr(tree, {"params": {"votes": 3}}, EXPRESSIONS)(data, Env())
