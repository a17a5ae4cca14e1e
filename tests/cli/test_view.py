"""The table: what it shows in which width and height, and that it never exceeds them."""

from __future__ import annotations

import io
import threading

import pytest
from rich.console import Console, ConsoleRenderable, RenderHook

from atkc.cli.picture import Line, Painter, Picture
from atkc.cli.screen import Screen, _Console, rendered
from atkc.cli.view import frame
from atkc.compiler.plan import Plan
from atkc.runtime.calling.outcome import Counters
from atkc.runtime.ledger import LedgerRow
from atkc.spec.screen import width


def row(step: str, came: int, out: int, filtered: int = 0, failed: int = 0) -> LedgerRow:
    return LedgerRow(step, "", came, out, filtered, 0, failed, 0, 0, 0, 0, ())


def picture(lines: int = 4, failures: tuple[str, ...] = (), **more: object) -> Picture:
    totals = Counters(calls=340, cached=12, retried=3, prompt_tokens=45_000, money=0.12)
    rows = [
        Line(f"step-{n}", 100 * n, 90, 4, 1, 50, 3, 2.5, 60.0, 40.0 if n else 0.0)
        for n in range(lines)
    ]
    told: dict[str, object] = {
        "seconds": 61.0,
        "totals": totals,
        "calls_rate": 28.31,
        "records_rate": 40.0,
        "lines": rows,
        "done": 2,
        "steps": lines,
        "left": 300.0,
        "in_all": 1.9,
        "failures": failures,
        **more,
    }
    return Picture(**told)  # type: ignore[arg-type]


FAILURES = ("pairs: empty: no words", "pairs: missing-field: `answer`", "x: transport: 500")


def texts(picture: Picture, columns: int, rows: int) -> list[str]:
    return [line.text for line in frame(picture, columns, rows)]


def test_everything_is_shown_where_there_is_room() -> None:
    told = texts(picture(failures=FAILURES), 120, 40)
    assert told[0].startswith("61 s  340 calls (28.3/s)  12 from cache  about 5 min left")
    assert "$0.12 of about $1.90" in told[0]
    assert "40 records/s  45,000 tokens  3 sent again  2 of 4 steps done" in "  ".join(told[:3])
    heads = next(line for line in told if line.startswith("step "))
    assert heads.split() == ["step", "in", "out", "filtered", "failed", "calls", "cached", "/s"]
    assert "step-1    100   90         4       1     50       3  2.5  ██████░░░░  60%" in told
    assert "step-0          90         4       1     50       3  2.5  ██████████ 100%" in told
    assert told[-3:] == [f"failed {f}" for f in FAILURES]


@pytest.mark.parametrize("columns", [1, 2, 5, 10, 20, 40, 79, 80, 200])
@pytest.mark.parametrize("rows", [1, 2, 3, 5, 8, 24, 60])
@pytest.mark.parametrize("lines", [0, 1, 30])
def test_no_frame_exceeds_its_terminal(columns: int, rows: int, lines: int) -> None:
    wild = ("漢字 " * 30, "a\nb\x1b[2J" * 9, "x" * 300)
    many = picture(lines, wild, held=wild)
    told = texts(many, columns, rows)
    assert len(told) <= max(rows - 1, 1)
    assert all(width(line) <= max(columns - 1, 1) for line in told)
    assert not any("\n" in line or "\x1b" in line for line in told)


def test_a_low_terminal_leaves_out_finished_steps_first_and_says_so() -> None:
    told = texts(picture(30), 120, 10)
    assert len(told) == 9
    assert told[-1] == "and 25 more steps"
    assert not any(line.startswith("step-0 ") for line in told)


@pytest.mark.parametrize(
    ("columns", "heads"),
    [
        (80, ["step", "in", "out", "filtered", "failed", "calls", "cached", "/s"]),
        (45, ["step", "in", "out", "filtered", "failed", "calls"]),
        (30, ["step", "in", "out", "failed"]),
        (20, ["step", "out"]),
    ],
)
def test_a_narrow_terminal_has_fewer_columns(columns: int, heads: list[str]) -> None:
    told = texts(picture(), columns, 40)
    assert next(line for line in told if line.startswith("step ")).split() == heads


HELD = ("http://h/v1 is held back: it is busy; no call for 9 s",) * 9


@pytest.mark.parametrize(("rows", "shown"), [(40, 9), (10, 1), (3, 0)])
def test_what_is_held_back_stands_below_the_figures(rows: int, shown: int) -> None:
    told = frame(picture(held=HELD), 120, rows)
    notes = [line for line in told if line.text == HELD[0]]
    assert len(notes) == shown
    assert all(line.style == "yellow" for line in notes)
    assert len(told) <= rows - 1


def test_a_bar_is_shown_only_of_what_is_known() -> None:
    unknown = picture(lines=1)
    unknown.lines[0].waiting = None
    assert not any("%" in line for line in texts(unknown, 120, 40))
    assert any("100%" in line for line in texts(picture(lines=1), 120, 40))
    plain = [line.text for line in frame(picture(lines=2), 120, 40, ascii_only=True)]
    assert any("######....  60%" in line for line in plain)


def test_instances_are_summed_and_what_has_not_begun_is_left_out() -> None:
    rows = (
        row("chunks/a.1", 3, 5),
        row("chunks/b.1", 2, 2),
        row("recall/a.asked/x.pairs", 5, 3, 1, 1),
        row("later", 0, 0),
    )
    painter = Painter(Plan(name="p", nodes=[]))
    found = painter.paint(1.0, rows, Counters(), 0, foreseeable=False).lines
    assert [(line.name, line.came, line.out, line.failed) for line in found] == [
        ("chunks", 5, 7, 0),
        ("recall", 5, 3, 1),
    ]


def _console(**more: object) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    options = {"width": 60, "height": 12, "force_terminal": True, "_environ": {}, **more}
    return Console(file=file, **options), file  # type: ignore[arg-type]


def test_the_screen_draws_frames_and_takes_them_away() -> None:
    console, file = _console()
    screen = Screen(console)
    screen.show(picture())
    screen.line("a line above")
    screen.close()
    assert "a line above" in file.getvalue()
    assert not screen._thread.is_alive()


def test_the_cursor_is_never_hidden_so_a_kill_leaves_the_terminal_sane() -> None:
    file = io.StringIO()
    screen = Screen(_Console(file=file, width=60, height=12, force_terminal=True))
    painted = threading.Event()
    screen.console.push_render_hook(_Hook(painted))
    screen.show(picture())
    assert painted.wait(10)
    screen.close()
    assert "step-1" in file.getvalue()
    assert "\x1b[?25l" not in file.getvalue()


class _Hook(RenderHook):
    def __init__(self, painted: threading.Event) -> None:
        self._painted = painted

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        self._painted.set()
        return renderables


def test_without_colour_it_reads_the_same() -> None:
    shown = picture(failures=FAILURES)
    console, file = _console(color_system=None)
    console.print(rendered(shown, console))
    told = [line.text for line in frame(shown, 60, 12)]
    assert [line.rstrip() for line in file.getvalue().splitlines()] == told
    coloured, file = _console(color_system="standard")
    coloured.print(rendered(shown, coloured))
    assert "\x1b[31m" in file.getvalue()
    quiet, file = _console(color_system="standard", _environ={"NO_COLOR": "1"})
    quiet.print(rendered(shown, quiet))
    assert "\x1b[31m" not in file.getvalue()
