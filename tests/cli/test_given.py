"""Values for parameters: three places, their order, YAML, and where paths belong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.cli.given import environment_with, given_values
from atkc.runtime.errors import UsageError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3", 3),
        ("3.5", 3.5),
        ("true", True),
        ("null", None),
        ("yes", "yes"),
        ("", ""),
        ("'3'", "3"),
        ("[a, b]", ["a", "b"]),
        ("{name: a, on: 1}", {"name": "a", "on": 1}),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("Yes: no: maybe", "Yes: no: maybe"),
        ("a=b=c", "a=b=c"),
        ("openai/gpt", "openai/gpt"),
    ],
)
def test_values_are_yaml_and_else_the_text_itself(text: str, wanted: Any) -> None:
    (item,) = given_values([f"x={text}"], [], {}, ["x"])
    assert (item.path, item.value, item.origin) == (("x",), wanted, "--set x")
    assert type(item.value) is type(wanted)


def test_a_place_inside_a_parameter_is_a_path() -> None:
    (item,) = given_values(["input_dirs/0/path=x"], [], {}, [])
    assert item.path == ("input_dirs", "0", "path")


def test_the_order_is_file_environment_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "sub" / "values.yaml"
    file.parent.mkdir()
    file.write_text("a: 1\nb: {c: 2}\n", encoding="utf-8")
    found = given_values(["a=3"], [str(file)], {"ATKC_PARAM_A": "2", "OTHER": "9"}, ["a"])
    assert [(g.path, g.value, g.origin) for g in found] == [
        (("a",), 1, str(file)),
        (("b",), {"c": 2}, str(file)),
        (("a",), 2, "ATKC_PARAM_A"),
        (("a",), 3, "--set a"),
    ]
    assert [g.base for g in found] == [str(file.parent)] * 2 + [str(tmp_path)] * 2


@pytest.mark.parametrize(
    ("names", "variable", "name"),
    [
        (["apiBase"], "ATKC_PARAM_APIBASE", "apiBase"),
        (["api-base"], "ATKC_PARAM_API_BASE", "api-base"),
        (["votes"], "ATKC_PARAM_votes", "votes"),
        ([], "ATKC_PARAM_VOTES", "votes"),
    ],
)
def test_a_variable_means_a_parameter_whatever_its_case(
    names: list[str], variable: str, name: str
) -> None:
    (item,) = given_values([], [], {variable: "1"}, names)
    assert item.path == (name,)


@pytest.mark.parametrize("item", ["votes", "=3", ""])
def test_a_set_without_name_or_value_is_a_mistake_of_use(item: str) -> None:
    with pytest.raises(UsageError):
        given_values([item], [], {}, [])


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "a: 1\na: 2\n"])
def test_a_file_of_values_is_a_mapping(tmp_path: Path, text: str) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"values\.yaml"):
        given_values([], [str(file)], {}, [])


def test_a_file_that_is_not_there_is_a_mistake_of_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        given_values([], [str(tmp_path / "none.yaml")], {}, [])


def test_lines_of_an_env_file_count_where_the_environment_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATKC_T_ONE", "kept")
    for name in ("ATKC_T_TWO", "ATKC_T_THREE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    file = tmp_path / ".env"
    text = "# names\n\nATKC_T_ONE=lost\nexport ATKC_T_TWO='two words'\nATKC_T_THREE = a=b\n"
    file.write_text(text, encoding="utf-8")
    found = environment_with(str(file))
    names = ("ATKC_T_ONE", "ATKC_T_TWO", "ATKC_T_THREE")
    assert [found[name] for name in names] == ["kept", "two words", "a=b"]


def test_a_line_of_an_env_file_that_says_nothing_is_a_mistake_of_use(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nB\n", encoding="utf-8")
    with pytest.raises(UsageError, match=":2:"):
        environment_with(str(tmp_path / ".env"))
