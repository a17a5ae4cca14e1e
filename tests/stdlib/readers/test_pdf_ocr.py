"""Pages without a usable text layer are recognised, or it is told which were not read and why."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from atkc.runtime.api import ReadFailure, ReadNote
from atkc.runtime.errors import RecordError
from atkc.stdlib.readers import documents
from atkc.stdlib.readers.pdf_file import parse
from atkc.stdlib.readers.pdf_layout import Line, Piece
from atkc.stdlib.readers.pdf_ocr import OcrError, dpi_for, recognise
from atkc.stdlib.readers.pdf_pages import _is_scan
from atkc.stdlib.readers.settings import Settings

LAYER = "This page has a text layer of its own, long enough to be taken for one by anybody."
SEEN = "The lighthouse stands on a rock."
ROW = "5\t1\t1\t1\t{line}\t{n}\t{x}\t{y}\t90\t30\t{sure}\t{word}"

Paint = Callable[[pymupdf.Page], object]


def scanned(text: str) -> Paint:
    """Paint a page whose words are the pixels of an image."""

    def paint(page: pymupdf.Page) -> None:
        other = pymupdf.open().new_page(width=600, height=800)
        other.insert_textbox((60, 60, 540, 700), text, fontsize=20)
        page.insert_image(page.rect, pixmap=other.get_pixmap(dpi=150))

    return paint


def typed(text: str) -> Paint:
    return lambda page: page.insert_textbox((60, 60, 540, 700), text, fontsize=10)


def pdf(*paints: Paint) -> bytes:
    document = pymupdf.open()
    for paint in paints:
        paint(document.new_page(width=600, height=800))
    return bytes(document.tobytes())


def program(folder: Path, body: str) -> None:
    """Put a program called `tesseract` into a folder."""
    file = folder / "tesseract"
    file.write_text(f"#!{sys.executable}\nimport sys, os, time\n{body}\n")
    file.chmod(0o755)


def table(words: str, sure: int = 90) -> str:
    rows = [
        ROW.format(line=1, n=n, x=100 * n, y=300, sure=sure, word=word)
        for n, word in enumerate(words.split())
    ]
    return "\n".join(["level\tpage_num", *rows])


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that answers with SEEN whatever the image, first on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    body = (
        f"sys.stdin.buffer.read(); open({str(folder / 'asked')!r}, 'a').write(repr(sys.argv[1:]))"
    )
    program(folder, f"{body}\nprint({table(SEEN)!r})")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.fixture
def absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_only_pages_without_text_are_recognised_and_marked(fake: Path) -> None:
    parsed = parse(pdf(typed(LAYER), scanned("x"), typed(LAYER)), Settings())
    assert SEEN in parsed.text
    assert parsed.text.count(LAYER) == 2
    assert (parsed.ocr_pages, parsed.unread_pages) == ((2,), ())
    assert parsed.notes == ("recognised by Tesseract: pages 2",)
    assert (fake / "asked").read_text().count("stdin") == 1


@pytest.mark.parametrize(
    ("paint", "recognised"),
    [
        (typed(LAYER), False),
        (typed("Short."), False),  # a short page is no scan
        (lambda page: None, False),  # blank
        (scanned("x"), True),
        (lambda page: (scanned("x")(page), typed("17")(page)), True),  # a stamp on a scan
        (lambda page: (scanned("x")(page), typed(LAYER)(page)), False),  # has its layer
        (lambda page: page.draw_bezier((9, 9), (50, 9), (50, 90), (9, 90)), True),  # outlines
    ],
)
def test_which_pages_need_recognising(fake: Path, paint: Paint, recognised: bool) -> None:
    parsed = parse(pdf(typed(LAYER), paint), Settings())
    assert parsed.ocr_pages == ((2,) if recognised else ())


@pytest.mark.parametrize(("text", "needed"), [("\ufffd\ue000" * 40, True), ("Wo" * 40, False)])
def test_glyphs_without_a_meaning_are_no_text(text: str, needed: bool) -> None:
    page = pymupdf.open().new_page()
    piece = Piece((0, 0, 99, 9), (Line(text, 10, 0, 0, 99, 9),))
    assert _is_scan(page, (piece,), (600, 800), False) is needed


@pytest.mark.parametrize(
    ("settings", "advice"),
    [(Settings(), "install Tesseract"), (Settings(ocr="off"), "set `ocr: auto`")],
)
def test_unread_pages_are_told_with_what_to_do(
    absent: None, settings: Settings, advice: str
) -> None:
    parsed = parse(pdf(typed(LAYER), scanned("x"), scanned("y")), settings)
    assert (parsed.ocr_pages, parsed.unread_pages) == ((), (2, 3))
    assert parsed.notes == ("not read, because their text is an image: pages 2-3",)
    assert advice in parsed.advice
    with pytest.raises(RecordError, match=advice) as caught:
        parse(pdf(scanned("x")), settings)
    assert caught.value.kind == "no-text"


def test_the_source_warns_once_per_document(absent: None, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.pdf").write_bytes(pdf(typed(LAYER), scanned("x")))
    (tmp_path / "in" / "b.pdf").write_bytes(pdf(scanned("x")))
    options = {name: option.default for name, option in documents.SIGNATURE.options.items()}
    row, note, failure = documents.read({**options, "path": str(tmp_path / "in")})
    assert isinstance(row, dict)
    assert (row["stats"]["pages"], row["stats"]["unread_pages"]) == (2, [2])
    assert isinstance(note, ReadNote)
    assert note.kind == "unread-pages"
    assert note.message.startswith("`a.pdf`: 1 of 2 pages are images of text and were not read: 2;")
    assert "apt install tesseract-ocr" in note.message
    assert isinstance(failure, ReadFailure)
    assert (failure.source, failure.kind) == ("b.pdf", "no-text")


def test_languages_are_handed_on(fake: Path) -> None:
    parse(pdf(scanned("x")), Settings(ocr_languages=("deu", "eng")))
    assert "'-l', 'deu+eng', '--dpi', '300'" in (fake / "asked").read_text()


@pytest.mark.parametrize("languages", [(), ("../eng",), ("-v",), ("a b",)])
def test_names_that_are_no_languages_never_reach_the_program(
    fake: Path, languages: tuple[str, ...]
) -> None:
    with pytest.raises(OcrError, match="ocr_languages"):
        recognise(b"", 300, languages)
    assert not (fake / "asked").exists()


def test_doubtful_words_are_left_out(fake: Path) -> None:
    program(fake, f"sys.stdin.buffer.read(); print({table('~|', sure=12)!r})")
    assert recognise(b"", 300, ("eng",)) == ()


def test_a_program_that_fails_is_quoted(fake: Path) -> None:
    program(fake, "sys.exit('Error opening data file')")
    with pytest.raises(OcrError, match=r"Error opening data file.*data for deu is installed"):
        recognise(b"", 300, ("deu",))


def test_a_program_that_hangs_is_ended(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(fake, "time.sleep(600)")
    monkeypatch.setattr("atkc.stdlib.readers.pdf_ocr._SECONDS", 0.2)
    with pytest.raises(OcrError, match="took more than"):
        recognise(b"", 300, ("eng",))


@pytest.mark.parametrize(("size", "dpi"), [((595, 842), 300), ((2384, 3370), 160)])
def test_large_pages_are_rendered_more_coarsely(size: tuple[float, float], dpi: int) -> None:
    assert dpi_for(*size) == dpi


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_the_real_program_reads_a_scan() -> None:
    parsed = parse(pdf(scanned("The lighthouse of Skerry was lit in 1843.")), Settings())
    assert parsed.text == "The lighthouse of Skerry was lit in 1843."
    assert parse(pdf(scanned("The lighthouse of Skerry was lit in 1843.")), Settings()) == parsed
