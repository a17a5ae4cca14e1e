"""Findings as people and machines see them; golden files are renewed by UPDATE_GOLDEN=1."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from atkc.spec.diagnostic import Diagnostic, Label
from atkc.spec.render import as_github, as_json, as_text, ordered
from atkc.spec.screen import WIDEST, printable, ruled, width
from atkc.spec.source import Source, Span
from atkc.spec.yamltext import load

GOLDEN = Path(__file__).parent / "golden"


def at(line: int, col: int, end_line: int, end_col: int, path: str = "qa.yaml") -> Span:
    return Span(path, line, col, end_line, end_col)


QA = Source(
    "qa.yaml",
    "steps:\n  chunks: {type: source}\n  draft:\n    in: chunks\n    prompt: |\n"
    "      Text: {{ passage.txt }}\n\tand: 名前 🙂 e\u0301x\n"
    f"    long: {'word ' * 60}here\n",
)
SHARED = Source("shared/types.yaml", "Pair: {question: string}\n")
SOURCES = {source.path: source for source in (QA, SHARED)}

CASES = {
    "field": [
        Diagnostic(
            "ATK412",
            "`passage` has no field `txt`",
            at(6, 24, 6, 27),
            (Label(at(4, 9, 4, 15), "`chunks` gives {id: string, text: string}"),),
            "did you mean `text`?",
        )
    ],
    "lines": [
        Diagnostic("ATK202", "two lines", at(3, 3, 4, 15)),
        Diagnostic("ATK202", "many lines", at(2, 11, 6, 30), help="write fewer"),
        Diagnostic("ATK202", "ends at a line end", at(3, 3, 4, 1)),
    ],
    "wide": [
        Diagnostic("ATK111", "behind a tab and wide signs", at(7, 7, 7, 9)),
        Diagnostic("ATK111", "behind a combining sign", at(7, 14, 7, 15)),
    ],
    "long": [
        Diagnostic("ATK205", "far to the right", at(8, 311, 8, 315)),
        Diagnostic("ATK205", "from the left", at(8, 11, 8, 315)),
    ],
    "elsewhere": [
        Diagnostic(
            "ATK420",
            "`Pair` does not fit",
            at(4, 5, 4, 7),
            (
                Label(at(1, 1, 1, 5, "shared/types.yaml"), "declared here"),
                Label(at(9, 1, 9, 5, "gone.yaml"), "and here"),
            ),
        ),
        Diagnostic("ATK001", "`x.yaml` does not exist", help="check the path"),
        Diagnostic("ATK320", "nobody reads this", at(2, 1, 2, 4, "gone.yaml")),
        Diagnostic("ATK201", "a line the file does not have", at(99, 1, 99, 4)),
        Diagnostic("ATK201", "with\x1b[31m hostile\nsigns \u202e \ud800", at(1, 1, 1, 6)),
    ],
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", ["txt", "ansi", "json", "github"])
def test_rendering_is_as_agreed(name: str, form: str) -> None:
    found = CASES[name]
    rendered = {
        "txt": lambda: as_text(found, SOURCES),
        "ansi": lambda: as_text(found, SOURCES, color=True),
        "json": lambda: as_json(found),
        "github": lambda: as_github(found),
    }[form]()
    path = GOLDEN / f"{name}.{form}"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(rendered.encode())
    assert rendered == path.read_bytes().decode()


def test_a_broken_file_renders_as_agreed() -> None:
    text = (
        'a: {n: max(a, b)}\nb: 1\n名前: "日本" x\nlong: {{ x }} y\n'
        "b: 2\nc: |\n  x\n y\nd: 'it\ne: 1\n"
    )
    source = Source("broken.yaml", text)
    rendered = as_text(load(source)[1], {source.path: source})
    path = GOLDEN / "broken.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_bytes(rendered.encode())
    assert rendered == path.read_bytes().decode()


def test_findings_are_sorted_by_place_and_each_shown_once() -> None:
    late, early = (
        Diagnostic("ATK201", "b", at(2, 1, 2, 2)),
        Diagnostic("ATK201", "a", at(1, 9, 1, 10)),
    )
    nowhere = Diagnostic("ATK001", "c")
    again = Diagnostic("ATK201", "b", at(2, 1, 2, 2), where="steps.other")
    assert ordered([late, again, early, nowhere]) == [nowhere, early, late]


def test_nothing_found_renders_as_nothing() -> None:
    assert as_text([], {}) == ""
    assert as_github([]) == ""
    assert json.loads(as_json([])) == {"format_version": "1.0", "diagnostics": []}


def test_json_can_be_read_back() -> None:
    listed = json.loads(as_json(CASES["field"]))["diagnostics"]
    assert [(d["code"], d["severity"], d["span"]["end_col"]) for d in listed] == [
        ("ATK412", "error", 27)
    ]
    assert listed[0]["labels"][0]["span"]["line"] == 4


@pytest.mark.parametrize(
    ("message", "path", "written_path", "written"),
    [
        ("50% of\r\nit", "a.yaml", "a.yaml", "50%25 of%0D%0Ait"),
        ("m", "a,b:c.yaml", "a%2Cb%3Ac.yaml", "m"),
    ],
)
def test_workflow_commands_are_escaped(
    message: str, path: str, written_path: str, written: str
) -> None:
    places = f"file={written_path},line=1,endLine=1,col=1,endColumn=2,title=ATK201"
    found = [Diagnostic("ATK201", message, at(1, 1, 1, 2, path))]
    assert as_github(found) == f"::error {places}::{written}\n"


def test_colour_adds_only_colour() -> None:
    for found in CASES.values():
        assert re.sub(r"\x1b\[[0-9;]*m", "", as_text(found, SOURCES, True)) == as_text(
            found, SOURCES
        )


@pytest.mark.parametrize(
    ("line", "start", "end", "shown", "marks"),
    [
        ("abc def", 4, 7, "abc def", "    ^^^"),
        ("abc", 3, 3, "abc", "   ^"),
        ("abc", 9, 12, "abc", "   ^"),
        ("\ta", 1, 2, "    a", "    ^"),
        ("日本 x", 3, 4, "日本 x", "     ^"),
        ("日本", 0, 2, "日本", "^^^^"),
        ("e\u0301x", 2, 3, "e\u0301x", " ^"),
        ("\x07x", 1, 2, "\ufffdx", " ^"),
    ],
)
def test_marks_stand_below_what_they_mean(
    line: str, start: int, end: int, shown: str, marks: str
) -> None:
    assert ruled(line, start, end, "^") == (shown, marks)


@pytest.mark.parametrize("start", [0, 60, 119, 500, 999])
def test_long_lines_are_cut_around_the_marks(start: int) -> None:
    line = "".join(chr(97 + i % 26) for i in range(1000))
    shown, marks = ruled(line, start, start + 1, "^")
    assert width(shown) <= WIDEST + 2
    assert shown[marks.index("^")] == line[start]


def test_text_for_a_terminal_cannot_move_its_cursor() -> None:
    assert printable("a\x1b[2Jb\nc\u202ed") == "a\ufffd[2Jb\\nc\ufffdd"
