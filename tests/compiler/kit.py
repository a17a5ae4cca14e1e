"""Specs as texts, compiled in a folder of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from atkc.compiler.front import Compiled, compile_file
from atkc.compiler.params import Given
from atkc.compiler.plan import Node, Plan
from atkc.spec.places import canonical
from atkc.stdlib.library import library

ROWS = "rows: {type: source, read: inline, with: {rows: [{id: a, text: one, n: 1}]}}"
OUT = "file: {type: export, from: %s, format: jsonl, path: out.jsonl}"
MODEL = "models: {m: {model: atkc/extractive, sampling: {temperature: 0.5}}}\n"
ASK = "messages: [{role: user, content: '{{ text }}'}]\n"
JUDGE = (
    "messages: [{role: user, content: '{{ text }}'}]\n"
    "reply: {format: verdict, verdict: {section: V, values: {pass: [GOOD], fail: [BAD]}}}\n"
)


def write(folder: Path, steps: str, head: str = "", **files: str) -> str:
    """Write `spec.yaml` (steps one per line) and other files; return the spec's path."""
    (folder / "atkc.toml").touch()
    lines = "".join(f"  {line}\n" for line in steps.strip("\n").splitlines())
    text = f"atkc: 1\nname: case\n{head}steps:\n  {ROWS}\n{lines}"
    for name, content in {"spec": text, "ask": ASK, "judge": JUDGE, **files}.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    return str(folder / "spec.yaml")


def compiled(
    folder: Path, steps: str, head: str = "", given: Mapping[str, Any] | None = None, **files: str
) -> Compiled:
    """Compile a spec made of steps."""
    path = write(folder, steps, head, **files)
    values = [Given((n,), v, f"--set {n}", str(folder)) for n, v in (given or {}).items()]
    return compile_file(canonical(path), library(), values)


def plan(folder: Path, steps: str, head: str = "", **more: Any) -> Plan:
    """Return the plan of a spec in which nothing is wrong but that parameters may be unread."""
    done = compiled(folder, steps, head, **more)
    found = [(d.code, str(d.span), d.message) for d in done.diagnostics]
    assert [item for item in found if item[0] != "ATK500"] == []
    assert done.plan is not None
    return done.plan


def codes(done: Compiled) -> list[str]:
    """Return the codes found, in order, each once per place."""
    return [code for code, _ in dict.fromkeys((d.code, d.span) for d in done.diagnostics)]


def node(found: Plan, id_: str) -> Node:
    """Return a node by its address."""
    return {n.id: n for n in found.nodes}[id_]


def reads(found: Plan, id_: str, role: str = "in") -> list[str]:
    """Return the edges that a node reads, as `node` or `node.port`."""
    edges = node(found, id_).inputs.get(role, [])
    return [e.node if e.port == "main" else f"{e.node}.{e.port}" for e in edges]
