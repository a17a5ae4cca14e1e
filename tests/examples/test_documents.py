"""The example documents: enough of them, no sentence twice, and built as committed."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
HARBOUR = EXAMPLES / "harbour"
SUFFIXES = {".md", ".txt", ".html", ".pdf", ".docx", ".jsonl"}
MADE = {".pdf": "dredging-and-quay-walls", ".docx": "mooring-and-fire-safety"}


def documents(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def pdf_text(path: Path) -> str:
    """The columns of all pages without the running headers and footers."""
    import pymupdf

    with pymupdf.open(path) as pdf:
        inside = pymupdf.Rect(0, 60, 595, 790)
        return "\n".join(page.get_text(clip=inside) for page in pdf)


def docx_text(path: Path) -> str:
    import docx

    word = docx.Document(str(path))
    cells = [c.text for t in word.tables for row in t.rows for c in row.cells]
    return "\n\n".join([*(p.text for p in word.paragraphs), *cells])


def html_text(path: Path) -> str:
    from bs4 import BeautifulSoup

    main = BeautifulSoup(path.read_text(encoding="utf-8"), "lxml").main
    assert main is not None
    return main.get_text("\n")


def jsonl_text(path: Path) -> str:
    return "\n\n".join(f"{r['title']}\n\n{r['text']}" for r in records(path))


def plain_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


READERS = {".pdf": pdf_text, ".docx": docx_text, ".html": html_text, ".jsonl": jsonl_text}


def text_of(path: Path) -> str:
    return unicodedata.normalize("NFKC", READERS.get(path.suffix, plain_text)(path))


def sentences(text: str) -> list[str]:
    """Sentences of six or more words, lower case, words only; a blank line ends one too."""
    words = (" ".join(re.findall(r"\w+", s.lower())) for s in re.split(r"[.!?:]\s|\n\n", text))
    return [s for s in words if len(s.split()) >= 6]


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("examples_build", EXAMPLES / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_harbour_has_every_kind_of_document() -> None:
    kinds = Counter(p.suffix for p in documents(HARBOUR))
    assert kinds == {".md": 3, ".txt": 2, ".html": 2, ".pdf": 1, ".docx": 1, ".jsonl": 1}


def test_the_harbour_has_at_least_21_000_words() -> None:
    assert sum(len(text_of(p).split()) for p in documents(HARBOUR)) >= 21_000


def test_the_german_document_has_at_least_1_500_words() -> None:
    (german,) = documents(HARBOUR / "de")
    assert len(text_of(german).split()) >= 1_500


def test_no_sentence_of_six_words_occurs_twice() -> None:
    folders = (HARBOUR, EXAMPLES / "orchard")
    found = Counter(s for f in folders for p in documents(f) for s in sentences(text_of(p)))
    assert len(found) > 1_000
    assert [s for s, times in found.items() if times > 1] == []


def test_the_readme_states_the_word_counts_as_they_are() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `((?:harbour|orchard)/\S+)` \|.*\| ([\d,]+) \|$", readme, re.MULTILINE)
    stated = {name: int(count.replace(",", "")) for name, count in rows}
    files = (*documents(HARBOUR), *documents(EXAMPLES / "orchard"))
    counted = {p.relative_to(EXAMPLES).as_posix(): len(text_of(p).split()) for p in files}
    assert {n: round(c, -1) for n, c in counted.items()} == stated


def test_notices_have_a_title_and_a_text() -> None:
    notices = records(HARBOUR / "notices.jsonl")
    assert len(notices) >= 30
    assert all(set(n) == {"text", "title"} for n in notices)


def test_chats_alternate_from_human_to_gpt() -> None:
    chats = [c["conversations"] for c in records(EXAMPLES / "generic" / "chat.jsonl")]
    assert len(chats) == 40
    for turns in chats:
        assert [t["from"] for t in turns] == ["human", "gpt"] * (len(turns) // 2)
        assert all(t["value"].strip() for t in turns)


def test_the_pdf_has_two_columns_on_every_page() -> None:
    import pymupdf

    with pymupdf.open(HARBOUR / "dredging-and-quay-walls.pdf") as pdf:
        assert pdf.page_count >= 4
        for page in pdf:
            sides = Counter(b[0] > 290 for b in page.get_text("blocks", clip=(0, 130, 595, 790)))
            assert sides[False] >= 2
            assert sides[True] >= 2
            assert f"Page {page.number + 1} of {pdf.page_count}" in page.get_text()


def test_the_build_writes_the_same_bytes_twice(build: ModuleType, tmp_path: Path) -> None:
    written = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        written.append([p.read_bytes() for p in build.build(tmp_path / name)])
    assert written[0] == written[1]


@pytest.mark.parametrize("suffix", MADE)
def test_every_word_of_the_source_is_in_the_made_file(suffix: str) -> None:
    """pymupdf's Story was seen to drop a whole column after a table at a column's foot."""
    source = EXAMPLES / "sources" / f"{MADE[suffix]}.md"
    words = [
        Counter(re.findall(r"\w+", text_of(p))) for p in (source, HARBOUR / (MADE[suffix] + suffix))
    ]
    assert words[0] == words[1]


@pytest.mark.parametrize("suffix", MADE)
def test_the_committed_file_is_what_the_build_writes(
    build: ModuleType, tmp_path: Path, suffix: str
) -> None:
    """Compared as text: another version of a library or of zlib may write other bytes."""
    build.build(tmp_path)
    name = MADE[suffix] + suffix
    assert text_of(tmp_path / name).split() == text_of(HARBOUR / name).split()
