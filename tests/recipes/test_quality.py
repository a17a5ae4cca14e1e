"""What the settings of quality do to the data: repeated texts, test files, held-out documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from atkc.stdlib.extractive.embedding import vector_of
from tests.e2e.kit import rows
from tests.recipes.kit import Recipe, chunk, recipe, scripted
from tests.recipes.test_factual_runs import DOCUMENTS, made, talks

Row = dict[str, Any]


def told(out: Path, name: str) -> list[Row]:
    """Return the rows of a file that is left out where there is nothing to tell."""
    return rows(out / name) if (out / name).exists() else []


def documents(out: Path, *folders: str) -> dict[str, Row]:
    """Return what is said of each document."""
    found = folders or ("north", "south")
    return {row["source"]: row for name in found for row in rows(out / f"documents_{name}.jsonl")}


# ---- chunks that are nearly equal

MILL = chunk(0)["text"]
LATER = MILL.replace("in the morning", "in the evening")
# 25 words are 23 runs of three, and the last run differs: 22 are shared of 24
LIKENESS = round(22 / 24, 2)


@pytest.mark.parametrize(("from_", "dropped"), [(0.8, True), (0.95, False), (0, False)])
def test_a_nearly_equal_chunk_is_dropped_and_the_first_is_told(
    tmp_path: Path, from_: float, dropped: bool
) -> None:
    (tmp_path / "north").mkdir()
    (tmp_path / "north/other.txt").write_text(LATER, "utf-8")
    out = made(tmp_path, near_duplicate_chunks=from_)
    reason = f"It is {LIKENESS} like an earlier chunk, of north-0.txt: {MILL}"
    refused = [
        (r["source"], r["text"], r["reasons"]) for r in told(out, "rejected_chunks_north.jsonl")
    ]
    assert refused == ([("other.txt", LATER, [reason])] if dropped else [])
    learned = {row["source"] for row in rows(out / "pretraining_run/text_chunks_north.jsonl")}
    assert learned == {f"north-{n}.txt" for n in range(DOCUMENTS)} | (
        set() if dropped else {"other.txt"}
    )
    found = documents(out)["other.txt"]
    assert (found["repeated"], found["kept"]) == ((1, 0) if dropped else (0, 1))


# ---- questions asked before, and chains that repeat an answer: a model that says what is planted

CHUNKS = [chunk(n) for n in range(0, 12, 3)]
FIRST, LIKE, CHAIN, OTHER = (c["source"] for c in CHUNKS)
FREE: Row = dict.fromkeys(
    ("skip_question_check", "skip_answer_relevancy_check", "skip_answer_accuracy_check",
     "skip_repair_qa_tuples"), True)  # fmt: skip
SINGLE = [{"name": "openended", **FREE}, {"name": "vague", **FREE}]
CHAINED = {"name": "followup", "multi_source": False, "min_pairs": 3, "max_pairs": 3, **FREE}


def ways(*found: Row) -> str:
    return f"--set=ways={json.dumps(found)}"


def said(*pairs: tuple[str, str]) -> tuple[str, str]:
    """Return a reply with these pairs."""
    return "\n\n".join(f"**Question:** {q}\n\n**Answer:** {a}" for q, a in pairs), "stop"


@pytest.fixture
def recall(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Recipe:
    monkeypatch.chdir(tmp_path)
    return recipe(tmp_path, "recall", capsys, CHUNKS)


def questions(found: Recipe) -> list[list[str]]:
    """Return the questions of each conversation."""
    talks = (row["conversations"] for row in found.rows("conversations.jsonl"))
    return [[t["value"] for t in talk if t["from"] == "human"] for talk in talks]


def dropped(found: Recipe) -> list[tuple[str, str, str]]:
    """Return what is told of dropped questions: way, question, why."""
    return [
        (r["way"], r["question"], r["reasons"][0])
        for r in told(found.folder / "out", "dropped_questions.jsonl")
    ]


OLD, NEW = (
    f"Who built the {w} mill of Brenn by the river in the year of the flood?"
    for w in ("old", "new")
)
PLANTED = {
    FIRST: OLD,
    LIKE: NEW,
    CHAIN: "What is a lock?",
    OTHER: "Where does the bell of Hove hang?",
}


def planted(source: str, _n: int) -> tuple[str, str]:
    return said((PLANTED[source], f"It is said of {source} that it is so."))


# 15 pairs of words each, and two of them hold the word that differs: 13 are shared of 17
@pytest.mark.parametrize(("from_", "new"), [(0.95, [OLD, NEW]), (0.75, [OLD])])
def test_a_question_is_asked_once_in_all_ways_and_generations(
    recall: Recipe, from_: float, new: list[str]
) -> None:
    with scripted(planted) as (model, calls):
        recall.run(ways(*SINGLE), "--set=repeats=2", f"--set=near_duplicates={from_}", *model)
    assert calls == dict.fromkeys(PLANTED, 4)
    kept = [*new, PLANTED[CHAIN], PLANTED[OTHER]]
    assert sorted(questions(recall)) == sorted([q] for q in kept)
    again = [(q, f"It is 1.0 like an earlier question: {q}") for q in kept for _ in range(3)]
    if NEW not in new:
        again += [(NEW, f"It is {round(13 / 17, 2)} like an earlier question: {OLD}")] * 4
    assert sorted((q, why) for _, q, why in dropped(recall)) == sorted(again)
    assert {way for way, _, _ in dropped(recall)} == {"openended", "vague"}


@pytest.mark.parametrize("same", [False, True])
def test_all_are_kept_where_nothing_counts_as_asked_before(recall: Recipe, same: bool) -> None:
    def script(source: str, n: int) -> tuple[str, str]:
        return said((OLD, "Anna Berg.")) if same else planted(source, n)

    options = ["--set=repeats=2", "--set=near_duplicates=0", "--set=cite=none"]
    with scripted(script) as (model, _):
        recall.run(ways(*SINGLE), *options, "--set=system_prompts=[]", *model)
    asked = [OLD] * 4 if same else list(PLANTED.values())
    assert sorted(questions(recall)) == sorted([q] for q in asked for _ in range(4))
    assert dropped(recall) == []


TALK = (
    "What does the miller of Skarn do at dawn?",
    "Yes, please.",
    "Who pays him for the work of a day?",
)
ASSENT = "Another question of its chain has been asked before."


def test_a_chain_goes_as_a_whole_and_comes_before_single_pairs(recall: Recipe) -> None:
    def script(source: str, _n: int) -> tuple[str, str]:
        if source == FIRST:  # the third answer is the first one again
            return said(*zip(TALK, ("He grinds.", "Hm.", "He grinds."), strict=True))
        if source == CHAIN:
            return said(*zip(TALK, ("He opens.", "And he sweeps.", "The baker."), strict=True))
        return said(
            *((f"What is the {n} thing to know about {source}?", f"{n}, {source}.") for n in "abc")
        )

    with scripted(script) as (model, _):
        recall.run(ways(CHAINED), "--set=repeats=2", *model)
    kept = questions(recall)
    assert kept.count([*TALK]) == 1  # the short question in its middle takes nothing from it
    assert len(kept) == 3
    why = {
        reason: [q for _, q, r in dropped(recall) if r == reason] for *_, reason in dropped(recall)
    }
    assert why["The same answer is given twice."] == ["".join(f"{q}\n" for q in TALK)] * 2
    assert why[ASSENT] == ["Yes, please."]
    assert [why[f"It is 1.0 like an earlier question: {q}"] for q in (TALK[0], TALK[2])] == [
        [TALK[0]],
        [TALK[2]],
    ]


def test_a_single_pair_goes_where_a_chain_asks_its_question(recall: Recipe) -> None:
    def script(source: str, n: int) -> tuple[str, str]:
        if source == CHAIN:
            return said(*zip(TALK, ("He opens.", "And he sweeps.", "The baker."), strict=True))
        return said((TALK[0], f"He opens, says {source}."))

    single = {"name": "openended", "max_pairs": 3, "single_turn": True, **FREE}
    with scripted(script) as (model, _):
        recall.run(ways(single, {**CHAINED, "min_pairs": 1}), *model)
    assert [asked for asked in questions(recall) if TALK[0] in asked] == [[*TALK]]
    gone = [(way, q) for way, q, why in dropped(recall) if why.startswith("It is 1.0 like")]
    assert gone.count(("openended", TALK[0])) == len(CHUNKS)


# ---- words of test files

BERTH = chunk(4)[
    "text"
]  # "The lock of Osterby was built in 1728 by Ida Lund. Ships are lifted by …"


def first(n: int) -> str:
    return " ".join(BERTH.split()[:n])


HEADING = "The mill of Brenn"  # stands in a chunk, but is no test


def as_rows(field: str) -> Any:
    return lambda text: json.dumps({field: f"Is it so that {text}"}) + "\n"


FORMS = {
    "question.jsonl": as_rows("question"),
    "prompt.jsonl": as_rows("prompt"),
    "text.jsonl": as_rows("text"),
    "lines.txt": lambda text: f"{HEADING}\n\nIs it so that {text}\n",
}


@pytest.mark.parametrize(
    ("name", "shared", "words", "gone"),
    [*((name, 13, 13, True) for name in FORMS), ("question.jsonl", 12, 13, False),
     ("lines.txt", 12, 13, False), ("question.jsonl", 12, 12, True)],
)  # fmt: skip
def test_a_chunk_that_shares_words_with_a_test_file_is_dropped_and_told(
    tmp_path: Path, name: str, shared: int, words: int, gone: bool
) -> None:
    (tmp_path / name).write_text(FORMS[name](first(shared)), "utf-8")
    sizes = {"representation_variation_chunk_size": 90, "correction_chunk_size": 70}
    out = made(
        tmp_path, decontaminate_against=[name], decontaminate_words=words,
        correction_pipeline=True, **sizes,
    )  # fmt: skip
    found = told(out, "contaminated_chunks_north.jsonl")
    assert [(row["source"], row["text"]) for row in found] == [("north-4.txt", BERTH)] * gone
    for row in found:
        (reason,) = row["reasons"]
        assert reason.startswith("It shares words with a held-out text: ")
        assert len(reason.partition(": ")[2].split()) == words
    assert not told(out, "contaminated_chunks_south.jsonl")
    report = documents(out)["north-4.txt"]
    assert (report["contaminated"], report["kept"]) == (int(gone), int(not gone))
    advice = "all of it stands in the test files: see contaminated_chunks"
    assert report["advice"] == (advice if gone else "")
    learned = {row["source"] for row in rows(out / "pretraining_run/text_chunks_north.jsonl")}
    assert ("north-4.txt" in learned) is not gone


def test_a_conversation_that_shares_words_with_a_test_file_is_dropped_and_told(
    tmp_path: Path,
) -> None:
    vague = {"factual_sft": [{"name": "vague"}], "combine_sharegpt_target_pairs": 1}

    def asked(out: Path) -> list[str]:
        return [text for talk in talks(out) for who, text in talk if who == "human"]

    before = asked(made(tmp_path, **vague))
    known = next(q for q in before if len(q.split()) >= 13)
    (tmp_path / "t.jsonl").write_text(json.dumps({"question": known}) + "\n", "utf-8")
    out = made(tmp_path, **vague, decontaminate_against=["t.jsonl"])
    reasons = {
        row["question"].strip(): (row["rejected_by"].rpartition(".")[2], *row["reasons"])
        for name in ("north", "south")
        for row in told(out, f"dropped_questions_{name}.jsonl")
    }
    assert reasons.keys() >= {known}
    assert not (
        out / "contaminated_chunks_north.jsonl"
    ).exists()  # it is the question that is known
    by, why = reasons[known]
    assert by == "clean"
    assert why.startswith("It shares words with a held-out text: ")
    assert sorted(asked(out)) == sorted(q for q in before if reasons.get(q, ("",))[0] != "clean")


# ---- documents held out

PARTS = {
    "inferred_facts": True, "rag_data": True, "correction_pipeline": True,
    "generic_thought_process_on_domain_data": True, "num_tokens_pretraining_in_sft": 4000,
}  # fmt: skip
SUBJECT = {n: re.match(r"The (\w+ of \w+)", chunk(n)["text"]).group(1) for n in range(DOCUMENTS)}  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of all parts, where each document of one folder has a twin in the other."""
    folder = tmp_path_factory.mktemp("held")
    (folder / "twins").mkdir()
    for n in range(DOCUMENTS):
        text = re.sub(r"\w+\.$", "indeed.", chunk(n)["text"])
        (folder / f"twins/twin-{n}.txt").write_text(text, "utf-8")
    dirs = [{"path": "north"}, {"path": "twins"}]
    return made(folder, input_dirs=dirs, held_out_share=0.4, **PARTS)


def held(out: Path) -> set[int]:
    """Return the numbers of the documents that the report says are held out."""
    found = documents(out, "north", "twins")
    both = [
        {n for n in range(DOCUMENTS) if found[f"{name}-{n}.txt"]["held_out"]}
        for name in ("north", "twin")
    ]
    assert both[0] == both[1]  # what is nearly equal stays on one side
    return both[0]


def test_documents_say_which_are_held_out(held_out: Path) -> None:
    assert 0 < len(held(held_out)) < DOCUMENTS
    advice = {
        row["held_out"]: row["advice"] for row in documents(held_out, "north", "twins").values()
    }
    assert advice == {True: "held out: asked about, not trained on", False: ""}


def test_no_file_for_training_knows_a_held_out_document(held_out: Path) -> None:
    files = {
        path.relative_to(held_out).as_posix(): path.read_text("utf-8")
        for folder in ("pretraining_run", "sft_run", "rag_source_data")
        for path in (held_out / folder).rglob("*.json*")
        if path.parent.name != "held_out"
    }
    kinds = {"text_chunks", "representation_variation", "inferred_facts", "pretraining_subset",
             "combined_all", "axolotl_rag", "axolotl_correction", "rag_data"}  # fmt: skip
    assert {kind for kind in kinds if any(kind in name for name in files)} == kinds
    for name, text in files.items():
        for n in held(held_out):
            assert SUBJECT[n] not in text, name
            assert f"-{n}.txt" not in text, name
    learned = "".join(text for name, text in files.items() if "text_chunks" in name)
    for n in set(range(DOCUMENTS)) - held(held_out):
        assert SUBJECT[n] in learned


def test_held_out_documents_alone_are_asked_about_for_measuring(held_out: Path) -> None:
    texts = [row["text"] for row in rows(held_out / "sft_run/held_out/factual.jsonl")]
    cited = {
        int(n)
        for text in texts
        for n in re.findall(r"^- (?:north|twin)-(\d+)\.txt", text, re.MULTILINE)
    }
    assert texts
    assert cited == held(held_out)
    config = yaml.safe_load((held_out / "sft_run/sft_training_config.yaml").read_text("utf-8"))
    assert [entry["path"] for entry in config["test_datasets"]] == ["held_out/factual.jsonl"]
    assert "held_out/factual.jsonl" not in {entry["path"] for entry in config["datasets"]}
    assert config["val_set_size"] == 0


def test_what_measures_has_no_words_of_test_files_either(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("\n".join(chunk(n)["text"][:60] for n in range(12)), "utf-8")
    out = made(tmp_path, held_out_share=0.4)
    assert rows(out / "sft_run/held_out/factual.jsonl")
    out = made(tmp_path, held_out_share=0.4, decontaminate_against=["t.txt"], decontaminate_words=8)
    assert not rows(out / "sft_run/held_out/factual.jsonl")


# ---- which neighbours are shown


def nearest(found: Row, others: list[Row]) -> list[str]:
    """Return the sources of the three chunks whose vectors are most like that of this one."""
    mine = vector_of(found["text"])

    def like(other: Row) -> float:
        return sum(a * b for a, b in zip(mine, vector_of(other["text"]), strict=True))

    return [o["source"] for o in sorted((o for o in others if o != found), key=like, reverse=True)][
        :3
    ]


def test_embeddings_show_other_neighbours_and_count_as_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chunks = [chunk(n) for n in range(14)]
    found = recipe(tmp_path, "recall", capsys, chunks, probe=["related"])
    # No neighbour is shown to the model, so that what it is asked stays the same.
    one = ways({"name": "openended", "multi_source": False, **FREE})
    assert found.run(one) == (len(chunks), 0, 0)
    words = {r["source"]: [o["source"] for o in r["related"]] for r in found.step("related")}
    embedded = [one, "--set=retrieval=embeddings"]
    # All texts go in one request; the pool has the same ones, so that its request is known.
    assert found.run(*embedded) == (1, len(chunks) + 1, 0)
    assert found.run(*embedded) == (0, len(chunks) + 2, 0)
    vectors = {r["source"]: [o["source"] for o in r["related"]] for r in found.step("related")}
    assert vectors == {c["source"]: nearest(c, chunks) for c in chunks}
    assert sum(words[name] != vectors[name] for name in words) > 0
