"""The whole factual recipe against a difficult model: every count is the planted one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atkc.cli.entry import run
from tests.e2e.kit import files, manifest
from tests.recipes.behaviours import FINE, REFUSED, UNUSABLE, Planted
from tests.recipes.difficult import REFUSAL, Asked, Table, difficult
from tests.recipes.kit import RECIPES
from tests.recipes.test_planted import Made, text_of

# (kind of request, what it meets): the document is called by both. `mends` heals after once.
MENDED = {
    "clean": "cut",
    "judge": "partly",
    "facts": "prose",
    "infer": "empty",
    "rewrite": "untagged",
    "further": "only_thinks",
    "ask": "half_a_pair",
    "chain": "refuses",
    "question": "other_head",
    "relevancy": "both",
    "accuracy": "nonsense",
    "repair": "cut_at_its_end",
    "rag": "null",
    "mistake": "unclosed",
    "confirm": "torn",
    "think": "refuses_inside",
}
LOST = {
    "clean": "hollow",
    "judge": "empty",
    "facts": "refuses",
    "infer": "nonsense",
    "rewrite": "refuses_inside",
    "further": "cut",
    "ask": "null",
    "chain": "half_a_pair",
    "question": "other_word",
    "relevancy": "refuses",
    "accuracy": "partly",
    "repair": "no_head",
    "rag": "cut_at_its_end",
    "mistake": "untagged",
    "confirm": "only_thinks",
    "think": "unclosed",
}
NO = {
    "judge": "not_no",
    "question": "not_bold_no",
    "relevancy": "is_not_no",
    "accuracy": "lower_no",
    "repair": "bold_no",
    "confirm": "not_small_no",
}
WELL = {
    "clean": "thinks",
    "judge": "ends_thinking",
    "facts": "talks_after",
    "chain": "talks_before",
    "repair": "rewords",
    "rag": "fenced",
    "think": "thinks_aside",
}
KNOWN: dict[str, Planted] = FINE | REFUSED | UNUSABLE
_CHAIN = (
    "{name: followup, multi_source: false, min_pairs: 3,"
    " skip_question_check: true, skip_repair_qa_tuples: true}"
)
OPTIONS = (
    "--set=input_dirs=[{path: docs, variation_generation_counts: 1}]",
    "--set=pdf_cleaning_formats=[txt]",
    f"--set=factual_sft=[{{name: openended}}, {_CHAIN}]",
    "--set=code_variation_functions=[]",
    "--set=remove_thought_process_ratio=0",
    "--set=checks_together=false",
)


def _planted() -> Table:
    table = {}
    for word, found in (("no", NO), ("lost", LOST), ("well", WELL)):
        table |= {(kind, f"{kind}_{word}"): KNOWN[name].always() for kind, name in found.items()}
    for kind, name in MENDED.items():
        table[kind, f"{kind}_mended"] = KNOWN[name].at_first()
    return table


DOCUMENTS = sorted({"plain", *(name for _, name in _planted())})
GOOD = len(DOCUMENTS) - 2  # one is refused by the judge of chunks, one is lost there
OPEN, CHAIN = "recall/docs.asked/openended/0", "recall/docs.asked/followup/0"
# step: (came, out, refused, failed); each question of a chain is judged by itself
BOOKS = {
    "variation_passages/docs.kept": (GOOD + 2, GOOD, 1, 1),
    "represented/docs.atomic": (GOOD, GOOD - 1, 0, 1),
    "represented/docs.inferred": (GOOD - 1, GOOD - 2, 0, 1),
    "represented/docs.rewritten": (GOOD - 1, GOOD - 2, 0, 1),
    "represented/docs.rewritten_further": (GOOD - 2, GOOD - 3, 0, 1),
    f"{OPEN}.ask": (GOOD, GOOD - 1, 0, 1),
    f"{OPEN}.question_check": (GOOD - 1, GOOD - 3, 1, 1),
    f"{OPEN}.relevancy": (GOOD - 3, GOOD - 5, 1, 1),
    f"{OPEN}.accuracy": (GOOD - 5, GOOD - 7, 1, 1),
    f"{OPEN}.repair": (GOOD - 7, GOOD - 8, 0, 1),
    f"{OPEN}.repaired.1": (GOOD - 8, GOOD - 9, 1, 0),
    f"{CHAIN}.ask": (GOOD, 3 * (GOOD - 1), 0, 1),
    f"{CHAIN}.relevancy": (3 * (GOOD - 1), 3 * (GOOD - 3), 3, 3),
    f"{CHAIN}.accuracy": (3 * (GOOD - 3), 3 * (GOOD - 5), 3, 3),
    "retrieved/docs.dialogue": (GOOD, GOOD - 1, 0, 1),
    "corrected/docs.mistaken": (GOOD, GOOD - 1, 0, 1),
    "corrected/docs.confirmed": (GOOD - 1, GOOD - 3, 1, 1),
}
# Here rows are filtered that stand in another file: not every part and answer is told of, and
# texts are parted.
TELLING = ("cleaned/docs.reported.", "thoughtful.unthought.", "represented/docs.gathered")
PAIRS = GOOD - 9 + 3 * (GOOD - 5)


def _run(folder: Path, url: str, asked: Asked) -> Made:
    models = [f"--set={size}_model=openai/difficult" for size in ("small", "large")]
    words = [os.fspath(RECIPES / "factual.yaml"), "--output", "out", "--plain", *OPTIONS, *models]
    code = run(["run", *words, f"--set=api_base={url}"])
    return Made(code, folder / "out", asked)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Made, dict[str, bytes]]:
    """Run twice; return both runs, and the files after the first."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "docs").mkdir()
    (folder / "atkc.toml").touch()
    for name in DOCUMENTS:
        (folder / f"docs/{name}.txt").write_text(text_of(name), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, difficult(_planted()) as (url, asked):
        patch.chdir(folder)
        first = _run(folder, url, Asked())
        first.asked.calls.update(asked.calls)
        first.asked.again.update(asked.again)
        made = files(folder / "out")
        told = manifest(folder / "out")["run"]["calls"]
        assert told == asked.calls.total()
        second = _run(folder, url, asked)
    return first, second, made


@pytest.fixture(scope="module")
def made(runs: tuple[Made, Made, dict[str, bytes]]) -> Made:
    return runs[0]


def test_the_books_of_every_step_hold_what_was_planted(made: Made) -> None:
    rows = manifest(made.folder)["ledger"]
    moved = {
        row["step"]: tuple(row.get(key, 0) for key in ("came", "out", "filtered", "failed"))
        for row in rows
        if row.get("failed") or row.get("filtered")
    }
    assert {step: books for step, books in moved.items() if not step.startswith(TELLING)} == BOOKS
    # The same chunk was refused to all three parts that cut documents.
    repeated = {row["step"]: row["duplicate"] for row in rows if row.get("duplicate")}
    assert repeated == {"refused_chunks/docs": 2}
    assert made.code == 4


def test_each_failure_is_told_with_its_document_and_reason(made: Made) -> None:
    told = {}
    for path in (made.folder / "failed").iterdir():
        for row in made.lines(f"failed/{path.name}"):
            told.setdefault(row["failure"]["kind"], []).append(Path(row["source"]).stem)
    wanted: dict[str, list[str]] = {}
    for kind, name in LOST.items():
        if kind not in ("clean", "think"):
            times = {"relevancy": 4, "accuracy": 4}.get(kind, 1)
            found = wanted.setdefault(KNOWN[name].outcome(kind), [])
            found += [f"{kind}_lost"] * times
    assert {kind: sorted(names) for kind, names in told.items()} == {
        kind: sorted(names) for kind, names in wanted.items()
    }


@pytest.mark.parametrize(
    ("file", "refused"),
    [
        ("rejected_chunks_docs.jsonl", ["judge_no"]),
        ("rejected_corrections_docs.jsonl", ["confirm_no"]),
        (
            "rejected_pairs_docs.jsonl",
            ["accuracy_no"] * 4 + ["question_no"] + ["relevancy_no"] * 4 + ["repair_no"],
        ),
    ],
)
def test_each_refusal_is_told_with_its_reasons(made: Made, file: str, refused: list[str]) -> None:
    refused.sort()
    assert made.names(file) == refused
    for row in made.lines(file):
        assert row["rejected_by"]
        assert row["reasons"]
        assert all(row["reasons"])


@pytest.mark.parametrize(
    ("file", "names", "reason"),
    [
        ("not_cleaned_docs.jsonl", ["clean_lost"], "missing-field"),
        ("without_thought.jsonl", ["think_lost"] * 4, "truncated"),
    ],
)
def test_what_stays_as_it_was_is_told(made: Made, file: str, names: list[str], reason: str) -> None:
    assert made.names(file) == names
    assert {row["reason"] for row in made.lines(file)} == {reason}


def test_what_was_asked_again_is_what_could_not_be_used(made: Made) -> None:
    again = {key for key, count in made.asked.again.items() if count}
    assert again == {(kind, f"{kind}_{word}") for kind in MENDED for word in ("mended", "lost")}
    for kind in MENDED:
        key = kind, f"{kind}_mended"
        assert made.asked.calls[key] == 2 * made.asked.again[key]


def test_the_files_hold_all_the_rest(made: Made) -> None:
    counts = {
        "pretraining_run/text_chunks_docs.jsonl": GOOD,
        "pretraining_run/representation_variation_docs.jsonl": 3 * GOOD - 3,
        "pretraining_run/inferred_facts_docs.jsonl": 2 * GOOD - 5,
        "sft_run/axolotl_rag_conversations_docs.jsonl": GOOD - 1,
        "sft_run/axolotl_correction_conversations_docs.json": GOOD - 3,
        "rag_source_data/rag_data_docs.jsonl": PAIRS + 2 * (GOOD - 1),
        "documents_docs.jsonl": GOOD + 2,
    }
    assert {file: len(made.lines(file)) for file in counts} == counts


def test_every_pair_stands_once_in_the_conversations_with_its_thought(made: Made) -> None:
    told = made.lines("sft_run/combined_factual_data/combined_all_0.jsonl")
    turns = [turn for row in told for turn in row["conversations"]]
    questions = [turn["value"] for turn in turns if turn["from"] == "human"]
    answers = [turn["value"] for turn in turns if turn["from"] == "gpt"]
    assert len(questions) == len(set(questions)) == len(answers) == PAIRS
    bare = [answer for answer in answers if not answer.startswith("Thought Process:\nI recall m-")]
    assert len(bare) == 4
    assert all("m-think_lost" in answer for answer in bare)
    assert sum("A new m-rewords." in answer for answer in answers) == 1


def test_nothing_of_a_thought_or_a_refusal_becomes_data(made: Made) -> None:
    for path in made.folder.rglob("*.json*"):
        if path.parent.name.endswith("_run") or path.parent.parent.name == "sft_run":
            text = path.read_text(encoding="utf-8")
            assert "A draft." not in text
            assert REFUSAL not in text
            assert "<think>" not in text


def test_each_document_is_told_what_became_of_it(made: Made) -> None:
    told = {Path(row["source"]).stem: row for row in made.lines("documents_docs.jsonl")}
    assert sorted(told) == DOCUMENTS
    wrong = {name: row["advice"] for name, row in told.items() if row["advice"]}
    assert set(wrong) == {
        "judge_no",
        "judge_lost",
        *(f"{k}_{w}" for k in ("relevancy", "accuracy") for w in ("no", "lost")),
    }
    assert "see failed/" in wrong["judge_lost"]
    assert "see rejected_chunks" in wrong["judge_no"]
    assert "see failed/" in wrong["accuracy_lost"]
    assert "see rejected_pairs" in wrong["accuracy_no"]
    assert told["plain"]["pairs"] == 4


def test_the_same_command_again_asks_nobody_and_writes_the_same(
    runs: tuple[Made, Made, dict[str, bytes]],
) -> None:
    first, second, before = runs
    assert second.asked.calls == first.asked.calls
    assert (second.code, files(second.folder)) == (first.code, before)
