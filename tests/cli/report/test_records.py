"""Records as people read them: chat, masked segments, failures with request and reply."""

from __future__ import annotations

from typing import Any

import pytest

from atkc.cli.report.records import LONG, SHORT, TURNS, shown
from tests.cli.report.reading import Page

SAID = {"from": "human", "value": "Why?"}


def page(record: Any) -> Page:
    return Page(f'<section id="x">{shown(record)}</section>')


def classes(found: Page) -> list[str]:
    return [value for _, name, value in found.attributes if name == "class"]


@pytest.mark.parametrize(
    "record",
    [
        {"conversations": [SAID, {"from": "gpt", "value": "So."}]},
        {
            "messages": [
                {"role": "user", "content": "Why?"},
                {"role": "assistant", "content": "So."},
            ]
        },
    ],
)
def test_conversations_are_chats(record: Any) -> None:
    assert classes(page(record)) == ["r-chat", "r-us", "r-them"]
    assert "So." in page(record).sections["x"].text


def test_long_conversations_end_in_a_count() -> None:
    found = page({"conversations": [SAID] * (TURNS + 3)})
    assert classes(found).count("r-us") == TURNS
    assert "and 3 more turns" in found.sections["x"].text


def test_what_the_loss_leaves_out_is_shaded() -> None:
    segments = [{"label": False, "text": "asked"}, {"label": True, "text": "answered"}]
    found = page({"segments": segments})
    assert classes(found) == ["r-segments", "r-masked", "r-trained"]


def test_a_failure_has_its_request_and_its_reply() -> None:
    request = {"messages": [{"role": "user", "content": "Tell me"}]}
    failure = {"kind": "bad-reply", "message": "no field", "request": request, "reply": "Never"}
    text = page({"failure": failure}).sections["x"].text
    assert [part for part in ("bad-reply: no field", "Tell me", "Never") if part in text] == [
        "bad-reply: no field", "Tell me", "Never"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("length", "opened", "kept"),
    [(SHORT, 0, SHORT), (SHORT + 1, 1, SHORT + 1), (SHORT + LONG + 50, 1, SHORT + LONG)],
)
def test_long_texts_open_at_a_click_and_are_cut(length: int, opened: int, kept: int) -> None:
    found = page({"text": "x" * length})
    assert found.elements["details"] == opened
    assert found.sections["x"].text.count("x") == kept + 1  # and the name of the field
    assert ("50 more characters" in found.sections["x"].text) == (kept == SHORT + LONG)


@pytest.mark.parametrize("record", ["a text", 7, None, [1, {"a": 2**70}], {"conversations": "no"}])
def test_any_other_value_is_shown_as_it_is(record: Any) -> None:
    assert page(record).sections["x"].text
