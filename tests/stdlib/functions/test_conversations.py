"""The functions over turns, one table each."""

from __future__ import annotations

from typing import Any

import pytest

from atkc.runtime.api import Context
from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import ANY, INTEGER, STRING, TURNS, ListOf, Record
from atkc.spec.signature import REQUIRED, Shape, ShapeError
from atkc.stdlib.functions import FUNCTIONS

S, Q, A = (
    {"role": "system", "content": "S"},
    {"role": "user", "content": "Q"},
    {"role": "assistant", "content": "A"},
)


def options_of(name: str, given: Any) -> dict[str, Any]:
    known = FUNCTIONS[name][0].options
    assert given.keys() <= known.keys()
    return {k: o.default for k, o in known.items() if o.default is not REQUIRED} | given


def run(name: str, row: Any, identity: bytes = b"x", **given: Any) -> Any:
    return FUNCTIONS[name][1](row, options_of(name, given), Context(7, identity))


def shape(name: str, record: Any, **given: Any) -> Shape | ShapeError:
    return FUNCTIONS[name][0].shape(options_of(name, given), Record.of(record))


@pytest.mark.parametrize(
    ("items", "turns"),
    [
        ([{"question": "Q", "answer": "A"}] * 2, [Q, A, Q, A]),
        ([{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}], [Q, A]),
        ([{"role": "User", "content": "Q"}, {"role": "bot", "content": "A"}], [Q, A]),
        ([{"from": "tool", "value": "T"}], [{"role": "tool", "content": "T"}]),
        ([], "bad-field"),
        ("text", "bad-field"),
        ([{"question": "Q"}], "bad-field"),
    ],
)
def test_turns(items: Any, turns: Any) -> None:
    if isinstance(turns, str):
        with pytest.raises(RecordError) as caught:
            run("conversation.turns", {"pairs": items}, **{"from": "pairs"})
        assert caught.value.kind == turns
    else:
        found = run("conversation.turns", {"pairs": items}, **{"from": "pairs", "as": "talk"})
        assert found == {"talk": turns}


def test_join_keeps_the_first_system_turn() -> None:
    other = {"role": "system", "content": "other"}
    parts = [{"turns": [Q, A]}, {"turns": [S, Q, A]}, {"turns": [other, Q, A]}]
    assert run("conversation.join", {"parts": parts}, field="parts") == {
        "turns": [S, Q, A, Q, A, Q, A]
    }


def test_join_marks_all_parts_but_the_one_in_focus() -> None:
    parts = [{"turns": [S, Q]}, {"turns": [Q, A]}, {"turns": [A]}]
    found = run("conversation.join", {"parts": parts, "at": 1}, field="parts", focus="at")
    no = {"train": False}
    assert found == {"turns": [S | no, Q | no, Q, A, A | no]}


@pytest.mark.parametrize("at", [3, -1, None, "1"])
def test_join_needs_the_number_of_a_part(at: object) -> None:
    row = {"parts": [{"turns": [Q, A]}] * 3, "at": at}
    with pytest.raises(RecordError) as caught:
        run("conversation.join", row, field="parts", focus="at")
    assert caught.value.kind == "bad-field"


@pytest.mark.parametrize(
    ("turns", "given", "first"),
    [
        ([Q, A], {"text": "You know {{ context }}."}, "You know ."),
        ([Q, A], {"text": "{{ context_uppercase }}", "variables": {"context": "Ports"}}, "PORTS"),
        ([S, Q, A], {"text": "New"}, "New"),
        ([Q, A], {"field": "words"}, "{{ context }} it is"),
        ([Q, A], {"field": "words", "variables": {"context": "Ports"}}, "Ports it is"),
        ([Q, A], {"field": "words", "fields": {"context": "port.name"}}, "Tolmar it is"),
        ([Q, A], {"text": "At {{ n }}.", "fields": {"n": "port.name"}}, "At Tolmar."),
        ([S, Q, A], {"text": "{{ context }}"}, None),
    ],
)
def test_system(turns: Any, given: Any, first: str | None) -> None:
    row = {"turns": turns, "words": "{{ context }} it is", "port": {"name": "Tolmar"}}
    system = [] if first is None else [{"role": "system", "content": first}]
    assert run("conversation.system", row, **given) == {"turns": [*system, Q, A]}


@pytest.mark.parametrize(
    ("turns", "text", "system"),
    [
        ([S, Q], "All {{ context_lowercase }}.", ["All ports.\nS"]),
        ([Q], "All {{ context }}.", ["All Ports."]),
        ([S, Q], "", ["S"]),
        ([Q], "", []),
    ],
)
def test_instruct(turns: Any, text: str, system: list[str]) -> None:
    found = run(
        "conversation.instruct", {"turns": turns}, text=text, variables={"context": "Ports"}
    )
    assert [t["content"] for t in found["turns"]] == [*system, "Q"]


@pytest.mark.parametrize(
    ("turns", "to", "contents"),
    [
        ([S, Q, A], "system", ["C\nS", "Q", "A"]),
        ([Q, A], "system", ["C", "Q", "A"]),
        ([S, Q, A], "human", ["S", "C\nQ", "A"]),
        ([Q, A], "none", ["Q", "A"]),
    ],
)
def test_add_context(turns: Any, to: str, contents: list[str]) -> None:
    found = run("conversation.add_context", {"turns": turns}, text="C", to=to)
    assert [t["content"] for t in found["turns"]] == contents


def test_drop_system() -> None:
    assert run("conversation.drop_system", {"turns": [S, Q, A]}) == {"turns": [Q, A]}


def test_replace_turn_draws_by_record_and_label() -> None:
    yes = {"role": "human", "content": " Yes. "}
    row = {"turns": [yes, A, yes, {"role": "assistant", "content": "Yes."}]}
    given = {"role": "human", "equals": "Yes.", "by": [f"Go on {n}." for n in range(9)]}
    once = run("conversation.replace_turn", row, **given)
    assert once == run("conversation.replace_turn", row, **given)
    said = [t["content"] for t in once["turns"]]
    assert said[0].startswith("Go on")
    assert said[2].startswith("Go on")
    assert (said[1], said[3]) == ("A", "Yes.")
    drawn = {
        str(run("conversation.replace_turn", row, identity=bytes([n]), **given)) for n in range(9)
    }
    assert len(drawn) > 3
    assert run("conversation.replace_turn", row, **given, draw="other") != once


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("**User:** Q\n\n**AI Assistant:** A", [Q, A]),
        ("**User:**\nQ\n**Assistant:**\nA\n", [Q, A]),
        ("**User**: Q\n**Assistant**: A", [Q, A]),
        ("User: Q\nAssistant: A", [Q, A]),
        ("**User:** Q\n**Assistant:** Say\nUser: no", [Q, {**A, "content": "Say\nUser: no"}]),
        ("**User:** Q\n**Note:** x\n**AI:** A", [{**Q, "content": "Q\n**Note:** x"}, A]),
        ("Here it is:\n**User:** Q\n**AI:** A", "stray-text"),
        ("just words", "stray-text"),
        ("  ", "no-turns"),
        ("**AI:** A\n**User:** Q", "order"),
        ("**User:** Q\n**User:** Q", "order"),
        ("**User:** Q\n**AI:** A\n**User:** Q", "order"),
        ("**User:** Q\n**AI:**", "empty-turn"),
    ],
)
def test_from_text(text: str, outcome: Any) -> None:
    if isinstance(outcome, str):
        with pytest.raises(RecordError) as caught:
            run("conversation.from_text", {"text": text}, field="text")
        assert caught.value.kind == outcome
    else:
        assert run("conversation.from_text", {"text": text}, field="text") == {"turns": outcome}


@pytest.mark.parametrize(
    ("said", "given", "kept"),
    [
        ("Thought:\nA.\n\nAnswer:\nB.", {}, "B."),
        ("**Thought:** A.\n\n**Answer:** B.", {}, "B."),
        ("Thought: an Answer: is due.\nAnswer: B. Answer: C.", {}, "B. Answer: C."),
        ("Thought: A. Answer: B.", {}, "B."),
        ("B. Answer: C.", {}, "B. Answer: C."),
        ("B. Answer: C.", {"begins": ""}, "C."),
        ("Thought: A.", {}, "Thought: A."),
        ("Thought: A. Answer:", {}, "Thought: A. Answer:"),
        ("Thought: A. Answer: B.", {"marker": ""}, "Thought: A. Answer: B."),
        ("Thought: A. Answer: B.", {"role": "user"}, "Thought: A. Answer: B."),
    ],
)
def test_keep_after(said: str, given: Any, kept: str) -> None:
    row = {"turns": [S, Q, {"role": "gpt", "content": said}]}
    options = {"begins": "Thought:", "marker": "Answer:", **given}
    found = run("conversation.keep_after", row, **options)
    assert found == {"turns": [S, Q, {"role": "assistant", "content": kept}]}


def test_each_turn_knows_what_was_said_before() -> None:
    other = {"role": "assistant", "content": "B"}
    found = run("conversation.each_turn", {"turns": [A, S, Q, A, Q, other]})
    told = [(f["content"], f["system"], f["history"], f["question"]) for f in found]
    assert told == [
        ("A", "S", [], None),
        ("S", "S", [A], None),
        ("Q", "S", [A], None),
        ("A", "S", [A], "Q"),
        ("Q", "S", [A, Q, A], None),
        ("B", "S", [A, Q, A], "Q"),
    ]


@pytest.mark.parametrize(("most", "kept"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (99, 4)])
def test_the_history_is_cut_at_whole_turns(most: int, kept: int) -> None:
    long = [{"role": role, "content": "x" * 8} for role in ("user", "assistant")]
    row = {"turns": [S, *long, *long, Q, A]}
    found = run("conversation.each_turn", row, history_tokens=most, tokenizer="chars4")
    assert (len(found[-1]["history"]), found[-1]["question"]) == (kept, "Q")


def test_no_turn_is_a_failure() -> None:
    with pytest.raises(RecordError) as caught:
        run("conversation.each_turn", {"turns": []})
    assert caught.value.kind == "no-turns"


def test_from_text_with_other_names() -> None:
    text = "**Gast:** Q\n**Wirt:** A"
    given = {"user": ["Gast"], "assistant": ["Wirt"], "as": "talk"}
    assert run("conversation.from_text", {"t": text}, field="t", **given) == {"talk": [Q, A]}


@pytest.mark.parametrize(
    ("name", "record", "given", "reads", "adds", "removes"),
    [
        ("conversation.turns", {"p": ANY}, {"from": "p"}, ["p"], ["turns"], set()),
        ("conversation.turns", {"c": Record.of({"t": TURNS})}, {"from": "c.t", "as": "u"}, ["c"],
         ["u"], set()),
        ("conversation.join", {"m": ListOf(Record.of({"turns": TURNS}))}, {"field": "m"}, ["m"],
         ["turns"], set()),
        ("conversation.join", {"m": ListOf(Record.of({"turns": TURNS})), "n": INTEGER},
         {"field": "m", "focus": "n"}, ["m", "n"], ["turns"], set()),
        ("conversation.system", {"turns": TURNS, "s": STRING}, {"field": "s"}, ["turns", "s"],
         ["turns"], {"turns"}),
        ("conversation.system", {"turns": TURNS, "s": STRING, "d": ANY},
         {"field": "s", "fields": {"data": "d"}}, ["turns", "s", "d"], ["turns"], {"turns"}),
        ("conversation.drop_system", {"talk": TURNS}, {"turns": "talk"}, ["talk"], ["talk"],
         {"talk"}),
        ("conversation.keep_after", {"turns": TURNS}, {"marker": "x"}, ["turns"], ["turns"],
         {"turns"}),
        ("conversation.each_turn", {"talk": TURNS}, {"turns": "talk"}, ["talk"],
         ["role", "content", "system", "history", "question"], {"talk"}),
        ("chat.render", {"turns": TURNS}, {}, ["turns"], ["text"], set()),
        ("chat.segments", {"turns": TURNS}, {"as": "s"}, ["turns"], ["s"], set()),
    ],
)  # fmt: skip
def test_shapes(name: str, record: Any, given: Any, reads: Any, adds: Any, removes: Any) -> None:
    found = shape(name, record, **given)
    assert isinstance(found, Shape)
    assert (found.reads.names(), found.adds.names(), found.removes) == (reads, adds, removes)


@pytest.mark.parametrize(
    ("name", "record", "given", "option"),
    [
        ("conversation.turns", {"p": STRING}, {"from": "p"}, "from"),
        ("conversation.turns", {"p": ANY}, {"from": "q"}, "from"),
        ("conversation.join", {"m": TURNS}, {"field": "m"}, "field"),
        ("conversation.join", {"m": ListOf(Record.of({"turns": TURNS})), "n": STRING},
         {"field": "m", "focus": "n"}, "focus"),
        ("conversation.system", {"turns": TURNS, "s": STRING},
         {"field": "s", "fields": {"data": "d"}}, "fields"),
        ("conversation.system", {"turns": TURNS, "d": STRING},
         {"text": "{{ dta }}", "fields": {"data": "d"}}, "text"),
        ("conversation.system", {"turns": TURNS}, {}, "field"),
        ("conversation.system", {"turns": TURNS, "s": INTEGER}, {"field": "s"}, "field"),
        ("conversation.system", {"turns": TURNS}, {"text": "{{ contxt }}"}, "text"),
        ("conversation.instruct", {"turns": TURNS}, {"text": "{{ nobody }}"}, "text"),
        ("conversation.instruct", {"turns": STRING}, {"text": "x"}, "turns"),
        ("conversation.add_context", {"talk": TURNS}, {"text": "x"}, "turns"),
        ("conversation.replace_turn", {"turns": TURNS}, {"equals": "x", "by": []}, "by"),
        ("conversation.replace_turn", {"turns": TURNS}, {"equals": "x", "by": ["y"], "role": "cat"},
         "role"),
        ("conversation.keep_after", {"turns": TURNS}, {"marker": "x", "role": "cat"}, "role"),
        ("conversation.each_turn", {"turns": STRING}, {}, "turns"),
        ("conversation.each_turn", {"turns": TURNS}, {"tokenizer": "none"}, "tokenizer"),
        ("conversation.from_text", {"text": TURNS}, {"field": "text"}, "field"),
        ("conversation.from_text", {"text": STRING}, {"field": "text", "user": []}, "user"),
        ("chat.render", {"turns": TURNS}, {"template": "{{ message }}"}, "template"),
        ("chat.render", {"turns": ListOf(STRING)}, {}, "turns"),
        ("chat.segments", {"turns": TURNS}, {"template": "{% if"}, "template"),
    ],
)  # fmt: skip
def test_shape_errors(name: str, record: Any, given: Any, option: str) -> None:
    found = shape(name, record, **given)
    assert isinstance(found, ShapeError)
    assert found.option == option


@pytest.mark.parametrize(
    ("given", "own", "trained"),
    [
        ({}, {}, ["A **Finished.**"]),
        ({"headers": True}, {}, ["AI: A **Finished.**"]),
        ({"train": ["user", "assistant"]}, {}, ["Q **Finished.**\n", "A **Finished.**"]),
        ({"train": ["user"], "template": "chatml"}, {}, ["Q<|im_end|>\n"]),
        # a turn's own `train` outweighs its role
        ({}, {1: True}, ["Q **Finished.**\n", "A **Finished.**"]),
        ({"train": ["system", "assistant"]}, {0: False}, ["A **Finished.**"]),
        ({}, {2: False, 0: True}, ["S **Finished.**\n"]),
        ({}, {2: False}, "nothing-trained"),
        ({"train": []}, {}, "nothing-trained"),
    ],
)
def test_segments_are_masked_by_role_and_by_turn(given: Any, own: Any, trained: Any) -> None:
    turns = [turn | ({"train": own[n]} if n in own else {}) for n, turn in enumerate([S, Q, A])]
    if isinstance(trained, str):
        with pytest.raises(RecordError) as caught:
            run("chat.segments", {"turns": turns}, **given)
        assert caught.value.kind == trained
        return
    segments = run("chat.segments", {"turns": turns}, **given)["segments"]
    assert [s["text"] for s in segments if s["label"]] == trained
    template = given.get("template", "atk")
    rendered = run("chat.render", {"turns": turns}, template=template)["text"]
    assert "".join(s["text"] for s in segments) == rendered
