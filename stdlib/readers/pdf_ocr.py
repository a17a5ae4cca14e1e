"""Recognises the text of scanned pages with the program `tesseract`.

It runs as a process of its own, without a shell and with a time limit, and is given an image
that we rendered: nothing of the document itself reaches it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from atkc.stdlib.readers.pdf_layout import Line, Piece

DPI = 300
_MOST_PIXELS = 40_000_000
_SECONDS = 120  # for one page
_LEAST_CONFIDENCE = 30.0  # words below are specks and drawings
_POINTS = 72.0
_LANGUAGE = re.compile(r"[A-Za-z]\w*")
INSTALL = "install Tesseract (`apt install tesseract-ocr`, `brew install tesseract`)"


class OcrError(Exception):
    """A page that could not be recognised; the message says what to do."""


class Word(Struct, frozen=True):
    """A recognised word: its line as (block, paragraph, line), its box in pixels."""

    line: tuple[int, int, int]
    box: tuple[int, int, int, int]
    text: str
    confidence: float


def dpi_for(width: float, height: float) -> int:
    """Return the resolution for a page of that size in points, so that the image stays bounded."""
    area = max(width * height / _POINTS**2, 1e-6)
    return int(min(DPI, (_MOST_PIXELS / area) ** 0.5))


def recognise(image: bytes, dpi: int, languages: Sequence[str]) -> tuple[Piece, ...]:
    """Return the paragraphs of an image (PNG or PNM); raises OcrError."""
    words = [w for w in _words(_run(image, dpi, languages)) if w.confidence >= _LEAST_CONFIDENCE]
    scale = _POINTS / dpi
    pieces = (tuple(found) for _, found in groupby(words, key=lambda word: word.line[:2]))
    return tuple(_piece(piece, scale) for piece in pieces)


def _run(image: bytes, dpi: int, languages: Sequence[str]) -> str:
    wrong = [name for name in languages if not _LANGUAGE.fullmatch(name)]
    if wrong or not languages:
        raise OcrError(f"`ocr_languages` needs names such as eng or deu, not {wrong}")
    program = shutil.which("tesseract")
    if program is None:
        raise OcrError(INSTALL)
    command = [program, "stdin", "stdout", "-l", "+".join(languages), "--dpi", str(dpi)]
    try:
        done = subprocess.run(  # noqa: S603  # no shell, names checked above
            [*command, "--psm", "3", "tsv"],
            input=image,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise OcrError(f"Tesseract took more than {_SECONDS} seconds for a page") from error
    except OSError as error:
        raise OcrError(f"Tesseract at {Path(program).name} cannot be run; {INSTALL}") from error
    if done.returncode:
        raise OcrError(_said(done.stderr, languages))
    return done.stdout.decode("utf-8", errors="replace")


def _said(stderr: bytes, languages: Sequence[str]) -> str:
    lines = stderr.decode("utf-8", errors="replace").strip().split("\n")
    named = ", ".join(languages)
    return f"Tesseract said `{lines[0][:200]}`; check that its data for {named} is installed"


def _words(table: str) -> list[Word]:
    words = []
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == 12 and cells[0] == "5" and cells[11].strip():  # level 5: a word
            block, paragraph, line, _, *box = map(int, cells[2:10])
            x, y, width, height = box
            place = (block, paragraph, line)
            words.append(
                Word(place, (x, y, x + width, y + height), cells[11].strip(), float(cells[10]))
            )
    return words


def _piece(words: tuple[Word, ...], scale: float) -> Piece:
    lines = tuple(
        _line(tuple(found), scale) for _, found in groupby(words, key=lambda word: word.line)
    )
    return Piece(_around([word.box for word in words], scale), lines)


def _line(words: tuple[Word, ...], scale: float) -> Line:
    # The height of a recognised line depends on its letters, so it says nothing of the font.
    return Line(" ".join(word.text for word in words), 0.0, *_around([w.box for w in words], scale))


def _around(
    boxes: Sequence[tuple[int, int, int, int]], scale: float
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0) * scale, min(y0) * scale, max(x1) * scale, max(y1) * scale
