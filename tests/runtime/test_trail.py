"""Trails: what is added, united, cut, shown, and told in the end."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from atkc.runtime.trail import NO_TRAIL, Call, Source, Trail, digest, flat, united

TEXT = "one two three"


def of(name: str, *calls: str, text: str = "") -> Trail:
    trail = Trail((Source("docs", name, digest(text) if text else b""),))
    for step in calls:
        trail = trail.called(Call(step, (step.encode(),)))
    return trail


def told(trail: Trail) -> tuple[list[str], list[str]]:
    """Sources and steps in order; in brackets what was only shown."""
    found = flat(trail)
    sources = [f"({s['source']})" if s["shown"] else s["source"] for s in found["sources"]]
    calls = [f"({c['step']})" if c["shown"] else c["step"] for c in found["calls"]]
    return sources, calls


A, B, C = of("a", "x"), of("b", "x", "y"), of("c")
Z = Call("z", (b"z",))
GROUP = united((A, B))


@pytest.mark.parametrize(
    ("trail", "sources", "calls"),
    [
        (NO_TRAIL, [], []),
        (A, ["a"], ["x"]),
        (united(()), [], []),
        (GROUP, ["a", "b"], ["x", "y"]),
        (united((B, A)), ["b", "a"], ["x", "y"]),
        (GROUP.called(Z), ["a", "b"], ["x", "y", "z"]),
        (united((GROUP, GROUP, C)), ["a", "b", "c"], ["x", "y"]),
        (united((united((C, B)), GROUP)), ["c", "b", "a"], ["x", "y"]),
        (A.beside((B, C)), ["a", "(b)", "(c)"], ["x", "(y)"]),
        (A.beside((GROUP,)), ["a", "(b)"], ["x", "(y)"]),
        (united((A.beside((B,)), B)), ["a", "b"], ["x", "y"]),
        (C.beside((A.beside((B,)),)), ["c", "(b)", "(a)"], ["(x)", "(y)"]),
        (
            united((A.beside((C,)), B)).called(Z),
            ["a", "b", "(c)"],
            ["x", "y", "z"],
        ),
    ],
)
def test_what_a_record_was_made_of(trail: Trail, sources: list[str], calls: list[str]) -> None:
    assert told(trail) == (sources, calls)


def test_a_trail_that_nothing_is_added_to_is_shared() -> None:
    assert united((A, A)) is A
    assert united((NO_TRAIL, A)) is A
    assert A.called(Call("none", ())) is A
    assert A.beside(()) is A
    assert GROUP.called(Z).before is GROUP.before


def test_a_trail_that_lay_on_disk_tells_the_same() -> None:
    def stored(trail: Trail) -> Trail:
        again: Trail = pickle.loads(pickle.dumps(trail))
        return again

    for trail in (A, GROUP, GROUP.beside((C,)), united((GROUP.beside((C,)), C))):
        assert flat(stored(trail)) == flat(trail)
    # one of two rows of one parent has been on disk: the parent is still one
    assert told(united((stored(GROUP), GROUP))) == told(GROUP)
    doc = of("d", text=TEXT)
    assert united((stored(doc), doc)).cut(digest(TEXT), "two", 4, None).sources[0].start == 4


def test_a_vote_tells_its_ballots() -> None:
    trail = A.called(Call("vote", (b"k", b"l"), (True, None), True))
    assert flat(trail)["calls"][1] == {
        "step": "vote",
        "keys": ["6b", "6c"],
        "ballots": [True, None],
        "passed": True,
        "shown": False,
    }


def test_a_piece_has_its_place_in_the_source() -> None:
    doc = of("d", text=TEXT)
    (source,) = flat(doc.cut(digest(TEXT), "two three", 4, 7))["sources"]
    assert (source["start"], source["end"], source["page"]) == (4, 13, 7)
    assert source["digest"] == digest("two three").hex()


def test_a_piece_of_a_piece_has_its_place_in_the_source() -> None:
    piece = of("d", "x", text=TEXT).cut(digest(TEXT), "two three", 4, None)
    inner = piece.cut(digest("two three"), "three", 4, None)
    assert (inner.sources[0].start, inner.sources[0].end) == (8, 13)
    assert TEXT[8:13] == "three"
    assert inner.calls == piece.calls


@pytest.mark.parametrize(
    ("trail", "whole"),
    [
        (of("d", text=TEXT), "ONE TWO THREE"),  # changed on the way
        (of("d"), TEXT),  # the source had no text
        (united((of("d", text=TEXT), of("e", text=TEXT))), TEXT),  # of which?
    ],
)
def test_a_piece_of_another_text_has_no_place(trail: Trail, whole: str) -> None:
    assert trail.cut(digest(whole), "TWO", 4, 1) is trail


def test_a_long_chain_of_unions_is_no_depth_that_breaks() -> None:
    trail: Any = A
    for number in range(150):
        trail = united((trail, of(str(number), f"s{number}")))
    assert len(flat(pickle.loads(pickle.dumps(trail)))["sources"]) == 151
