"""The hash of a plan: the same for the same work wherever it lies, another for other work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.front import compile_file
from atkc.compiler.params import Given
from atkc.compiler.plan import Expression, ParamValue, Place, Plan, from_json, to_json
from atkc.runtime.plan_digest import plan_digest
from atkc.stdlib.library import library

SPEC = """\
atkc: 1
name: moved
seed: 3
output: made
params:
  rows: {type: path, default: data/rows.jsonl, description: Rows.}
models:
  writer: {model: atkc/extractive}
steps:
  rows: {type: source, read: jsonl, with: {path: "${params.rows}"}, fields: {text: string}}
  more: {type: use, use: parts/more.yaml, from: {rows: rows}}
  said: {type: prompt, from: more, model: writer, prompt: prompts/ask.yaml}
  out: {type: export, from: said, format: jsonl, path: out.jsonl}
"""
PART = """\
atkc: 1
name: more
records: {Row: {text: string}}
inputs: {rows: {type: Row}}
steps:
  kept: {type: map, from: rows, where: "text != ''"}
outputs: {rows: {from: kept, main: true}}
"""
ASK = """\
fields: {text: string}
messages:
  - {role: user, content: "Ask about: {{ text }}"}
"""
FILES = {
    "spec.yaml": SPEC,
    "parts/more.yaml": PART,
    "prompts/ask.yaml": ASK,
    "data/rows.jsonl": '{"text": "Tides turn."}\n',
    "data/others.jsonl": '{"text": "Tides turn."}\n',
}


def made(folder: Path, *edits: tuple[str, str, str], **given: Any) -> Plan:
    """Return the plan of the project in a folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, old, new in edits:
            assert file != name or text.count(old) == 1
            text = text.replace(old, new) if file == name else text
        path.write_text(text, "utf-8")
    values = [Given((name,), value, "--set", str(folder)) for name, value in given.items()]
    done = compile_file(str(folder / "spec.yaml"), library(), values)
    assert done.plan is not None, done.diagnostics
    return done.plan


@pytest.mark.parametrize("mark", ["atkc.toml", None])
def test_the_same_project_in_another_folder_has_the_same_hash(
    tmp_path: Path, mark: str | None
) -> None:
    folders = tmp_path / "a", tmp_path / "b" / "deep"
    for folder in folders:
        folder.mkdir(parents=True)
        if mark:
            (folder / mark).touch()
    one, other = (made(folder) for folder in folders)
    assert one != other
    assert plan_digest(one) == plan_digest(other)
    assert plan_digest(from_json(to_json(one))) == plan_digest(one)


SAME = {
    "a comment": [("spec.yaml", "steps:\n", "# steps\nsteps:\n")],
    "a comment in a part": [("parts/more.yaml", "steps:\n", "# steps\nsteps:\n")],
}
OTHER = {
    "the seed": [("spec.yaml", "seed: 3", "seed: 4")],
    "a prompt": [("prompts/ask.yaml", "Ask about", "Ask of")],
    "a part": [("parts/more.yaml", "!= ''", "!= 'x'")],
    "the file that is read": [("spec.yaml", "data/rows", "data/others")],
    "the folder of the outputs": [("spec.yaml", "output: made", "output: other")],
    "a sampling": [("spec.yaml", "extractive}", "extractive, sampling: {temperature: 1}}")],
}


@pytest.mark.parametrize("edited", [*SAME, *OTHER])
def test_only_what_a_run_does_counts(tmp_path: Path, edited: str) -> None:
    plain = plan_digest(made(tmp_path))
    changed = plan_digest(made(tmp_path, *(SAME | OTHER)[edited]))
    assert (plain == changed) is (edited in SAME)


def test_who_gave_a_value_does_not_count(tmp_path: Path) -> None:
    given = made(tmp_path, rows=str(tmp_path / "data/rows.jsonl"))
    assert given.params["rows"].origin == "--set"
    assert plan_digest(given) == plan_digest(made(tmp_path))


def test_files_outside_the_project_count_by_their_whole_path(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    for name in ("p2", "q"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.jsonl").write_text("")
    plans = [made(tmp_path / "p", rows=str(tmp_path / n / "rows.jsonl")) for n in ("p2", "q")]
    assert plan_digest(plans[0]) != plan_digest(plans[1])


def _plan(root: str, **values: Any) -> Plan:
    from atkc.compiler.plan import Action, MapOp, Node

    test = Expression("params.x != ''", {"params.x": values.pop("folded", "")})
    op = MapOp(actions=[Action("where", test=test)])
    node = Node(
        id="n", type="map", op=op, cardinality="filter", place=Place(f"{root}/s.yaml", 1, 1)
    )
    return Plan(name="p", nodes=[node], params={n: ParamValue(v, "") for n, v in values.items()})


def test_a_text_that_reads_like_a_place_in_the_project_is_none(tmp_path: Path) -> None:
    root = str(tmp_path)
    told = [f"{root}/data", "data", "/data", f"{root}data", root, "", [f"{root}/data"]]
    assert len({plan_digest(_plan(root, x=value)) for value in told}) == len(told)


def test_a_path_that_an_expression_may_show_counts_as_it_is(tmp_path: Path) -> None:
    one, other = (str(tmp_path / name) for name in ("a", "b"))
    assert plan_digest(_plan(one)) == plan_digest(_plan(other))
    shown = [plan_digest(_plan(root, folded=f"{root}/data")) for root in (one, other)]
    assert shown[0] != shown[1]
