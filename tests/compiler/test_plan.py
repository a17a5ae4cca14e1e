"""Plans: spill edges, stages, pruning, determinism, and what they hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from atkc.compiler.front import compile_file
from atkc.compiler.plan import Plan, from_json, to_json
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.compiler.kit import MODEL, OUT, codes, compiled, node, plan, reads, write

CHUNK = "a: {type: map, from: rows, apply: text.chunk}\n"


def spilling(found: Plan) -> list[str]:
    return [
        f"{e.node}->{n.id}.{role}"
        for n in found.nodes
        for role, edges in n.inputs.items()
        for e in edges
        if e.spill
    ]


# -- spill ---------------------------------------------------------------------------------------

NEAR = (
    "near: {type: combine, op: neighbours, from: {query: %s, pool: %s}, field: text, top: 1,"
    " take: {t: text}, as: near}\n"
)
SPILLS = [
    # a fork that feeds a barrier and its query, directly
    (NEAR % ("rows", "rows") + OUT % "near", ["rows->near.query", "rows->near.pool"]),
    # … with a 1:n arm
    (CHUNK + NEAR % ("a", "rows") + OUT % "near", ["rows->a.in", "rows->near.pool"]),
    # … where a stream is held against a part of itself
    (
        "a: {type: map, from: rows, where: n > 1}\n"
        "c: {type: combine, op: decontaminate, from: {records: rows, against: a}, field: text}\n"
        + OUT
        % "c",
        ["rows->a.in", "rows->c.records"],
    ),
    # an ordered node where two arms of a fork meet
    (
        "a: {type: map, from: rows, where: n > 1}\n"
        "c: {type: combine, op: dedupe, from: [a, rows], by: [id]}\n" + OUT % "c",
        ["rows->a.in", "rows->c.in"],
    ),
    # two roles that go in step
    (
        "a: {type: map, from: rows, keep: [id]}\nb: {type: map, from: rows, keep: [n]}\n"
        "c: {type: combine, op: zip, from: {left: a, right: b}}\n" + OUT % "c",
        ["rows->a.in", "rows->b.in"],
    ),
    # a side of one record, measured from the stream itself
    (
        "s: {type: combine, op: measure, from: rows, of: {all: sum(n)}}\n"
        "c: {type: combine, op: take, from: rows, sides: {s: s},"
        " hashed: {tokens: s.all, weigh: n}}\n" + OUT % "c",
        ["rows->s.in", "rows->c.in"],
    ),
    # no fork: a chain of barriers
    (
        "s: {type: combine, op: sort, from: rows, by: n}\n"
        "t: {type: combine, op: shuffle, from: s}\n" + OUT % "t",
        [],
    ),
]


@pytest.mark.parametrize(("steps", "wanted"), SPILLS)
def test_edges_from_a_fork_to_a_node_that_waits_spill(
    tmp_path: Path, steps: str, wanted: list[str]
) -> None:
    assert sorted(spilling(plan(tmp_path, steps))) == sorted(wanted)


def test_a_concat_takes_from_every_edge_and_the_export_spools(tmp_path: Path) -> None:
    steps = "a: {type: map, from: rows, where: n > 1}\n"
    steps += "c: {type: combine, op: concat, from: [a, rows]}\n"
    assert spilling(plan(tmp_path, steps + OUT % "c")) == []


def test_stages_count_the_barriers_before_a_node(tmp_path: Path) -> None:
    steps = (
        "a: {type: combine, op: sort, from: rows, by: n}\n"
        "b: {type: map, from: a, where: n > 1}\n"
        "c: {type: combine, op: shuffle, from: [b, rows]}\n" + OUT % "c"
    )
    found = plan(tmp_path, steps)
    assert {n.id: n.stage for n in found.nodes} == {"rows": 0, "a": 0, "b": 1, "c": 1, "file": 2}


# -- prune ---------------------------------------------------------------------------------------


def test_what_no_export_needs_is_left_out_with_a_warning(tmp_path: Path) -> None:
    done = compiled(tmp_path, "a: {type: map, from: rows, where: n > 1}\n" + OUT % "rows")
    assert codes(done) == ["ATK320"]
    assert done.plan is not None
    assert [n.id for n in done.plan.nodes] == ["rows", "file"]


# -- determinism ---------------------------------------------------------------------------------

STEPS = (
    "a: {type: map, for_each: {k: [x, y]}, from: rows, set: {m: n}, label: {k: k}}\n"
    "b: {type: prompt, from: a, model: m, prompt: ask.yaml, as: r}\n"
    "s: {type: combine, op: measure, from: b, of: {c: count}}\n"
    "c: {type: combine, op: take, from: b, sides: {s: s}, hashed: {tokens: s.c, weigh: '1'}}\n"
)
COMPILE = (
    "import sys; from atkc.compiler.front import compile_file; "
    "from atkc.compiler.plan import to_json; from atkc.stdlib.library import library; "
    "sys.stdout.write(to_json(compile_file(sys.argv[1], library()).plan))"
)


def test_the_plan_is_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    path = write(tmp_path, STEPS + OUT % "c", MODEL)
    made = {
        subprocess.run(
            [sys.executable, "-c", COMPILE, path],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(made) == 1


def test_the_order_of_steps_in_the_file_changes_no_node(tmp_path: Path) -> None:
    one = plan(tmp_path, STEPS + OUT % "c", MODEL)
    lines = (STEPS + OUT % "c").splitlines()
    other = plan(tmp_path, "\n".join(reversed(lines)), MODEL)

    def shown(found: Plan) -> dict[str, object]:
        return {n.id: replace(n, place=None) for n in found.nodes}

    assert shown(one) == shown(other)


@pytest.mark.parametrize("recipe", ["factual", "factual/recall", "factual/mix"])
def test_a_plan_comes_back_whole(recipe: str) -> None:
    found = compile_file(canonical(f"atkc:recipes/{recipe}.yaml"), library()).plan
    assert found is not None
    text = to_json(found)
    assert from_json(text) == found
    assert to_json(from_json(text)) == text


# -- what a plan holds ---------------------------------------------------------------------------


def test_constants_are_what_an_expression_names_and_no_more(tmp_path: Path) -> None:
    head = (
        "params: {a: {type: {b: integer, c: integer}, default: {b: 1, c: 2}},"
        " z: {type: integer, default: 3}}\n"
    )
    steps = "a: {type: map, for_each: {k: [x]}, from: rows, set: {m: params.a.b + n}}\n"
    found = plan(tmp_path, steps + OUT % "a", head)
    values = node(found, "a/x").op.actions[0].values  # type: ignore[union-attr]
    assert values["m"].constants == {"params": {"a": {"b": 1}}}


def test_no_secret_is_in_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "hunter2-secret")
    head = (
        "endpoints: {e: {api_base: 'http://127.0.0.1:1/v1', api_key_env: MY_KEY}}\n"
        "models: {m: {model: x, endpoint: e}}\n"
    )
    steps = "a: {type: prompt, from: rows, model: m, prompt: ask.yaml, as: r}\n" + OUT % "a"
    text = to_json(plan(tmp_path, steps, head))
    assert "hunter2" not in text
    assert json.loads(text)["models"]["m"]["endpoint"]["api_key_env"] == "MY_KEY"


def test_fallbacks_of_fallbacks_are_in_the_plan(tmp_path: Path) -> None:
    head = (
        "models: {m: {model: x, fallback: [k]}, k: {model: y, fallback: [l]},"
        " l: {model: z}, o: {model: o}}\n"
    )
    steps = "a: {type: prompt, from: rows, model: m, prompt: ask.yaml, as: r}\n" + OUT % "a"
    assert list(plan(tmp_path, steps, head).models) == ["m", "k", "l"]


def test_where_if_is_false_new_fields_are_null_and_replaced_ones_stay(tmp_path: Path) -> None:
    steps = (
        "a: {type: map, from: rows, if: n > 1, set: {m: n, text: '\"x\"', k: n},"
        " else: {k: '0'}, replace: [text]}\n"
    )
    found = plan(tmp_path, steps + OUT % "a")
    ports = node(found, "a").ports["main"]
    assert [ports[f] for f in ("m", "text", "k")] == ["integer | null", "string", "integer"]
    otherwise = node(found, "a").op.condition.otherwise  # type: ignore[union-attr]
    assert {name: e.text for name, e in otherwise.items()} == {"k": "0", "m": "null"}


def test_outputs_are_written_as_a_caller_would_get_them(tmp_path: Path) -> None:
    head = (
        "outputs: {o: {from: rows, type: {id: string}, export: {format: jsonl, path: o.jsonl}}}\n"
    )
    found = plan(tmp_path, "", head)
    assert reads(found, "o") == ["o:type"]
    assert node(found, "o:type").ports["main"] == {"id": "string"}


# -- the top of a spec ---------------------------------------------------------------------------

WHERE = "output: '${params.folder}'\nparams: {folder: {type: path | null, default: null}}\n"


@pytest.mark.parametrize(
    ("head", "given", "folder"),
    [
        ("", {}, ""),
        ("output: results\n", {}, "results"),
        (WHERE, {}, ""),
        (WHERE, {"folder": "here/there"}, "here/there"),
    ],
)
def test_a_spec_may_name_the_folder_of_its_outputs(
    tmp_path: Path, head: str, given: dict[str, str], folder: str
) -> None:
    found = plan(tmp_path, OUT % "rows", head, given=given)
    assert found.output == (f"{tmp_path}/{folder}" if folder else "")


@pytest.mark.parametrize("folder", ["../elsewhere", "atkc:recipes/here"])
def test_outputs_stay_inside_the_project_of_a_spec(tmp_path: Path, folder: str) -> None:
    assert codes(compiled(tmp_path, OUT % "rows", f"output: {folder}\n")) == ["ATK002"]


def test_a_sampling_parameter_that_is_null_is_not_sent(tmp_path: Path) -> None:
    head = "models: {m: {model: atkc/extractive, sampling: {stop: null, top_p: 0.9}}}\n"
    steps = "a: {type: prompt, from: rows, model: m, prompt: ask.yaml}\n" + OUT % "a"
    assert plan(tmp_path, steps, head).models["m"].sampling == {"top_p": 0.9}


TWO = "models: {m: {model: atkc/extractive%s}, k: {model: atkc/extractive}}\n"
BOTH = (
    "a: {type: prompt, from: rows, model: m, prompt: ask.yaml}\n"
    "b: {type: prompt, from: rows, model: k, prompt: ask.yaml}\n"
) + OUT % "[a, b]"


@pytest.mark.parametrize(
    ("more", "models"),
    [("", ["m"]), (", revision: two", ["m", "k"]), (", fallback: [k]", ["m", "k"])],
)
def test_steps_of_equal_models_are_one(tmp_path: Path, more: str, models: list[str]) -> None:
    found = plan(tmp_path, BOTH, TWO % more)
    assert list(found.models) == models
    assert len([n for n in found.nodes if n.op.op == "prompt"]) == len(models)
