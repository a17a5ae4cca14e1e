"""The correction sub-recipe: what is asked for, judged, trained on, and lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from atkc.stdlib.chat.rendering import render
from tests.recipes.kit import Recipe, chunk, params_of, recipe, scripted
from tests.recipes.planned import ALONE

CHUNKS = [chunk(n) for n in range(12)]
NAMES = [c["source"] for c in CHUNKS]
PLAIN = ("--set=filter=false", "--set=check=false")
OUT = "axolotl_correction_conversations.json"
TAGS = {
    "initial_question": "What is {}?",
    "flawed_answer": "It is not {}.",
    "followup_confirmation": "Is that so, of {}?",
    "correct_answer": "Sorry, it is {}.",
}


@pytest.fixture
def correct(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Recipe:
    """The recipe on twelve chunks and one that is not worth asking about."""
    monkeypatch.chdir(tmp_path)
    empty = {"text": "Contents\nThe mill .... 4\nThe lock .... 17\nIndex .... 55", "source": "i"}
    return recipe(tmp_path, "correct", capsys, [*CHUNKS, empty], ("mistaken", "talks"))


def talk(source: str, *left_out: str) -> str:
    return "\n".join(
        f"<{tag}>{text.format(source)}</{tag}>" for tag, text in TAGS.items() if tag not in left_out
    )


@pytest.mark.parametrize(
    "train_on",
    [("answer",), ("question",), ("doubt",), ("question", "doubt", "answer"), ("doubt", "answer")],
)
def test_turns_are_trained_on_by_name_and_the_mistake_never(
    correct: Recipe, train_on: tuple[str, ...]
) -> None:
    with scripted(lambda source, _: (talk(source), "stop")) as (model, _):
        correct.run(*PLAIN, *model, f"--set=train_on=[{', '.join(train_on)}]")
    talks, records = correct.step("talks"), correct.rows(OUT)
    assert len(records) == len(talks) == 13
    tags = {"question": "initial_question", "doubt": "followup_confirmation",
            "answer": "correct_answer"}  # fmt: skip
    for row, record in zip(talks, records, strict=True):
        segments = record["segments"]
        assert "".join(s["text"] for s in segments) == render(row["turns"], "atk", {})
        labelled = [s["text"] for s in segments if s["label"]]
        ends = [text.rstrip("\n").removesuffix(" **Finished.**") for text in labelled]
        assert ends == [row[tags[name]] for name in ("question", "doubt", "answer")
                        if name in train_on]  # fmt: skip
        assert row["flawed_answer"] in "".join(s["text"] for s in segments if not s["label"])


def test_the_file_is_one_array_of_segments_and_the_system_turn_is_masked(correct: Recipe) -> None:
    correct.run()
    records = correct.rows(OUT)
    assert records
    for record in records:
        assert set(record) == {"segments"}
        first = record["segments"][0]
        assert (first["label"], first["text"][:13]) == (False, "Instruction: ")


def test_an_empty_list_of_system_prompts_gives_none(correct: Recipe) -> None:
    correct.run("--set=system_prompts=[]")
    assert all(r["segments"][0]["text"].startswith("Human: ") for r in correct.rows(OUT))


# ---- replies that go wrong


def test_bad_replies_are_asked_again_and_what_stays_bad_is_counted(correct: Recipe) -> None:
    again = dict(zip(TAGS, NAMES, strict=False))
    cut, hopeless, thinking, twice = NAMES[4:8]

    def script(source: str, n: int) -> tuple[str, str]:
        for tag, name in again.items():
            if source == name and n == 1:
                return talk(source, tag), "stop"
        if source == cut and n == 1:
            return talk(source)[:-30], "length"
        if source == hopeless:
            return "I would rather not.", "stop"
        if source == twice and n < 3:
            return talk(source, "flawed_answer", "correct_answer"), "stop"
        if source == thinking:
            return f"<think>{talk('a draft')}</think>\nThe plan.\n{talk(source)}", "stop"
        return talk(source), "stop"

    with scripted(script) as (model, calls):
        told = correct.run(*PLAIN, *model, code=4)
    more = dict.fromkeys((*again.values(), cut), 2) | {hopeless: 4, twice: 3}
    assert calls == dict.fromkeys([*NAMES, "i"], 1) | more
    assert told == (sum(calls.values()), 0, 1)
    kept = correct.step("mistaken")
    assert [row["source"] for row in kept] == [n for n in [*NAMES, "i"] if n != hopeless]
    for row in kept:
        assert {tag: row[tag] for tag in TAGS} == {
            tag: text.format(row["source"]) for tag, text in TAGS.items()
        }
    lost = correct.rows("failed/mistaken.jsonl")
    assert [(r["source"], r["failure"]["kind"]) for r in lost] == [(hopeless, "missing-field")]
    assert len(correct.rows(OUT)) == 12


def test_unsound_corrections_are_rejected_by_votes_with_reasons(correct: Recipe) -> None:
    unsound, torn = NAMES[:2]
    asked: dict[str, int] = {}

    def script(source: str, n: int) -> tuple[str, str]:
        if n == 1:
            return talk(source), "stop"
        asked[source] = asked.get(source, 0) + 1
        bad = source == unsound or (source == torn and n == 2)
        return f"Ballot.\n\n**Final judgment:** {'UNSOUND' if bad else 'SOUND'}", "stop"

    with scripted(script) as (model, calls):
        told = correct.run("--set=filter=false", *model)
    assert asked == dict.fromkeys([*NAMES, "i"], 2) | {torn: 3}
    assert told == (sum(calls.values()), 0, 0)
    assert len(correct.rows(OUT)) == 12
    rejected = correct.rows("rejected_corrections.jsonl")
    assert [(r["source"], r["rejected_by"], r["reasons"]) for r in rejected] == [
        (unsound, "confirmed", ["Ballot.", "Ballot."])
    ]
    assert rejected[0]["flawed_answer"] == f"It is not {unsound}."


def test_offline_each_chunk_is_kept_or_rejected(correct: Recipe) -> None:
    _, _, failed = correct.run()
    rejected = correct.rows("rejected_corrections.jsonl")
    assert failed == 0
    assert len(correct.rows(OUT)) + len(rejected) == 13
    assert len(correct.rows(OUT)) >= 10
    assert [r["source"] for r in rejected if r["rejected_by"] == "good"] == ["i"]


# ---- parameters

FLIPS: dict[str, Any] = {
    "train_on": "[question]",
    "filter": "false",
    "dataset_context": "old buildings",
    "system_prompts": "[Be kind.]",
    "additional_context": "Be brief.",
    "shared_instruction": "Be exact.",
    "template": "chatml",
    "template_kwargs": '{bos_token: "<s>"}',
}
CALLS: dict[str, tuple[Any, int]] = {
    "filter_votes": (5, 13 * 2), "votes": (1, -12), "check": ("false", -24)
}  # fmt: skip
PROMPTS = {"prompt": "correction", "prompt_check": "check_correction"}


def test_every_parameter_is_turned() -> None:
    assert FLIPS.keys() | CALLS.keys() | PROMPTS.keys() | ALONE == params_of("correct")


@pytest.mark.parametrize("name", FLIPS)
def test_a_parameter_changes_what_comes_out(correct: Recipe, name: str) -> None:
    correct.run()
    before = correct.bytes()
    correct.run(f"--set={name}={FLIPS[name]}")
    assert correct.bytes() != before


@pytest.mark.parametrize("name", CALLS)
def test_a_parameter_changes_what_is_asked(correct: Recipe, name: str) -> None:
    value, more = CALLS[name]
    calls = sum(correct.run()[:2])
    assert sum(correct.run(f"--set={name}={value}", "--fresh")[:2]) == calls + more


@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_of_ones_own_is_asked(correct: Recipe, name: str) -> None:
    folder = correct.folder / "factual/prompts"
    data = yaml.safe_load((folder / f"{PROMPTS[name]}.yaml").read_text("utf-8"))
    data["messages"][0]["content"] = f"An own wording: {data['messages'][0]['content']}"
    (folder / "mine.yaml").write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    calls, _, _ = correct.run()
    more, cached, _ = correct.run(f"--set={name}=factual/prompts/mine.yaml")
    assert (more > 0, cached > 0) == (True, True)
    assert more < calls
