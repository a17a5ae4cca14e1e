"""The recipe `think`: which answers get a thought, which stay as they are; none is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.recipes.planned import ALONE
from tests.recipes.scripted import CUT, RECIPES, Ran, served, shown, used

FIELDS = {
    "turns": [{"role": "string", "content": "string"}],
    "generation": "integer",
    "set": "string",
}
SYSTEM = {"role": "system", "content": "You know tides."}
HEAD, END = "Thought Process:\n", "\n\nAnswer:\n"


def tagged(text: str) -> str:
    return f"<thought_process>\n{text}\n</thought_process>"


LONG = tagged("so " * 60)
# marker: (what the model says, at the last what it says from then on; the reason given; calls)
PLANTED: dict[str, tuple[list[str], str | None, int]] = {
    "good": ([tagged("I recall.")], None, 1),
    "thinking": ([f"<think>{tagged('no')} Hm.</think>{tagged('I recall.')}"], None, 1),
    "untagged": (["I recall."], "missing-field", 3),
    "unclosed": (["<thought_process>I recall."], "truncated", 3),
    "cut": ([f"<thought_process>I{CUT}"], "truncated", 3),
    "empty": ([tagged("")], "missing-field", 3),
    "twice": ([tagged("a") + tagged("b")], "too-many", 3),
    "mends": (["I recall.", tagged("I recall.")], None, 2),
    "long": ([LONG], "too-long", 2),
    "shorter": ([LONG, tagged("I recall.")], None, 2),
    "never": ([LONG, "I recall."], "too-long", 3),
    "answers": ([tagged("I recall.\nAnswer: 5")], "holds-answer", 2),
}


def scripted() -> Any:
    said: dict[str, int] = {}

    def reply(marker: str, _messages: list[dict[str, str]]) -> str:
        replies = PLANTED.get(marker.removeprefix("m-"), PLANTED["good"])[0]
        at = said.get(marker, 0)
        said[marker] = at + 1
        return replies[min(at, len(replies) - 1)]

    return reply


def pair(marker: str, answer: str = "") -> list[dict[str, str]]:
    """Return a question and an answer; requests about them are told by the marker in the answer."""
    asked = {"role": "user", "content": f"What of {marker}?"}
    return [asked, {"role": "assistant", "content": answer or f"It is m-{marker}."}]


def talk(*turns: Any, generation: int = 0) -> dict[str, Any]:
    return {"turns": list(turns), "generation": generation, "set": "s"}


def think(folder: Path, *rows: dict[str, Any], **params: Any) -> Ran:
    source = {"with": {"rows": list(rows)}, "fields": FIELDS}
    given = {"max_thought_tokens": 40, "remove_thought_process_ratio": 0, **params}
    return used(folder, "think.yaml", source, scripted(), given, carry=["generation", "set"])


def thought(turn: dict[str, str], text: str = "I recall.") -> dict[str, str]:
    return {**turn, "content": f"{HEAD}{text}{END}{turn['content']}"}


def turns_of(ran: Ran) -> list[list[dict[str, str]]]:
    return [row["turns"] for row in ran.rows("conversations.jsonl")]


def test_each_planted_fault_keeps_its_answer_and_no_turn_is_lost(tmp_path: Path) -> None:
    given = [SYSTEM, *(turn for name in PLANTED for turn in pair(name))]
    ran = think(tmp_path, talk(*given, generation=3))
    assert ran.code == 0
    (row,) = ran.rows("conversations.jsonl")
    assert (row["generation"], row["set"]) == (3, "s")
    wanted = [SYSTEM]
    for name, (_, reason, _) in PLANTED.items():
        asked, answer = pair(name)
        wanted += [asked, answer if reason else thought(answer)]
    assert row["turns"] == wanted
    told = [(r["question"], r["answer"], r["reason"]) for r in ran.rows("without.jsonl")]
    assert told == [
        (f"What of {name}?", f"It is m-{name}.", reason)
        for name, (_, reason, _) in PLANTED.items()
        if reason
    ]
    assert ran.asked.counts == {f"m-{name}": calls for name, (_, _, calls) in PLANTED.items()}
    books = ran.ledger("used.whole")
    assert (books["came"], books["merged"], books["out"]) == (len(given), len(given) - 1, 1)


def test_conversations_of_any_shape_come_back(tmp_path: Path) -> None:
    shapes = [
        talk(SYSTEM),
        talk({"role": "user", "content": "Hello?"}),
        talk(pair("first")[1], *pair("second")),
        talk(*pair("same")),
        talk(*pair("same")),
        talk(*pair("blank", " ")),
        talk(*pair("b"), {"role": "tool", "content": "12"}, pair("c")[1]),
    ]
    ran = think(tmp_path, *shapes)
    found = turns_of(ran)
    assert [[t["role"] for t in one] for one in found] == [
        [t["role"] for t in one["turns"]] for one in shapes
    ]
    kept = [one["turns"] for one in shapes]
    assert found[0] == kept[0]
    assert found[1] == kept[1]
    assert found[2] == [thought(kept[2][0]), kept[2][1], thought(kept[2][2])]
    assert found[3] == found[4] == [kept[3][0], thought(kept[3][1])]
    assert found[5] == kept[5]
    assert [r["reason"] for r in ran.rows("without.jsonl")] == ["no-answer"]


def test_a_conversation_without_turns_is_told_as_failed(tmp_path: Path) -> None:
    ran = think(tmp_path, talk(), talk(*pair("good")))
    assert ran.code == 4
    assert len(ran.rows("conversations.jsonl")) == 1
    (lost,) = ran.rows("failed/used.said.jsonl")
    assert lost["failure"]["kind"] == "no-turns"


def request(ran: Ran, marker: str, attempt: int = 0) -> str:
    """Return what the model was shown last of its own, and the system message."""
    messages = ran.asked.messages[f"m-{marker}"][attempt]
    own = [m["content"] for m in messages if m["role"] == "user"]
    return "\n".join([messages[0]["content"], next(text for text in own if f"m-{marker}" in text)])


def test_the_model_sees_what_there_is_and_nothing_made_up(tmp_path: Path) -> None:
    one = talk(SYSTEM, *pair("one"), *pair("two"))
    ran = think(tmp_path, one, talk(*pair("bare")))
    first, second, bare = (request(ran, name) for name in ("one", "two", "bare"))
    assert 'Instructions to the assistant:\n"""\nYou know tides.\n"""' in first
    assert "Earlier conversation" not in first
    assert "USER: What of one?\n\nASSISTANT: It is m-one." in second
    assert 'Question:\n"""\nWhat of two?\n"""' in second
    assert "Instructions to the assistant" not in bare
    assert "not present" not in bare
    assert "Earlier conversation" not in bare


def test_a_thought_too_long_is_asked_for_again_in_other_words(tmp_path: Path) -> None:
    ran = think(tmp_path, talk(*pair("shorter")))
    first, again = request(ran, "shorter"), request(ran, "shorter", 1)
    assert "earlier attempt" not in first
    assert "earlier attempt" in again


OLD = "Thought Process:\nHm.\n\nAnswer:\nIt is m-old."
MARKED = "**Thought Process:** Hm.\n\n**Answer:** It is m-old."


@pytest.mark.parametrize(
    ("params", "given", "made", "calls", "reasons"),
    [
        ({}, OLD, OLD, 0, []),
        ({}, MARKED, MARKED, 0, []),
        ({"replace_existing": True}, OLD, f"{HEAD}I recall.{END}It is m-old.", 1, []),
        ({"replace_existing": True}, MARKED, f"{HEAD}I recall.{END}It is m-old.", 1, []),
        ({"replace_existing": True}, "Thought Process:\nm-old", None, 0, ["no-final-answer"]),
        (
            {"replace_existing": True},
            "It is m-old. Answer: no.",
            f"{HEAD}I recall.{END}It is m-old. Answer: no.",
            1,
            [],
        ),
        ({"remove_thought_process_ratio": 1}, OLD, "It is m-old.", 0, []),
        ({"remove_thought_process_ratio": 1}, "It is m-old.", None, 0, []),
        ({"replace_existing": True, "final_answer_str": "So:"}, OLD, None, 0, ["no-final-answer"]),
        ({"cot_preface": "Plan:"}, OLD, f"Plan:\nI recall.{END}{OLD}", 1, []),
        ({"cot_suffix": "==="}, "m-old", f"{HEAD}I recall.\n===\nm-old", 1, []),
        ({"cot_preface": ""}, "m-old", f"\nI recall.{END}m-old", 1, []),
    ],
)
def test_thoughts_that_are_there(
    tmp_path: Path, params: Any, given: str, made: str | None, calls: int, reasons: list[str]
) -> None:
    ran = think(tmp_path, talk(*pair("old", given)), **params)
    ((_, answer),) = turns_of(ran)
    assert answer["content"] == (given if made is None else made)
    assert sum(ran.asked.counts.values()) == calls
    assert [row["reason"] for row in ran.rows("without.jsonl")] == reasons


def test_history_is_cut_at_whole_turns(tmp_path: Path) -> None:
    rows = talk(*pair("one"), *pair("two"), *pair("three"))
    shown = {}
    for most in (0, 8, 1000):
        ran = think(tmp_path / str(most), rows, history_tokens=most)
        text = request(ran, "three")
        shown[most] = [
            line for line in text.splitlines() if line.startswith(("USER: W", "ASSISTANT: "))
        ]
    mine = [
        "USER: What of one?",
        "ASSISTANT: It is m-one.",
        "USER: What of two?",
        "ASSISTANT: It is m-two.",
    ]
    assert {most: [x for x in found if x in mine] for most, found in shown.items()} == {
        0: [],
        8: mine[3:],
        1000: mine,
    }


def test_a_share_of_the_conversations_stays_without_thoughts(tmp_path: Path) -> None:
    rows = [talk(SYSTEM, *pair(f"n{n}")) for n in range(60)]
    ran = think(tmp_path, *rows, remove_thought_process_ratio=0.3)
    plain = [t for t in turns_of(ran) if t[0] != SYSTEM]
    assert 9 <= len(plain) <= 27
    told = "You know tides.\nAnswer at once; do not write down your thoughts."
    assert {t[0]["content"] for t in plain} == {told}
    assert all(HEAD not in t[2]["content"] for t in plain)
    assert all(HEAD in t[2]["content"] for t in turns_of(ran) if t[0] == SYSTEM)
    assert sum(ran.asked.counts.values()) == 60 - len(plain)
    fewer = turns_of(think(tmp_path / "fewer", *rows[10:], remove_thought_process_ratio=0.3))
    assert fewer == turns_of(ran)[10:]  # drawn by what a conversation is, not by its rank


def test_no_system_prompt_is_made_up_for_it(tmp_path: Path) -> None:
    rows = [talk(*pair("a")), talk(SYSTEM, *pair("b"))]
    prompt = {"remove_thought_process_prompt": "No notes."}
    bare, other = turns_of(think(tmp_path, *rows, remove_thought_process_ratio=1, **prompt))
    assert bare == rows[0]["turns"]
    assert other[0]["content"] == "You know tides.\nNo notes."
    off = {"remove_thought_process_ratio": 1, "remove_thought_process_prompt": ""}
    assert turns_of(think(tmp_path / "off", rows[1], **off))[0][0] == SYSTEM


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    rows = [talk(SYSTEM, *pair(name)) for name in PLANTED]
    share = {"remove_thought_process_ratio": 0.3}
    first, second = (think(tmp_path / name, *rows, **share).files() for name in "ab")
    assert first == second


FLIPPED = {
    "cot_preface", "cot_suffix", "final_answer_str", "replace_existing", "max_thought_tokens",
    "history_tokens", "remove_thought_process_ratio", "remove_thought_process_prompt",
}  # fmt: skip


def test_every_parameter_is_flipped() -> None:
    recipe = yaml.safe_load((RECIPES / "think.yaml").read_text(encoding="utf-8"))
    assert set(recipe["params"]) == FLIPPED | ALONE


@pytest.mark.parametrize(("most", "reasons"), [(40, ["too-long"]), (400, [])])
def test_the_bound_of_a_thought_is_a_parameter(
    tmp_path: Path, most: int, reasons: list[str]
) -> None:
    ran = think(tmp_path, talk(*pair("long")), max_thought_tokens=most)
    assert [row["reason"] for row in ran.rows("without.jsonl")] == reasons


def test_it_runs_alone_on_shipped_data_and_on_a_model_of_yours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "sk-mine")
    assert shown(
        served(tmp_path, [str(RECIPES / "think.yaml")], lambda *_: ""), "conversations.jsonl", -1
    )
    recipe = [str(RECIPES / "think.yaml"), "--set=remove_thought_process_ratio=0"]
    ran = served(tmp_path, recipe, lambda *_: "")
    assert (ran.code, sum(ran.asked.counts.values())) == (0, 0)
    told = [t["value"] for r in ran.rows("conversations.jsonl") for t in r["conversations"]]
    assert sum(HEAD in text for text in told) == 8
    words = [*recipe, "--set=model=openai/x", "--set=api_base={url}", "--set=api_key_env=MINE"]
    other = served(tmp_path, words, lambda *_: "no tag")
    assert sum(other.asked.counts.values()) == 24
    assert other.asked.keys == {"Bearer sk-mine"}
    assert [r["reason"] for r in other.rows("without_thought.jsonl")] == ["missing-field"] * 8
