"""Examples and verdict values of a prompt file that its params leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.compiler.plan import VoteOp
from tests.compiler.kit import MODEL, OUT, codes, compiled, node, plan

FILE = """\
params: {deep: {type: boolean, default: true}, depth: {type: integer, default: 1}}
messages: [{role: system, content: Judge.}, {role: user, content: '{{ text }}'}]
examples:
  - {user: u1, assistant: a1}
  - {user: u2, assistant: a2, when: "${params.deep}"}
  - {user: u3, assistant: a3, when: "${params.deep and params.depth > 1}"}
  - {user: u4, assistant: a4, when: false}
reply:
  format: verdict
  verdict:
    values:
      pass: [GOOD]
      shallow: {words: [SHALLOW, FLAT], when: "${params.deep}"}
      bad: [BAD]
"""
STEPS = "a: {type: vote-filter, from: rows, model: m, prompt: parts.yaml, as: v, with: {%s}}\n"


@pytest.mark.parametrize(
    ("given", "shown", "words"),
    [
        ("", ["u1", "u2"], "GOOD, SHALLOW, BAD"),
        ("depth: 2", ["u1", "u2", "u3"], "GOOD, SHALLOW, BAD"),
        ("deep: false, depth: 2", ["u1"], "GOOD, BAD"),
    ],
)
def test_params_decide_what_the_model_is_shown(
    tmp_path: Path, given: str, shown: list[str], words: str
) -> None:
    op = node(plan(tmp_path, STEPS % given + OUT % "a", MODEL, parts=FILE), "a").op
    assert isinstance(op, VoteOp)
    said = [m.content.text for m in op.prompt.messages if m.role == "user"]
    assert said == [*shown, "{{ text }}"]
    assert op.prompt.instructions.endswith(f"one of {words}")
    assert op.prompt.contract is not None
    assert ("FLAT" in str(op.prompt.contract)) == ("SHALLOW" in words)


@pytest.mark.parametrize(
    ("was", "now", "code", "line"),
    [
        ("params.deep}", "params.dep}", "ATK401", 5),
        ("params.deep}", "params.depth}", "ATK202", 5),
        ("[SHALLOW, FLAT]", "[BAD]", "ATK440", 14),
        (', when: "${params.deep}"}\n      bad: [BAD]', "}\n      bad: [BAD]", "ATK440", 13),
        ("when: false", "when: 12", "ATK205", 7),
    ],
)
def test_what_is_wrong_is_shown_where_it_stands(
    tmp_path: Path, was: str, now: str, code: str, line: int
) -> None:
    assert was in FILE
    done = compiled(tmp_path, STEPS % "" + OUT % "a", MODEL, parts=FILE.replace(was, now, 1))
    assert code in codes(done)
    first = next(d for d in done.diagnostics if d.code == code)
    assert f"parts.yaml:{line}:" in str(first.span)
    assert done.plan is None
