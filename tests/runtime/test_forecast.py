"""The forecast: what a run really asks for lies between its low and its high."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from atkc.cli.estimating import forecast_lines
from atkc.cli.models import models_of
from atkc.compiler.front import compile_file
from atkc.compiler.params import Given
from atkc.compiler.plan import Plan
from atkc.runtime.forecast import StepForecast, forecast, without_models
from atkc.runtime.ledger import LedgerRow
from atkc.runtime.ranges import ZERO, Range
from atkc.stdlib.library import library
from tests.e2e.kit import Project, make_project

CHUNKS = 7  # of the small project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def planned(project: Project, **values: object) -> Plan:
    given = [Given((name,), value, "test", str(project.folder)) for name, value in values.items()]
    done = compile_file(str(project.folder / "spec.yaml"), library(), given)
    assert done.plan is not None
    return done.plan


def row(step: str, out: int) -> LedgerRow:
    return LedgerRow(step, "", out, out, 0, 0, 0, 0, 0, 0, 0, (("main", out),))


def forecasts(plan: Plan, chunks: int = CHUNKS) -> Mapping[str, StepForecast]:
    ledger = (row("documents", 3), row("chunks.1", chunks), row("chunks.2", chunks))
    return {step.step: step for step in forecast(plan, ledger, models_of(plan))}


def test_what_needs_no_model_is_the_part_that_is_really_run(project: Project) -> None:
    kept = without_models(planned(project)).nodes
    assert [node.id for node in kept] == ["documents", "chunks"]


@pytest.mark.parametrize(
    ("votes", "rule", "calls"),
    [
        (1, "majority", Range(7, 7, 7)),
        (3, "majority", Range(14, 17.5, 21)),
        (5, "majority", Range(21, 28, 35)),
        (3, "all", Range(7, 14, 21)),
        (3, "any", Range(7, 14, 21)),
        (4, "{at_least: 3}", Range(14, 21, 28)),
    ],
)
def test_a_vote_needs_at_least_the_ballots_that_could_decide_it(
    project: Project, votes: int, rule: str, calls: Range
) -> None:
    project.change("spec.yaml", "    as: worth\n", f"    as: worth\n    pass: {rule}\n")
    project.change("spec.yaml", "    as: worth\n", "    as: worth\n    invalid: fail\n")
    assert forecasts(planned(project, votes=votes))["worthwhile"].calls == calls


def test_ballots_that_are_asked_again_raise_the_most(project: Project) -> None:
    usual = forecasts(planned(project))["worthwhile"].calls
    assert usual.high == CHUNKS * 3 * 3  # two further attempts, unless said otherwise


def test_behind_a_filter_between_none_and_all_are_asked_about(project: Project) -> None:
    calls = forecasts(planned(project))["pairs"].calls
    assert (calls.low, calls.high) == (0, CHUNKS * 2)  # resample: 1
    assert 0 < calls.expected < CHUNKS


def test_a_condition_admits_between_none_and_all(project: Project) -> None:
    project.change(
        "spec.yaml",
        "    prompt: prompts/ask.yaml\n",
        "    prompt: prompts/ask.yaml\n    if: text != ''\n",
    )
    project.change("spec.yaml", "from: worthwhile\n    model", "from: chunks\n    model")
    assert forecasts(planned(project))["pairs"].calls == Range(0, CHUNKS / 2, CHUNKS * 2)


def test_no_records_no_calls(project: Project) -> None:
    assert all(step.calls == ZERO for step in forecasts(planned(project), 0).values())


def test_longer_chunks_are_more_tokens(project: Project) -> None:
    short = forecasts(planned(project))["pairs"].tokens_in
    project.change("spec.yaml", "max_tokens: 60,", "max_tokens: 3000,")
    long = forecasts(planned(project))["pairs"].tokens_in
    assert long.high > 10 * short.high


@pytest.mark.parametrize(
    ("prices", "known"),
    [("price_in: 2, price_out: 10, ", True), ("", False), ("price_in: 2, ", False)],
)
def test_money_needs_both_prices(project: Project, prices: str, known: bool) -> None:
    project.change("spec.yaml", "  writer: {model: ", f"  writer: {{{prices}model: ")
    plan = planned(project, writer="openai/own", api_base="http://127.0.0.1:9/v1")
    step = forecasts(plan)["pairs"]
    assert (step.money is not None) == known
    if step.money is not None:
        expected = (step.tokens_in.expected * 2 + step.tokens_out.expected * 10) / 1e6
        assert step.money.expected == pytest.approx(expected, rel=0.01)
        assert step.money.low <= step.money.expected <= step.money.high


def test_the_offline_model_costs_nothing(project: Project) -> None:
    assert all(step.money == ZERO for step in forecasts(planned(project)).values())


@pytest.mark.parametrize(("limits", "chunks"), [({}, 7), ({"": 1}, 2), ({"documents": 2}, 5)])
def test_the_table_counts_what_a_limit_leaves(
    project: Project, limits: dict[str, int], chunks: int
) -> None:
    plan = planned(project, votes=1)
    lines = asyncio.run(forecast_lines(plan, models_of(plan), limits))
    (told,) = (line for line in lines if line.startswith("worthwhile"))
    assert told.split()[1] == str(chunks)
    assert [line.split()[0] for line in lines[-3:]] == ["calls", "tokens", "money"]


def test_a_range_is_added_and_multiplied_part_by_part() -> None:
    assert Range(1, 2, 3).plus(Range(4, 5, 6)) == Range(5, 7, 9)
    assert Range(1, 2, 3).times(0, 1, 2) == Range(0, 2, 6)


ROWS = "rows: {type: source, read: inline, with: {rows: [{text: a}, {text: b}]}}"
MODEL = "models: {m: {model: atkc/extractive}}\n"


def small(folder: Path, steps: str, head: str = "") -> Plan:
    (folder / "atkc.toml").touch()
    ask = "messages: [{role: user, content: '{{ text }}'}]\n"
    (folder / "ask.yaml").write_text(ask, encoding="utf-8")
    text = f"atkc: 1\nname: small\n{MODEL}{head}steps:\n  {ROWS}\n{steps}"
    (folder / "spec.yaml").write_text(text, encoding="utf-8")
    done = compile_file(str(folder / "spec.yaml"), library())
    assert done.plan is not None, done.diagnostics
    return done.plan


OUT = "  out: {type: export, from: %s, format: jsonl, path: out.jsonl}\n"


def calls_of(plan: Plan, step: str) -> Range:
    found = forecast(plan, (row("rows", 2),), models_of(plan))
    return next(one.calls for one in found if one.step == step)


def test_records_go_to_any_of_the_ports_of_cases(tmp_path: Path) -> None:
    steps = (
        "  parted: {type: map, from: rows, cases: {a: text == 'a', b: else}}\n"
        "  asked: {type: prompt, from: parted.a, model: m, prompt: ask.yaml}\n" + OUT % "asked"
    )
    assert calls_of(small(tmp_path, steps), "asked") == Range(0, 1, 2)


def test_a_drawn_number_of_variants_may_be_a_parameter(tmp_path: Path) -> None:
    steps = (
        "  asked: {type: prompt, from: rows, model: m, variants: {x: ask.yaml, y: ask.yaml},"
        " choose: {draw: params.n}}\n" + OUT % "asked"
    )
    head = "params: {n: {type: integer, default: 2}}\n"
    assert calls_of(small(tmp_path, steps, head), "asked").expected == 4


def test_a_prompt_whose_failures_go_on_is_passed_by_in_what_is_run_first(tmp_path: Path) -> None:
    steps = (
        "  asked: {type: prompt, from: rows, model: m, prompt: ask.yaml,"
        " on_failure: {then: else, as: why}, else: {reply: \"''\"}}\n"
        "  told: {type: map, from: asked, set: {size: count(reply)}}\n" + OUT % "told"
    )
    kept = without_models(small(tmp_path, steps)).nodes
    assert [(node.id, node.op.op) for node in kept] == [
        ("rows", "source"),
        ("asked", "map"),
        ("told", "map"),
    ]


@pytest.mark.parametrize(
    ("accept", "calls"),
    [("accept: 2", Range(2, 2.5, 3 * 7)), ("accept: 2, max_candidates: 4", Range(2, 2.5, 3 * 4))],
)
def test_an_accept_bounds_what_is_asked_above_it(
    project: Project, accept: str, calls: Range
) -> None:
    project.change("spec.yaml", "    from: worthwhile\n    model", "    from: enough\n    model")
    project.change("spec.yaml", "    from: worthwhile\n    format", "    from: enough\n    format")
    step = f"  enough: {{type: combine, op: take, from: worthwhile, {accept}}}\n  pairs:\n"
    project.change("spec.yaml", "  pairs:\n", step)
    found = forecasts(planned(project, votes=1))
    assert found["worthwhile"].calls == calls
    assert found["pairs"].calls.expected == 2
