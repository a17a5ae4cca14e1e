"""Section 2.7: what the whole recipe does with several directories."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atkc.cli.entry import run
from atkc.compiler.front import compile_file
from atkc.compiler.params import Given
from atkc.compiler.plan import Plan
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.recipes.difficult import Behaviour, Said, difficult
from tests.recipes.kit import RECIPES
from tests.recipes.test_planted import Made, text_of

WAYS = "[{name: openended}, {name: followup, min_pairs: 3, skip_question_check: true}]"
DIRS = (
    "[{path: north, variation_generation_counts: 1,"
    " final_system_prompt_additional_context: Speak as the North.},"
    " {path: south, variation_generation_counts: 2,"
    " final_system_prompt_additional_context: Speak as the South.}]"
)
OPTIONS = (
    f"--set=input_dirs={DIRS}",
    f"--set=factual_sft={WAYS}",
    "--set=pdf_cleaning_formats=[txt]",
    "--set=votes=1",
    "--set=remove_system_prompt_ratio=0",
    "--set=shared_instruction=On {{ context }} ({{ context_uppercase }}).",
    "--set=dataset_context=towers",
)
SHARED = "On towers (TOWERS)."
FILES = {"north": ("first", "same"), "south": ("second", "same")}


def raw(folder: str, name: str) -> str:
    """Return a document's text with damage; the same name holds another text in each folder."""
    return f"Of the {folder}:  broken. {text_of(name)} It is in the {folder}."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("composed")
    (folder / "atkc.toml").touch()
    for name, stems in FILES.items():
        (folder / name).mkdir()
        for stem in stems:
            (folder / name / f"{stem}.txt").write_text(raw(name, stem), encoding="utf-8")
    mend = Behaviour(lambda right, _: Said(right.replace(":  broken.", ": mended.")))
    table = {("clean", stem): mend for stems in FILES.values() for stem in stems}
    with pytest.MonkeyPatch.context() as patch, difficult(table) as (url, asked):
        patch.chdir(folder)
        models = [f"--set={size}_model=openai/difficult" for size in ("small", "large")]
        words = [os.fspath(RECIPES / "factual.yaml"), "--output", "out", "--plain"]
        code = run(["run", *words, *OPTIONS, *models, f"--set=api_base={url}"])
    return Made(code, folder / "out", asked)


def test_cleaned_text_reaches_every_part(made: Made) -> None:
    """2.7 #1: all parts but two read the raw folder again, and never see the cleaned text."""
    seen = {kind for kind, _, text in made.asked.shown if ": mended." in text}
    assert seen >= {"judge", "facts", "infer", "rewrite", "further", "ask", "chain", "pair",
                    "rag", "mistake", "confirm"}  # fmt: skip
    raws = {kind for kind, _, text in made.asked.shown if ":  broken." in text}
    assert raws == {"clean"}
    for path in made.folder.rglob("*.jsonl"):
        assert ":  broken." not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "file",
    [
        "pretraining_run/text_chunks_{}.jsonl",
        "pretraining_run/representation_variation_{}.jsonl",
        "rag_source_data/rag_data_{}.jsonl",
        "documents_{}.jsonl",
    ],
)
@pytest.mark.parametrize(("own", "other"), [("north", "south"), ("south", "north")])
def test_each_directory_writes_its_own_texts(made: Made, file: str, own: str, other: str) -> None:
    """2.7 #2, #5: all files hold the last directory's texts; equal file names share chunks."""
    rows = made.lines(file.format(own))
    text = json.dumps(rows)
    assert {name for name in ("first", "same", "second") if f"{name}.txt" in text} == set(
        FILES[own]
    )
    assert f"in the {other}." not in text
    assert f"in the {own}." in text or "documents" in file


@pytest.mark.parametrize(("own", "other"), [("North", "South"), ("South", "North")])
@pytest.mark.parametrize(
    "file",
    ["axolotl_rag_conversations_{}.jsonl", "axolotl_correction_conversations_{}.json"],
)
def test_each_directory_has_its_own_context_and_retrieved_texts(
    made: Made, file: str, own: str, other: str
) -> None:
    """2.7 #3, #4: the last directory's words are added for all; the second reuses the first's."""
    rows = made.lines("sft_run/" + file.format(own.lower()))
    assert len(rows) == 2
    for row in rows:
        text = row["segments"][0]["text"]
        assert f"Speak as the {own}." in text
        assert f"Speak as the {other}." not in json.dumps(row)
        assert f"in the {other.lower()}." not in json.dumps(row)


def test_the_shared_instruction_is_filled_in_and_begins_every_kind(made: Made) -> None:
    """2.7 #11, #12: placeholders stay as they are, and three sets have three kinds of prompt."""
    domain = made.lines("sft_run/combined_factual_data/combined_all_0.jsonl")
    texts = [row["conversations"][0]["value"] for row in domain]
    generic = made.lines("sft_run/generic_sft_completion/chat.jsonl")
    texts += [row["text"].removeprefix("Instruction: ") for row in generic]
    for name in ("rag_conversations_{}.jsonl", "correction_conversations_{}.json"):
        for folder in FILES:
            rows = made.lines(f"sft_run/axolotl_{name.format(folder)}")
            texts += [r["segments"][0]["text"].removeprefix("Instruction: ") for r in rows]
    assert len(texts) > 12
    assert all(text.startswith(SHARED) for text in texts)
    assert not any("{{" in text or "{context" in text for text in texts)


def test_a_chunk_is_judged_once_however_often_it_is_asked_about(made: Made) -> None:
    """1.2 to 1.6, 2.4: each way and each repeat judges every chunk again, ten times in all."""
    judged = {name: made.asked.calls["judge", name] for name in ("first", "second", "same")}
    assert judged == {"first": 1, "second": 1, "same": 2}  # two folders have a `same`


# ---- what the compiler makes of it


@pytest.fixture(scope="module")
def compiled() -> Callable[..., Plan]:
    def make(**given: Any) -> Plan:
        values = [Given((n,), v, f"--set {n}", str(Path.cwd())) for n, v in given.items()]
        done = compile_file(canonical(str(RECIPES / "factual.yaml")), library(), values)
        assert done.plan is not None, done.diagnostics
        return done.plan

    return make


def test_no_parameter_is_accepted_and_ignored() -> None:
    """2.7 #7: items_per_conversation, factual_use_stop, chunk_size and more change nothing."""
    done = compile_file(canonical(str(RECIPES / "factual.yaml")), library())
    assert [found.message for found in done.diagnostics if found.code == "ATK500"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("items_per_conversation", 3),
        ("factual_chunk_size", 900),
        ("pdf_cleaning_chunk_size", 900),
        ("representation_variation_chunk_size", 900),
        ("correction_chunk_size", 900),
        ("use_stop", True),
        ("completion_mode", True),
        ("use_subset", True),
        ("concurrency_limit", 3),
        ("context_length", 4096),
        ("other_finetune_kwargs", {"num_epochs": 2}),
        ("what_percent_of_sft_is_pretrain", 10),
    ],
)
def test_each_ignored_option_changes_the_plan(
    compiled: Callable[..., Plan], name: str, value: Any
) -> None:
    """2.6, 2.7 #6, #7: these options of the original have no effect, or none where it matters."""
    given: dict[str, Any] = {name: value}
    if name == "what_percent_of_sft_is_pretrain":
        given["num_tokens_pretraining_in_sft"] = None
    before, after = compiled(), compiled(**given)
    assert (before.nodes, before.models) != (after.nodes, after.models)


def test_each_model_has_its_own_prices(compiled: Callable[..., Plan]) -> None:
    """2.7 #8: the small model is priced as the large one, the inferring one at nothing."""
    plan = compiled(
        small_model="openai/s", large_model="openai/l", api_base="http://127.0.0.1:9/v1",
        small_price_in=1, small_price_out=2, large_price_in=3, large_price_out=4,
    )  # fmt: skip
    prices = {(m.model, m.price_in, m.price_out) for m in plan.models.values()}
    assert prices == {("openai/s", 1.0, 2.0), ("openai/l", 3.0, 4.0)}
