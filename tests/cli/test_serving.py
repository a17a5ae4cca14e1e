"""`atkc serve-model`: every habit of an endpoint has an option, and it gets through."""

from __future__ import annotations

from typing import Any

import pytest

from atkc.cli.entry import run
from atkc.stdlib.model_server import app, serving
from atkc.stdlib.model_server.habits import Habits

OPTIONS: list[tuple[list[str], Habits]] = [
    ([], Habits()),
    (["--ignore-format"], Habits(ignore_format=True)),
    (["--refuse-format"], Habits(refuse_format=True)),
    (["--refuse-seed"], Habits(refuse_seed=True)),
    (["--ignore-length"], Habits(ignore_length=True)),
    (["--hide-length"], Habits(hide_length=True)),
    (["--ignore-stop"], Habits(ignore_stop=True)),
    (["--no-models"], Habits(no_models=True)),
    (["--open-models"], Habits(open_models=True)),
    (["--no-usage"], Habits(no_usage=True)),
    (["--reasoning", "text"], Habits(reasoning="text")),
    (["--context", "4096"], Habits(context=4096)),
]


@pytest.mark.parametrize(("arguments", "wanted"), OPTIONS)
def test_an_option_becomes_a_habit(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], wanted: Habits
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(app, "make_app", lambda *_, habits, **__: seen.append(habits))
    monkeypatch.setattr(serving, "serve", lambda *_: None)
    assert run(["serve-model", *arguments]) == 0
    assert seen == [wanted]


def test_each_habit_has_an_option() -> None:
    named = {words[0].removeprefix("--").replace("-", "_") for words, _ in OPTIONS if words}
    assert named == set(Habits.__struct_fields__)
