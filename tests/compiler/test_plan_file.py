"""Plans read from files: what is no plan is found at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.plan import Plan, to_json
from atkc.compiler.plan_file import read_plan
from atkc.spec.source import Source
from tests.compiler.kit import MODEL, OUT, plan

STEPS = "a: {type: prompt, from: rows, model: m, prompt: ask.yaml, as: r}\n" + OUT % "a"


def text_of(folder: Path, change: Callable[[dict[str, Any]], Any]) -> str:
    data = json.loads(to_json(plan(folder, STEPS, MODEL)))
    change(data)
    return json.dumps(data, indent=1)


def test_a_plan_is_read(tmp_path: Path) -> None:
    found = plan(tmp_path, STEPS, MODEL)
    assert read_plan(Source("plan.json", to_json(found))) == found
    assert isinstance(found, Plan)


NEAR = (
    "a: {type: combine, op: neighbours, from: {query: rows, pool: rows}, field: text, "
    "as: near, take: {t: text}%s}\n"
)


@pytest.mark.parametrize(("more", "wanted"), [("", []), (", scorer: embeddings, model: m", ["m"])])
def test_a_plan_of_neighbours_is_read_with_the_model_that_it_asks(
    tmp_path: Path, more: str, wanted: list[str]
) -> None:
    found = plan(tmp_path, NEAR % more + OUT % "a", MODEL)
    assert list(found.models) == wanted
    assert read_plan(Source("plan.json", to_json(found))) == found
    lost = json.loads(to_json(found))
    lost["models"] = {}
    read = read_plan(Source("plan.json", json.dumps(lost, indent=1)))
    assert isinstance(read, list) == bool(wanted)


DEFECTS: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda p: p.update(atkc_plan=2), "2"),
    (lambda p: p.update(surprise=1), "1"),
    (lambda p: p.pop("name"), "name"),
    (lambda p: p["nodes"][0].update(stage="one"), '"one"'),
    (lambda p: p["nodes"][0]["op"].update(op="fetch"), "op"),
    (lambda p: p["nodes"][1]["inputs"]["in"][0].update(node="nobody"), "nobody"),
    (lambda p: p["nodes"].reverse(), "a"),
    (lambda p: p["nodes"].append(p["nodes"][0]), '"rows"'),
    (lambda p: p["models"].clear(), '"m"'),
]


@pytest.mark.parametrize(("change", "near"), DEFECTS)
def test_what_is_no_plan_is_found_at_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], near: str
) -> None:
    source = Source("plan.json", text_of(tmp_path, change))
    found = read_plan(source)
    assert isinstance(found, list)
    assert {d.code for d in found} == {"ATK008"}
    span = found[0].span
    assert span is not None
    lines = source.text.splitlines()[span.line - 1 : span.end_line]
    assert near in "\n".join(lines)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"a": 1}', "[" * 100_000, '{"atkc_plan": tru}']
)
def test_other_texts_are_no_plan(text: str) -> None:
    found = read_plan(Source("plan.json", text))
    assert isinstance(found, list)
    assert [d.code for d in found] == ["ATK008"]
