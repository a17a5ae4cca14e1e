"""Sections 1.1 to 1.7: what the sub-recipes do, one by one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from atkc.stdlib.chat.rendering import render
from tests.defects.kit import Small, asked, documents, kind, made_of, tell
from tests.recipes.difficult import Behaviour, Said, good, verdict
from tests.recipes.kit import RECIPES
from tests.recipes.test_clean import clean, document, mended, paragraph
from tests.recipes.test_planted import text_of
from tests.recipes.test_think import SYSTEM, pair, talk, think, thought, turns_of

OFF = "--set=filter=false"
ONE_WAY = ("--set=ways=[{name: openended}]", "--set=votes=1")


def texts(*names: str) -> dict[str, str]:
    return {name: text_of(name) for name in names}


# ---- 1.1 cleaning


def test_a_part_that_cannot_be_cleaned_leaves_no_hole(tmp_path: Path) -> None:
    """1.1: a part without a result is dropped, and the document has a hole."""
    ran = clean(tmp_path, document(f"{paragraph('good')}\n\n{paragraph('untagged')}"))
    (made,) = ran.rows("documents.jsonl")
    assert made["text"] == f"{mended(paragraph('good'))}\n\n{paragraph('untagged')}"


def test_documents_of_one_name_stay_apart(tmp_path: Path) -> None:
    """1.1: parts are put together by the base name of their file, whatever its folder."""
    ran = clean(
        tmp_path, document(paragraph("one"), "x/a.pdf"), document(paragraph("two"), "y/a.pdf")
    )
    made = [(row["source"], row["text"]) for row in ran.rows("documents.jsonl")]
    assert made == [("x/a.pdf", mended(paragraph("one"))), ("y/a.pdf", mended(paragraph("two")))]


@pytest.mark.parametrize(("size", "calls"), [(80, 12), (160, 6), (4000, 1)])
def test_the_cleaning_chunk_size_is_honoured(tmp_path: Path, size: int, calls: int) -> None:
    """1.1, 2.7 #6: texts passed in are cut at 1500 tokens, and 1000 parts of them are kept."""
    text = "\n\n".join(paragraph(f"p{n}") for n in range(12))
    ran = clean(tmp_path, document(text), chunk_size=size)
    assert sum(asked(ran).values()) in range(calls, 2 * calls)
    assert ran.rows("documents.jsonl")[0]["text"] == mended(text)


# ---- 1.2 texts for pretraining


def test_inferred_facts_are_written_on_their_own(tmp_path: Path) -> None:
    """1.2: inferred facts act through rewrites only."""
    made = made_of(tmp_path, "represent", texts("a"), {}, OFF)
    kinds = [row["text"] for row in made.lines("inferred_facts.jsonl")]
    assert any("The infer of m-a begin here." in text for text in kinds)


def test_a_chunk_and_its_facts_stand_once_in_the_texts(tmp_path: Path) -> None:
    """1.2: the second run, with inferred facts, writes chunks and facts again."""
    made = made_of(tmp_path, "represent", texts("a", "b"), {}, OFF)
    rows = [
        row["text"]
        for name in ("representation_variation.jsonl", "inferred_facts.jsonl")
        for row in made.lines(name)
    ]
    for name in "ab":
        assert sum(text_of(name) in text for text in rows) == 1
        assert sum(f"1. The facts of m-{name} begin here." in text for text in rows) == 1


def test_every_form_may_be_drawn_with_and_without_inferred_facts() -> None:
    """1.2: one of the four sets of forms lacks reverse causality."""
    spec = yaml.safe_load((RECIPES / "factual/represent.yaml").read_text(encoding="utf-8"))
    plain, further = (spec["steps"][n]["variants"] for n in ("rewritten", "rewritten_further"))
    assert plain == further
    assert len(plain) == 8


def test_an_unknown_spelling_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1.2: unknown names of code variations are ignored."""
    option = "--set=code_variation_functions=[keybord_augmentation]"
    made = made_of(tmp_path, "represent", texts("a"), {}, option)
    assert made.code == 1
    assert "keyboard_augmentation" in capsys.readouterr().err
    assert not made.asked.calls


def test_spellings_and_forms_are_the_same_in_every_run(tmp_path: Path) -> None:
    """1.2: forms and typing errors are drawn without a seed, so each resume writes other texts."""
    made = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        made_of(folder, "represent", texts("a", "b"), {}, OFF, "--set=variations=3")
        made.append((folder / "out/representation_variation.jsonl").read_bytes())
    assert made[0] == made[1]


# ---- 1.3, 1.4 questions and answers


def test_a_long_chunk_is_never_its_own_neighbour(tmp_path: Path) -> None:
    """1.3: neighbours are cut to 6000 characters, and then are not equal to the chunk any more."""
    long = {name: f"{text_of(name)} " + f"It has walls of {name}. " * 400 for name in "abc"}
    made = made_of(tmp_path, "recall", long, {}, *ONE_WAY, "--set=neighbour_tokens=100000")
    shown = {name: text for kind_, name, text in made.asked.shown if kind_ == "ask"}
    assert set(shown) == set("abc")
    for name, text in shown.items():
        assert text.count(f"The tower m-{name} ") == 1
        assert text.count("Related passage") == 2


def test_sources_that_were_not_shown_are_not_cited(tmp_path: Path) -> None:
    """1.3: a follow-up cites all neighbours, none of which the model has seen."""
    chain = "--set=ways=[{name: followup, multi_source: false, min_pairs: 3}]"
    made = made_of(tmp_path, "recall", texts("a", "b"), {}, chain, "--set=votes=1")
    assert not any("Related passage" in text for _, _, text in made.asked.shown)
    for row in made.lines("conversations.jsonl"):
        for turn in row["conversations"]:
            assert turn["value"].count("\n- docs/") == (turn["from"] == "gpt")


def test_neighbours_are_of_the_texts_as_they_are_now(tmp_path: Path) -> None:
    """1.3, 4.9: an index of as many texts is used again, whatever the texts are."""
    made_of(tmp_path, "recall", texts("a", "b"), {}, *ONE_WAY)
    made = made_of(tmp_path, "recall", texts("a", "c"), {}, *ONE_WAY)
    (shown,) = (text for kind_, name, text in made.asked.shown if (kind_, name) == ("ask", "a"))
    assert "The tower m-c " in shown
    assert "The tower m-b " not in shown


def test_questions_over_several_texts_are_checked_too(tmp_path: Path) -> None:
    """1.3: the ways of asking over several sources have no checks at all."""
    made = made_of(tmp_path, "recall", texts("a", "b"), {}, *ONE_WAY)
    kinds = {kind_ for kind_, _ in made.asked.calls}
    assert kinds == {"ask", "pair", "repair"}
    shown = [text for kind_, _, text in made.asked.shown if kind_ == "pair"]
    assert len(shown) == 2
    assert all("Related passage" in text and "INACCURATE" in text for text in shown)


def test_a_check_that_failed_is_not_undone_by_the_next(tmp_path: Path) -> None:
    """1.4: checks share a file that each reloads, so only the last of them has an effect."""
    no = Behaviour(lambda right, _: Said(right.replace("ANSWERABLE", "UNANSWERABLE")))
    table = {("question", "b"): no, ("question", "d"): no}
    apart = "--set=checks_together=false"
    made = made_of(tmp_path, "recall", texts(*"abcdef"), table, *ONE_WAY, apart)
    assert made.books("asked/openended/0.relevancy")["came"] == 4
    assert made.names("conversations.jsonl") == ["a", "c", "e", "f"]
    assert made.names("rejected_pairs.jsonl") == ["b", "d"]


def test_equal_chunks_are_asked_about_once(tmp_path: Path) -> None:
    """1.4: nothing is de-duplicated; what would do it is never called."""
    small = Small(tmp_path, {**documents("a"), "b": documents("a")["a"]})
    small.change(
        "spec.yaml", "  good: {type: vote-filter, from: documents,",
        "  distinct: {type: combine, op: dedupe, from: documents, by: [text]}\n"
        "  good: {type: vote-filter, from: distinct,",
    )  # fmt: skip
    ran = small.run(kind(tell))
    assert asked(ran) == {"a": 2}
    assert ran.ledger("distinct")["duplicate"] == 1


# ---- 1.5 retrieval


def test_a_single_chunk_is_no_crash(tmp_path: Path) -> None:
    """1.5: with fewer chunks than are to be shown the pipeline raises."""
    made = made_of(tmp_path, "rag", texts("a"), {}, OFF, "--set=rag_max_chunks=9")
    told = made.names("sources.jsonl") + made.names("rejected_chunks.jsonl")
    assert made.code == 0
    assert set(told) == {"a"}


def test_other_texts_shown_are_those_most_alike(tmp_path: Path) -> None:
    """1.5: no retriever is involved; the other texts are uniformly random."""
    near = {"a": "Ships moor at the quay wall.", "b": "Ships moor at the old quay wall."}
    far = {f"n{n}": text_of(f"n{n}") for n in range(8)}
    given = {**far, **near}
    made = made_of(
        tmp_path, "rag", given, {}, OFF, "--set=rag_failure_percentage=1", "--set=rag_max_chunks=1"
    )
    shown = {name: text for kind_, name, text in made.asked.shown if kind_ == "rag"}
    assert near["b"] in shown["a"]
    assert near["a"] in shown["b"]


def _segments(made_in: Path, name: str) -> list[list[dict[str, object]]]:
    text = (made_in / "out" / name).read_text(encoding="utf-8")
    rows = json.loads(text) if name.endswith(".json") else map(json.loads, text.splitlines())
    return [row["segments"] for row in rows]


def test_retrieval_trains_the_answers_and_masks_the_rest(tmp_path: Path) -> None:
    """1.5: the question of the focused dialogue is trained on as well."""
    made_of(tmp_path, "rag", texts("a", "b"), {}, OFF)
    for segments in _segments(tmp_path, "axolotl_rag_conversations.jsonl"):
        trained = [str(s["text"]) for s in segments if s["label"]]
        assert len(trained) == 2
        assert all(text.startswith("It is ") for text in trained)


def test_segments_join_to_the_conversation_as_it_is_rendered(tmp_path: Path) -> None:
    """1.5: segments join without the line break that the template has between turns."""
    made_of(tmp_path, "correct", texts("a"), {}, OFF, "--set=check=false")
    ((*segments,),) = _segments(tmp_path, "axolotl_correction_conversations.json")
    text = "".join(str(s["text"]) for s in segments)
    turns = [line.partition(": ") for line in text.removesuffix("\n").split(" **Finished.**\n")]
    roles = {"Instruction": "system", "Human": "user", "AI": "assistant"}
    found = [{"role": roles[a.strip()], "content": b} for a, _, b in turns if a]
    found[-1]["content"] = found[-1]["content"].removesuffix(" **Finished.**")
    assert render(found, "atk", {}) == text


@pytest.mark.parametrize("name", ["represent", "recall", "rag", "correct"])
def test_each_part_runs_by_itself(tmp_path: Path, name: str) -> None:
    """1.5: run by itself, the retrieval pipeline ends in a TypeError after saving."""
    made = made_of(tmp_path, name, texts("a", "b"), {}, *(ONE_WAY if name == "recall" else ()))
    assert made.code == 0
    assert made.asked.calls


# ---- 1.6 corrections


def test_an_answer_that_says_the_flawed_one_again_is_no_loss(tmp_path: Path) -> None:
    """1.6: a record whose text does not split in two at the flawed answer is skipped."""
    mistake = Behaviour(
        lambda right, _: Said(
            right.replace("The tower m-a has nine floors.", "Nine floors.").replace(
                "Sorry, m-a has", "Nine floors. Sorry, that was wrong: m-a has"
            )
        )
    )
    made_of(tmp_path, "correct", texts("a"), {("mistake", "a"): mistake}, OFF, "--set=check=false")
    (segments,) = _segments(tmp_path, "axolotl_correction_conversations.json")
    masked = "".join(str(s["text"]) for s in segments if not s["label"])
    trained = "".join(str(s["text"]) for s in segments if s["label"])
    assert masked.count("Nine floors.") == 1
    assert trained.startswith("Nine floors. Sorry, that was wrong")


def test_corrections_mask_the_users_turns(tmp_path: Path) -> None:
    """1.6: role headers, the question and the doubt are trained on."""
    made_of(tmp_path, "correct", texts("a"), {}, OFF, "--set=check=false")
    (segments,) = _segments(tmp_path, "axolotl_correction_conversations.json")
    trained = "".join(str(s["text"]) for s in segments if s["label"])
    assert trained.startswith("Sorry, m-a has two floors.")
    assert not any(word in trained for word in ("Human:", "AI:", "How high", "Are you sure?"))


def test_a_flawed_answer_that_is_right_is_refused(tmp_path: Path) -> None:
    """1.6: nobody looks whether the one answer is wrong and the other right."""
    no = Behaviour(lambda right, _: Said(verdict("UNSOUND", "it")))
    made = made_of(tmp_path, "correct", texts("a", "b"), {("confirm", "a"): no}, OFF)
    assert made.names("rejected_corrections.jsonl") == ["a"]
    assert len(_segments(tmp_path, "axolotl_correction_conversations.json")) == 1


# ---- 1.7 thoughts


def test_an_answer_without_a_thought_stays_in_its_conversation(tmp_path: Path) -> None:
    """1.7: pairs that failed vanish from the middle of a conversation."""
    ran = think(tmp_path, talk(SYSTEM, *pair("one"), *pair("untagged"), *pair("two")))
    ((system, *turns),) = turns_of(ran)
    assert system == SYSTEM
    wanted = [(pair(name), name != "untagged") for name in ("one", "untagged", "two")]
    assert turns == [
        turn for (ask, say), fine in wanted for turn in (ask, thought(say) if fine else say)
    ]


def test_no_system_prompt_is_made_up(tmp_path: Path) -> None:
    """1.7: a conversation without a system prompt gets the text "not present" as one."""
    ran = think(tmp_path, talk(*pair("one")))
    assert [[turn["role"] for turn in turns] for turns in turns_of(ran)] == [["user", "assistant"]]
    assert "not present" not in (ran.folder / "conversations.jsonl").read_text(encoding="utf-8")


def test_good_replies_are_of_the_form_asked_for() -> None:
    """The replies of these tests are no accident: each names its document."""
    assert all("m-x" in good(kind_, "x", '"""\nm-x\n"""') for kind_ in ("ask", "rag", "clean"))
