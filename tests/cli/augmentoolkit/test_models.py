"""Models: the most common becomes the global one, the others stand with their part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from atkc.cli.augmentoolkit.hosts import key_variable
from tests.cli.augmentoolkit.configs import config
from tests.cli.augmentoolkit.kit import Imported, imported


def changed(folder: Path, **values: Any) -> Imported:
    """Import a complete config in which some keys have other values."""
    made = config("factual")
    for section in made.values():
        for key in section if isinstance(section, dict) else ():
            if key in values:
                section[key] = values[key]
    return imported(folder, yaml.safe_dump(made, sort_keys=False))


def test_a_part_with_a_model_of_its_own_is_the_only_one_that_names_it(tmp_path: Path) -> None:
    params = changed(tmp_path, rag_large_model="other/rag").params
    assert params["large_model"] == "openai/meta/Writer-70B"
    assert params["rag_large"]["model"] == "openai/other/rag"
    assert "model" not in params["correction_large"]


def test_a_part_with_an_address_of_its_own_has_a_key_of_its_own(tmp_path: Path) -> None:
    done = changed(
        tmp_path,
        correction_large_base_url="http://localhost:8082/v1",
        correction_small_base_url="https://api.acme.example.org/v1",
    )
    large, small = done.params["correction_large"], done.params["correction_small"]
    assert (large["api_base"], large["api_key_env"]) == ("http://localhost:8082/v1", None)
    assert small["api_key_env"] == "EXAMPLE_API_KEY"
    rows = done.rows()
    assert "wants none" in rows["correction_pipeline.correction_large_api_key"][2]
    assert rows["correction_pipeline.correction_small_api_key"][0] == "correction_small/api_key_env"


def test_a_price_that_differs_stands_with_its_part(tmp_path: Path) -> None:
    params = changed(tmp_path, rag_cost_per_million_large_output=0.9).params
    assert params["large_price_out"] == 0.4
    assert params["rag_large"]["price_out"] == 0.9


def test_cohere_is_a_provider_and_needs_no_address(tmp_path: Path) -> None:
    done = changed(tmp_path, rag_large_mode="cohere", rag_large_model="command")
    large = done.params["rag_large"]
    assert large["model"] == "cohere/command"
    assert (large["api_base"], large["api_key_env"]) == ("", "COHERE_API_KEY")
    assert done.rows()["rag_data.rag_large_base_url"][1] == "not carried"


def test_an_unknown_mode_is_told(tmp_path: Path) -> None:
    done = changed(tmp_path, rag_large_mode="aphrodite")
    assert "no mode `aphrodite`" in done.rows()["rag_data.rag_large_mode"][2]


def test_stops_and_completion_mode_stand_with_both_models(tmp_path: Path) -> None:
    params = changed(tmp_path, factual_use_stop=False, factual_completion_mode=True).params
    for part in ("factual_small", "factual_large"):
        assert (params[part]["use_stop"], params[part]["completion_mode"]) == (False, True)


@pytest.mark.parametrize(
    ("address", "variable"),
    [
        ("https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
        ("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
        ("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
        ("https://llm.my-firm.com/v1", "MY_FIRM_API_KEY"),
        ("https://203.0.113.7/v1", "MODEL_API_KEY"),
        ("http://127.0.0.1:8082/v1", None),
        ("http://192.168.1.5:8082/v1", None),
        ("", "OPENAI_API_KEY"),
        ("http://[bad", "OPENAI_API_KEY"),
    ],
)
def test_the_variable_of_a_key_follows_the_address(address: str, variable: str | None) -> None:
    assert key_variable(address) == variable
