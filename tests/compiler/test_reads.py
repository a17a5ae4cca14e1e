"""Which parameters a piece of a spec names, and what linting both ways of a `when` makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.front import compile_file
from atkc.compiler.reads import params_read
from atkc.stdlib.library import library


@pytest.mark.parametrize(
    ("data", "read"),
    [
        ("${params.a}", {"a"}),
        ({"x": ["y", {"z": "not params . a"}]}, {"a"}),
        ("${params.ab} and ${params.a}", {"a", "ab"}),
        ("params.count-1", {"count"}),
        ("${params['a-b']}", {"a-b"}),
        ("${params}", None),
        (["${params.a}", "pick(params)"], None),
        ("parameters.a and a", set()),
        ("one of the params.", set()),
        ([1, None, True], set()),
        ({"description": "${params.a}", "set": "${params.b}"}, {"a", "b"}),
    ],
)
def test_what_names_a_parameter(data: Any, read: set[str] | None) -> None:
    assert params_read(data) == read


def test_what_does_not_count() -> None:
    assert params_read([{"no": "${params}", "x": "${params.a}"}], but="no") == {"a"}


SPEC = """
atkc: 1
name: ways
params:
  wanted: {type: boolean, default: true}
  follows: {type: string, default: "${if params.wanted then 'jsonl' else 'nothing'}"}
  other: {type: string, default: "${'jsonl'}"}
steps:
  notes:
    type: source
    read: inline
    with: {rows: [{text: a}]}
    fields: {text: string}
  kept: {type: map, from: notes, when: "${params.wanted}", set: {x: "1"}}
  out: {type: export, from: notes, format: "${params.%s}", path: out.jsonl}
  more: {type: export, from: kept, format: jsonl, path: more.jsonl}
"""


@pytest.mark.parametrize(("name", "codes"), [("other", []), ("follows", ["ATK304"])])
def test_a_value_that_follows_from_another_one_is_made_anew(
    tmp_path: Path, name: str, codes: list[str]
) -> None:
    """With `wanted` turned, a default that reads it names a format that there is none of."""
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC % name)
    done = compile_file(str(spec), library(), only_check=True)
    assert [d.code for d in done.diagnostics if d.severity == "error"] == codes
