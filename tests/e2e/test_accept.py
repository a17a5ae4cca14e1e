"""`accept` against a server that counts: what is paid for, again, with more, and after a kill."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.echoing import answering, completion
from tests.e2e.kit import Project, constant, files, manifest, wait_for

SPEC = """\
atkc: 1
name: small
params:
  api_base: {type: string}
  count: {type: integer, default: 50}
  most: {type: integer, default: 1000}
  ahead: {type: integer, default: 256}
endpoints:
  main: {api_base: "${params.api_base}", concurrency: 4}
models:
  judge: {model: openai/m, endpoint: main}
records: {Row: {n: integer}}
steps:
  rows: {type: source, read: jsonl, with: {path: rows.jsonl}, fields: Row}
  judged: {type: prompt, from: rows, model: judge, prompt: judge.yaml}
  good: {type: map, from: judged, where: verdict}
  enough:
    type: combine
    op: take
    from: good
    accept: "${params.count}"
    max_candidates: "${params.most}"
    ahead: "${params.ahead}"
  out: {type: export, from: enough, format: jsonl, path: out.jsonl}
  turned_away: {type: export, from: good.rejected, format: jsonl, path: rejected.jsonl}
"""

JUDGE = """\
fields: {n: integer}
messages: [{role: user, content: "Number {{ n }}: is it good?"}]
reply: {format: json, fields: {verdict: boolean}}
"""

ALL = 1000


def is_good(n: int) -> bool:
    """About one of two, by chance."""
    return hashlib.sha256(str(n).encode()).digest()[0] % 2 == 0


GOOD = [n for n in range(ALL) if is_good(n)]


@dataclass(slots=True)
class Judge:
    """A server that knows which numbers are good; `pause` is how long it thinks."""

    url: str = ""
    pause: float = 0.0
    asked: list[int] = field(default_factory=list)

    def answer(self, _authorization: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = re.search(r"Number (\d+)", request["messages"][-1]["content"])
        assert found is not None
        self.asked.append(int(found[1]))
        time.sleep(self.pause)  # the latency of a model, not a wait of the test
        return completion(json.dumps({"verdict": is_good(int(found[1]))}))


@pytest.fixture
def judge() -> Iterator[Judge]:
    made = Judge()
    with answering(made.answer) as url:
        made.url = url
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return made_in(tmp_path)


def made_in(folder: Path) -> Project:
    project = Project(folder)
    project.write("atkc.toml", "")
    project.write("spec.yaml", SPEC)
    project.write("judge.yaml", JUDGE)
    project.write("rows.jsonl", "".join(f'{{"n": {n}}}\n' for n in range(ALL)))
    return project


def run(project: Project, judge: Judge, *sets: str) -> int:
    """Run; return the calls made."""
    done = project.run(f"--set=api_base={judge.url}", *(f"--set={one}" for one in sets))
    assert done.code == 0, done.err
    return done.calls()[0]


def numbers(project: Project) -> list[int]:
    return [row["n"] for row in project.rows("out.jsonl")]


def test_calls_are_near_what_the_yield_needs(project: Project, judge: Judge) -> None:
    calls = run(project, judge)
    needed = GOOD[49] + 1
    assert numbers(project) == GOOD[:50]
    assert needed <= calls == len(judge.asked) <= needed + 32
    found = manifest(project.output)["accepts"][0]
    assert (found["accepted"], found["candidates"], found["ended"]) == (50, calls, "met")
    ledger = {row["step"]: row for row in manifest(project.output)["ledger"]}
    assert ledger["rows"]["came"] == calls + 16 == ledger["enough.gate"]["came"]
    assert ledger["enough.gate"]["not_drawn"] == 16


def test_a_second_run_pays_nothing_and_more_pays_for_more(project: Project, judge: Judge) -> None:
    first = run(project, judge)
    before, told = files(project.output), constant(project.output)
    assert run(project, judge) == 0
    assert files(project.output) == before
    assert constant(project.output) == told
    more = run(project, judge, "count=60")
    assert numbers(project) == GOOD[:60]
    assert first + more == len(set(judge.asked)) == len(judge.asked)
    assert first + more <= GOOD[59] + 1 + 32


def test_the_window_changes_the_cost_alone(project: Project, judge: Judge) -> None:
    narrow = run(project, judge, "ahead=1")
    assert numbers(project) == GOOD[:50]
    assert narrow == GOOD[49] + 1
    assert run(project, judge, "ahead=256") >= 0
    assert numbers(project) == GOOD[:50]


def test_too_few_candidates_are_told_with_their_reasons(project: Project, judge: Judge) -> None:
    done = project.run(f"--set=api_base={judge.url}", "--set=most=80")
    found = [n for n in GOOD if n < 80]
    assert done.code == 0
    assert done.calls()[0] == 80
    assert numbers(project) == found
    assert (
        f"`enough` asks for 50 records and {len(found)} were accepted of 80 candidates "
        f"(max_candidates); lost on the way: {80 - len(found)} filtered at `good`"
    ) in done.err


def test_a_killed_run_goes_on(tmp_path: Path, judge: Judge) -> None:
    calm = made_in(tmp_path / "calm")
    calls = run(calm, judge)
    killed = made_in(tmp_path / "killed")
    judge.asked.clear()
    judge.pause = 0.01
    process = killed.start(f"--set=api_base={judge.url}")
    wait_for(lambda: len(judge.asked) >= 40)
    process.kill()
    process.communicate()
    assert run(killed, judge) < calls
    assert len(set(judge.asked)) == calls
    # those in flight: 4 slots, and replies that came while the store was committing others
    assert len(judge.asked) <= calls + 12
    assert files(killed.output) == files(calm.output)
    assert constant(killed.output)["accepts"] == constant(calm.output)["accepts"]
