"""The checks of a pair, in one ballot and each by itself, with a judge whose verdicts are set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from atkc.compiler.front import compile_file
from atkc.compiler.params import Given
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.e2e.echoing import answering
from tests.recipes.kit import RECIPES, Recipe, Row, chunk, recipe

SKIPS = ("skip_question_check", "skip_answer_relevancy_check", "skip_answer_accuracy_check")
CHUNKS = [chunk(n) for n in range(4)]
SOURCES = [c["source"] for c in CHUNKS]
ONE = "--set=ways=[{name: openended, single_turn: true%s}]"

# (source, words to choose from, n-th ballot on the source) -> what the judge says
Judge = Callable[[str, list[str], int], str]


@contextmanager
def judged(say: Judge) -> Iterator[tuple[list[str], list[tuple[str, Row]]]]:
    """Serve a model; yield the options that name it, and what its judge was asked: source, body."""
    asked: list[tuple[str, Row]] = []

    def answer(_authorization: str, request: Row) -> tuple[int, Row]:
        users = [m["content"] for m in request["messages"] if m["role"] == "user"]
        last = next(text for text in reversed(users) if "Source name" in text)
        (source,) = re.findall(r"^Source name: (.*)$", last, re.MULTILINE)
        choice = re.search(r"^\*\*Final judgment:\*\* one of (.*)$", last, re.MULTILINE)
        if choice is None:
            text = f"**Question:** What of {source}?\n\n**Answer:** It is {source}."
        elif "REWORD" in choice[1]:
            text = "It stands alone.\n\n**Final judgment:** PASS"
        else:
            asked.append((source, request))
            before = sum(s == source for s, _ in asked)
            text = say(source, choice[1].split(", "), before)
        message = {"role": "assistant", "content": text}
        made = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
        return 200, {"id": "x", "object": "chat.completion", "choices": [made], "usage": usage}

    with answering(answer) as url:
        yield ["--set=model=openai/scripted", f"--set=api_base={url}"], asked


@pytest.fixture
def recall(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Recipe:
    monkeypatch.chdir(tmp_path)
    return recipe(tmp_path, "recall", capsys, CHUNKS)


def words_shown(asked: list[tuple[str, Row]]) -> set[str]:
    """Return the verdict words that stand anywhere in what the judge was asked."""
    text = "\n".join(m["content"] for _, body in asked for m in body["messages"])
    known = r"\b(?:SOUND|UNANSWERABLE|UNCONTRADICTED|IRRELEVANT|INACCURATE|RELEVANT|ACCURATE)\b"
    return set(re.findall(known, text))


def verdict(word: str, why: str = "So it is.") -> str:
    return f"{why}\n\n**Final judgment:** {word}"


@pytest.mark.parametrize("checks", ["plain", "negative"])
def test_each_check_that_fails_refuses_the_pair_by_its_name(recall: Recipe, checks: str) -> None:
    with judged(lambda source, words, _: verdict(words[SOURCES.index(source)])) as (model, asked):
        recall.run(*model, ONE % f", checks: {checks}")
    refused = {row["source"]: row for row in recall.rows("rejected_pairs.jsonl")}
    assert {source: row["reasons"] for source, row in refused.items()} == {
        source: [f"{name}: So it is."] * 2
        for source, name in zip(SOURCES[1:], ("question", "relevancy", "accuracy"), strict=True)
    }
    for source, row in refused.items():
        assert row["rejected_by"] == "asked/openended/0.pair_check"
        assert (row["question"], row["answer"]) == (f"What of {source}?", f"It is {source}.")
    (kept,) = recall.rows("conversations.jsonl")
    assert kept["conversations"][1]["value"] == f"What of {SOURCES[0]}?"
    assert len(asked) == 2 * len(CHUNKS)  # one vote, decided by two ballots that agree
    premise = "UNCONTRADICTED" if checks == "negative" else "UNANSWERABLE"
    assert words_shown(asked) == {"SOUND", premise, "IRRELEVANT", "INACCURATE"}


def test_a_ballot_that_cannot_be_read_is_told_beside_the_others(recall: Recipe) -> None:
    def say(source: str, words: list[str], n: int) -> str:
        if source != SOURCES[0]:
            return verdict("SOUND")
        return verdict(words[3], "First of all:\nno.") if n == 1 else "Hm."

    with judged(say) as (model, _):
        recall.run(*model, ONE % "")
    (row,) = recall.rows("rejected_pairs.jsonl")
    told = ["accuracy: First of all:\nno.", "a ballot that could not be read"]
    assert sorted(row["reasons"], reverse=True) == told


@pytest.mark.parametrize(
    ("skipped", "words"),
    [
        (SKIPS[:1], ["SOUND", "IRRELEVANT", "INACCURATE"]),
        (SKIPS[1:2], ["SOUND", "UNANSWERABLE", "INACCURATE"]),
        (SKIPS[2:], ["SOUND", "UNANSWERABLE", "IRRELEVANT"]),
        (SKIPS[:2], ["SOUND", "INACCURATE"]),
        (SKIPS[1:], ["SOUND", "UNANSWERABLE"]),
        (SKIPS, []),
    ],
)
def test_the_judge_hears_nothing_of_a_check_that_is_skipped(
    recall: Recipe, skipped: tuple[str, ...], words: list[str]
) -> None:
    offered: set[tuple[str, ...]] = set()

    def say(_source: str, given: list[str], _n: int) -> str:
        offered.add(tuple(given))
        return verdict("SOUND")

    with judged(say) as (model, asked):
        recall.run(*model, ONE % "".join(f", {name}: true" for name in skipped))
    assert offered == ({tuple(words)} if words else set())
    assert words_shown(asked) == set(words)
    assert len(asked) == (2 * len(CHUNKS) if words else 0)
    assert len(recall.rows("conversations.jsonl")) == len(CHUNKS)


@pytest.mark.parametrize("together", [True, False])
def test_the_whole_recipe_hands_the_choice_on(together: bool, tmp_path: Path) -> None:
    given = [Given(("checks_together",), together, "--set checks_together", str(tmp_path))]
    done = compile_file(canonical(RECIPES / "factual.yaml"), library(), given)
    assert done.plan is not None
    votes = [n.id.rpartition(".")[2] for n in done.plan.nodes if n.id.startswith("recall/")]
    assert ("pair_check" in votes) == together
    for check in ("question_check", "relevancy", "accuracy"):
        assert (check in votes) != together


def test_apart_each_check_is_a_vote_of_its_own(recall: Recipe) -> None:
    with judged(lambda source, words, _: verdict(words[SOURCES.index(source) == 1])) as given:
        model, asked = given
        recall.run(*model, ONE % "", "--set=checks_together=false")
    (row,) = recall.rows("rejected_pairs.jsonl")
    assert row["rejected_by"] == "asked/openended/0.question_check"
    assert row["reasons"] == ["So it is."] * 2
    assert len(asked) == 3 * 2 * (len(CHUNKS) - 1) + 2
    singles = {"UNANSWERABLE", "RELEVANT", "IRRELEVANT", "ACCURATE", "INACCURATE"}
    assert words_shown(asked) == singles
