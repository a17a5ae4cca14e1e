"""The retrieval sub-recipe: what is shown, what is asked, what is trained on, what is lost."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.combine.bm25 import Bm25
from atkc.stdlib.chat.rendering import render
from tests.recipes.kit import Recipe, Row, chunk, params_of, recipe, scripted
from tests.recipes.planned import ALONE

CHUNKS = [chunk(n) for n in range(30)]
TEXTS = [c["text"] for c in CHUNKS]
PLAIN = "--set=filter=false"


def made(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    chunks: list[Row] | None = None,
) -> Recipe:
    monkeypatch.chdir(tmp_path)
    probe = ("asked", "dialogue", "varied", "focused")
    return recipe(tmp_path, "rag", capsys, CHUNKS if chunks is None else chunks, probe)


@pytest.fixture
def rag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Recipe:
    """The recipe on thirty chunks."""
    return made(tmp_path, capsys, monkeypatch)


def own(row: Row) -> Row:
    return {"text": row["text"], "source": row["source"]}


# ---- what a search shows


@pytest.mark.parametrize("distractors", ["hard", "random"])
def test_the_own_chunk_is_shown_if_and_only_if_found_and_never_a_distractor(
    rag: Recipe, distractors: str
) -> None:
    rag.run(PLAIN, f"--set=distractors={distractors}")
    seen = rag.step("asked")
    assert len(seen) == len(CHUNKS)
    for row in seen:
        assert (own(row) in row["shown"]) == row["found"]
        assert own(row) not in row["related"]
        texts = [shown["text"] for shown in row["shown"]]
        assert len(set(texts)) == len(texts)
        assert set(texts) - {row["text"]} == {other["text"] for other in row["related"]}
    assert {len(row["shown"]) for row in seen} == {1, 2, 3}
    assert {row["found"] for row in seen} == {True, False}


@pytest.mark.parametrize(("share", "missed"), [(0.0, 0), (0.25, 5), (0.5, 13), (1.0, 30)])
def test_the_failure_share_is_drawn_by_identity(rag: Recipe, share: float, missed: int) -> None:
    rag.run(PLAIN, f"--set=rag_failure_percentage={share}")
    gone = {row["text"] for row in rag.step("asked") if not row["found"]}
    assert len(gone) == missed
    variants = [(row["found"], row["retrieval"]) for row in rag.step("dialogue")]
    assert set(variants) <= {(True, "found"), (False, "missing")}
    rag.run(PLAIN, "--set=rag_failure_percentage=0.6")
    assert gone <= {row["text"] for row in rag.step("asked") if not row["found"]} or share > 0.6


def test_one_more_chunk_changes_no_draw_of_the_others(rag: Recipe, tmp_path: Path) -> None:
    rag.run(PLAIN)
    before = {r["text"]: (r["found"], len(r["shown"])) for r in rag.step("asked")}
    data = tmp_path / "factual/data/chunks.jsonl"
    data.write_text('{"text": "A quay was built.", "source": "q"}\n' + data.read_text("utf-8"))
    rag.run(PLAIN)
    after = {r["text"]: (r["found"], len(r["shown"])) for r in rag.step("asked")}
    assert before.items() <= after.items()


def test_hard_distractors_are_the_nearest_by_words(rag: Recipe) -> None:
    rag.run(PLAIN)
    index = Bm25(TEXTS)
    for row in rag.step("asked"):
        scores = index.scores(row["text"])
        ranked = sorted(range(len(TEXTS)), key=lambda n: (-scores[n], n))
        near = [TEXTS[n] for n in ranked if TEXTS[n] != row["text"]]
        taken = [other["text"] for other in row["related"]]
        assert taken == near[: len(taken)]


def test_random_distractors_are_not(rag: Recipe) -> None:
    rag.run(PLAIN)
    hard = {row["text"]: row["related"] for row in rag.step("asked")}
    rag.run(PLAIN, "--set=distractors=random")
    drawn = {row["text"]: row["related"] for row in rag.step("asked")}
    assert sum(hard[t] != drawn[t] for t in TEXTS if drawn[t]) > 15
    assert len({other["text"] for others in drawn.values() for other in others}) > 15


@pytest.mark.parametrize(
    ("count", "share", "shown", "rejected"),
    [(1, 0, [1], 0), (1, 1, [], 1), (2, 1, [1, 1], 0), (2, 0, [2, 2], 0)],
)
def test_a_small_pool_shows_fewer_and_an_empty_one_is_a_counted_rejection(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    share: int,
    shown: list[int],
    rejected: int,
) -> None:
    rag = made(tmp_path, capsys, monkeypatch, CHUNKS[:count])
    most = "--set=rag_max_chunks=50"
    rag.run(PLAIN, most, f"--set=rag_failure_percentage={share}")
    assert [len(row["shown"]) for row in rag.step("asked")] == shown
    reasons = [row["reasons"] for row in rag.rows("rejected_chunks.jsonl")]
    assert reasons == [["No other chunk could be shown in its place."]] * rejected
    assert len(rag.rows("axolotl_rag_conversations.jsonl")) == len(shown)


# ---- what is trained on


def pairs(source: str, _n: int) -> tuple[str, str]:
    """A chain of two pairs that carry their source."""
    text = "".join(
        f"**Question:** What of {source}, {i}?\n\n**Answer:** It is {source}, {i}.\n\n"
        for i in (1, 2)
    )
    return text, "stop"


@pytest.mark.parametrize(
    ("size", "train_on"),
    [*product([1, 3, 4], [("answer",)]), (3, ("question",)), (3, ("question", "answer"))],
)
def test_each_dialogue_of_a_group_is_trained_on_once_and_alone(
    rag: Recipe, size: int, train_on: tuple[str, ...]
) -> None:
    with scripted(pairs) as (model, _):
        rag.run(
            PLAIN, *model, f"--set=num_items_per_group={size}",
            f"--set=train_on=[{', '.join(train_on)}]",
        )  # fmt: skip
    focused, records = rag.step("focused"), rag.rows("axolotl_rag_conversations.jsonl")
    assert len(records) == len(focused) == len(CHUNKS)
    assert sorted(row["turns"][0]["content"] for row in focused) != sorted(TEXTS)
    trained = []
    for row, record in zip(focused, records, strict=True):
        segments = record["segments"]
        assert "".join(s["text"] for s in segments) == render(row["turns"], "atk", {})
        assert len(row["turns"]) == 1 + 4 * len(row["members"])
        assert row["focus"]["data"] in row["turns"][0]["content"]
        roles = {"question": "user", "answer": "assistant"}
        wanted = [
            t["content"]
            for t in row["focus"]["turns"]
            if t["role"] in {roles[name] for name in train_on}
        ]
        labelled = [s["text"] for s in segments if s["label"]]
        assert [t.replace(" **Finished.**", "").rstrip("\n") for t in labelled] == wanted
        trained += wanted
    assert len(set(trained)) == len(trained) == 2 * len(train_on) * len(CHUNKS)
    sizes = [len(row["members"]) for row in focused]
    assert max(sizes) == size
    assert all(sizes.count(g) % g == 0 for g in sizes)  # g records of a group of g


FORMATS = {
    "system_format": "Instruction: {{ system }} **Finished.**\\n",
    "user_format": "Human: {{ user }} **Finished.**\\n",
    "assistant_format": "AI: {{ assistant }} **Finished.**\\n",
}


def formats(**given: str) -> list[str]:
    return [f'--set={name}="{text}"' for name, text in given.items()]


def test_the_formats_are_the_same_template_in_parts(rag: Recipe) -> None:
    rag.run()
    atk = rag.bytes()
    rag.run(*formats(**FORMATS), "--set=template=chatml")
    assert rag.bytes() == atk
    rag.run(*formats(**FORMATS, bos="<s>"))
    for record, plain in zip(
        rag.rows("axolotl_rag_conversations.jsonl"),
        (r for r in atk["axolotl_rag_conversations.jsonl"].splitlines()),
        strict=True,
    ):
        head = record["segments"][0]
        assert head["text"].startswith("<s>Instruction: ")
        assert not head["label"]
        assert head["text"][3:60].encode() in plain.replace(b"\\n", b"\n")


def test_a_format_that_is_missing_fails_every_record_and_says_which(rag: Recipe) -> None:
    only = {"user_format": FORMATS["user_format"]}
    _, _, failed = rag.run(*formats(**only), code=4)
    assert failed == len(rag.step("varied")) > 0
    told = {row["failure"]["message"] for row in rag.rows("failed/masked.jsonl")}
    assert told == {"the template changes or leaves out the words of a system turn"}


def test_the_questions_go_with_their_passage_and_what_stood_beside_it(rag: Recipe) -> None:
    with scripted(pairs) as (model, _):
        rag.run(PLAIN, *model)
    seen = {row["text"]: row for row in rag.step("asked")}
    found = rag.rows("sources.jsonl")
    assert len(found) == 2 * len(CHUNKS)
    for row in found:
        assert row["question"].startswith(f"What of {row['source']}, ")
        assert row["related"] == seen[row["text"]]["related"]


# ---- replies that go wrong


def test_bad_replies_are_asked_again_and_what_stays_bad_is_counted(rag: Recipe) -> None:
    names = [c["source"] for c in CHUNKS]
    unanswered, leaking, cut, hopeless, thinking = names[:5]
    good = pairs("x", 1)[0]

    def script(source: str, n: int) -> tuple[str, str]:
        if source == unanswered and n == 1:
            return "**Question:** What is it?", "stop"
        if source == leaking and n < 3:
            return good + "**Question:** Why?\n\n**Answer:** The ground truth says so.", "stop"
        if source == cut and n == 1:
            return good[:-20], "length"
        if source == hopeless:
            return "I cannot help with that.", "stop"
        return ("<think>**Question:** no **Answer:** no</think>" if source == thinking else "") + (
            pairs(source, n)[0]
        ), "stop"

    with scripted(script) as (model, calls):
        told = rag.run(PLAIN, *model, code=4)
    again = {unanswered: 2, leaking: 3, cut: 2, hopeless: 4}
    assert calls == dict.fromkeys(names, 1) | again
    assert told == (sum(calls.values()), 0, 1)
    assert len(rag.rows("axolotl_rag_conversations.jsonl")) == len(CHUNKS) - 1
    lost = rag.rows("failed/dialogue.jsonl")
    assert [row["source"] for row in lost] == [hopeless]
    assert lost[0]["failure"]["kind"] == "refusal"
    kept = (s["text"] for r in rag.rows("axolotl_rag_conversations.jsonl") for s in r["segments"])
    text = "".join(kept)
    assert "ground truth" not in text
    assert "<think>" not in text


# ---- parameters

FLIPS: dict[str, Any] = {
    "rag_failure_percentage": 1,
    "rag_max_chunks": 1,
    "distractors": "random",
    "num_items_per_group": 1,
    "train_on": "[question]",
    "filter": "false",
    "filter_votes": 5,
    "dataset_context": "old buildings",
    "final_assistant_prompts": '["{{ data }}!"]',
    "additional_context": "Be brief.",
    "shared_instruction": "Be exact.",
    "template": "chatml",
    "template_kwargs": '{bos_token: "<s>"}',
    "system_format": '"# {{ system }}\\n"',
    "user_format": '"> {{ user }}\\n"',
    "assistant_format": '"{{ assistant }}\\n\\n"',
    "bos": "<s>",
    "prompt_found": "factual/prompts/rag_missing.yaml",
    "prompt_missing": "factual/prompts/rag_found.yaml",
}
ASKED_ONLY = {"filter_votes", "prompt_found", "prompt_missing"}  # the offline model says the same
WITH = {
    "system_format": FORMATS, "user_format": FORMATS, "assistant_format": FORMATS, "bos": FORMATS
}  # fmt: skip


def test_every_parameter_is_turned() -> None:
    assert FLIPS.keys() | ALONE == params_of("rag")


@pytest.mark.parametrize("prompts", ['["Texts: {data}"]', "[]"])
def test_a_system_prompt_without_the_texts_makes_no_record(rag: Recipe, prompts: str) -> None:
    rag.run(PLAIN, f"--set=final_assistant_prompts={prompts}")
    assert rag.rows("axolotl_rag_conversations.jsonl") == []
    rejected = rag.rows("rejected_chunks.jsonl")
    assert sorted(row["text"] for row in rejected) == sorted(TEXTS)
    assert sum(row["rejected_by"] == "focused" for row in rejected) == len(rag.step("varied"))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ('user_format="{{ usr }}"', "ATK412"),
        ('final_assistant_prompts=["{{ dta }}"]', "ATK412"),
        ('additional_context="{{ contxt }}"', "ATK412"),
        ("train_on=[doubt]", "ATK004"),
        ("rag_failure_percentage=50", "ATK004"),
        ("rag_max_chunks=0", "ATK004"),
        ("distractors=easy", "ATK004"),
    ],
)
def test_a_mistaken_value_is_found_before_the_run(rag: Recipe, given: str, code: str) -> None:
    assert f"error[{code}]" in rag.refused(f"--set={given}")


@pytest.mark.parametrize("name", FLIPS)
def test_a_parameter_changes_what_comes_out(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    empty = {"text": "Contents\nThe mill .... 4\nThe lock .... 17\nIndex .... 55", "source": "i"}
    rag = made(tmp_path, capsys, monkeypatch, [*CHUNKS[:8], empty])
    base = formats(**WITH.get(name, {}))
    rag.run(*base)
    before = rag.bytes()
    more, _, _ = rag.run(*base, f"--set={name}={FLIPS[name]}")
    assert more > 0 if name in ASKED_ONLY else rag.bytes() != before
