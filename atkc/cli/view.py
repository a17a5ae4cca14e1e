"""The table on a terminal, cut to its width and height: lines of text, nothing that wraps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from atkc.cli.figures import figures
from atkc.cli.picture import Line, Picture
from atkc.spec.screen import printable, width

_HEAD = 3  # lines that the figures may take
_NAME = 28  # columns of the longest name of a step
_LEAST = 8  # of the shortest
_BAR = 10
_GAP = 2


class Column(Struct, frozen=True):
    """A column of numbers; the higher its `rank`, the sooner a narrow terminal does without."""

    title: str
    cell: Callable[[Line], str]
    rank: int


def _number(value: int) -> str:
    return str(value) if value else ""


COLUMNS = (
    Column("in", lambda line: _number(line.came), 2),
    Column("out", lambda line: _number(line.out), 0),
    Column("filtered", lambda line: _number(line.filtered), 4),
    Column("failed", lambda line: _number(line.failed), 1),
    Column("calls", lambda line: _number(line.calls), 3),
    Column("cached", lambda line: _number(line.cached), 5),
    Column("/s", lambda line: f"{line.rate:.1f}" if line.rate >= 0.05 else "", 6),
)


class Told(Struct, frozen=True):
    """A line of the frame and its style, without which it reads the same.

    The style is `""`, `bold`, `yellow` or `red`.
    """

    text: str
    style: str = ""


def frame(picture: Picture, columns: int, rows: int, *, ascii_only: bool = False) -> list[Told]:
    """Return at most `rows - 1` lines of at most `columns - 1` columns: full ones would wrap."""
    columns, rows = max(columns - 1, 1), max(rows - 1, 1)
    head = _head(picture, columns)[:rows]
    held = [Told(_cut(text, columns), "yellow") for text in picture.held]
    head += held[: max(0, rows - len(head)) // 4]
    failures = [Told(_cut(f"failed {f}", columns), "red") for f in picture.failures]
    room = rows - len(head)
    failures = failures[-max(0, min(len(failures), room // 4)) :] if room >= 4 else []
    return [*head, *_table(picture.lines, columns, room - len(failures), ascii_only), *failures]


def _head(picture: Picture, columns: int) -> list[Told]:
    """Return the figures, as many as fit into so many lines."""
    lines = [f"{picture.seconds:.0f} s"]
    for part in figures(picture):
        if len(lines[-1]) + _GAP + len(part) <= columns:
            lines[-1] += " " * _GAP + part
        elif len(lines) < _HEAD:
            lines.append(part)
        else:
            break
    return [Told(_cut(line, columns), "bold") for line in lines]


def _table(lines: Sequence[Line], columns: int, room: int, ascii_only: bool) -> Iterable[Told]:
    if not lines or room < min(len(lines) + 1, 3):
        return
    shown, more = _that_fit(lines, room - 1)
    named = min(max(_LEAST, *(width(line.name) for line in shown)), _NAME)
    wide = {c.title: max(len(c.title), *(len(c.cell(x)) for x in shown)) for c in COLUMNS}
    chosen, left = _that_have_room(wide, columns - named)
    bars = left >= _BAR + _GAP + 5 and any(line.share is not None for line in shown)
    titles = "".join(f"{c.title:>{wide[c.title] + _GAP}}" for c in chosen)
    yield Told(_cut("step".ljust(named) + titles, columns), "bold")
    for line in shown:
        cells = "".join(f"{c.cell(line):>{wide[c.title] + _GAP}}" for c in chosen)
        bar = _bar(line.share, ascii_only) if bars else ""
        yield Told(_cut(_padded(line.name, named) + cells + bar, columns).rstrip())
    if more:
        yield Told(_cut(f"and {more} more steps", columns))


def _that_fit(lines: Sequence[Line], room: int) -> tuple[list[Line], int]:
    """Return the lines to show in written order, and how many are left out: what is done first."""
    if len(lines) <= room:
        return list(lines), 0
    by_weight = sorted(range(len(lines)), key=lambda at: (lines[at].share == 1.0, -lines[at].rate))
    kept = sorted(by_weight[: max(room - 1, 1)])
    return [lines[at] for at in kept], len(lines) - len(kept)


def _that_have_room(wide: dict[str, int], room: int) -> tuple[list[Column], int]:
    """Return the columns that fit, in their order, and how much room is left beside them."""
    kept = set()
    for column in sorted(COLUMNS, key=lambda c: c.rank):
        need = wide[column.title] + _GAP
        if need > room:
            break
        room -= need
        kept.add(column.title)
    return [c for c in COLUMNS if c.title in kept], room


def _bar(share: float | None, ascii_only: bool) -> str:
    if share is None:
        return ""
    full, empty = ("#", ".") if ascii_only else ("█", "░")
    done = int(share * _BAR)
    return f"{' ' * _GAP}{full * done}{empty * (_BAR - done)} {share * 100:3.0f}%"


def _padded(name: str, columns: int) -> str:
    name = _cut(name, columns)
    return name + " " * (columns - width(name))


def _cut(text: str, columns: int) -> str:
    """Return one line of at most so many columns, with nothing in it that moves the cursor."""
    text = printable(text)
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[: max(len(text) - max((width(text) - columns) // 2, 1), 0)]
    return text + "…"
