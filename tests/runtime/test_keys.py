"""Keys: what stays apart, what is the same, what enters a call's key."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from atkc.compiler.plan import Model
from atkc.runtime import keys
from atkc.runtime.keys import (
    call_seed,
    call_text,
    canonical,
    child_identity,
    digest,
    group_identity,
    read_call,
    source_identity,
    text_key,
    value_key,
)
from atkc.runtime.modelspec import BUILT_IN_REVISION, resolve

MESSAGES = ({"role": "user", "content": "What is a keel?"},)


def key(**changes: Any) -> bytes:
    given: dict[str, Any] = {
        "provider": "openai",
        "model": "m",
        "messages": MESSAGES,
        "sampling": {"temperature": 0.5},
        "response_format": None,
        "seed": 1,
        "attempt": 0,
    }
    return text_key(call_text(**{**given, **changes}))


def test_the_text_of_a_call_can_be_read_again() -> None:
    text = call_text(
        provider="openai",
        model="m",
        messages=({"role": "user", "content": "\ud800 " + "9" * 30},),
        sampling=MappingProxyType({"top_k": 2**70}),
        response_format={"type": "json_object"},
        seed=7,
        attempt=2,
        generation=3,
    )
    told = read_call(text)
    assert told["messages"] == [{"role": "user", "content": "\ud800 " + "9" * 30}]
    assert (told["provider"], told["model"], told["seed"], told["attempt"]) == ("openai", "m", 7, 2)
    assert told["sampling"] == {"top_k": 2**70}


APART = [
    *(1, 1.0, "1", True, None, "", 0, False, [], {}, [1], [[1]], {"a": 1}, {"a": None}),
    *(2**64 - 1, 2**64, 2**70, -(2**70), str(2**70), 1e30, "é", "e\u0301", "\ud800", "\ud801"),
    *(float("nan"), float("inf"), float("-inf"), [None], [float("nan")]),
]


def test_different_values_stay_apart() -> None:
    assert len({canonical(value) for value in APART}) == len(APART)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        ({"a": {"x": 1}}, MappingProxyType({"a": MappingProxyType({"x": 1})})),
        ({"b": 2**70, "a": (1,)}, {"a": [1], "b": 2**70}),
    ],
)
def test_order_of_keys_and_kind_of_container_do_not_matter(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


def test_a_big_integer_survives() -> None:
    assert canonical({"n": 2**70}) == b'{"n":1180591620717411303424}'


@pytest.mark.parametrize("value", [{1: "a"}, {1: 2**70}, object(), {"a": {1, 2}}, b"bytes"])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


CHANGES: list[dict[str, Any]] = [
    {},
    {"provider": "anthropic"},
    {"model": "n"},
    {"revision": "r1"},
    {"revision": ""},
    {"messages": ({"role": "user", "content": "What is a keel ?"},)},
    {"messages": ({"role": "system", "content": "What is a keel?"},)},
    {"sampling": {"temperature": 0.6}},
    {"sampling": {"temperature": 0.5, "max_tokens": 5}},
    {"response_format": {"type": "json_object"}},
    {"seed": 2},
    {"attempt": 1},
    {"generation": 1},
    {"generation": 2},
    {"base_url": "http://127.0.0.1:8000/v1"},
    {"base_url": "http://127.0.0.1:8001/v1"},
    {"base_url": "http://10.0.0.7/v1"},
    {"base_url": "http://vllm:8000/v1"},
    {"base_url": "http://100.64.0.7:8000/v1"},
    {"mode": "completion"},
    {"mode": "completion", "generation": 1},
]


def test_all_that_can_change_a_reply_is_in_the_key() -> None:
    assert len({key(**changes) for changes in CHANGES}) == len(CHANGES)


@pytest.mark.parametrize(
    "same",
    [
        {"base_url": "https://api.example.com/v1"},
        {"base_url": "https://8.8.8.8/v1"},
        {"generation": 0},
    ],
)
def test_a_public_address_is_not_in_the_key(same: Any) -> None:
    assert key(**same) == key()


def test_with_a_revision_a_private_address_is_not_in_the_key() -> None:
    local = "http://127.0.0.1:8000/v1"
    assert key(base_url=local, revision="r") == key(base_url="http://10.0.0.1", revision="r")


@pytest.mark.parametrize(
    "spelling",
    [
        "http://127.0.0.1:80/v1/",
        "HTTP://127.0.0.1/v1",
        "http://localhost/v1",
        "http://u:p@localhost/v1",
    ],
)
def test_an_address_counts_however_it_is_spelt(spelling: str) -> None:
    assert key(base_url=spelling) == key(base_url="http://127.0.0.1/v1")


def test_another_form_of_plain_text_is_another_call(monkeypatch: pytest.MonkeyPatch) -> None:
    chat, flat = key(), key(mode="completion")
    monkeypatch.setattr(keys, "FORM", "completion 2")
    assert key() == chat
    assert key(mode="completion") != flat


@pytest.mark.parametrize(
    ("name", "given", "revision"),
    [
        ("atkc/extractive", None, BUILT_IN_REVISION),
        ("atkc/extractive", "mine", f"{BUILT_IN_REVISION} mine"),
        ("openai/m", None, None),
        ("openai/m", "mine", "mine"),
    ],
)
def test_replies_of_our_own_models_are_known_by_their_code(
    name: str, given: str | None, revision: str | None
) -> None:
    assert resolve("m", {"m": Model(model=name, revision=given)}).revision == revision


def test_keys_are_sha256() -> None:
    assert len(key()) == len(digest(1)) == len(value_key("f", 1)) == 32


def test_a_value_key_knows_function_inputs_and_generation() -> None:
    keys = {value_key("f", 1), value_key("g", 1), value_key("f", 2), value_key("f", 1, 1)}
    assert len(keys) == 4
    assert value_key("f", 1, 0) == value_key("f", 1)


def test_a_seed_depends_on_run_messages_sample_and_draw_only() -> None:
    other = ({"role": "user", "content": "?"},)
    seeds = {
        call_seed(0, MESSAGES, 0),
        call_seed(1, MESSAGES, 0),
        call_seed(0, other, 0),
        call_seed(0, MESSAGES, 1),
        call_seed(0, MESSAGES, 0, "r1"),
    }
    assert len(seeds) == 5
    assert call_seed(0, MESSAGES, 0, "") == call_seed(0, list(MESSAGES), 0)
    assert all(0 <= call_seed(n, MESSAGES, n) < 2**31 for n in range(500))


def test_seeds_do_not_change_between_releases() -> None:
    assert call_seed(7, MESSAGES, 0) == 1199473100


def test_identities_are_16_bytes_and_stay_apart() -> None:
    parent = source_identity({"text": "a"}, 0)
    identities = [
        parent,
        source_identity({"text": "a"}, 1),
        source_identity({"text": "b"}, 0),
        child_identity(parent, "chunk", 0),
        child_identity(parent, "chunk", 1),
        child_identity(parent, "pairs", 0),
        group_identity([parent]),
        group_identity([parent, parent]),
    ]
    assert {len(identity) for identity in identities} == {16}
    assert len(set(identities)) == len(identities)


def test_a_group_is_its_members_in_any_order() -> None:
    members = [source_identity(n, 0) for n in range(4)]
    assert group_identity(members) == group_identity(reversed(members))


def test_a_plain_prompt_is_another_call_than_a_chat() -> None:
    shared = {
        "provider": "openai",
        "model": "m",
        "messages": [{"role": "user", "content": "hello"}],
        "sampling": {},
        "response_format": None,
        "seed": 1,
        "attempt": 0,
    }
    assert call_text(**shared) == call_text(**shared, mode="chat")
    assert call_text(**shared) != call_text(**shared, mode="completion")
