"""Templates render to the letter, and segments are the same text in pieces."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atkc.runtime.errors import RecordError
from atkc.stdlib.chat.rendering import render, render_segments
from atkc.stdlib.chat.templates import TEMPLATES, problem_in

TURNS = [
    {"role": "system", "content": "Know ports."},
    {"role": "user", "content": "When?\n"},
    {"role": "assistant", "content": "In 1887."},
]
ATK = (
    "Instruction: Know ports. **Finished.**\nHuman: When? **Finished.**\nAI: In 1887. **Finished.**"
)
CHATML = (
    "<|im_start|>system\nKnow ports.<|im_end|>\n<|im_start|>user\nWhen?<|im_end|>\n"
    "<|im_start|>assistant\nIn 1887.<|im_end|>"
)
SHAREGPT = "{% for m in messages %}{{ m.from }}={{ m.value }};{% endfor %}"


@pytest.mark.parametrize(
    ("template", "variables", "text"),
    [
        (
            "atk",
            {},
            ATK,
        ),
        (
            "chatml",
            {},
            CHATML,
        ),
        (SHAREGPT, {}, "system=Know ports.;user=When?\n;assistant=In 1887.;"),
        ("{{ bos_token }}{{ messages | length }}{{ x }}", {"x": "!"}, "3!"),
    ],
)
def test_rendering(template: str, variables: Any, text: str) -> None:
    assert problem_in(template, variables) is None
    assert render(TURNS, template, variables) == text


@pytest.mark.parametrize("template", TEMPLATES)
def test_beginning_of_sequence_stands_once_at_the_head(template: str) -> None:
    text = render(TURNS, template, {"bos_token": "<s>"})
    assert text.startswith("<s>")
    assert text.count("<s>") == 1
    assert text[3:] == render(TURNS, template, {})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("atk", "Human: Ask. **Finished.**\nAI: 7 **Finished.**"),
        ("chatml", "<|im_start|>user\nAsk.<|im_end|>\n<|im_start|>assistant\n7<|im_end|>"),
    ],
)
def test_other_roles_speak_as_the_assistant(template: str, text: str) -> None:
    turns = [{"role": "user", "content": "Ask."}, {"role": "tool", "content": " 7 "}]
    assert render(turns, template, {}) == text


def test_a_template_that_fails_on_a_record_fails_the_record() -> None:
    with pytest.raises(RecordError) as caught:
        render(TURNS, "{{ messages[9].content }}", {})
    assert caught.value.kind == "template"


@pytest.mark.parametrize(
    ("trained", "headers", "labelled"),
    [
        ([False, False, True], False, ["In 1887. **Finished.**"]),
        ([False, False, True], True, ["AI: In 1887. **Finished.**"]),
        ([False, True, False], False, ["When? **Finished.**\n"]),
        ([True, True, True], True, [render(TURNS, "atk", {})]),
        ([False, False, False], False, []),
    ],
)
def test_segments_train_what_is_asked(
    trained: list[bool], headers: bool, labelled: list[str]
) -> None:
    segments = render_segments(TURNS, trained, headers, "atk", {})
    assert [s["text"] for s in segments if s["label"]] == labelled
    labels = [s["label"] for s in segments]
    assert all(a != b for a, b in pairwise(labels))


@pytest.mark.parametrize("words", ["A", "I", "AI", ":", "AI: AI"])
def test_words_that_the_header_holds_too_are_cut_behind_it(words: str) -> None:
    turns = [{"role": "user", "content": "Which?"}, {"role": "assistant", "content": words}]
    segments = render_segments(turns, [False, True], False, "atk", {})
    assert [s["text"] for s in segments if s["label"]] == [f"{words} **Finished.**"]


ROLE = st.sampled_from(["system", "user", "assistant"])
WORDS = st.text(st.sampled_from("ab :*\n<|>."), max_size=12)
TALK = st.lists(st.tuples(ROLE, WORDS, st.booleans()), min_size=1, max_size=5)


OWN = "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"


@given(
    TALK,
    st.booleans(),
    st.sampled_from([*TEMPLATES, SHAREGPT, OWN]),
    st.sampled_from([{}, {"bos_token": "<s>"}]),
)
def test_segments_joined_are_the_rendering(
    talk: list[tuple[str, str, bool]], headers: bool, template: str, variables: Any
) -> None:
    turns = [{"role": role, "content": words} for role, words, _ in talk]
    segments = render_segments(turns, [t for *_, t in talk], headers, template, variables)
    assert "".join(s["text"] for s in segments) == render(turns, template, variables)


# Words that stand in the heads of turns too.
HEADS = st.sampled_from(
    ["", "A", "I", "AI", "AI: ", "Human", ":", " user ", "assistant", "<", "**"]
)
NAMES = {"system": "Instruction", "user": "Human", "assistant": "AI"}
FORMS: dict[str, Any] = {
    "atk": lambda role, said: (f"{NAMES[role]}: ", f"{said} **Finished.**\n"),
    "chatml": lambda role, said: (f"<|im_start|>{role}\n", f"{said}<|im_end|>\n"),
}


@given(
    st.lists(st.tuples(ROLE, HEADS | WORDS, st.booleans()), min_size=1, max_size=5),
    st.booleans(),
    st.sampled_from(sorted(FORMS)),
    st.sampled_from(["", "<s>"]),
)
def test_masks_begin_and_end_with_turns(
    talk: list[tuple[str, str, bool]], headers: bool, template: str, bos: str
) -> None:
    turns = [{"role": role, "content": words} for role, words, _ in talk]
    parts = []
    for role, words, train in talk:
        head, body = FORMS[template](role, words.strip())
        before = "" if parts else bos  # the mark of the beginning is of the first head
        parts += [(train and headers, before + head), (train, body)]
    expected = [(label, char) for label, text in parts for char in text][:-1]  # the last newline
    found = render_segments(turns, [t for *_, t in talk], headers, template, {"bos_token": bos})
    assert [(s["label"], char) for s in found for char in s["text"]] == expected


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages | length }}: {% for m in messages %}{{ m.content }}{% endfor %}",
        "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
        "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}",
    ],
)
def test_templates_that_cannot_be_cut_say_so(template: str) -> None:
    with pytest.raises(RecordError) as caught:
        render_segments(TURNS, [True] * 3, False, template, {})
    assert caught.value.kind == "template"
