"""What settings of the whole recipe do to the data: runs on small folders, offline."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from atkc.cli.entry import run
from atkc.compiler.plan import VoteOp
from tests.e2e.kit import manifest, rows
from tests.recipes.kit import chunk
from tests.recipes.planned import planned

DOCUMENTS = 6  # in each of two folders; each is one chunk
QUICK: dict[str, Any] = {
    "input_dirs": [{"path": "north"}, {"path": "south"}],
    "factual_sft": [{"name": "openended"}],
    "inferred_facts": False,
    "rag_data": False,
    "correction_pipeline": False,
    "generic_thought_process_on_domain_data": False,
    "num_tokens_pretraining_in_sft": None,
}


def made(folder: Path, **settings: Any) -> Path:
    """Run the shipped recipe on both folders; return where the files are."""
    for first, name in ((0, "north"), (DOCUMENTS, "south")):
        (folder / name).mkdir(exist_ok=True)
        for n in range(first, first + DOCUMENTS):
            (folder / f"{name}/{name}-{n}.txt").write_text(chunk(n)["text"], "utf-8")
    (folder / "settings.json").write_text(json.dumps({**QUICK, **settings}), "utf-8")
    with chdir(folder):
        words = ["recipes/factual.yaml", "--params", "settings.json", "--output", "out"]
        assert run(["run", *words]) == 0
    return folder / "out"


def talks(out: Path, generation: int = 0) -> list[list[tuple[str, str]]]:
    """Return the conversations of a generation."""
    found = rows(out / f"sft_run/combined_factual_data/combined_all_{generation}.jsonl")
    return [[(t["from"], t["value"]) for t in row["conversations"]] for row in found]


def system(talk: Sequence[tuple[str, str]]) -> str:
    return talk[0][1] if talk[0][0] == "system" else ""


def folders(talk: Sequence[tuple[str, str]]) -> set[str]:
    """Return the folders of which a conversation cites documents."""
    return set(
        re.findall(r"^- (north|south)-\d+\.txt$", "\n".join(t[1] for t in talk), re.MULTILINE)
    )


def sizes(out: Path) -> list[int]:
    """Return how many pairs the conversations have."""
    return [sum(who == "human" for who, _ in talk) for talk in talks(out)]


# ---- a chunk is judged once


@pytest.mark.parametrize(
    ("settings", "judges"),
    [
        ({}, 1),
        ({"number_of_factual_sft_generations_to_do": 3}, 1),
        ({"factual_sft": [{"name": w} for w in ("openended", "vague", "negative")]}, 1),
        ({"use_subset": True, "subset_size": 2}, 1),
        ({"correction_chunk_size": 90}, 2),
        ({"representation_variation_chunk_size": 90}, 2),
        ({"correction_chunk_size": 90, "representation_variation_chunk_size": 90}, 2),
        ({"correction_chunk_size": 90, "representation_variation_chunk_size": 70}, 3),
        ({"correction_chunk_size": 90, "correction_pipeline": False}, 1),
    ],
)
def test_a_chunk_is_judged_once_by_folder_and_size(settings: dict[str, Any], judges: int) -> None:
    given = {**QUICK, "rag_data": True, "correction_pipeline": True, **settings}
    votes = [n for n in planned("factual", **given).nodes if isinstance(n.op, VoteOp)]
    found = [n.id for n in votes if n.op.prompt.name == "worthwhile"]  # type: ignore[union-attr]
    by_folder = Counter(id_.rpartition("/")[2].partition(".")[0] for id_ in found)
    assert by_folder == {"north": judges, "south": judges}


# ---- generations


def calls(out: Path) -> dict[str, tuple[int, int]]:
    """Return calls and cached replies by the model that was asked."""
    models = manifest(out)["run"]["models"]
    return {name: (m["calls"], m["cached"]) for name, m in models.items()}


def test_another_generation_asks_anew_and_judges_no_chunk_again(tmp_path: Path) -> None:
    out = made(tmp_path)
    once, first = calls(out), talks(out)
    chunks = 2 * DOCUMENTS
    assert once["clean"] == (chunks, 0)  # the model that judges chunks: once each
    out = made(tmp_path, number_of_factual_sft_generations_to_do=2)
    twice, second = calls(out), talks(out, 1)
    assert talks(out) == first
    assert twice["clean"] == (0, chunks)
    again = {name for name, (paid, _) in twice.items() if paid}
    assert again == {name for name in once if name.startswith("recall/")}
    # nothing is paid twice; checks of a pair that was asked before are not either
    assert all(twice[name][1] >= paid for name, (paid, _) in once.items())
    assert twice["recall/north.writer"] == (chunks, chunks)
    asked = [{text for talk in found for who, text in talk if who == "human"}
             for found in (first, second)]  # fmt: skip
    assert asked[0] != asked[1]
    assert len(asked[1] - asked[0]) >= len(asked[1]) / 3


# ---- what belongs to one folder

PILOT = {"path": "north", "final_system_prompt_additional_context": "As a pilot."}
DRAWN = {"remove_system_prompt_ratio": 0}


def test_the_words_of_a_folder_stand_in_its_data_and_in_no_other(tmp_path: Path) -> None:
    dirs = [PILOT, {"path": "south"}]
    parts = {"rag_data": True, "correction_pipeline": True}
    out = made(tmp_path, input_dirs=dirs, **DRAWN, **parts)
    found = talks(out)
    assert {("As a pilot." in system(talk), *folders(talk)) for talk in found} == {
        (True, "north"), (False, "south"),
    }  # fmt: skip
    for kind, suffix in (("rag", "jsonl"), ("correction", "json")):
        texts = {name: (out / f"sft_run/axolotl_{kind}_conversations_{name}.{suffix}").read_text()
                 for name in ("north", "south")}  # fmt: skip
        assert "As a pilot." in texts["north"]
        assert "As a pilot." not in texts["south"]


def test_folders_of_the_same_words_share_conversations(tmp_path: Path) -> None:
    assert {"north", "south"} in [folders(talk) for talk in talks(made(tmp_path))]


def test_each_folder_has_counts_of_its_own(tmp_path: Path) -> None:
    few = {"path": "north", "variation_generation_counts": 1,
           "factual_gen_use_subset": True, "factual_gen_subset_size_per_way": 2,
           "rag_use_subset": True, "rag_subset_size": 3,
           "correction_use_subset": True, "correction_subset_size": 1}  # fmt: skip
    many = {"path": "south", "variation_generation_counts": 3}
    parts = {"rag_data": True, "correction_pipeline": True, "correction_check": False}
    out = made(tmp_path, input_dirs=[few, many], **parts)
    # per chunk: itself, its facts, n rewrites; itself and the rewrites spelt otherwise
    kinds = [rows(out / f"pretraining_run/representation_variation_{name}.jsonl")
             for name in ("north", "south")]  # fmt: skip
    assert [len(found) for found in kinds] == [DOCUMENTS * (3 + 2 * n) for n in (1, 3)]
    cited = "\n".join(text for talk in talks(out) for _, text in talk)
    own = re.findall(r"Sources Used:\n- (north|south)", cited)
    told = {row["source"] for row in rows(out / "documents_north.jsonl") if row["pairs"]}
    assert len(told) <= 2
    assert own.count("north") <= 2 < own.count("south")
    rag = [
        sum(
            len(rows(file))
            for file in (
                out / f"sft_run/axolotl_rag_conversations_{name}.jsonl",
                out / f"rejected_rag_{name}.jsonl",
            )
            if file.exists()
        )
        for name in ("north", "south")
    ]
    assert rag == [3, DOCUMENTS]
    mended = [
        out / f"sft_run/axolotl_correction_conversations_{n}.json" for n in ("north", "south")
    ]
    assert [len(json.loads(file.read_bytes())) for file in mended] == [1, DOCUMENTS]


# ---- how long conversations are


def test_single_pairs_stay_alone_where_one_is_the_target(tmp_path: Path) -> None:
    assert set(sizes(made(tmp_path, combine_sharegpt_target_pairs=1))) == {1}


def test_pairs_are_joined_to_a_drawn_length(tmp_path: Path) -> None:
    alone = sizes(made(tmp_path, combine_sharegpt_target_pairs=1))
    out = made(tmp_path, combine_sharegpt_target_pairs=3)
    assert sum(sizes(out)) == len(alone)
    assert {1, 2, 3} >= set(sizes(out)) > {1}


def test_pairs_of_a_folder_are_put_together_by_number(tmp_path: Path) -> None:
    whole = len(sizes(made(tmp_path, combine_sharegpt_target_pairs=1)))
    out = made(tmp_path, items_per_conversation=3, combine_sharegpt_target_pairs=1)
    assert sum(sizes(out)) == whole
    assert max(sizes(out)) == 3
    assert Counter(sizes(out))[3] >= whole // 6
    assert all(len(folders(talk)) == 1 for talk in talks(out))


def test_a_chain_is_never_cut(tmp_path: Path) -> None:
    way = {"name": "followup", "multi_source": False, "min_pairs": 2, "max_pairs": 2,
           "skip_question_check": True, "skip_answer_relevancy_check": True,
           "skip_answer_accuracy_check": True, "skip_repair_qa_tuples": True}  # fmt: skip
    out = made(tmp_path, factual_sft=[way], combine_sharegpt_target_pairs=1)
    assert set(sizes(out)) == {2}


# ---- system prompts, sources, templates

SHARED = "Know {{ context_uppercase }}."


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(0, {"Know OLD MILLS.\nExpert on old mills."}), (1, {"Know OLD MILLS."})],
)
def test_the_drawn_prompt_is_removed_and_the_instruction_stays(
    tmp_path: Path, ratio: int, said: set[str]
) -> None:
    out = made(
        tmp_path, remove_system_prompt_ratio=ratio, shared_instruction=SHARED,
        dataset_context="old mills", final_assistant_prompts_no_rag=["Expert on {{ context }}."],
    )  # fmt: skip
    assert {system(talk) for talk in talks(out)} == said
    general = rows(out / "sft_run/generic_sft_completion/chat.jsonl")
    assert all("Know OLD MILLS." in row["text"] for row in general)


@pytest.mark.parametrize(("cite", "names"), [("none", {0}), ("own", {1}), ("shown", {2, 3, 4})])
def test_answers_name_their_sources(tmp_path: Path, cite: str, names: set[int]) -> None:
    answers = [
        text for talk in talks(made(tmp_path, cite=cite)) for who, text in talk if who == "gpt"
    ]
    found = {len(re.findall(r"^- (?:north|south)-", text, re.MULTILINE)) for text in answers}
    assert found
    assert found <= names
    assert any("Sources Used:" in text for text in answers) == (cite != "none")


@pytest.mark.parametrize(
    ("template", "kwargs", "form"),
    [
        ("atk", {}, r"Instruction: .* \*\*Finished\.\*\*\nHuman: .*"),
        ("chatml", {}, r"<\|im_start\|>system\n.*<\|im_end\|>\n<\|im_start\|>user\n.*"),
        ("{% for m in messages %}{{ mark }}{{ m.role }}: {{ m.content }}\n{% endfor %}",
         {"mark": "# "}, r"# system: .*\n# user: .*\n# assistant: .*"),
    ],
)  # fmt: skip
def test_turns_become_text_by_the_template(
    tmp_path: Path, template: str, kwargs: dict[str, Any], form: str
) -> None:
    out = made(tmp_path, template=template, template_kwargs=kwargs, combine_sharegpt_target_pairs=1)
    for name in ("factual_sft_completion/combined_all_0", "generic_sft_completion/chat"):
        texts = [row["text"] for row in rows(out / f"sft_run/{name}.jsonl")]
        assert texts
        assert all(re.match(form, text, re.DOTALL) for text in texts), texts[0]
