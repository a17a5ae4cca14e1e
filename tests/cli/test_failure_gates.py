"""`max_failures`: of a step, of a spec, of a run; by number, by share, early and at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.cli.entry import run
from atkc.compiler.failure_limit import failure_limit, written_limit
from atkc.compiler.plan import Gate, MapOp, Node, Plan
from atkc.runtime.errors import RecordError
from atkc.runtime.gates import Gates
from atkc.runtime.ledger import Tally
from tests.cli.failing import NONSENSE, Folder, make


def bad(count: int, task: str = "ASK"):  # type: ignore[no-untyped-def]
    texts = {f"t{n}" for n in range(count)}
    return lambda what, text, number: NONSENSE if what == task and text in texts else None


def project(path: Path, failing: int, rows: int = 40) -> Folder:
    return make(path, bad(failing), [f"t{n}" for n in range(rows)])


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        (0, Gate(records=0)),
        (12, Gate(records=12)),
        (0.05, Gate(share=0.05)),
        (1.0, Gate(share=1.0)),
        ("5%", Gate(share=0.05)),
        ("12.5 %", Gate(share=0.125)),
    ],
)
def test_a_limit_is_a_number_a_share_or_a_percentage(value: int | float | str, limit: Gate) -> None:
    assert failure_limit(value) == limit
    assert written_limit(str(value)) == limit


@pytest.mark.parametrize("value", [1.5, "101%", "5", "many", "-5%", ""])
def test_other_limits_are_none(value: float | str) -> None:
    assert isinstance(failure_limit(value), str)


STEP = "on_failure: {resample: 1}"


@pytest.mark.parametrize(
    ("limit", "failing", "code"),
    [
        ("3", 3, 4),
        ("3", 4, 5),
        ("0", 1, 5),
        ("0.0", 1, 5),
        ("0.1", 4, 4),
        ("0.1", 5, 5),  # known at the end only
        ("10%", 30, 5),  # known early
        ('"${params.most}"', 4, 5),
        ("100%", 40, 4),
    ],
)
def test_a_step_has_a_limit(tmp_path: Path, limit: str, failing: int, code: int) -> None:
    folder = project(tmp_path / "p", failing)
    folder.change("spec.yaml", STEP, f"{STEP}\n    max_failures: {limit}")
    folder.change("spec.yaml", "  url: {", "  most: {type: integer, default: 3}\n  url: {")
    if "params" not in limit:
        folder.change("spec.yaml", "  most: {type: integer, default: 3}\n", "")
    assert folder.atkc("run", "spec.yaml") == code
    assert (folder.output / "manifest.json").exists() == (code == 4)


def test_it_says_what_failed_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project(tmp_path / "p", 4)
    folder.change("spec.yaml", STEP, f"{STEP}\n    max_failures: 3")
    assert folder.atkc("run", "spec.yaml") == 5
    told = capsys.readouterr().err
    assert "spec.yaml:" in told
    assert "error[ATK740]: too many failed records: `max_failures` of `asked` is 3;" in told
    assert "4 no-json. The last one: no JSON object can be read in the reply" in told


def test_replies_of_a_stopped_run_are_kept(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", 4)
    folder.change("spec.yaml", STEP, f"{STEP}\n    max_failures: 3")
    folder.atkc("run", "spec.yaml")
    before = len(folder.asked)
    folder.change("spec.yaml", "max_failures: 3", "max_failures: 4")
    assert folder.atkc("run", "spec.yaml") == 4
    assert (
        before + len(folder.asked) == 40 * 2 + 44 + 36
    )  # two ballots, two attempts of four, what is behind
    assert len(folder.texts()) == 36


@pytest.mark.parametrize(
    ("top", "words", "code"),
    [
        ("max_failures: 3\n", (), 5),
        ("max_failures: 4\n", (), 4),
        ("max_failures: 5%\n", (), 5),
        ("max_failures: ${params.most}\n", (), 5),
        ("max_failures: 3\n", ("--max-failures", "4"), 4),
        ("", ("--max-failures", "3"), 5),
        ("", ("--max-failures", "10%"), 4),
        ("", ("--max-failures", "0.05"), 5),
        ("", ("--max-failures", "many"), 2),
        ("max_failures: 200%\n", (), 1),
        ("max_failures: [1]\n", (), 1),
    ],
)
def test_a_run_has_a_limit(tmp_path: Path, top: str, words: tuple[str, ...], code: int) -> None:
    folder = project(tmp_path / "p", 4)
    folder.change("spec.yaml", "params:\n", f"{top}params:\n")
    if "most" in top:
        folder.change("spec.yaml", "  url: {", "  most: {type: integer, default: 3}\n  url: {")
    assert folder.atkc("run", "spec.yaml", *words) == code


def test_a_limit_that_is_none_is_told_before_the_spec_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["run", "nowhere.yaml", "--max-failures", "many"]) == 2
    told = capsys.readouterr().err
    assert "`--max-failures`: `many` is no limit: write a number (20)" in told


def test_the_number_of_a_run_is_of_all_steps(tmp_path: Path) -> None:
    def say(task: str, text: str, number: int) -> str | None:
        return (
            NONSENSE if (task, text) in {("ASK", "t0"), ("AGAIN", "t1"), ("JUDGE", "t2")} else None
        )

    folder = make(tmp_path / "p", say)
    assert folder.atkc("run", "spec.yaml", "--max-failures", "2") == 5
    assert folder.atkc("run", "spec.yaml", "--max-failures", "3") == 4


def test_failed_records_that_a_step_reads_are_no_failures_of_the_run(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", 4)
    handled = "  lost: {type: export, from: asked.failed, format: jsonl, path: lost.jsonl}\n  out:"
    folder.change("spec.yaml", "  out:", handled)
    assert folder.atkc("run", "spec.yaml", "--max-failures", "3") == 0
    assert len(folder.texts("lost.jsonl")) == 4
    folder.change("spec.yaml", STEP, f"{STEP}\n    max_failures: 3")
    assert folder.atkc("run", "spec.yaml") == 5  # the step's own limit counts them


@pytest.mark.parametrize(
    ("share", "failed", "seen", "early"),
    [
        (0.05, 3, 19, False),  # too few seen
        (0.05, 19, 19, False),
        (0.05, 3, 20, False),  # chance may do that
        (0.05, 4, 20, True),
        (0.5, 16, 20, False),
        (0.5, 17, 20, True),
        (0.0, 1, 1, True),
        (1.0, 50, 50, False),
    ],
)
def test_a_share_ends_a_run_early_once_chance_does_not_explain_it(
    share: float, failed: int, seen: int, early: bool
) -> None:
    node = Node(id="x", type="map", op=MapOp(actions=[]), cardinality="1:1")
    gates = Gates(Plan(name="p", nodes=[node]), Gate(share=share))
    tallies = {"": Tally("x", came=seen, failed=failed, out=seen - failed)}
    assert (gates.failed(node, tallies, RecordError("k", "m")) is not None) == early
    assert (gates.ended(node, tallies) is not None) == (failed > share * seen)


@pytest.mark.parametrize(("failing", "warned"), [(4, False), (6, True)])
def test_a_step_that_loses_most_of_its_records_is_warned_of(
    tmp_path: Path, failing: int, warned: bool
) -> None:
    folder = project(tmp_path / "p", failing, rows=10)
    assert folder.atkc("run", "spec.yaml") == 4
    told = [w for w in folder.manifest()["warnings"] if w["kind"] == "failures"]
    text = "`asked`: 6 of 10 records failed: 6 no-json"
    assert told == ([{"step": "asked", "kind": "failures", "message": text}] if warned else [])


ANY = """\
atkc: 1
name: any
steps:
  rows: {type: source, read: inline, with: {rows: [{reply: "1"}]}, max_failures: 1}
  read:
    type: parse
    from: rows
    reply: {format: json, fields: {a: integer}}
    max_failures: 2
  mapped: {type: map, from: read, set: {b: a}, max_failures: 3}
  once: {type: combine, op: dedupe, from: mapped, by: [b], max_failures: 4%}
  out: {type: export, from: once, format: jsonl, path: out.jsonl, max_failures: 0.5}
"""


def test_steps_of_all_types_may_have_a_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(ANY, encoding="utf-8")
    assert run(["compile", str(spec)]) == 0
    nodes = json.loads(capsys.readouterr().out)["nodes"]
    assert {node["id"]: node["max_failures"] for node in nodes} == {
        "rows": {"records": 1},
        "read": {"records": 2},
        "mapped": {"records": 3},
        "once": {"share": 0.04},
        "out": {"share": 0.5},
    }


@pytest.mark.parametrize(
    ("limit", "code"), [("2", "ATK201"), ("nine", "ATK205"), ("2.0", "ATK205")]
)
def test_a_limit_that_is_none_is_found_before_the_run(
    tmp_path: Path, limit: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "spec.yaml"
    other = "  used: {type: use, use: other.yaml, max_failures: 2}\n" if code == "ATK201" else ""
    spec.write_text(ANY.replace("max_failures: 3", f"max_failures: {limit}") + other, "utf-8")
    assert run(["lint", str(spec)]) == 1
    assert code in capsys.readouterr().out
