"""The outlines of boxes as SVG paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping


def num(value: float) -> str:
    """Return a number with at most one decimal, the same on every machine."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _path(*parts: str | float) -> str:
    return " ".join(part if isinstance(part, str) else num(part) for part in parts)


def _rounded(x: float, y: float, w: float, h: float, r: float) -> str:
    return _path(
        "M", x + r, y, "h", w - 2 * r, "a", r, r, "0 0 1", r, r, "v", h - 2 * r,
        "a", r, r, "0 0 1", -r, r, "h", 2 * r - w, "a", r, r, "0 0 1", -r, -r,
        "v", 2 * r - h, "a", r, r, "0 0 1", r, -r, "z",
    )  # fmt: skip


def _square(x: float, y: float, w: float, h: float) -> str:
    return _rounded(x, y, w, h, 3)


def _round(x: float, y: float, w: float, h: float) -> str:
    return _rounded(x, y, w, h, min(11.0, h / 4))


def _stadium(x: float, y: float, w: float, h: float) -> str:
    return _rounded(x, y, w, h, h / 2)


def _hexagon(x: float, y: float, w: float, h: float) -> str:
    cut = min(12.0, h / 4)
    return _path(
        "M", x + cut, y, "h", w - 2 * cut, "l", cut, h / 2, "l", -cut, h / 2,
        "h", 2 * cut - w, "l", -cut, -h / 2, "z",
    )  # fmt: skip


def _slanted(x: float, y: float, w: float, h: float) -> str:
    cut = min(12.0, h / 4)
    return _path("M", x + cut, y, "h", w - cut, "l", -cut, h, "h", cut - w, "z")


def _page(x: float, y: float, w: float, h: float) -> str:
    fold = min(11.0, h / 3)
    return _path(
        "M", x, y, "h", w - fold, "l", fold, fold, "v", h - fold, "h", -w, "z",
        "M", x + w - fold, y, "v", fold, "h", fold,
    )  # fmt: skip


OUTLINES: Mapping[str, Callable[[float, float, float, float], str]] = {
    "square": _square,
    "round": _round,
    "stadium": _stadium,
    "hexagon": _hexagon,
    "slanted": _slanted,
    "page": _page,
}
