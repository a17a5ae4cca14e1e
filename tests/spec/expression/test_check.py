"""Types of names, paths and operators; narrowing; one message for one mistake."""

from __future__ import annotations

import pytest

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.check import check
from atkc.spec.expression.parse import parse
from atkc.spec.expression.scope import Constant, Scope
from atkc.spec.rowtype import Record, show
from atkc.spec.typetext import parse_type

RECORD = parse_type(
    {
        "s": "string",
        "i": "integer",
        "n": "number",
        "b": "boolean",
        "k": "one of plain | negative",
        "ns": "string | null",
        "ni": "integer | null",
        "nb": "boolean | null",
        "os": "optional string",
        "anything": "any",
        "strings": ["string"],
        "maybes": ["integer | null"],
        "rows": [{"id": "string", "score": "optional number"}],
        "open": {"any": "integer"},
        "inner": {"id": "string", "deep": {"type": {"x": "integer"}, "nullable": True}},
        "params": "string",
        "zero": {"type": "integer", "minimum": 0},
        "positive": {"type": "integer", "minimum": 1},
        "below": {"type": "number", "minimum": 0, "exclusiveMaximum": 100},
        "upto": {"type": "number", "minimum": 0, "maximum": 100},
    },
    {},
)
assert isinstance(RECORD, Record)
PARAMS = parse_type("{votes: integer, top: {x: string} | null, s: string | null}", {})
SIDE = parse_type("{tokens: integer}", {})
assert isinstance(SIDE, Record)
SCOPE = Scope(RECORD, {"params": Constant(PARAMS)}, {"size": SIDE})

TYPES = [
    # literals
    ("1", "integer"),
    ("1.0", "number"),
    ("'a'", "one of a"),
    ("null", "null"),
    ("[]", "[any]"),
    ("[1, 2.5]", "[number]"),
    ("[1, null]", "[integer | null]"),
    ("['a', 'b']", "[one of a | b]"),
    ("['a', s]", "[string]"),
    ("[anything, 's']", "[any]"),
    ("{a: 1, b: s}", "{a: integer, b: string}"),
    ("[{a: 1}, {a: 2, b: 'x'}]", "[{a: integer, b: optional one of x}]"),
    ("{a: []}", "{a: [any]}"),
    # names: constants, sides, the word record, fields
    ("i", "integer"),
    ("os", "string | null"),
    ("params.votes", "integer"),
    ("record.params", "string"),
    ("record.i", "integer"),
    ("record['i']", "integer"),
    ("size.tokens", "integer"),
    # paths
    ("inner.id", "string"),
    ("inner.deep", "{x: integer} | null"),
    ("inner.deep.x", "integer | null"),
    ("params.top.x", "string | null"),
    ("strings[0]", "string | null"),
    ("strings[-1]", "string | null"),
    ("strings[i]", "string | null"),
    ("rows[0].id", "string | null"),
    ("rows[0].score", "number | null"),
    ("open['k']", "integer | null"),
    ("open.k", "integer | null"),
    ("open[s]", "integer | null"),
    ("anything.x[0].y", "any"),
    ("[][0]", "any"),
    # arithmetic
    ("i + 1", "integer"),
    ("i + n", "number"),
    ("i * 2.0", "number"),
    ("-i", "integer"),
    ("s + 'x'", "string"),
    ("'a' + 'b'", "string"),
    ("anything + 1", "any"),
    ("i / 2", "number"),
    ("i / n", "number | null"),
    ("i % 2", "integer"),
    ("i % i", "integer | null"),
    ("i / zero", "number | null"),
    ("i / positive", "number"),
    ("i / (zero + 1)", "number"),
    ("i / (0 - positive)", "number"),
    ("i / -positive", "number"),
    ("i / (100 - below)", "number"),
    ("i / (100 - upto)", "number | null"),
    ("i / (101 - upto)", "number"),
    ("i / 0", "number | null"),
    # comparing
    ("i < n", "boolean"),
    ("s >= 'x'", "boolean"),
    ("k == 'plain'", "boolean"),
    ("ns == 'x'", "boolean"),
    ("ns == null", "boolean"),
    ("i != null", "boolean"),
    ("ns == os", "boolean"),
    ("rows == []", "boolean"),
    ("anything == 1", "boolean"),
    # in
    ("'x' in strings", "boolean"),
    ("ns in strings", "boolean"),
    ("'x' in s", "boolean"),
    ("'x' not in open", "boolean"),
    ("k in ['plain']", "boolean"),
    ("null in maybes", "boolean"),
    ("i in []", "boolean"),
    ("1 in anything", "boolean"),
    # null
    ("ns ?? 'x'", "string"),
    ("ns ?? os", "string | null"),
    ("ni ?? 0.5", "number"),
    ("s ?? 'x'", "string"),
    ("null ?? 1", "integer"),
    ("strings[0] ?? ''", "string"),
    ("ns ?? os ?? 's'", "string"),
    # branches
    ("if b then 1 else 2.5", "number"),
    ("if b then s else null", "string | null"),
    ("if b then [] else strings", "[string]"),
    ("if b then {a: 1} else {b: 2}", "{a: optional integer, b: optional integer}"),
    ("if b then open else {a: 1}", "{any: integer}"),
    ("if anything then 1 else 2", "integer"),
    # narrowing
    ("if ns != null then ns else 'x'", "string"),
    ("if ns == null then 'x' else ns", "string"),
    ("if null != ns then ns else 'x'", "string"),
    ("if not (ns == null) then ns else 'x'", "string"),
    ("if ns == 'q' then ns else 'x'", "string"),
    ("if ns != null and ni != null then ns + 'x' else 'x'", "string"),
    ("if ns == null or ni == null then 0 else ni + 1", "integer"),
    ("ns != null and ns < 'x'", "boolean"),
    ("ni == null or ni > 3", "boolean"),
    ("nb != null and nb", "boolean"),
    ("if inner.deep != null then inner.deep.x else 0", "integer"),
    ("if inner.deep.x != null then inner.deep.x + 1 else 0", "integer"),
    ("if strings[0] != null then lower(strings[0]) else ''", "string"),
    ("if first(strings) != null then lower(first(strings)) else ''", "string"),
    ("if params.s != null then params.s else s", "string"),
    ("if ni != null or ns != null then ns ?? to_string(ni) else s", "string"),
    ("if ns != null then (if b then ns else s) else s", "string"),
]


@pytest.mark.parametrize(("text", "kind"), TYPES, ids=[t for t, _ in TYPES])
def test_types(text: str, kind: str) -> None:
    tree = parse(text)
    assert not isinstance(tree, Problem)
    found, problems = check(tree, SCOPE)
    assert (show(found), problems) == (kind, [])


HELP = "?? default"
MISTAKES = [
    # names
    ("strngs", "ATK401", "strngs", "`strings`"),
    ("count", "ATK401", "count", "count("),
    ("qqqqqq", "ATK401", "qqqqqq", "`s`"),
    ("inner.di", "ATK401", "inner.di", "`id`"),
    ("inner['di']", "ATK401", "inner['di']", "`id`"),
    ("params.vots", "ATK401", "params.vots", "`votes`"),
    ("size.token", "ATK401", "size.token", "`tokens`"),
    ("rows[0].scor", "ATK401", "rows[0].scor", "`score`"),
    ("record.nope", "ATK401", "record.nope", None),
    ("strngs[0].x + 1", "ATK401", "strngs", "`strings`"),
    ("if strngs == 'x' then i else 2", "ATK401", "strngs", "`strings`"),
    # paths
    ("s.x", "ATK402", "s.x", None),
    ("strings.x", "ATK402", "strings.x", "pluck"),
    ("s[0]", "ATK402", "s[0]", None),
    ("strings[s]", "ATK402", "s", None),
    ("strings[1.5]", "ATK402", "1.5", None),
    ("inner[s]", "ATK402", "s", None),
    ("open[i]", "ATK402", "i", None),
    ("strings[ni]", "ATK405", "ni", HELP),
    # functions
    ("cout(strings)", "ATK403", "cout(strings)", "`count`"),
    ("count()", "ATK404", "count()", "count("),
    ("count(s, s)", "ATK404", "count(s, s)", "count("),
    ("lower(i)", "ATK404", "i", None),
    ("lower(ns)", "ATK405", "ns", HELP),
    ("draw(s)", "ATK404", "s", None),
    ("pluck(rows, 'idd')", "ATK401", "'idd'", "`id`"),
    ("lower(nope(s))", "ATK403", "nope(s)", None),
    # operators
    ("i + s", "ATK402", "i + s", "to_string"),
    ("strings + strings", "ATK402", "strings + strings", "concat"),
    ("b + 1", "ATK402", "b + 1", None),
    ("s - s", "ATK402", "s - s", None),
    ("s * 3", "ATK402", "s * 3", None),
    ("anything + b", "ATK402", "anything + b", None),
    ("-s", "ATK402", "-s", None),
    ("ni + 1", "ATK405", "ni", HELP),
    ("1 - ni", "ATK405", "ni", HELP),
    ("-ni", "ATK405", "ni", HELP),
    ("null + 1", "ATK405", "null", HELP),
    ("i / n + 1", "ATK405", "i / n", HELP),
    ("strings[0] + 'x'", "ATK405", "strings[0]", HELP),
    ("ni < 3", "ATK405", "ni", HELP),
    ("i < s", "ATK402", "i < s", None),
    ("b < b", "ATK402", "b < b", None),
    ("k == 'negativ'", "ATK402", "'negativ'", "`negative`"),
    ("'negativ' != k", "ATK402", "'negativ'", "`negative`"),
    ("i == s", "ATK402", "i == s", None),
    ("i == true", "ATK402", "i == true", None),
    ("k in ['plain', 'odd']", "ATK402", "'odd'", None),
    ("i in strings", "ATK402", "i in strings", None),
    ("i in s", "ATK402", "i", None),
    ("s in inner", "ATK402", "inner", None),
    ("s in ns", "ATK405", "ns", HELP),
    ("ns in s", "ATK405", "ns", HELP),
    ("not s", "ATK402", "s", None),
    ("not nb", "ATK405", "nb", HELP),
    ("b and i", "ATK402", "i", None),
    ("nb or b", "ATK405", "nb", HELP),
    ("if s then 1 else 2", "ATK402", "s", None),
    ("if nb then 1 else 2", "ATK405", "nb", HELP),
    ("if b then 1 else 's'", "ATK402", "if b then 1 else 's'", None),
    ("[1, 's']", "ATK402", "'s'", None),
    ("ni ?? 's'", "ATK402", "ni ?? 's'", None),
    # narrowing ends where its branch ends
    ("(if ns != null then 1 else 2) + count(ns)", "ATK405", "ns", HELP),
    ("if ns != null then 's' else ns + 's'", "ATK405", "ns", HELP),
    ("if ns != null or b then ns + 's' else 's'", "ATK405", "ns", HELP),
    ("if ns != 'x' then ns + 's' else 's'", "ATK405", "ns", HELP),
    ("ns != null or ns < 's'", "ATK405", "ns", HELP),
    ("if ns == os then ns + 's' else 's'", "ATK405", "ns", HELP),
]


@pytest.mark.parametrize(
    ("text", "code", "underlined", "help_"), MISTAKES, ids=[m[0] for m in MISTAKES]
)
def test_mistakes(text: str, code: str, underlined: str, help_: str | None) -> None:
    tree = parse(text)
    assert not isinstance(tree, Problem)
    _, problems = check(tree, SCOPE)
    assert [(p.code, text[p.start : p.end]) for p in problems] == [(code, underlined)]
    if help_ is not None:
        assert help_ in (problems[0].help or "")


def test_two_mistakes_give_two_messages() -> None:
    tree = parse("nope1 + nope2 * nope3(i)")
    assert not isinstance(tree, Problem)
    kind, problems = check(tree, SCOPE)
    assert show(kind) == "any"
    assert [p.code for p in problems] == ["ATK401", "ATK401", "ATK403"]


def test_constants_hide_fields_and_sides_hide_fields() -> None:
    record = Record.of({"x": parse_type("string", {}), "size": parse_type("string", {})})
    scope = Scope(record, {"x": Constant(parse_type("integer", {}))}, {"size": SIDE})
    for text, kind in [("x", "integer"), ("record.x", "string"), ("size.tokens", "integer")]:
        tree = parse(text)
        assert not isinstance(tree, Problem)
        assert show(check(tree, scope)[0]) == kind
