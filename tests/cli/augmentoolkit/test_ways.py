"""Ways of asking: folders of prompts become names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from atkc.cli.augmentoolkit.ways import KNOWN, PROMPT, way_of
from atkc.spec.places import real
from tests.cli.augmentoolkit.configs import config
from tests.cli.augmentoolkit.kit import Imported, imported

FOLDERS = {
    "prompt_overrides/openended": "openended",
    "prompt_overrides_local/negative": "negative",
    "./prompt_overrides/hallucination/": "hallucination",
    "prompt_override_open-ended_questions": None,
    "prompts/open-ended_questions": "openended",
    "prompts\\vague": "vague",
    "prompts": None,
    "my/riddles": None,
}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_a_way_by_its_last_name(folder: str) -> None:
    assert way_of(folder) == FOLDERS[folder]


@pytest.mark.parametrize("name", KNOWN)
def test_each_known_way_has_a_prompt_that_ships(name: str) -> None:
    assert real(PROMPT.format(name=name)).is_file()


def with_ways(folder: Path, ways: str) -> Imported:
    made = config("factual")
    made["factual_sft"] = yaml.safe_load(ways)
    return imported(folder, yaml.safe_dump(made, sort_keys=False))


def test_our_ways_keep_what_makes_them(tmp_path: Path) -> None:
    done = with_ways(tmp_path, "{negative: {prompts: negative}, followup: {prompts: followup}}")
    negative, followup = done.params["factual_sft"]
    assert negative == {"name": "negative", "checks": "negative"}
    assert followup == {"name": "followup", "min_pairs": 3, "max_pairs": 5}


def test_a_way_by_another_name_names_its_prompt(tmp_path: Path) -> None:
    done = with_ways(tmp_path, "{chat: {prompts: my/vague, multi_source: false}}")
    assert done.params["factual_sft"] == [
        {"name": "chat", "prompt": PROMPT.format(name="vague"), "multi_source": False}
    ]
    assert done.rows()["factual_sft.chat.prompts"][0] == "factual_sft/0/prompt"
    assert done.compiled().plan is not None


def test_an_unknown_folder_leaves_its_way_and_says_how_to_write_one(tmp_path: Path) -> None:
    done = with_ways(
        tmp_path, "{riddle: {prompts: my/riddles, single_turn: true}, vague: {prompts: vague}}"
    )
    assert [way["name"] for way in done.params["factual_sft"]] == ["vague"]
    for key in ("prompts", "single_turn"):
        to, verdict, why = done.rows()[f"factual_sft.riddle.{key}"]
        assert (to, verdict) == ("", "not carried")
        assert "{name: riddle, prompt: my/riddle.yaml}" in why
    assert done.rows()["factual_sft.vague.prompts"][0] == "factual_sft/0/name"


def test_a_check_that_the_original_never_makes_is_told(tmp_path: Path) -> None:
    ways = "{vague: {prompts: vague, skip_question_check: false, multi_source: %s}}"
    several = with_ways(tmp_path, ways % "true").rows()
    assert several["factual_sft.vague.skip_question_check"][1] == "changed"
    (tmp_path / "one").mkdir()
    one = with_ways(tmp_path / "one", ways % "false").rows()
    assert one["factual_sft.vague.skip_question_check"][1] == "carried"


def test_recall_alone_takes_its_way_from_the_folder(tmp_path: Path) -> None:
    made = config("recall-single")
    made["path"]["prompts"] = "prompt_overrides/negative"
    done = imported(tmp_path, yaml.safe_dump(made))
    assert done.at("ways/0/name") == "negative"
    assert done.at("ways/0/checks") == "negative"
    assert done.at("ways/0/multi_source") is False


def test_multi_source_recall_checks_nothing_and_says_so(tmp_path: Path) -> None:
    done = imported(tmp_path, yaml.safe_dump(config("recall-multi")))
    assert done.at("ways/0/skip_question_check") is True
    assert "no answer is checked" in done.report
