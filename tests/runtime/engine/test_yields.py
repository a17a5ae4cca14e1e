"""Yield alarms: what a filter must do to raise one, and what the alarm shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.plan import OnFailure
from atkc.runtime.asking import Ask
from atkc.runtime.events import Warned
from tests.runtime.engine.kit import FakeCaller, Flow, Ran, apply, go, put, texts, where


def words(count: int) -> list[dict[str, Any]]:
    return [{"text": f"w{n:02}", "n": n} for n in range(count)]


def alarms(ran: Ran) -> list[tuple[str, list[str]]]:
    """The alarms, and the lines below each."""
    told = [w.message for w in ran.result.warnings if w.kind == "yield"]
    return [(m.split("\n")[0], [x.strip() for x in m.split("\n")[1:]]) for m in told]


def filtered(tmp_path: Path, count: int, kept: int, **more: Any) -> Ran:
    flow = Flow().source("s", words(count)).map("f", "s", where(f"n < {kept}"), **more)
    return go(flow.export("out", "f"), tmp_path)


@pytest.mark.parametrize(
    ("count", "kept", "alarm"),
    [
        (2, 0, None),
        (3, 0, "`f` rejected all 3 records"),
        (60, 0, "`f` rejected all 60 records"),
        (19, 1, None),
        (20, 1, None),  # 5 %
        (21, 1, "`f` kept only 1 of 21 records"),
        (21, 2, None),
        (5, 5, None),
        (0, 0, None),
    ],
)
def test_a_filter_that_keeps_next_to_nothing_is_told(
    tmp_path: Path, count: int, kept: int, alarm: str | None
) -> None:
    found = [head for head, _ in alarms(filtered(tmp_path, count, kept))]
    assert found == ([alarm] if alarm else [])


def test_the_first_three_in_canonical_order_are_shown_with_their_reasons(tmp_path: Path) -> None:
    ((_, shown),) = alarms(filtered(tmp_path, 9, 0))
    assert shown == [f"`w{n:02}`: `n < 0` is not true" for n in range(3)]


def test_a_reader_of_the_rejected_ones_quiets_it(tmp_path: Path) -> None:
    flow = Flow().source("s", words(60)).map("f", "s", where("n < 0"))
    ran = go(flow.export("out", "f").export("lost", "f.rejected"), tmp_path)
    assert alarms(ran) == []
    assert [e for e in ran.events if isinstance(e, Warned) and e.kind.startswith("yield")] == []


def test_maps_that_share_a_stream_sort_it(tmp_path: Path) -> None:
    flow = (
        Flow()
        .source("s", words(60))
        .map("few", "s", where("n < 0"))
        .map("all", "s", where("n > 0"))
    )
    ran = go(flow.export("out", "few").export("more", "all"), tmp_path)
    assert alarms(ran) == []


def test_a_judge_of_a_shared_stream_does_not(tmp_path: Path) -> None:
    flow = Flow().source("s", words(8)).vote("v", "s", votes=3).export("out", "v")
    ran = go(flow.export("more", "s"), tmp_path, FakeCaller(no))
    assert [head for head, _ in alarms(ran)] == ["`v` rejected all 8 records"]


@pytest.mark.parametrize(("count", "early"), [(49, 0), (50, 1), (120, 1)])
def test_the_first_fifty_are_told_at_once(tmp_path: Path, count: int, early: int) -> None:
    ran = filtered(tmp_path, count, 0)
    found = [e for e in ran.events if isinstance(e, Warned) and e.kind == "yield-so-far"]
    assert len(found) == early
    assert all(e.message.startswith("`f` rejected all of its first 50") for e in found)
    assert [w.kind for w in ran.result.warnings if w.kind == "yield-so-far"] == []


def no(text: str, ask: Ask) -> str:
    return json.dumps({"pass": False, "why": f"{text} is dull"})


def test_a_vote_shows_its_ballots_whatever_comes_first(tmp_path: Path) -> None:
    found = []
    for delay in (1, 2, 3):
        flow = Flow().source("s", words(8)).vote("v", "s", votes=3).export("out", "v")
        found.append(alarms(go(flow, tmp_path, FakeCaller(no, delay=delay))))
    assert found[0] == found[1] == found[2]
    ((head, shown),) = found[0]
    assert head == "`v` rejected all 8 records"
    assert shown[0] == "`w00`: ballots no w00 is dull, no w00 is dull"
    assert [line[:5] for line in shown] == ["`w00`", "`w01`", "`w02`"]


def test_a_parse_that_rejects_shows_what_was_wrong(tmp_path: Path) -> None:
    flow = Flow().source("s", words(4))
    flow.ask("p", "s", on_failure=OnFailure(then="rejected"))
    ran = go(flow.export("out", "p"), tmp_path, FakeCaller(lambda text, ask: "!"))
    ((head, shown),) = alarms(ran)
    assert head == "`p` rejected all 4 records"
    assert shown[0] == "`w00`: no-json: the reply is no JSON"


def test_a_function_shows_its_name_and_the_line_of_a_map_is_told(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a", "b", "c")).map("m", "s", put(x="1"), apply("long"))
    ((head, shown),) = alarms(go(flow.export("out", "m"), tmp_path))
    assert head == "`m.2` rejected all 3 records"
    assert shown[0] == "`a`: `long` says no, or made nothing of it"


def test_a_dedupe_that_keeps_one_of_many_is_told(tmp_path: Path) -> None:
    flow = Flow().source("s", texts(*["same"] * 30))
    flow.combine("d", "dedupe", "s", options={"by": ["text"]})
    ((head, shown),) = alarms(go(flow.export("out", "d"), tmp_path))
    assert head == "`d` kept only 1 of 30 records"
    assert shown[0].startswith("`same`: `dedupe` duplicate_of ")
