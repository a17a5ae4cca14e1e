"""The engine from sources to files: operators one by one, limits, stops, speed."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from atkc.compiler.plan import Action, Choose, Expression, OnFailure, ParseOp, Shape, Text, Variant
from atkc.runtime.api import ReadFailure
from atkc.runtime.asking import Ask, Outcome
from atkc.runtime.errors import InputError, StopRun
from atkc.runtime.events import RunStarted, SourcesDone, StepDone
from atkc.runtime.ledger import Tally
from tests.runtime.engine.kit import (
    FakeCaller,
    Flow,
    apply,
    condition,
    expr,
    go,
    prompt,
    put,
    texts,
    unnest,
    where,
)

BAD = ReadFailure("b.pdf", "encrypted", "it is locked")


def one(tmp_path: Path, *actions: Action, rows: Any = None, **more: Any) -> list[dict[str, Any]]:
    flow = Flow().source("s", rows or texts("a", "b")).map("m", "s", *actions, **more)
    return go(flow.export("out", "m"), tmp_path).rows()


# source


def test_unread_documents_go_to_failed(tmp_path: Path) -> None:
    flow = Flow().source("s", [{"text": "a"}, BAD]).export("out", "s")
    ran = go(flow, tmp_path)
    assert ran.rows() == texts("a")
    assert ran.failed("s") == [
        {
            "source": "b.pdf",
            "failure": {
                "step": "s",
                "kind": "encrypted",
                "message": "it is locked",
                "request": None,
                "reply": None,
            },
        }
    ]
    assert ran.result.failures.counts() == {"s": 1}


def test_failures_that_a_step_reads_are_not_kept(tmp_path: Path) -> None:
    flow = Flow().source("s", [{"text": "a"}, BAD]).export("out", "s.failed")
    ran = go(flow, tmp_path)
    assert [row["source"] for row in ran.rows()] == ["b.pdf"]
    assert ran.result.failures.counts() == {}


@pytest.mark.parametrize(("extra", "fields"), [("drop", {"n"}), ("keep", {"n", "more"})])
def test_rows_are_held_against_their_type(tmp_path: Path, extra: str, fields: set[str]) -> None:
    rows = [{"n": 1, "more": 0}, {"n": "1"}, {"n": True}, {}]
    flow = Flow().source("s", rows, fields={"n": "integer"}, extra=extra).export("out", "s")
    ran = go(flow, tmp_path)
    assert [set(row) for row in ran.rows()] == [fields]
    assert [row["failure"]["kind"] for row in ran.failed("s")] == ["bad-row"] * 3


@pytest.mark.parametrize(
    ("limits", "counts"), [({"": 2}, (2, 2)), ({"a": 1}, (1, 3)), ({"": 2, "b": 3}, (2, 3))]
)
def test_limits(tmp_path: Path, limits: dict[str, int], counts: tuple[int, int]) -> None:
    flow = Flow().source("a", [BAD, *texts("1", "2", "3")]).source("b", texts("1", "2", "3"))
    ran = go(flow.export("x", "a").export("y", "b"), tmp_path, limits=limits)
    assert (len(ran.rows("x")), len(ran.rows("y"))) == counts


# map


@pytest.mark.parametrize(
    ("action", "row", "made"),
    [
        (put(a="b", b="a"), {"a": 1, "b": 2}, [{"a": 2, "b": 1}]),
        (
            Action(verb="rename", names={"a": "b", "b": "a"}),
            {"a": 1, "b": 2},
            [{"b": 1, "a": 2}],
        ),
        (Action(verb="drop", fields=["a"]), {"a": 1, "b": 2}, [{"b": 2}]),
        (Action(verb="keep", fields=["a"]), {"a": 1, "b": 2}, [{"a": 1}]),
        (
            Action(verb="render", texts={"t": Text(text="{{ a }}{{ x }}", constants={"x": "!"})}),
            {"a": "1"},
            [{"a": "1", "t": "1!"}],
        ),
        (unnest("l", "e", index="i"), {"l": ["x", "y"]}, [{"e": "x", "i": 0}, {"e": "y", "i": 1}]),
        (unnest("l", "e", keep=["l"]), {"l": ["x"]}, [{"l": ["x"], "e": "x"}]),
        (unnest("l"), {"l": [{"p": 1}, {"p": 2}], "q": 0}, [{"p": 1, "q": 0}, {"p": 2, "q": 0}]),
        (unnest("l", "e"), {"l": []}, []),
        (where("a > 1"), {"a": 1}, []),
    ],
    ids=lambda value: value.verb if isinstance(value, Action) else "",
)
def test_verbs(tmp_path: Path, action: Action, row: Any, made: Any) -> None:
    assert one(tmp_path, action, rows=[row]) == made


def test_each_action_has_its_own_books(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a bb c", "dd", "no"))
    flow.map("m", "s", where("text != 'no'"), apply("split"), where("count(part) > 1"))
    ran = go(flow.export("out", "m").export("no", "m.rejected"), tmp_path)
    books = [(r.came, r.out, r.filtered, r.expanded) for r in ran.result.ledger if "m." in r.step]
    assert books == [(3, 2, 1, 0), (2, 4, 0, 2), (4, 2, 2, 0)]
    assert len(ran.rows("no")) == 3


def test_cases_take_the_first_that_is_true(tmp_path: Path) -> None:
    values = {"a": expr("n < 2"), "b": expr("n < 3"), "rest": expr("true")}
    flow = Flow().source("s", [{"n": n} for n in range(5)])
    flow.map("m", "s", Action(verb="cases", values=values))
    for port in values:
        flow.export(port, f"m.{port}")
    ran = go(flow, tmp_path, queue=1)
    found = {port: [row["n"] for row in ran.rows(port)] for port in values}
    assert found == {"a": [0, 1], "b": [2], "rest": [3, 4]}
    assert ran.ledger("m").ports == (("a", 2), ("b", 1), ("rest", 2))


def test_a_failing_function_fails_the_record_alone(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("good", "bad")).map("m", "s", apply("fussy", word="bad"))
    ran = go(flow.export("out", "m"), tmp_path)
    assert ran.rows() == [{"text": "good", "fine": True}]
    failed = ran.failed("m")[0]
    assert failed["text"] == "bad"
    assert failed["failure"]["kind"] == "fussy"


def test_rows_pass_by_a_false_condition(tmp_path: Path) -> None:
    actions = (apply("split"), put(n="1"))
    test = condition("text != 'a'", part="null", n="0")
    made = one(tmp_path, *actions, condition=test)
    assert made == [{"text": "a", "part": None, "n": 0}, {"text": "b", "part": "b", "n": 1}]


class _Values(dict[bytes, bytes]):
    generation = 0
    puts = 0

    async def put(self, key: bytes, kind: str, value: bytes, *, origin: str = "") -> bytes:
        assert kind == "value"
        self.puts += 1
        return self.setdefault(key, value)


@pytest.mark.parametrize("order", ["streaming", "ordered"])
def test_costly_results_are_stored(tmp_path: Path, order: str) -> None:
    flow = Flow().source("s", [{"text": f"a{n} b", "n": n} for n in range(30)])
    flow.map("m", "s", apply("slow_split"), apply("slow_dice"), order=order).export("out", "m")
    store = _Values()
    bare, first, second = (go(flow, tmp_path, values=v).raw for v in (None, store, store))
    assert bare == first == second
    assert store.puts == 60


def test_a_field_that_is_not_read_changes_no_costly_result(tmp_path: Path) -> None:
    store = _Values()
    for n in range(2):
        flow = Flow().source("s", [{"text": "a", "n": n}]).map("m", "s", apply("slow_dice"))
        go(flow.export("out", "m"), tmp_path, values=store)
    assert store.puts == 1


def test_equal_costly_results_are_those_of_equal_types(tmp_path: Path) -> None:
    store, values = _Values(), [1, "1", True, 1.0, None, [1], ["1"]]
    for _ in range(2):
        flow = Flow().source("s", [{"text": value} for value in values])
        go(flow.map("m", "s", apply("slow_dice")).export("out", "m"), tmp_path, values=store)
    assert store.puts == len(values)


def test_a_costly_function_is_handed_only_what_its_key_holds(tmp_path: Path) -> None:
    flow = Flow().source("s", [{"text": "a", "n": 1}]).map("m", "s", apply("slow_fields"))
    ran = go(flow.export("out", "m"), tmp_path)
    assert ran.rows() == [{"text": "a", "n": 1, "fields": ["text"]}]


def test_a_map_without_verbs_and_an_input_without_edges(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a")).map("m", "s").map("none", {"in": []}, put(n="1"))
    ran = go(flow.export("out", "m").export("no", {"in": []}).export("nono", "none"), tmp_path)
    assert (ran.rows(), ran.rows("no"), ran.rows("nono")) == (texts("a"), [], [])


# prompt and parse


def test_a_prompt_adds_its_fields(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a", "b")).ask("p", "s").export("out", "p")
    ran = go(flow, tmp_path)
    assert [r["said"] for r in ran.rows()] == ["A", "B"]
    assert ran.caller.far == 1


def test_instructions_end_the_last_user_message(tmp_path: Path) -> None:
    given = replace(prompt(contract={"format": "fake"}), instructions="Reply so.")
    flow = Flow().source("s", texts("a")).ask("p", "s", prompt=given, draw="2").export("out", "p")
    ask = go(flow, tmp_path).caller.asked[0]
    assert ask.messages == ({"role": "user", "content": "a\n\nReply so."},)
    assert (ask.draw, ask.depth, ask.ordinal, ask.attempts) == ("2", 1, (0,), 1)


ITEMS = '[{"x": 1}, {"x": 2}]'


@pytest.mark.parametrize(
    ("shape", "expand", "said", "made"),
    [
        (Shape(), False, '{"x": 1}', [{"x": 1}]),
        (Shape(), True, ITEMS, [{"x": 1}, {"x": 2}]),
        (Shape(), True, "[]", []),
        (Shape(kind="field", name="f"), True, ITEMS, [{"f": {"x": 1}}, {"f": {"x": 2}}]),
        (Shape(kind="field", name="f"), False, '{"x": 1}', [{"f": {"x": 1}}]),
        (Shape(kind="list", name="f"), False, ITEMS, [{"f": [{"x": 1}, {"x": 2}]}]),
    ],
    ids=str,
)
def test_shapes(tmp_path: Path, shape: Shape, expand: bool, said: str, made: Any) -> None:
    flow = Flow().source("s", texts("a")).ask("p", "s", shape=shape, expand=expand)
    op = ParseOp(field="raw", contract={"format": "fake"}, shape=shape, expand=expand)
    flow.map(
        "raw", "s", Action(verb="set", values={"raw": Expression(text="r", constants={"r": said})})
    )
    flow.node("parsed", op, "raw").map("less", "parsed", Action(verb="drop", fields=["raw"]))
    ran = go(flow.export("out", "p").export("same", "less"), tmp_path, FakeCaller(lambda *_: said))
    assert ran.rows() == ran.rows("same") == [{"text": "a", **fields} for fields in made]


def test_without_a_contract_the_text_is_a_field(tmp_path: Path) -> None:
    shape = Shape(kind="field", name="raw")
    flow = Flow().source("s", texts("a")).ask("p", "s", prompt=prompt("{{ text }}?"), shape=shape)
    ran = go(flow.export("out", "p"), tmp_path, FakeCaller(lambda text, ask: text))
    assert ran.rows() == [{"text": "a", "raw": "a?"}]


@pytest.mark.parametrize(
    ("then", "out", "rejected", "failed"),
    [
        ("failed", [], 0, 1),
        ("rejected", [], 1, 0),
        ("else", [{"text": "a", "said": None}], 0, 0),
    ],
)
@pytest.mark.parametrize("expand", [False, True])
def test_on_failure(
    tmp_path: Path, then: Any, out: Any, rejected: int, failed: int, expand: bool
) -> None:
    flow = Flow().source("s", texts("a"))
    more = {"condition": condition("true", said="null"), "expand": expand}
    flow.ask("p", "s", on_failure=OnFailure(resample=2, then=then), **more)
    flow.export("out", "p").export("no", "p.rejected")
    ran = go(flow, tmp_path, FakeCaller(lambda *_: "!"))
    assert (ran.rows(), len(ran.rows("no")), len(ran.failed("p"))) == (out, rejected, failed)
    for row in ran.failed("p"):
        assert row["failure"]["kind"] == "no-json"
        assert row["failure"]["reply"] == "!"


@pytest.mark.parametrize("expand", [False, True])
def test_a_failure_that_goes_on_says_why(tmp_path: Path, expand: bool) -> None:
    flow = Flow().source("s", texts("a", "b", "c"))
    more = {"condition": condition("text != 'c'", said="null"), "expand": expand}
    flow.ask("p", "s", on_failure=OnFailure(then="else", name="why"), **more).export("out", "p")
    ran = go(flow, tmp_path, FakeCaller(lambda text, _: "!" if text == "a" else "{}"))
    whys = {row["text"]: row["why"] for row in ran.rows()}
    assert whys["b"] is whys["c"] is None
    assert whys["a"].keys() == {"step", "kind", "message", "request", "reply"}
    assert (whys["a"]["step"], whys["a"]["kind"], whys["a"]["reply"]) == ("p", "no-json", "!")


def test_samples_are_children_in_order(tmp_path: Path) -> None:
    def reply(text: str, ask: Ask) -> str:
        return json.dumps([{"x": ask.sample}, {"x": 10 + ask.sample}])

    flow = Flow().source("s", texts("a")).ask("p", "s", samples=2, expand=True)
    ran = go(flow.export("out", "p"), tmp_path, FakeCaller(reply, delay=3))
    assert [row["x"] for row in ran.rows()] == [0, 10, 1, 11]


def variants(**more: Any) -> Flow:
    given = [
        Variant(name=n, prompt=prompt(f"{n} {{{{ text }}}}", {"format": "fake"})) for n in "abc"
    ]
    flow = Flow().source("s", texts(*(f"t{i}" for i in range(60))))
    flow.ask("p", "s", variants=given, variant_field="v", choose=Choose(**more), expand=True)
    return flow.export("out", "p")


def test_all_variants(tmp_path: Path) -> None:
    ran = go(variants(), tmp_path)
    assert [row["v"] for row in ran.rows()[:3]] == ["a", "b", "c"]
    assert ran.rows()[1]["said"] == "B T0"


def test_a_variant_by_expression(tmp_path: Path) -> None:
    by = expr("if text == 't1' then 'b' else 'x'")
    ran = go(variants(kind="by", by=by), tmp_path)
    assert [row["v"] for row in ran.rows()] == ["b"]
    assert len(ran.failed("p")) == 59


def test_drawn_variants(tmp_path: Path) -> None:
    drawn = go(variants(kind="draw", n=expr("2")), tmp_path).rows()
    pairs = [(one["v"], two["v"]) for one, two in zip(drawn[::2], drawn[1::2], strict=True)]
    assert len(pairs) == 60
    assert all(one != two for one, two in pairs)
    assert {one for one, _ in pairs} == {"a", "b", "c"}


def test_weights_and_replacement(tmp_path: Path) -> None:
    more = {"n": expr("2"), "replace": True, "weights": {"b": 1.0}}
    ran = go(variants(kind="draw", **more), tmp_path)
    assert {row["v"] for row in ran.rows()} == {"b"}
    assert {ask.sample for ask in ran.caller.asked} == {0, 1}  # the second `b` is no copy


# export


def test_partition(tmp_path: Path) -> None:
    rows = [{"k": "x", "n": 1}, {"k": "y", "n": 2}, {"k": "x", "n": 3}]
    flow = Flow().source("s", rows)
    more = {"partition": "k", "values": ["x", "y", "z"], "empty": "skip"}
    ran = go(flow.export("out", "s", "of/{k}.jsonl", **more), tmp_path)
    assert {p: [r["n"] for r in rows] for p, rows in ran.files.items()} == {
        "of/x.jsonl": [1, 3],
        "of/y.jsonl": [2],
    }


def test_files_are_rows_for_other_exports(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a", "b")).export("one", "s").export("two", "s")
    flow.export("card", ["two.files", "one.files"], reads_files=True)
    rows = go(flow, tmp_path).rows("card")
    assert [(row["path"], row["records"]) for row in rows] == [("two.jsonl", 2), ("one.jsonl", 2)]
    assert rows[0]["columns"] == ["text"]


@pytest.mark.parametrize(("empty", "files", "told"), [("write", 1, ["empty"]), ("skip", 0, [])])
def test_empty_exports(tmp_path: Path, empty: str, files: int, told: list[str]) -> None:
    ran = go(Flow().source("s", []).export("out", "s", empty=empty), tmp_path)
    assert len(ran.result.files) == files
    assert [warning.kind for warning in ran.result.warnings] == told


def test_an_empty_export_may_be_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        go(Flow().source("s", []).export("out", "s", empty="error"), tmp_path)
    assert caught.value.diagnostic.code == "ATK606"


# the run as a whole


def test_a_stop_leaves_no_thread_task_or_file(tmp_path: Path) -> None:
    before = threading.active_count()
    flow = Flow().source("s", texts(*map(str, range(5000))))
    flow.ask("p", "s", on_failure=OnFailure(then="stop")).export("out", "p")
    caller = FakeCaller(lambda text, ask: "!" if text == "700" else "{}", delay=1)
    with pytest.raises(StopRun) as caught:
        go(flow, tmp_path, caller)
    assert caught.value.diagnostic.code == "ATK704"
    assert threading.active_count() == before
    assert not any((tmp_path / "spool").glob("*"))


def test_a_bug_in_a_function_is_told_of_the_record(tmp_path: Path) -> None:
    flow = Flow().source("s", [{"text": 1}]).map("m", "s", apply("split")).export("out", "m")
    (lost,) = go(flow, tmp_path).failed("m")
    assert lost["failure"]["kind"] == "crashed"
    assert lost["failure"]["message"].startswith("`split` failed with AttributeError: ")


def test_events(tmp_path: Path) -> None:
    flow = Flow().source("s", texts("a")).ask("p", "s").export("out", "p")
    events = go(flow, tmp_path).events
    assert isinstance(events[0], RunStarted)
    assert [row.out for row in events[0].snapshot()] == [1, 1, 1]
    assert {event.step for event in events if isinstance(event, StepDone)} == {"s", "p", "out"}
    assert sum(isinstance(event, SourcesDone) for event in events) == 1


def test_an_imbalance_names_the_step() -> None:
    with pytest.raises(Exception, match=r"`x`.*3 in, 2 told"):
        Tally("x", came=3, out=1, filtered=1).check()


def test_outcomes_of_calls_that_fail_keep_the_request(tmp_path: Path) -> None:
    gone = Outcome(None, ("timeout", "no answer"), {"messages": []}, None)
    flow = Flow().source("s", texts("a")).ask("p", "s").export("out", "p")
    ran = go(flow, tmp_path, FakeCaller(lambda *_: gone))
    assert ran.failed("p")[0]["failure"]["request"] == {"messages": []}


def test_two_prompts_over_2000_stored_records(tmp_path: Path) -> None:
    flow = Flow().source("s", [{"text": f"some text {i}"} for i in range(2000)])
    flow.ask("p", "s").map("m", "p", put(text="said"), Action(verb="drop", fields=["said"]))
    flow.ask("q", "m").export("out", "q")
    start = time.process_time()
    ran = go(flow, tmp_path, FakeCaller(stored=True))
    assert len(ran.rows()) == 2000
    assert ran.caller.asked == []
    assert time.process_time() - start < 1.5  # 0.6 on a quiet machine
