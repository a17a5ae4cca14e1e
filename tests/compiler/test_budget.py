"""`budget:` of a spec: values, `${…}`, and what it may not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.compiler.front import Compiled, compile_file
from atkc.compiler.plan import Budget
from atkc.spec.places import canonical
from atkc.stdlib.library import library

SPEC = """\
atkc: 1
name: x
params:
  cap: {{type: number | null, default: {default}}}
budget: {budget}
steps:
  rows: {{type: source, read: inline, with: {{rows: [{{a: b}}]}}}}
  out: {{type: export, from: rows, format: jsonl, path: a.jsonl}}
"""


def compiled(folder: Path, budget: str, default: str = "2") -> Compiled:
    path = folder / "spec.yaml"
    path.write_text(SPEC.format(budget=budget, default=default), encoding="utf-8")
    return compile_file(canonical(str(path)), library())


@pytest.mark.parametrize(
    ("budget", "default", "caps"),
    [
        ("{}", "2", Budget()),
        ("{max_usd: 0, max_calls: 5}", "2", Budget(max_usd=0.0, max_calls=5)),
        ("{max_tokens: 7}", "2", Budget(max_tokens=7)),
        ('{max_usd: "${params.cap}"}', "2.5", Budget(max_usd=2.5)),
        ('{max_usd: "${params.cap}"}', "null", Budget()),
        ('{max_calls: "${params.cap}"}', "3", Budget(max_calls=3)),
    ],
)  # fmt: skip
def test_what_the_plan_says(tmp_path: Path, budget: str, default: str, caps: Budget) -> None:
    plan = compiled(tmp_path, budget, default).plan
    assert plan is not None
    assert plan.budget == caps


@pytest.mark.parametrize(
    ("budget", "default", "found"),
    [
        ("{max_usd: -1}", "2", "ATK205"),
        ("{max_calls: 1.5}", "2", "ATK202"),
        ("{max_tokens: many}", "2", "ATK202"),
        ("{max_cost: 1}", "2", "ATK201"),
        ('{max_usd: "${params.cap}"}', "-2", "ATK202"),
        ('{max_calls: "${params.cap}"}', "1.5", "ATK202"),
        ('{max_usd: "${params.cup}"}', "2", "ATK401"),
    ],
)
def test_what_it_may_not_hold(tmp_path: Path, budget: str, default: str, found: str) -> None:
    done = compiled(tmp_path, budget, default)
    assert done.plan is None
    errors = [d for d in done.diagnostics if d.severity == "error"]
    assert [(d.code, d.span.line if d.span else 0) for d in errors] == [(found, 5)]
