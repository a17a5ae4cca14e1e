"""The expressions of the first recipes, as they were written on paper, with their types."""

from __future__ import annotations

import pytest

from atkc.spec.expression.check import check
from atkc.spec.expression.narrow import assume
from atkc.spec.expression.parse import parse
from atkc.spec.expression.scope import Constant, Scope
from atkc.spec.rowtype import Record, show
from atkc.spec.typetext import parse_type

NAMES = {"Turn": parse_type("{role: string, content: string}", {})}
WAY = parse_type("{name: string, neighbours: integer, checks: one of plain | negative}", {})
PARAMS = parse_type(
    {
        "way": "Way",
        "cite": "one of none | own | shown",
        "failure_share": "number",
        "max_chunks": {"type": "integer", "minimum": 1},
        "system_prompts": ["template"],
        "base": "one of domain | larger",
        "minimum_generic_sft": "integer",
        "pretrain_tokens": "integer | null",
        "pretrain_percent": {"type": "number | null", "minimum": 0, "exclusiveMaximum": 100},
        "distractors": "one of hard | random",
        "conversation": "boolean",
        "subset": "integer | null",
        "strict": "boolean",
        "test_share": "number",
        "repeats": "integer",
    },
    {"Way": WAY},
)
RECORD = parse_type(
    {
        "text": "string",
        "source": "string",
        "question": "string",
        "answer": "string",
        "related": [{"text": "string", "source": "string"}],
        "others": [{"text": "string", "source": "string"}],
        "shown": [{"text": "string", "source": "string"}],
        "turns": ["Turn"],
        "found": "boolean",
        "n": "integer",
        "metadata": {"needs_description": "boolean", "more": {"any": "any"}},
        "description": "string",
        "code": "string",
        "repair": {
            "verdict": "one of pass | reword | fail",
            "reworded": {"type": {"question": "string", "answer": "string"}, "nullable": True},
        },
    },
    NAMES,
)
SIZE = parse_type("{records: integer, tokens: integer}", {})
DIR = parse_type("{name: string, rag_use_subset: boolean, rag_subset_size: integer}", {})
assert isinstance(RECORD, Record)
assert isinstance(SIZE, Record)
CONSTANTS = {
    "params": Constant(PARAMS),
    "way": Constant(WAY),
    "dir": Constant(DIR),
    "set": Constant(parse_type("{name: string, percent: number}", {})),
    "repeat": Constant(parse_type("integer", {})),
    "it": Constant(parse_type("{name: string, path: path}", {})),
}
SCOPE = Scope(RECORD, CONSTANTS, {"domain": SIZE, "generic": SIZE})
CHUNKS = "[{text: string, source: string}]"

EXPRESSIONS = [
    ("take(related, params.way.neighbours)", CHUNKS),
    ('repair.verdict != "fail"', "boolean"),
    (
        'if repair.verdict == "reword" then repair.reworded.question else question',
        "string | null",
    ),
    (
        'unique(concat([source], if params.cite == "shown" then pluck(related, "source") else []))',
        "[string]",
    ),
    ("count(turns) > 2", "boolean"),
    ("count(turns) / 2", "number"),
    ('pick(params.system_prompts, "system prompt")', "template | null"),
    ('draw("rag failure") >= params.failure_share', "boolean"),
    ('draw_int("rag size", 1, params.max_chunks)', "integer"),
    (
        """shuffle(if found then concat([{text: text, source: source}], take(others, n - 1))
        else take(others, n), "rag order")""",
        CHUNKS,
    ),
    ("count(shown) > 0", "boolean"),
    ('if found then "found" else "missing"', "one of found | missing"),
    ("pick(params.system_prompts, 'rag system')", "template | null"),
    (
        "[{role: 'user', content: question}, {role: 'assistant', content: answer}]",
        "[{role: one of user | assistant, content: string}]",
    ),
    (
        """floor((if params.base == "domain" then domain.tokens
        else max(domain.tokens, params.minimum_generic_sft)) * set.percent / 100)""",
        "integer",
    ),
    ("tokens(text)", "integer"),
    ("metadata.needs_description", "boolean"),
    ("description", "string"),
    ("tokens(description) >= 8 and tokens(code) <= 4000", "boolean"),
    ("way", show(WAY)),
    ("repeat", "integer"),
    ("dir.name", "string"),
]

VALUES = [
    ("range(params.repeats)", "[integer]"),
    ('params.cite != "none"', "boolean"),
    ("not params.conversation", "boolean"),
    ("params.subset != null", "boolean"),
    ("if params.distractors == 'hard' then 'bm25' else 'random'", "one of bm25 | random"),
    ("if params.strict then 'error' else 'warn'", "one of error | warn"),
    ("if dir.rag_use_subset then dir.rag_subset_size else null", "integer | null"),
    ("params.pretrain_tokens != null or params.pretrain_percent != null", "boolean"),
    ("1 - params.test_share", "number"),
    ("basename(it.path)", "string"),
    ("slug(it.path)", "string"),
    ("it.name", "string"),
]


@pytest.mark.parametrize(("text", "kind"), EXPRESSIONS, ids=[t for t, _ in EXPRESSIONS])
def test_expressions_type(text: str, kind: str) -> None:
    found, problems = check(parse(text), SCOPE)
    assert (show(found), problems) == (kind, [])


@pytest.mark.parametrize(("text", "kind"), VALUES, ids=[t for t, _ in VALUES])
def test_values_type(text: str, kind: str) -> None:
    found, problems = check(parse(text), Scope(constants=CONSTANTS, value_slot=True))
    assert (show(found), problems) == (kind, [])


SHARE = (
    "params.pretrain_tokens ?? floor((domain.tokens + generic.tokens) * params.pretrain_percent "
    "/ (100 - params.pretrain_percent))"
)


def test_a_condition_of_the_step_narrows_its_expressions() -> None:
    when = parse("params.pretrain_tokens != null or params.pretrain_percent != null")
    found, problems = check(parse(SHARE), assume(SCOPE, when))
    assert (show(found), problems) == ("integer", [])


def test_without_the_condition_null_is_in_the_way() -> None:
    _, problems = check(parse(SHARE), SCOPE)
    assert {p.code for p in problems} == {"ATK405"}
