"""The parts of a layout: layers, order, positions, letters."""

from __future__ import annotations

import pytest

from atkc.compiler.drawing.layers import layered
from atkc.compiler.drawing.lettering import shorten, width
from atkc.compiler.drawing.ordering import Link, arranged
from atkc.compiler.drawing.outlines import num
from atkc.compiler.drawing.positions import Joint, rising, spread

FLAT = dict.fromkeys("abcdef", 46.0)


@pytest.mark.parametrize(
    ("links", "layers"),
    [
        ("ab bc", {"a": 0, "b": 1, "c": 2}),
        ("ab bc ac", {"a": 0, "b": 1, "c": 2}),
        ("ab bd cd", {"a": 0, "b": 1, "c": 1, "d": 2}),  # a source stands near what reads it
        ("ab ba", {"a": 0, "b": 1}),  # the link that closes a cycle does not count
        ("aa", {"a": 0}),
    ],
)
def test_layers(links: str, layers: dict[str, int]) -> None:
    assert layered(list(layers), [(a, b) for a, b in links.split()], FLAT) == layers


def test_a_tall_item_moves_beside_a_taller_one() -> None:
    links = [("s", "tall"), ("s", "small"), ("small", "taller"), ("taller", "end")]
    heights = {"s": 46.0, "small": 46.0, "end": 46.0, "tall": 600.0, "taller": 900.0}
    layer = layered(list(heights), links, heights)
    assert layer["tall"] == layer["taller"] == 2


def test_crossings_are_undone() -> None:
    links = [Link("a", "y"), Link("b", "x"), Link("x", "p"), Link("y", "q")]
    rows = arranged([["a", "b"], ["x", "y"], ["p", "q"]], links)
    index = {n: i for row in rows for i, n in enumerate(row)}
    assert (index["a"] < index["b"]) == (index["y"] < index["x"]) == (index["q"] < index["p"])


def test_order_is_kept_where_nothing_crosses() -> None:
    assert arranged([["a", "b"], ["c"]], [Link("a", "c")]) == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("wishes", "values"),
    [
        ([(1, 1), (2, 1)], [1, 2]),
        ([(4, 1), (2, 1)], [3, 3]),
        ([(4, 3), (0, 1), (9, 1)], [3, 3, 9]),
        ([], []),
    ],
)
def test_rising_values_are_the_nearest(
    wishes: list[tuple[float, float]], values: list[float]
) -> None:
    assert rising(wishes) == pytest.approx(values)


def test_a_line_of_nodes_stands_straight() -> None:
    widths = {"a": 100.0, "b": 40.0, "c": 100.0}
    joints = [Joint("a", "b", 50, 20, 1), Joint("b", "c", 20, 50, 1)]
    left = spread([["a"], ["b"], ["c"]], joints, widths, dict.fromkeys("abc", 10.0))
    assert left == pytest.approx({"a": 0, "b": 30, "c": 0}, abs=0.1)


def test_neighbours_keep_apart() -> None:
    joints = [Joint("t", n, 5, 5, 1) for n in "ab"]
    widths, gaps = dict.fromkeys("tab", 10.0), dict.fromkeys("tab", 6.0)
    left = spread([["t"], ["a", "b"]], joints, widths, gaps)
    assert left["b"] - left["a"] == pytest.approx(16)


@pytest.mark.parametrize(
    ("text", "end", "shown"),
    [
        ("short", False, "short"),
        ("a long line of text", False, "a long…"),
        ("out/sft/pairs.jsonl", True, "…pairs.jsonl"),
    ],
)
def test_long_texts_are_cut(text: str, end: bool, shown: str) -> None:
    room = width(shown, 10) + 0.5
    assert shorten(text, 10, room, keep_end=end).replace(" …", "…") == shown


def test_wide_letters_count_double() -> None:
    assert width("港", 10) > 1.5 * width("a", 10)
    assert width("e\u0301", 10) == width("e", 10)


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (1.25, "1.2"), (-0.01, "0"), (9.96, "10")])
def test_numbers_are_short(value: float, text: str) -> None:
    assert num(value) == text
