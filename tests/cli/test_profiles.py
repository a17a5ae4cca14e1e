"""Profiles: what ships is right as far as this machine can tell, and what a spec takes of one."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from atkc.cli.entry import run
from atkc.cli.loading import Chosen, ReportedError, compiled, plan_to_run
from atkc.cli.profiles import key_page, profile_of, shipped
from atkc.runtime.errors import InputError, UsageError
from atkc.runtime.hosts import is_loopback
from atkc.runtime.transport.litellm_route import price_per_million

TYPES = {
    "model": "{type: string, default: atkc/extractive}",
    "api_base": "{type: string, default: ''}",
    "api_key_env": "{type: env-name | null, default: null}",
    "structured": "{type: one of off | json | schema, default: 'off'}",
    "votes": "{type: integer, default: 3}",
}


def spec(*params: str) -> str:
    """Return a spec that declares and reads these parameters."""
    lines = ["atkc: 1", "name: case", "params:", *(f"  {name}: {TYPES[name]}" for name in params)]
    row = ", ".join(f"{name}: '${{params.{name}}}'" for name in params)
    lines += ["steps:", f"  rows: {{type: source, read: inline, with: {{rows: [{{{row}}}]}}}}"]
    lines += ["  file: {type: export, from: rows, format: jsonl, path: a.jsonl}", ""]
    return "\n".join(lines)


PARTS = ("clean", "passages", "represent", "recall", "recall/way", "rag", "correct", "think")
RECIPES = ["recipes/factual.yaml", *(f"recipes/factual/{name}.yaml" for name in PARTS)]
KNOWN = {
    *("api_base", "api_key_env", "small_model", "large_model", "model", "concurrency_limit"),
    *("structured", "rpm", "tpm", "timeout"),
    *("small_price_in", "small_price_out", "large_price_in", "large_price_out"),
    *("price_in", "price_out"),
}
LIMITS = ("rpm", "tpm", "timeout")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    whole = spec("model", "api_base", "api_key_env", "structured")
    (tmp_path / "spec.yaml").write_text(whole, encoding="utf-8")
    (tmp_path / "bare.yaml").write_text(spec("votes"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_profile_is_whole(name: str) -> None:
    profile = profile_of(name)
    values = profile.values
    assert profile.about
    assert values.keys() <= KNOWN
    for word in ("model", "price_in", "price_out"):
        assert values[word] == values[f"large_{word}"]
    local = is_loopback(str(values["api_base"]))
    assert local == name.startswith("local-") == (values["api_key_env"] is None)
    assert local or urlsplit(profile.key_page).scheme == "https"
    assert local or key_page(values["api_key_env"]) == profile.key_page


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_shipped_profile_fits_the_recipe_and_its_parts(name: str, recipe: str) -> None:
    done = compiled(Chosen(recipe, profile=name))
    assert [d.message for d in done.diagnostics] == []
    assert done.plan is not None
    values = profile_of(name).values
    word = "large_model" if "large_model" in done.params.values else "model"
    assert {m.model for m in done.plan.models.values()} <= {
        values["small_model"],
        values["large_model"],
    }
    assert done.params.values[word] == values[word]
    assert {m.endpoint.api_base for m in done.plan.models.values()} == {values["api_base"]}
    assert {m.endpoint.api_key_env for m in done.plan.models.values()} == {values["api_key_env"]}
    for model in done.plan.models.values():
        large = word == "model" or model.model == values["large_model"]
        prices = [values[f"{'large' if large else 'small'}_price_{way}"] for way in ("in", "out")]
        assert [model.price_in, model.price_out] == prices
        assert model.structured == values["structured"]
        assert model.endpoint.concurrency == values["concurrency_limit"]
        told = {name: getattr(model.endpoint, name) for name in LIMITS}
        assert told == {"timeout": None, **{n: values[n] for n in LIMITS if n in values}}


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("size", ["small", "large"])
def test_a_price_is_that_of_the_price_table_where_it_has_the_model(name: str, size: str) -> None:
    values = profile_of(name).values
    price = values[f"{size}_price_in"], values[f"{size}_price_out"]
    known = price_per_million(str(values[f"{size}_model"]))
    if price == (None, None) or is_loopback(str(values["api_base"])) or known is None:
        assert (price[0] is None) == (price[1] is None)
        return
    assert price == pytest.approx(known)


def test_only_what_the_spec_declares_is_taken_and_the_origin_is_told(here: Path) -> None:
    done = compiled(Chosen("spec.yaml", profile="groq"))
    assert done.params.values == {
        "model": "openai/openai/gpt-oss-120b",
        "api_base": "https://api.groq.com/openai/v1",
        "api_key_env": "GROQ_API_KEY",
        "structured": "schema",
    }
    assert set(done.params.origins.values()) == {"profile groq"}


@pytest.mark.parametrize(
    ("more", "value", "origin"),
    [
        ((), "schema", "profile groq"),
        (("file",), "json", "own.yaml"),
        (("file", "env"), "off", "ATKC_PARAM_STRUCTURED"),
        (("file", "env", "set"), "schema", "--set structured"),
    ],
)
def test_the_order_is_profile_file_environment_set(
    here: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], value: str, origin: str
) -> None:
    (here / "own.yaml").write_text("structured: json\n", encoding="utf-8")
    if "env" in more:
        monkeypatch.setenv("ATKC_PARAM_STRUCTURED", "off")
    chosen = Chosen(
        "spec.yaml",
        sets=("structured=schema",) if "set" in more else (),
        params=("own.yaml",) if "file" in more else (),
        profile="groq",
    )
    done = compiled(chosen)
    assert done.params.values["structured"] == value
    assert done.params.origins["structured"] == origin


def test_a_path_names_a_profile_of_ones_own(here: Path) -> None:
    (here / "mine.yaml").write_text("model: openai/x\nunknown: 3\n", encoding="utf-8")
    done = compiled(Chosen("spec.yaml", profile="mine.yaml"))
    assert done.params.values["model"] == "openai/x"
    assert done.params.origins["model"] == "profile mine.yaml"


def test_a_value_that_does_not_fit_names_the_profile(here: Path) -> None:
    (here / "mine.yaml").write_text("structured: loose\n", encoding="utf-8")
    (found,) = compiled(Chosen("spec.yaml", profile="mine.yaml")).diagnostics
    assert found.code == "ATK004"
    assert found.message.startswith("profile mine.yaml: `structured`")


def test_a_profile_of_which_nothing_fits_is_an_error(here: Path) -> None:
    done = compiled(Chosen("bare.yaml", profile="openai"))
    assert done.plan is None
    assert [(d.code, "`bare.yaml`" in d.message) for d in done.diagnostics] == [("ATK021", True)]
    with pytest.raises(ReportedError):
        plan_to_run(Chosen("bare.yaml", profile="openai"))


def test_a_model_without_its_address_is_an_error(here: Path) -> None:
    (here / "half.yaml").write_text(spec("model", "votes"), encoding="utf-8")
    (found,) = compiled(Chosen("half.yaml", profile="local-vllm")).diagnostics
    assert (found.code, "`api_base`" in found.message) == ("ATK021", True)


def test_a_folder_is_fine_where_the_profile_fits_one_of_its_specs(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", ".", "--profile", "openai"]) == 0
    assert run(["lint", "bare.yaml", "--profile", "openai"]) == 1
    assert "ATK021" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("opnai", "did you mean `openai`?"),
        ("OpenAI", "did you mean `openai`?"),
        ("quite-another", "name a file, or one of anthropic, deepinfra"),
    ],
)
def test_an_unknown_name_is_told_with_a_suggestion(word: str, advice: str) -> None:
    with pytest.raises(InputError) as caught:
        profile_of(word)
    assert caught.value.diagnostic.code == "ATK020"
    assert str(caught.value.diagnostic.help).startswith(advice)


def test_a_profile_that_is_no_mapping_is_a_mistake_of_use(here: Path) -> None:
    (here / "mine.yaml").write_text("- a\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--profile"):
        profile_of("mine.yaml")


def test_a_plan_has_its_values_already(here: Path) -> None:
    (here / "plan.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        plan_to_run(Chosen("plan.json", profile="openai"))


def test_all_are_listed_with_address_key_and_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profiles"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "profile"
    assert [line.split()[0] for line in lines] == list(shipped())
    (line,) = [line for line in lines if line.startswith("mistral")]
    assert line.split() == [
        *("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
        *("mistral-small-latest", "mistral-large-latest"),
    ]


def test_a_missing_key_is_told_first_with_its_variable_and_where_to_get_one(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    arguments = ["run", "recipes/factual.yaml", "--profile", "groq", "--limit", "1", "--plain"]
    assert run(arguments) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("warning: the environment variable `GROQ_API_KEY`")
    assert "https://console.groq.com/keys" in said[0]
    assert "error[ATK701]" in said[-1]
    assert not any("may cost money" in line for line in said)
