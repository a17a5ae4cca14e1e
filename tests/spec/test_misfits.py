"""All that does not fit a structure is found, each at its path, in words of specs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atkc.spec.misfits import misfits
from atkc.spec.model import Combine, Endpoint, Prompt, PromptFile, VoteFilter

VOTE = {"type": "vote-filter", "from": "a", "model": "m", "prompt": "p.yaml", "as": "v"}
ASK = {"type": "prompt", "from": "a", "model": "m", "prompt": "p.yaml"}
MERGE = {"type": "combine", "op": "group", "from": "a"}


@pytest.mark.parametrize(
    ("kind", "data", "wanted"),
    [
        (VoteFilter, VOTE, []),
        (VoteFilter, {**VOTE, "votes": "three"}, ["votes: it must be a whole number"]),
        (VoteFilter, {**VOTE, "votes": 0}, ["votes: it must be at least 1"]),
        (VoteFilter, {**VOTE, "votes": True}, ["votes: it must be a whole number"]),
        (VoteFilter, {**VOTE, "votes": 0, "resample": -1, "as": 3},
         ["as: it must be a text", "votes: it must be at least 1",
          "resample: it must be at least 0"]),
        (VoteFilter, {**VOTE, "invalid": "x"},
         ["invalid: it must be one of `fail`, `ignore`, `resample`"]),
        (VoteFilter, {**VOTE, "as": "a b"}, ["as: it must match `^[A-Za-z_][A-Za-z0-9_-]*$`"]),
        (VoteFilter, {**VOTE, "pass": {}}, ["pass: it has either `at_least` or `share`"]),
        (VoteFilter, {**VOTE, "pass": {"share": 2}}, ["pass.share: it must be at most 1"]),
        (Combine, {**MERGE, "by": {}}, ["by: it has either `origin` or `hashed`"]),
        (Combine, {**MERGE, "hashed": {"tokens": "n"}},
         ["hashed: it has either `tokens` and `weigh`, or `share`"]),
        (Combine, {**MERGE, "sides": {"a b": "x"}}, ["sides.a b: "]),
        (Prompt, {"type": "prompt", "from": "a"}, ["model: it is missing"]),
        (Prompt, {**ASK, "each": {"min": "x"}}, ["each.min: it must be a whole number"]),
        (Prompt, {**ASK, "surprise": 1}, ["surprise: there is no such key"]),
        (Endpoint, {"timeout": "5"}, ["timeout: it must be a number"]),
        (PromptFile, {"messages": [{"role": "user", "content": "x"}, {"role": "user"}]},
         ["messages.1.content: it is missing"]),
    ],
)  # fmt: skip
def test_each_misfit_is_told_at_its_path(kind: Any, data: Any, wanted: list[str]) -> None:
    found = [f"{'.'.join(map(str, f.path))}: {f.message}" for f in misfits(data, kind)]
    assert len(found) == len(wanted)
    assert all(said.startswith(start) for said, start in zip(found, wanted, strict=True))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab ", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab-", max_size=2), inner),
    max_leaves=4,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*VOTE, "votes", "pass", "else", "if", "when"]), ANYTHING))
def test_data_has_misfits_just_where_it_cannot_be_converted(change: dict[str, Any]) -> None:
    data = {**VOTE, **change}
    try:
        msgspec.convert(data, VoteFilter)
    except msgspec.ValidationError:
        assert list(misfits(data, VoteFilter))
    else:
        assert not list(misfits(data, VoteFilter))
