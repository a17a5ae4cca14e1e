"""Two calls are told apart by each part of their key, and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from atkc.runtime.keys import call_text, text_key
from atkc.runtime.storage.call_parts import Difference, call_parts, differences
from atkc.runtime.storage.nearest import nearest
from tests.runtime.storage.kit import asked, fill

MESSAGES = ({"role": "user", "content": "one"}, {"role": "user", "content": "two"})
BASE: dict[str, Any] = {
    "provider": "openai",
    "model": "large",
    "messages": MESSAGES,
    "sampling": {"temperature": 1, "stop": ["x"]},
    "response_format": {"type": "json_object"},
    "seed": 5,
    "attempt": 0,
}
OTHER = ({"role": "user", "content": "one"}, {"role": "user", "content": "2"})


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"provider": "azure"}, [("provider", "openai", "azure")]),
        ({"model": "small"}, [("model", "large", "small")]),
        ({"revision": "r1"}, [("revision", None, "r1")]),
        ({"base_url": "http://127.0.0.1:1/v1"}, [("address", "", "http://127.0.0.1:1/v1")]),
        ({"base_url": "https://api.example.com/v1"}, []),
        ({"mode": "completion"}, [("mode", "chat", "completion")]),
        ({"generation": 3}, [("generation", 0, 3)]),
        ({"attempt": 2}, [("attempt", 0, 2)]),
        ({"seed": 6}, [("seed", 5, 6)]),
        ({"response_format": None}, [("response_format", {"type": "json_object"}, None)]),
        (
            {"sampling": {"temperature": 1.0, "stop": ["x"]}},
            [("sampling.temperature", 1, 1.0)],
        ),
        ({"sampling": {"temperature": 1}}, [("sampling.stop", ["x"], None)]),
        ({"messages": OTHER, "seed": 9}, [("messages[1]", MESSAGES[1], OTHER[1])]),
        ({"messages": MESSAGES[:1], "seed": 9}, [("messages[1]", MESSAGES[1], None)]),
    ],
)
def test_each_part_that_differs_is_named(
    change: dict[str, Any], found: list[tuple[str, Any, Any]]
) -> None:
    one, other = call_parts(call_text(**BASE)), call_parts(call_text(**{**BASE, **change}))
    assert one is not None
    assert other is not None
    assert differences(one, other) == [Difference(*each) for each in found]


def test_all_that_a_key_is_made_of_is_among_the_parts() -> None:
    text = call_text(
        **{**BASE, "revision": "r", "base_url": "http://127.0.0.1:1/v1", "mode": "completion"},
        generation=4,
    )
    parts = call_parts(text)
    assert parts is not None
    again = call_text(
        provider=parts.provider,
        model=parts.model,
        messages=parts.messages,
        sampling=parts.sampling,
        response_format=parts.response_format,
        seed=parts.seed,
        attempt=parts.attempt,
        revision=parts.revision,
        base_url="http://127.0.0.1:1/v1",
        generation=parts.generation,
        mode=parts.mode,
    )
    assert again == text


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]", b'["value","x",[]]', b'["embedding",[],"x",[]]']
)
def test_what_is_no_call_has_no_parts(text: bytes) -> None:
    assert call_parts(text) is None


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"sampling": {"temperature": 0.8}}, ["sampling.temperature"]),
        ({"model": "small"}, ["model"]),
        ({"seed": 1234}, ["seed"]),
        ({"system": "You write questions about a passage."}, ["messages[0]"]),
    ],
)
def test_the_nearest_request_is_the_one_that_was_changed(
    tmp_path: Any, change: dict[str, Any], parts: list[str]
) -> None:
    fill(tmp_path)
    text = asked(42, **change)
    (near,) = nearest(tmp_path / "store.sqlite", [(text_key(text), text)])
    assert near is not None
    assert near.key == text_key(asked(42))
    assert [difference.part for difference in near.differences] == parts


def test_of_nothing_alike_nothing_is_near(tmp_path: Any) -> None:
    fill(tmp_path)
    text = call_text(**BASE)
    assert nearest(tmp_path / "store.sqlite", [(text_key(text), text)]) == [None]
