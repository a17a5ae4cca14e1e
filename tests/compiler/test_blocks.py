"""Blocks: edges that a circle leads through, whatever their direction."""

from __future__ import annotations

import pytest

from atkc.compiler.blocks import blocks


@pytest.mark.parametrize(
    ("edges", "together"),
    [
        ("", []),
        ("ab bc", [{"ab"}, {"bc"}]),
        ("ab ac bd cd", [{"ab", "ac", "bd", "cd"}]),
        ("ax ay bx by", [{"ax", "ay", "bx", "by"}]),  # no fork whose ways meet
        ("ab ac bd cd de", [{"ab", "ac", "bd", "cd"}, {"de"}]),
        ("ab bc ac cd de ce", [{"ab", "bc", "ac"}, {"cd", "de", "ce"}]),  # they share a node
        ("ab cd", [{"ab"}, {"cd"}]),
    ],
)
def test_edges_of_a_circle_are_together(edges: str, together: list[set[str]]) -> None:
    names = edges.split()
    numbers = blocks([(name[0], name[1]) for name in names])
    found = [{n for n, k in zip(names, numbers, strict=True) if k == kind} for kind in {*numbers}]
    assert sorted(map(sorted, found)) == sorted(map(sorted, together))


def test_two_edges_between_the_same_nodes_are_a_circle() -> None:
    assert len(set(blocks([("a", "b"), ("a", "b")]))) == 1


def test_a_long_chain_needs_no_recursion() -> None:
    chain = [(str(n), str(n + 1)) for n in range(5000)]
    assert len(set(blocks(chain))) == 5000
    assert len(set(blocks([*chain, ("0", "5000")]))) == 1
