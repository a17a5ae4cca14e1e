"""What holds in every layout: nothing overlaps, modules hold their boxes, arrows lead down."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from atkc.compiler.drawing.geometry import Layout, Rect, Stroke
from atkc.compiler.drawing.layout import lay_out
from atkc.compiler.drawing.picture import Picture, picture
from atkc.compiler.plan import Plan
from tests.compiler.drawing.plans import PLANS, drawn_by_lot, folded, node, plan

CASES = {
    **{name: make() for name, make in PLANS.items()},
    **{f"lot-{seed}": drawn_by_lot(seed) for seed in range(40)},
}
SLACK = 0.01


@pytest.fixture(params=CASES, scope="module")
def laid(request: pytest.FixtureRequest) -> tuple[Picture, Layout]:
    drawn = picture(CASES[request.param])
    return drawn, lay_out(drawn)


def apart(a: Rect, b: Rect) -> bool:
    return (
        a.x + a.w <= b.x + SLACK
        or b.x + b.w <= a.x + SLACK
        or a.y + a.h <= b.y + SLACK
        or b.y + b.h <= a.y + SLACK
    )


def holds(outer: Rect, inner: Rect) -> bool:
    return (
        outer.x <= inner.x + SLACK
        and outer.y <= inner.y + SLACK
        and inner.x + inner.w <= outer.x + outer.w + SLACK
        and inner.y + inner.h <= outer.y + outer.h + SLACK
    )


def around(drawn: Picture, module: str) -> Iterator[str]:
    parents = {c.id: c.parent for c in drawn.clusters}
    while module:
        yield module
        module = parents[module]


def test_every_box_and_module_has_a_place(laid: tuple[Picture, Layout]) -> None:
    drawn, layout = laid
    assert set(layout.boxes) == {b.id for b in drawn.boxes}
    assert set(layout.modules) == {c.id for c in drawn.clusters}


def test_boxes_stand_apart(laid: tuple[Picture, Layout]) -> None:
    _, layout = laid
    assert all(apart(a, b) for a, b in itertools.combinations(layout.boxes.values(), 2))


def test_a_module_holds_its_boxes_and_no_others(laid: tuple[Picture, Layout]) -> None:
    drawn, layout = laid
    for box in drawn.boxes:
        mine = set(around(drawn, box.cluster))
        for module, rect in layout.modules.items():
            inside = holds(rect, layout.boxes[box.id])
            assert inside if module in mine else apart(rect, layout.boxes[box.id])


def test_all_lies_on_the_paper(laid: tuple[Picture, Layout]) -> None:
    _, layout = laid
    paper = Rect(0, 0, layout.w, layout.h)
    assert all(holds(paper, r) for r in (*layout.boxes.values(), *layout.modules.values()))
    for s in layout.strokes:
        assert min(s.x1, s.x2) >= -SLACK
        assert max(s.x1, s.x2) <= layout.w + SLACK


def test_each_stream_leaves_its_source_and_reaches_its_target(laid: tuple[Picture, Layout]) -> None:
    drawn, layout = laid
    for arrow in drawn.arrows:
        source, target = layout.boxes[arrow.source], layout.boxes[arrow.target]
        wires = {w.id for w in layout.wires if arrow.source in w.sources and w.port == arrow.port}
        mine = [s for s in layout.strokes if s.wire in wires]
        assert any(
            s.first
            and abs(s.y1 - source.y - source.h) < SLACK
            and source.x < s.x1 < source.x + source.w
            for s in mine
        )
        ends = [s for s in mine if s.end and (s.end.box, s.end.role) == (arrow.target, arrow.role)]
        assert ends
        assert all(abs(s.y2 - target.y) < SLACK for s in ends)
        assert all(target.x < s.x2 < target.x + target.w for s in ends)


def test_strokes_of_a_wire_join(laid: tuple[Picture, Layout]) -> None:
    _, layout = laid
    for wire in layout.wires:
        mine = [s for s in layout.strokes if s.wire == wire.id]
        lower = {(round(s.x2, 1), round(s.y2, 1)) for s in mine}
        for s in mine:
            assert s.first or (round(s.x1, 1), round(s.y1, 1)) in lower


def points(s: Stroke) -> Iterator[tuple[float, float]]:
    """Yield points of a stroke: straight down to its bend, then the curve."""
    for i in range(11):
        yield s.x1, s.y1 + (s.bend - s.y1) * i / 10
        t = i / 10
        yield s.x1 + (s.x2 - s.x1) * t * t * (3 - 2 * t), s.bend + (s.y2 - s.bend) * t


def test_lines_run_between_boxes_not_over_them(laid: tuple[Picture, Layout]) -> None:
    _, layout = laid
    for s in layout.strokes:
        if s.y2 < s.y1:
            continue  # a cycle: it has to turn back somewhere
        for x, y in points(s):
            over = [r for r in layout.boxes.values() if inside(r, x, y)]
            assert not over


def inside(r: Rect, x: float, y: float) -> bool:
    return r.x + SLACK < x < r.x + r.w - SLACK and r.y + SLACK < y < r.y + r.h - SLACK


@pytest.mark.parametrize("name", [n for n in CASES if n.startswith(("simple", "folded"))])
def test_arrows_lead_down(name: str) -> None:
    layout = lay_out(picture(CASES[name]))
    assert all(s.y1 <= s.bend <= s.y2 for s in layout.strokes)


def test_a_stream_back_into_a_module_is_drawn_all_the_same() -> None:
    drawn = picture(PLANS["looped"]())
    ends = {s.end.box for s in lay_out(drawn).strokes if s.end}
    assert ends == {"m.first", "between", "m.second", "out"}


def test_equal_plans_are_laid_out_alike() -> None:
    assert lay_out(picture(folded())) == lay_out(picture(folded()))


def test_lists_of_files_to_one_place_share_a_line() -> None:
    layout = lay_out(picture(many_files()))
    files = [w for w in layout.wires if w.files]
    assert [len(w.sources) for w in files] == [5]


def many_files() -> Plan:
    written = [node(f"f{i}", "export", "s") for i in range(5)]
    return plan(
        node("s", "source"), *written, node("card", "export", *(f"f{i}|files" for i in range(5)))
    )


def test_modules_of_one_source_stand_side_by_side() -> None:
    def module(name: str, first: str) -> list[object]:
        return [node(f"{name}.a", "map", first), *(
            node(f"{name}.{b}", "map", f"{name}.{a}") for a, b in ("ab", "bc", "cd")
        )]  # fmt: skip

    nodes = [node("s", "source"), *module("m", "s"), node("t", "map", "s"), *module("n", "t")]
    ends = [node("x", "export", "m.d"), node("y", "export", "n.d")]
    layout = lay_out(picture(plan(*nodes, *ends)))  # type: ignore[arg-type]
    assert layout.modules["m"].y == layout.modules["n"].y
