"""Parameters: where values come from, what fits, paths and their files, nested defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.front import compile_file
from atkc.compiler.params import Given
from atkc.compiler.plan import ParamValue
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.compiler.kit import OUT, codes, compiled, node, plan, write

WAYS = (
    "records:\n"
    "  Way:\n"
    "    name: string\n"
    "    title: {type: string, default: 'the ${it.name}'}\n"
    "    file: {type: path, default: 'data/${it.title}.jsonl'}\n"
    "    depth: {type: integer, default: '${params.depth}', minimum: 1}\n"
    "params:\n"
    "  depth: {type: integer, default: 2}\n"
    "  ways: {type: [Way], default: [{name: a}, {name: b, depth: 5}]}\n"
)


def test_defaults_inside_records_read_params_and_earlier_siblings(tmp_path: Path) -> None:
    ways = plan(tmp_path, OUT % "rows", WAYS).params["ways"].value
    assert [(w["title"], w["depth"]) for w in ways] == [("the a", 2), ("the b", 5)]
    assert ways[0]["file"] == f"{tmp_path}/data/the a.jsonl"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"nope": 1}, "ATK003"),
        ({"depth": "three"}, "ATK004"),
        ({"depth": "3"}, "ATK004"),
        ({"depth": True}, "ATK004"),
        ({"depth": 2.0}, "ATK004"),
        ({"ways": [{"name": "a", "depth": 0}]}, "ATK004"),
        ({"ways": [{"nam": "a"}]}, "ATK004"),
        ({"ways": {}}, "ATK004"),
    ],
)
def test_a_value_that_does_not_fit_names_its_origin(
    tmp_path: Path, given: dict[str, Any], code: str
) -> None:
    done = compiled(tmp_path, OUT % "rows", WAYS, given)
    assert codes(done)[0] == code
    assert f"--set {next(iter(given))}" in done.diagnostics[0].message


ASKED = (
    "records:\n"
    "  Dir: {path: string, said: {type: template, variables: {topic: string}, default: ''}}\n"
    "params:\n"
    "  said: {type: [template], variables: {topic: string}, default: ['On {{ topic }}.']}\n"
    "  dirs: {type: [Dir], default: [{path: a}]}\n"
)


@pytest.mark.parametrize(
    ("given", "code", "message", "advice"),
    [
        ({"said": ["{{ topic }}", "{{ topc }}"]}, "ATK412",
         "--set said: `said/1`: there is no variable `topc`", "did you mean `topic`?"),
        ({"said": ["{{ quite_other }}"]}, "ATK412",
         "--set said: `said/0`: there is no variable `quite_other`",
         "this template may read `topic`"),
        ({"said": ["{% if %}"]}, "ATK410",
         "--set said: `said/0`: the template cannot be read", None),
        ({"said": ["On {topic}."]}, "ATK415",
         "--set said: `said/0`: `{topic}` is printed as it stands", "write `{{ topic }}`"),
        ({"dirs": [{"path": "a", "said": "{{ topc }}"}]}, "ATK412",
         "--set dirs: `dirs/0/said`: there is no variable `topc`", "did you mean `topic`?"),
    ],
)  # fmt: skip
def test_a_template_given_is_held_to_the_variables_that_it_may_read(
    tmp_path: Path, given: dict[str, Any], code: str, message: str, advice: str | None
) -> None:
    steps = (
        "b: {type: map, from: rows, set: {x: \"join(params.said, '')\", y: 'count(params.dirs)'}}\n"
        + OUT % "b"
    )
    (found,) = compiled(tmp_path, steps, ASKED, given).diagnostics
    assert found.code == code
    assert found.message.startswith(message)
    assert advice is None or found.help == advice


def test_a_wrong_value_brings_no_second_message(tmp_path: Path) -> None:
    head = "params: {votes: {type: integer, default: 1}}\n"
    steps = "a: {type: combine, op: take, from: rows, first: '${params.votes}'}\n" + OUT % "a"
    assert codes(compiled(tmp_path, steps, head, {"votes": "many"})) == ["ATK004"]


def test_a_place_inside_a_parameter_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, OUT % "rows", WAYS)
    given = [Given(("ways", "1", "depth"), 7, "--set ways/1/depth", str(tmp_path))]
    done = compile_file(canonical(path), library(), given)
    assert done.plan is not None
    assert [w["depth"] for w in done.plan.params["ways"].value] == [2, 7]


@pytest.mark.parametrize("place", ["ways/9/depth", "ways/0/deep/er", "depth/x", "ways/x"])
def test_a_place_that_is_not_there_is_found(tmp_path: Path, place: str) -> None:
    path = write(tmp_path, OUT % "rows", WAYS)
    given = [Given(tuple(place.split("/")), 7, f"--set {place}", str(tmp_path))]
    done = compile_file(canonical(path), library(), given)
    assert [d.code for d in done.diagnostics] == ["ATK003"]


def test_later_values_win(tmp_path: Path) -> None:
    path = write(tmp_path, OUT % "rows", WAYS)
    given = [Given(("depth",), n, f"origin {n}", str(tmp_path)) for n in (3, 4)]
    done = compile_file(canonical(path), library(), given)
    assert done.plan is not None
    assert done.plan.params["depth"] == ParamValue(4, "origin 4")


def test_a_parameter_without_a_value_passes_lint_and_stops_a_run(tmp_path: Path) -> None:
    head = "params: {k: {type: integer}, prompt: {type: prompt-file}}\n"
    head += "models: {m: {model: x}}\n"
    steps = (
        "a: {type: combine, op: take, from: rows, first: '${params.k}'}\n"
        "b: {type: prompt, from: a, model: m, prompt: '${params.prompt}', as: r}\n"
        "c: {type: map, from: b, where: r != ''}\n" + OUT % "c"
    )
    done = compiled(tmp_path, steps, head)
    assert done.diagnostics == ()
    assert [d.code for d in done.unset] == ["ATK005", "ATK005"]


READ = "data: {type: source, read: jsonl, with: {path: '${params.file}'}, fields: {a: string}}\n"
FILE = "params: {file: {type: path, default: in.jsonl}}\n"


def test_a_path_from_outside_may_lie_anywhere_and_belongs_to_where_it_was_said(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, READ + OUT % "[data, rows]", FILE)
    given = [Given(("file",), "../far/x.jsonl", "--set file", "/somewhere/else")]
    done = compile_file(canonical(path), library(), given)
    assert done.diagnostics == ()
    assert done.plan is not None
    assert node(done.plan, "data").op.options["path"] == "/somewhere/far/x.jsonl"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("params", "wanted"), [("", "sub/in.jsonl"), (", params: {file: mine.jsonl}", "mine.jsonl")]
)
def test_a_path_belongs_to_the_file_in_which_it_is_written(
    tmp_path: Path, params: str, wanted: str
) -> None:
    (tmp_path / "sub").mkdir()
    module = f"atkc: 1\nname: m\n{FILE}steps: {{{READ.strip()}}}\n"
    module += "outputs: {o: {from: data, type: {a: string}}}\n"
    (tmp_path / "sub" / "module.yaml").write_text(module, encoding="utf-8")
    use = f"u: {{type: use, use: sub/module.yaml{params}}}\n"
    found = plan(tmp_path, use + OUT % "[u, rows]")
    assert node(found, "u.data").op.options["path"] == f"{tmp_path}/{wanted}"  # type: ignore[union-attr]


@pytest.mark.parametrize("where", ["link/x.jsonl", "../x.jsonl", "/etc/x.jsonl"])
def test_a_path_of_a_spec_stays_in_its_project(tmp_path: Path, where: str) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "link").symlink_to(tmp_path)
    done = compiled(tmp_path / "p", READ + OUT % "data", FILE.replace("in.jsonl", where))
    assert "ATK002" in codes(done)


SECTIONS = (
    "records:\n"
    "  Inner: {n: {type: integer, default: 3}}\n"
    "  Section: {label: {type: string, default: plain}, inner: {type: Inner, default: {}}}\n"
    "params:\n"
    "  section: {type: Section, default: {}, group: parts}\n"
)


@pytest.mark.parametrize(
    ("place", "value", "section"),
    [
        ("section/label", "other", {"label": "other", "inner": {"n": 3}}),
        ("section/inner/n", 7, {"label": "plain", "inner": {"n": 7}}),
    ],
)
def test_a_place_in_a_record_that_was_left_out_can_be_given(
    tmp_path: Path, place: str, value: Any, section: dict[str, Any]
) -> None:
    path = write(tmp_path, OUT % "rows", SECTIONS)
    given = [Given(tuple(place.split("/")), value, f"--set {place}", str(tmp_path))]
    done = compile_file(canonical(path), library(), given)
    assert done.plan is not None
    assert done.plan.params["section"].value == section
