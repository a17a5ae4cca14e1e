"""What is compiled is the same, byte by byte, whatever the hash seed: plans and findings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from atkc.compiler.plan import CombineOp, from_json
from tests.compiler.kit import MODEL, OUT, write

SHIPPED = Path(__file__).parents[2]
# prompts and profiles are no pipelines: their findings are compared
FILES = sorted(
    path.relative_to(SHIPPED).as_posix()
    for room in ("examples", "recipes")
    for path in (SHIPPED / room).rglob("*.yaml")
)
PLANS = {"examples/notices.yaml", "recipes/factual.yaml", "recipes/factual/recall.yaml"}  # of them

COMPILE = """
import sys
from atkc.compiler.front import compile_file
from atkc.compiler.plan import to_json
from atkc.stdlib.library import library
for name in sys.argv[1:]:
    found = compile_file(name, library())
    print("\\x1e" + name)
    print(*map(repr, (*found.diagnostics, *found.unset)), sep="\\n")
    print("\\x1f" + (to_json(found.plan) if found.plan else ""))
"""


def compiled_under(seed: str, *names: str) -> dict[str, tuple[str, str]]:
    """Return findings and plan of each spec, as a process with that hash seed prints them."""
    told = subprocess.run(
        [sys.executable, "-c", COMPILE, *names],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    parts = [part.partition("\n") for part in told.split("\x1e")[1:]]
    return {name: _two(rest) for name, _, rest in parts}


def _two(text: str) -> tuple[str, str]:
    findings, _, plan = text.partition("\x1f")
    return findings.strip(), plan.strip()


def test_shipped_specs() -> None:
    names = [f"atkc:{name}" for name in FILES]
    one, other = (compiled_under(seed, *names) for seed in ("0", "1"))
    assert [name for name in names if one[name] != other[name]] == []
    assert {name for name in PLANS if one[f"atkc:{name}"][1]} == PLANS
    assert all(findings or plan for findings, plan in one.values())


GATED = (
    "more: {type: source, read: inline, with: {rows: [{id: b, text: two, n: 2}]}}\n"
    "last: {type: source, read: inline, with: {rows: [{id: c, text: three, n: 3}]}}\n"
    "a: {type: prompt, from: [rows, more], model: m, prompt: ask.yaml, as: r}\n"
    "b: {type: map, from: [a, last], where: n > 0}\n"
    "c: {type: combine, op: take, from: b, accept: 2}\n"
)


def test_gates_and_spills(tmp_path: Path) -> None:
    path = write(tmp_path, GATED + OUT % "c", MODEL)
    one, *others = (compiled_under(seed, path)[path] for seed in ("0", "1", "2"))
    assert others == [one, one]
    nodes = from_json(one[1]).nodes
    gates = [n for n in nodes if isinstance(n.op, CombineOp) and n.op.operator == "gate"]
    assert len(gates) == 2
