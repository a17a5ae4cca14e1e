"""`for_each`, `when` and `use`: which nodes a spec becomes and what they read."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.compiler.front import compile_file
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.compiler.kit import MODEL, OUT, codes, compiled, node, plan, reads, write

TWO = "for_each: {k: [x, y]}"


# -- for_each ------------------------------------------------------------------------------------


def test_inside_the_same_for_each_the_instance_with_equal_labels_is_meant(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        f"a: {{type: map, {TWO}, from: rows, set: {{m: k}}}}\n"
        f"b: {{type: map, {TWO}, from: a, where: m != k}}\n" + OUT % "b",
    )
    assert [reads(found, "b/x"), reads(found, "b/y")] == [["a/x"], ["a/y"]]
    assert reads(found, "file") == ["b/x", "b/y"]


def test_outside_all_instances_are_meant_in_written_order(tmp_path: Path) -> None:
    steps = "a: {type: map, for_each: {k: [z, y], i: '${range(2)}'}, from: rows, set: {m: i}}\n"
    found = plan(tmp_path, steps + OUT % "a")
    assert reads(found, "file") == ["a/z/0", "a/z/1", "a/y/0", "a/y/1"]


def test_a_partial_match_keeps_the_shared_bindings(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "a: {type: map, for_each: {k: [x, y], i: [1, 2]}, from: rows, set: {m: i}}\n"
        f"b: {{type: map, {TWO}, from: a, where: m > 1}}\n" + OUT % "b",
    )
    assert reads(found, "b/y") == ["a/y/1", "a/y/2"]


def test_labels_are_enums_of_all_instances(tmp_path: Path) -> None:
    steps = f"a: {{type: map, {TWO}, from: rows, set: {{m: n}}, label: {{way: k, size: '2'}}}}\n"
    found = plan(tmp_path, steps + OUT % "a")
    ports = node(found, "a/x").ports["main"]
    assert (ports["way"], ports["size"]) == ("one of x | y", "integer")
    assert reads(found, "a/x") == ["a/x.unlabelled"]


def test_an_empty_list_gives_no_records_and_no_crash(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "a: {type: map, for_each: {k: []}, from: rows, set: {m: k}}\n"
        "b: {type: map, from: a, where: m > 1}\n"
        "sums: {type: combine, op: measure, from: b, of: {records: count, all: sum(m)}}\n"
        "sums_file: {type: export, from: sums, format: jsonl, path: sums.jsonl}\n" + OUT % "b",
    )
    assert {n.id for n in found.nodes} == {"file", "sums", "sums_file"}
    assert reads(found, "file") == []
    assert node(found, "sums").ports["main"] == {"records": "integer", "all": "integer"}


def test_decontaminating_against_nothing_lets_all_records_pass(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "a: {type: map, for_each: {k: []}, from: rows, set: {m: k}}\n"
        "c: {type: combine, op: decontaminate, from: {records: rows, against: a}, field: text,"
        " as: hit, take: {their: m}}\n"
        "hits: {type: export, from: c.rejected, format: jsonl, path: hits.jsonl}\n" + OUT % "c",
    )
    assert reads(found, "file") == ["c"]
    assert node(found, "c").inputs["against"] == []
    of = {"matched": "string", "of": {"their": "any"}}
    assert node(found, "c").ports["rejected"]["hit"] == of


# -- branches and draws --------------------------------------------------------------------------


def test_siblings_branch_where_a_stream_enters_and_not_again(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        f"a: {{type: map, {TWO}, from: rows, set: {{m: k}}}}\n"
        f"b: {{type: map, {TWO}, from: a, where: m != k}}\n"
        "c: {type: map, for_each: {k: [x, y], i: [1, 2]}, from: b, set: {i: i}}\n" + OUT % "c",
    )
    branches = {n.id: n.branch for n in found.nodes if n.branch}
    assert {k: v for k, v in branches.items() if k[0] in "ab"} == {"a/x": "x", "a/y": "y"}
    assert len({branches[f"c/{k}/{i}"] for k in "xy" for i in "12"}) == 4


def test_siblings_branch_below_a_step_that_is_left_out(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        f"a: {{type: map, {TWO}, when: false, from: rows, where: n > 1}}\n"
        f"b: {{type: map, {TWO}, from: a, where: n > 2}}\n" + OUT % "b",
    )
    assert [node(found, f"b/{k}").branch for k in "xy"] == ["x", "y"]
    assert reads(found, "b/x") == ["rows"]


def test_draw_is_kept_on_calls_alone_and_adds_up_through_modules(tmp_path: Path) -> None:
    module = (
        "atkc: 1\nname: m\ninputs: {rows: {type: {text: string}}}\nmodels: {m: {default: x}}\n"
        "steps:\n  a: {type: prompt, from: rows, model: m, prompt: ask.yaml, as: r, draw: 3}\n"
        "  b: {type: map, from: a, where: 'r != \"\"'}\n"
        "outputs: {o: {from: b, type: {r: string}}}\n"
    )
    steps = (
        "u: {type: use, use: module.yaml, for_each: {i: '${range(2)}'}, from: {rows: rows},"
        " models: {m: m}, draw: '${i}'}\n"
    )
    found = plan(tmp_path, steps + OUT % "u", MODEL, module=module)
    assert [node(found, f"u/{i}.a").draw for i in (0, 1)] == ["0/3", "1/3"]
    assert {n.draw for n in found.nodes if n.op.op != "prompt"} == {""}


def test_equal_repeats_without_draw_are_one_prompt(tmp_path: Path) -> None:
    steps = "a: {type: prompt, from: rows, model: m, prompt: ask.yaml, as: r}\n"
    steps += "b: {type: prompt, from: rows, model: m, prompt: ask.yaml, as: r}\n"
    found = plan(tmp_path, steps + OUT % "[a, b]", MODEL)
    assert [n.id for n in found.nodes if n.op.op == "prompt"] == ["a"]
    assert reads(found, "file") == ["a", "a"]
    found = plan(tmp_path, steps.replace("r}\nb", "r, draw: 1}\nb") + OUT % "[a, b]", MODEL)
    assert [n.id for n in found.nodes if n.op.op == "prompt"] == ["a", "b"]


# -- when ----------------------------------------------------------------------------------------

CHAIN = (
    "a: {type: map, from: rows, when: false, where: n > 1}\n"
    "b: {type: map, from: a, when: '${1 > 2}', set: {m: n}}\n"
)


def test_a_chain_of_steps_left_out_is_bypassed(tmp_path: Path) -> None:
    found = plan(tmp_path, CHAIN + OUT % "b")
    assert reads(found, "file") == ["rows"]


def test_ports_other_than_main_of_a_step_left_out_are_empty(tmp_path: Path) -> None:
    found = plan(tmp_path, CHAIN + OUT % "[a.rejected, b]")
    assert reads(found, "file") == ["rows"]


def test_a_field_of_a_step_left_out_is_missing_where_it_is_read(tmp_path: Path) -> None:
    done = compiled(tmp_path, CHAIN + "c: {type: map, from: b, where: m > 1}\n" + OUT % "c")
    assert codes(done) == ["ATK401"]


def test_empty_alternatives_leave_the_other_one(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        "a: {type: map, from: rows, when: false, else: empty, set: {m: n}}\n"
        "b: {type: map, from: rows, set: {m: n}}\n" + OUT % "[a, b]",
    )
    assert reads(found, "file") == ["b"]


def test_when_may_read_a_binding(tmp_path: Path) -> None:
    steps = f"a: {{type: map, {TWO}, from: rows, when: \"${{k == 'y'}}\", where: n > 1}}\n"
    found = plan(tmp_path, steps + OUT % "a")
    assert reads(found, "file") == ["rows", "a/y"]


# -- use -----------------------------------------------------------------------------------------

MODULE = (
    "atkc: 1\nname: m\n"
    "params: {least: {type: integer, default: 0}}\n"
    "inputs: {rows: {type: {text: string, n: integer}}}\n"
    "models: {judge: {default: other, sampling: {temperature: 0, max_tokens: 9}}}\n"
    "steps:\n"
    "  id: {type: map, from: rows, where: n > params.least}\n"
    "  good: {type: vote-filter, from: id, model: judge, prompt: judge.yaml, as: worth}\n"
    "  side: {type: export, from: good, format: jsonl, path: side.jsonl}\n"
    "outputs:\n  rows: {from: good, type: {text: string}, main: true}\n"
    "  bad: {from: good.rejected, type: {text: string, rejected_by: string}}\n"
)
USE = "u: {type: use, use: module.yaml, from: {rows: rows}, models: {judge: m}%s}\n"


def test_the_border_is_closed_both_ways(tmp_path: Path) -> None:
    found = plan(tmp_path, USE % "" + OUT % "u", MODEL, module=MODULE)
    assert list(node(found, "u.rows").ports["main"]) == ["text", "n"]
    assert list(node(found, "u:rows").ports["main"]) == ["text"]
    assert reads(found, "file") == ["u:rows"]
    done = compiled(
        tmp_path, USE % "" + "c: {type: map, from: u, where: n > 1}\n" + OUT % "c", MODEL,
        module=MODULE,
    )  # fmt: skip
    assert codes(done) == ["ATK401"]


@pytest.mark.parametrize(("has", "fields"), [("n", ["text", "n"]), ("text", ["text", "n"])])
def test_an_optional_field_is_known_inside_also_where_the_caller_has_none(
    tmp_path: Path, has: str, fields: list[str]
) -> None:
    module = (
        "atkc: 1\nname: m\ninputs: {rows: {type: {text: string, n: optional integer}}}\n"
        "steps: {a: {type: map, from: rows, set: {m: 'n ?? 7'}}}\n"
        "outputs: {rows: {from: a, type: {m: integer}}}\n"
    )
    steps = f"kept: {{type: map, from: rows, keep: [text, {has}]}}\n".replace("text, text", "text")
    steps += "u: {type: use, use: module.yaml, from: kept}\n" + OUT % "u"
    assert list(node(plan(tmp_path, steps, module=module), "u.rows").ports["main"]) == fields


def test_exports_of_a_module_do_not_fire_and_its_dead_steps_vanish(tmp_path: Path) -> None:
    found = plan(tmp_path, USE % "" + OUT % "u", MODEL, module=MODULE)
    assert [n.id for n in found.nodes if n.op.op == "export"] == ["file"]


def test_parameters_go_in_by_value(tmp_path: Path) -> None:
    steps = USE % ", params: {least: '${params.x + 1}'}"
    head = MODEL + "params: {x: {type: integer, default: 4}}\n"
    found = plan(tmp_path, steps + OUT % "u", head, module=MODULE)
    action = node(found, "u.id").op.actions[0]  # type: ignore[union-attr]
    assert action.test.constants == {"params": {"least": 5}}


def test_a_parameter_can_be_forwarded_with_its_type_and_default(tmp_path: Path) -> None:
    head = MODEL + "params: {least: {forward: u.least}}\n"
    steps = USE % ", params: {least: '${params.least}'}" + OUT % "u"
    assert plan(tmp_path, steps, head, module=MODULE).params["least"].value == 0
    done = compiled(tmp_path, steps, head, {"least": "many"}, module=MODULE)
    assert codes(done) == ["ATK004"]


def test_a_slot_takes_the_callers_model_and_keeps_its_sampling_where_that_is_silent(
    tmp_path: Path,
) -> None:
    found = plan(tmp_path, USE % "" + OUT % "u", MODEL, module=MODULE)
    (name,) = {n.op.model for n in found.nodes if n.op.op == "vote"}
    assert found.models[name].model == "atkc/extractive"
    assert found.models[name].sampling == {"temperature": 0.5, "max_tokens": 9}


def test_a_slot_that_is_not_bound_has_its_default_and_the_modules_endpoint(tmp_path: Path) -> None:
    module = MODULE.replace("default: other,", "default: other, endpoint: e,").replace(
        "models:", "endpoints: {e: {api_base: 'http://127.0.0.1:9/v1'}}\nmodels:"
    )
    steps = "u: {type: use, use: module.yaml, from: {rows: rows}}\n" + OUT % "u"
    (model,) = plan(tmp_path, steps, module=module).models.values()
    assert (model.model, model.endpoint.api_base) == ("other", "http://127.0.0.1:9/v1")


def test_equal_steps_of_two_modules_are_one(tmp_path: Path) -> None:
    steps = USE % "" + (USE % "").replace("u:", "v:", 1) + OUT % "[u, v.bad]"
    found = plan(tmp_path, steps, MODEL, module=MODULE)
    assert [n.id for n in found.nodes if n.op.op == "vote"] == ["u.good"]


def test_carried_fields_come_back_by_lineage(tmp_path: Path) -> None:
    outer = (
        "atkc: 1\nname: o\ninputs: {rows: {type: {text: string, n: integer}}}\n"
        "models: {judge: {default: x}}\n"
        "steps:\n  u: {type: use, use: module.yaml, from: {rows: rows}, models: {judge: judge},"
        " carry: [n]}\n"
        "outputs: {rows: {from: u, type: {text: string, n: integer}}}\n"
    )
    steps = "o: {type: use, use: outer.yaml, from: {rows: rows}, models: {judge: m}, carry: [id]}\n"
    found = plan(tmp_path, steps + OUT % "o", MODEL, module=MODULE, outer=outer)
    assert sorted(node(found, "o:rows").ports["main"]) == ["id", "n", "text"]


def test_a_name_carried_twice_keeps_both_meanings(tmp_path: Path) -> None:
    outer = (
        "atkc: 1\nname: o\ninputs: {rows: {type: {text: string, n: integer}}}\n"
        "models: {judge: {default: x}}\n"
        "steps:\n  more: {type: map, from: rows, set: {n: n + 1}, replace: [n]}\n"
        "  u: {type: use, use: module.yaml, from: {rows: more}, carry: [n]}\n"
        "  last: {type: map, from: u, set: {inner: n}, drop: [n]}\n"
        "outputs: {rows: {from: last, type: {inner: integer}}}\n"
    )
    steps = "o: {type: use, use: outer.yaml, from: {rows: rows}, models: {judge: m}, carry: [n]}\n"
    found = plan(tmp_path, steps + OUT % "o", MODEL, module=MODULE, outer=outer)
    assert sorted(node(found, "o:rows").ports["main"]) == ["inner", "n"]


def test_failed_of_a_module_is_that_of_all_steps_in_it(tmp_path: Path) -> None:
    found = plan(tmp_path, USE % "" + OUT % "u.failed", MODEL, module=MODULE)
    assert reads(found, "file") == ["u.good.failed"]
    assert node(found, "u.good").handled


def test_a_module_left_out_hands_on_its_first_input_also_by_the_name_of_its_main_output(
    tmp_path: Path,
) -> None:
    steps = USE % ", when: false" + OUT % "[u, u.rows, u.bad]"
    found = plan(tmp_path, steps, MODEL, module=MODULE)
    assert reads(found, "file") == ["rows", "rows"]


@pytest.mark.parametrize("first", ["u", "file"])
def test_an_output_may_be_called_like_an_input_in_any_order(tmp_path: Path, first: str) -> None:
    module = "atkc: 1\nname: m\ninputs: {rows: {type: {text: string}}}\n"
    module += "steps: {s: {type: map, from: rows, where: 'text != \"\"'}}\n"
    module += "outputs: {rows: {from: s, type: {text: string}}}\n"
    lines = ["u: {type: use, use: module.yaml, from: {rows: rows}}", OUT % "u"]
    steps = "\n".join(lines if first == "u" else lines[::-1])
    found = plan(tmp_path, steps, module=module)
    assert [reads(found, i) for i in ("u.rows", "u.s", "u:rows")] == [["rows"], ["u.rows"], ["u.s"]]
    assert reads(found, "file") == ["u:rows"]


def test_lint_checks_the_inputs_of_every_use_though_equal_ones_share_an_inside(
    tmp_path: Path,
) -> None:
    module = (
        "atkc: 1\nname: m\ninputs: {a: {type: {n: integer}}}\n"
        "steps: {b: {type: map, from: a, set: {m: n + 1}}}\n"
        "outputs: {b: {from: b, type: {m: integer}, main: true}}\n"
    )
    steps = (
        f"one: {{type: map, {TWO}, from: rows, rename: {{n: n}}, when: \"${{k == 'x'}}\"}}\n"
        f"two: {{type: map, {TWO}, from: one, drop: [n], when: \"${{k == 'y'}}\"}}\n"
        f"used: {{type: use, use: m.yaml, {TWO}, from: {{a: two}}}}\n" + OUT % "used"
    )
    path = canonical(write(tmp_path, steps, m=module))
    assert codes(compile_file(path, library(), only_check=True)) == ["ATK420"]
    assert codes(compile_file(path, library())) == ["ATK420"]


OPTIONAL = (
    "atkc: 1\nname: part\n"
    "inputs: {rows: {type: {n: integer}}, more: {type: {n: integer}, optional: true}}\n"
    "steps: {both: {type: combine, op: concat, from: [rows, more]}}\n"
    "outputs: {all: {from: both}}\n"
)


@pytest.mark.parametrize(
    ("given", "read"),
    [("rows", ["a.rows", "a.more"]), ("{rows: rows, more: rows}", ["a.rows", "a.rows"])],
)
def test_an_optional_input_that_is_left_out_is_empty(
    tmp_path: Path, given: str, read: list[str]
) -> None:
    steps = f"a: {{type: use, use: part.yaml, from: {given}}}\n" + OUT % "a"
    found = plan(tmp_path, steps, part=OPTIONAL)
    edges = [e.node for edges in node(found, "a.both").inputs.values() for e in edges]
    assert edges == read
    empty = [n.op.options["rows"] for n in found.nodes if n.id == "a.more" and n.op.op == "source"]
    assert empty == ([[]] if "a.more" in read else [])
