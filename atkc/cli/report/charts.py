"""Charts as inline SVG: a bar of parts, a stretch of time, a histogram."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from atkc.cli.report.markup import el, joined

_WIDE, _HIGH = 160.0, 12
_COLUMN, _TALL = 26, 70


def bar(parts: Sequence[tuple[str, float]], whole: float, said: str) -> Markup:
    """Return a bar whose parts (class, size) are shares of `whole`."""
    drawn, x = [], 0.0
    for kind, size in parts:
        wide = _WIDE * size / whole if whole else 0.0
        if wide > 0:
            drawn.append(_rect(x, 0, max(wide, 1.0), _HIGH, kind))
        x += wide
    return _svg(_WIDE, _HIGH, said, drawn, "r-bar")


def stretch(start: float, end: float, whole: float, said: str) -> Markup:
    """Return a bar from `start` to `end` of a time that was `whole` long."""
    scale = _WIDE / whole if whole else 0.0
    wide = max((end - start) * scale, 1.0)
    return _svg(_WIDE, _HIGH, said, [_rect(start * scale, 2, wide, 8, "r-time")], "r-bar")


def histogram(counts: Sequence[int], heads: Sequence[str], said: str) -> Markup:
    """Return columns with their counts above and their heads below."""
    top = max(counts, default=0) or 1
    drawn: list[Markup] = []
    for at, (count, head) in enumerate(zip(counts, heads, strict=True)):
        x, high = at * _COLUMN, _TALL * count / top
        middle = x + _COLUMN / 2
        drawn.append(_rect(x + 2, 12 + _TALL - high, _COLUMN - 4, high, "r-out"))
        if count:
            drawn.append(_text(middle, 10 + _TALL - high, f"{count:,}"))
        drawn.append(_text(middle, 24 + _TALL, head))
    return _svg(len(counts) * _COLUMN, _TALL + 28, said, drawn, "r-histogram")


def _svg(wide: float, high: float, said: str, drawn: Sequence[Markup], kind: str) -> Markup:
    return el(
        "svg", el("title", said), joined(drawn),
        cls=kind, width=_num(wide), height=_num(high), viewbox=f"0 0 {_num(wide)} {_num(high)}",
        role="img", aria_label=said,
    )  # fmt: skip


def _rect(x: float, y: float, wide: float, high: float, kind: str) -> Markup:
    return el("g", el("rect", x=_num(x), y=_num(y), width=_num(wide), height=_num(high)), cls=kind)


def _text(x: float, y: float, said: str) -> Markup:
    return el("text", said, x=_num(x), y=_num(y), text_anchor="middle", cls="r-tick")


def _num(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
