"""The table of kinds names all that the code fails records with, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from atkc.runtime.asking import CALL_FAILURES
from atkc.runtime.failure_kinds import CALL, DATA, KINDS, REPLY, SOURCE, advice, kinds_of

ROOT = Path(__file__).parents[2]
# What makes a failure, and which of its arguments is the kind.
MAKERS = {"RecordError": 0, "ReplyError": 0, "Failure": 0, "ReadFailure": 1}
# Given by a variable, or by an exception's own attribute.
INDIRECT = {"expression", "items"}


def used() -> Iterator[tuple[str, str]]:
    for room in ("runtime", "stdlib"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    at = MAKERS.get(node.func.id, 99)
                    given = node.args[at] if len(node.args) > at else None
                    if isinstance(given, ast.Constant):
                        yield str(given.value), path.relative_to(ROOT).as_posix()


def test_each_kind_in_the_code_is_in_the_table() -> None:
    found = dict(used())
    assert len(found) > 30
    assert {kind: path for kind, path in found.items() if kind not in KINDS} == {}


def test_each_kind_in_the_table_is_in_the_code() -> None:
    assert set(KINDS) - {kind for kind, _ in used()} == INDIRECT


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_what_happened_and_what_to_do(kind: str) -> None:
    told = KINDS[kind]
    assert told.origin in (CALL, REPLY, DATA, SOURCE)
    assert told.what
    assert advice(kind) == told.advice != ""


def test_calls_without_a_reply_are_those_that_the_caller_names() -> None:
    assert set(kinds_of(CALL)) == CALL_FAILURES


@pytest.mark.parametrize(
    "path", sorted((ROOT / "stdlib/replies").glob("*.py")), ids=lambda p: p.stem
)
def test_what_a_reply_fails_with_can_be_retried(path: Path) -> None:
    mine = {kind for kind, place in used() if place.endswith(f"replies/{path.name}")}
    assert {KINDS[kind].origin for kind in mine} <= {REPLY}
