"""How fast documents are read and cut, and how much memory a long PDF takes.

    python benchmarks/reading.py            three runs of each, about a minute
    python benchmarks/reading.py --quick    one small run of each, no bounds: does it still work?

Rates are per CPU second, so a busy machine blurs them less. Ends with 1 if a bound is missed.
See README.md for what each line means.
"""

from __future__ import annotations

import gc
import io
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import docx  # noqa: E402  # the checkout comes first on the path
import pymupdf  # noqa: E402
from lines import Line, ended, options_of  # noqa: E402

from atkc.runtime.api import Context  # noqa: E402
from atkc.stdlib.functions import text_chunk  # noqa: E402
from atkc.stdlib.readers import docx_file, html_file, pdf_file  # noqa: E402
from atkc.stdlib.readers.settings import Settings  # noqa: E402
from atkc.stdlib.tokens import count  # noqa: E402

_TEXT = "the old ferry left north pier before dawn with coal flour mail and two quiet crew"
_WORDS = _TEXT.split()
# A child's `ru_maxrss` begins with the memory of its parent; the kernel's own mark does not.
_PEAK = """
import sys
sys.path.insert(0, sys.argv[1])
from atkc.stdlib.readers.pdf_file import parse
from atkc.stdlib.readers.settings import Settings
with open(sys.argv[2], "rb") as file:
    parse(file.read(), Settings(ocr="off"))
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def prose(dice: random.Random, paragraphs: int) -> list[str]:
    """Return paragraphs of some 500 characters."""
    return [
        " ".join(
            " ".join(dice.choices(_WORDS, k=dice.randint(8, 20))).capitalize() + "."
            for _ in range(dice.randint(5, 8))
        )
        for _ in range(paragraphs)
    ]


def pdf(pages: int, *, ruled: bool) -> bytes:
    """Return a PDF of that many pages of running text, with a ruled table on each or none."""
    dice = random.Random(0)
    document = pymupdf.open()
    for number in range(pages):
        page = document.new_page()
        page.insert_text((60, 40), f"Harbour report, part {number // 20}", fontsize=9)
        text = "\n\n".join(prose(dice, 2 if ruled else 4))
        page.insert_textbox((60, 80, 535, 480 if ruled else 780), text, fontsize=10.5)
        if ruled:
            _table(page, dice)
        page.insert_text((290, 815), str(number + 1), fontsize=9)
    return bytes(document.tobytes(deflate=True))


def _table(page: pymupdf.Page, dice: random.Random) -> None:
    for row in range(9):
        page.draw_line((60, 500 + 25 * row), (460, 500 + 25 * row))
    for column in range(5):
        page.draw_line((60 + 100 * column, 500), (60 + 100 * column, 700))
    for cell in range(32):
        place = (64 + 100 * (cell % 4), 516 + 25 * (cell // 4))
        page.insert_text(place, dice.choice(_WORDS), fontsize=10)


def html(paragraphs: int) -> bytes:
    """Return a page with headings, lists, tables and navigation around its paragraphs."""
    body = "".join(
        f"<h2>Part {n}</h2><p>{text}</p><ul><li>one<li>two</ul>"
        "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
        for n, text in enumerate(prose(random.Random(0), paragraphs))
    )
    return f"<html><body><nav>Home | Next</nav>{body}</body></html>".encode()


def word(paragraphs: int) -> bytes:
    """Return a Word document of that many paragraphs, each tenth a heading."""
    document = docx.Document()
    for n, text in enumerate(prose(random.Random(0), paragraphs)):
        document.add_heading(f"Part {n}", 2) if n % 10 == 0 else document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def rates(work: Callable[[], object], amount: float, runs: int) -> list[float]:
    """Return amounts per CPU second of equal runs, after one that only warms up."""
    work()
    out = []
    for _ in range(runs):
        gc.collect()
        began = time.process_time()
        work()
        out.append(amount / max(time.process_time() - began, 1e-9))
    return out


def pdf_lines(pages: int, runs: int) -> list[Line]:
    """Measure PDF pages without and with ruled tables, and against the library's bare text."""
    plain, ruled = pdf(pages, ruled=False), pdf(pages, ruled=True)
    settings = Settings(ocr="off")
    ours = rates(lambda: pdf_file.parse(plain, settings), pages, runs)
    bare = rates(lambda: [p.get_text("dict") for p in pymupdf.open(stream=plain)], pages, runs)
    tables = rates(lambda: pdf_file.parse(ruled, settings), pages, runs)
    assert pdf_file.parse(ruled, settings).tables == pages, "tables were missed"
    times = [b / o for o, b in zip(ours, bare, strict=True)]
    return [
        Line("PDF, running text", "pages/s", ours, least=500),
        Line("  time against PyMuPDF's bare `dict`", "x", times, most=3),
        Line("PDF, a ruled table on each page", "pages/s", tables),
    ]


def memory_lines(pages: int, folder: Path) -> list[Line]:
    """Measure the peak memory of PDFs of a tenth of the pages and of all, each in its process."""
    if not Path("/proc/self/status").exists():
        sys.stdout.write("peak memory is measured on Linux only\n")
        return []
    peaks = []
    for number in (pages // 10, pages):
        file = folder / f"{number}.pdf"
        file.write_bytes(pdf(number, ruled=False))
        command = [sys.executable, "-c", _PEAK, str(HERE.parent), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)
    return [
        Line(f"PDF of {pages // 10} pages: peak memory", "MB", peaks[:1]),
        Line(f"PDF of {pages} pages: peak memory", "MB", peaks[1:]),
        Line("  against a tenth of the pages", "x", [peaks[1] / peaks[0]], most=2),
    ]


def text_lines(paragraphs: int, runs: int) -> list[Line]:
    """Measure HTML, DOCX and the cutting of plain prose."""
    page, document = html(paragraphs), word(paragraphs // 4)
    settings = Settings()
    text = "\n\n".join(prose(random.Random(0), paragraphs))
    size = len(text.encode()) / 1e6
    options = {name: option.default for name, option in text_chunk.SIGNATURE.options.items()}
    row, context = {"text": text}, Context(0, b"")
    cut = rates(lambda: text_chunk.apply(row, options, context), size, runs)
    once = rates(lambda: count(text), size, runs)
    docs = rates(lambda: docx_file.parse(document, settings), paragraphs // 4, runs)
    return [
        Line("HTML", "MB/s", rates(lambda: html_file.parse(page, settings), len(page) / 1e6, runs)),
        Line("DOCX", "para/s", docs),
        Line("text.chunk, plain prose", "MB/s", cut, least=5),
        Line(
            "  time against counting tokens once",
            "x",
            [o / c for c, o in zip(cut, once, strict=True)],
            most=4,
        ),
    ]


def main() -> int:
    quick = options_of(__doc__).parse_args().quick
    pages, paragraphs, runs = (20, 100, 1) if quick else (1000, 8000, 3)
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            *pdf_lines(min(pages, 300), runs),
            *memory_lines(pages, Path(folder)),
            *text_lines(paragraphs, runs),
        ]
    return ended(lines, bounds=not quick)


if __name__ == "__main__":
    sys.exit(main())
