"""Prompts with holes and chat templates: taken over only where they say the same."""

from __future__ import annotations

import pytest

from atkc.cli.augmentoolkit.prompts import with_holes
from atkc.cli.augmentoolkit.templates import NotCarried, chat_template, turn_template
from atkc.stdlib.chat.rendering import render, render_text

NAMES = ("context", "context_uppercase", "data")
HOLES = [
    "plain words",
    "{context} and {context_uppercase}",
    "{unknown} stays, {} too",
    "{{context}} in two braces",
    "{% if %} and {# not #} a template }}",
    "{{% {{{context}}} %}",
    "a brace at the end {",
    "{{{data}",
]
FILLED = {"context": "tar", "context_uppercase": "TAR", "data": "Boil {context}."}


@pytest.mark.parametrize("text", HOLES)
def test_a_prompt_renders_as_the_original_fills_it(text: str) -> None:
    import re

    wanted = re.sub(r"\{(context|context_uppercase|data)\}", lambda m: FILLED[m[1]], text)
    assert render_text(with_holes(text, NAMES), FILLED) == wanted


TURNS = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is tar?"}]
SHAREGPT = "{% for m in messages %}[{{ m['from'] }}] {{ m[\"value\"] }}\n{% endfor %}"
SAME = [
    ("atk", "atk", ""),
    ("chatml", "chatml", ""),
    ("{% for m in messages %}{{ m.from }}{{ m.value }}{% endfor %}", None, ""),
    (SHAREGPT, SHAREGPT.replace("m['from']", "m.from").replace('m["value"]', "m.value"), "m.from"),
]


@pytest.mark.parametrize(("text", "made", "change"), SAME)
def test_a_template_that_renders_the_same_is_carried(
    text: str, made: str | None, change: str
) -> None:
    found, why = chat_template(text, {}, "")
    assert found == (made or text)
    assert change in why
    assert bool(change) == bool(why)


def test_a_translated_template_renders_what_the_original_did() -> None:
    made, _ = chat_template(SHAREGPT, {}, "")
    assert render(TURNS, made, {}) == "[system] Be brief.\n[user] What is tar?"


def test_the_first_token_of_the_original_is_written_out() -> None:
    made, why = chat_template(
        "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}", {}, "<s>"
    )
    assert render(TURNS, made, {}) == "<s>Be brief.What is tar?"
    assert "bos_token" in why


REFUSED = {
    "{% for m in messages %}": "our templates cannot say it",
    "{% for m in messages %}{{ m.content.upper() }}{% endfor %}": "our templates cannot say it",
    "{{ messages | length }} {{ colour }}": "our templates cannot say it",
    "": "is no template",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_template_that_we_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(NotCarried) as caught:
        chat_template(text, {}, "")
    assert REFUSED[text] in str(caught.value)


def test_a_template_that_would_render_otherwise_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import atkc.cli.augmentoolkit.templates as module

    monkeypatch.setattr(module, "_ours", lambda *_: "something else")
    with pytest.raises(NotCarried, match="renders another text"):
        chat_template("{% for m in messages %}{{ m.value }}{% endfor %}", {}, "")


def test_variables_of_the_config_are_known() -> None:
    text = "{{ tone }}{% for m in messages %}{{ m.value }}{% endfor %}"
    assert chat_template(text, {"tone": "calm"}, "") == (text, "")
    with pytest.raises(NotCarried):
        chat_template(text, {}, "")


def test_the_format_of_a_turn_is_checked() -> None:
    assert turn_template("U: {{user}}\n", "user") == "U: {{user}}\n"
    with pytest.raises(NotCarried):
        turn_template("U: {{assistant}}", "user")
