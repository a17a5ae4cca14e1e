"""`documents` reads what it can, in order, and says of each other file why not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.api import ReadFailure, ReadNote
from atkc.runtime.errors import InputError
from atkc.spec.signature import REQUIRED
from atkc.stdlib.readers import READERS

SIGNATURE, READ = READERS["documents"]
Rows = list[Any]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Office files, and protected new ones


def read(path: Path, **options: Any) -> Rows:
    defaults = {k: o.default for k, o in SIGNATURE.options.items() if o.default is not REQUIRED}
    rows = READ({**defaults, "path": str(path), **options})
    return [row for row in rows if not isinstance(row, ReadNote)]


def notes(path: Path, **options: Any) -> list[ReadNote]:
    defaults = {k: o.default for k, o in SIGNATURE.options.items() if o.default is not REQUIRED}
    rows = READ({**defaults, "path": str(path), **options})
    return [row for row in rows if isinstance(row, ReadNote)]


def sources(rows: Rows) -> list[str]:
    return [row.source if isinstance(row, ReadFailure) else row["source"] for row in rows]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.txt", "a/z.md", "a/b/c.html", "B.txt", ".hidden.txt", ".git/x.txt", "n.py"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<p>words of {name}</p>" if name.endswith("html") else f"words of {name}")
    return tmp_path


def test_files_come_sorted_by_path_without_hidden_or_unknown_ones(tree: Path) -> None:
    rows = read(tree)
    assert sources(rows) == ["B.txt", "a/b/c.html", "a/z.md", "b.txt"]
    assert rows[1] == {
        "text": "words of a/b/c.html",
        "source": "a/b/c.html",
        "format": "html",
        "title": None,
        "pages": [],
        "headings": [],
        "notes": [],
        "stats": {
            "bytes": 26,
            "characters": 19,
            "pages": None,
            "headings": 0,
            "tables": 0,
            "ocr_pages": [],
            "unread_pages": [],
        },
    }


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"include": ["*.md"]}, ["a/z.md"]),
        ({"include": ["a/**"]}, ["a/b/c.html", "a/z.md"]),
        ({"include": ["a/*"]}, ["a/b/c.html", "a/z.md"]),
        ({"include": ["**/c.html"]}, ["a/b/c.html"]),
        ({"include": ["[ab].txt"]}, ["b.txt"]),
        ({"include": ["*.py"]}, ["n.py"]),
        ({"exclude": ["a"]}, ["B.txt", "b.txt"]),
        ({"exclude": ["a/b/"]}, ["B.txt", "a/z.md", "b.txt"]),
        ({"exclude": ["?.txt"]}, ["a/b/c.html", "a/z.md"]),
        ({"formats": ["md", "html"]}, ["a/b/c.html", "a/z.md"]),
    ],
)
def test_globs_and_formats_choose(tree: Path, options: Any, expected: list[str]) -> None:
    assert sources(read(tree, **options)) == expected


@pytest.mark.parametrize(
    ("options", "told"),
    [({}, ["passed-over"]), ({"exclude": ["*.py"]}, []), ({"formats": ["md"]}, ["passed-over"])],
)
def test_files_of_other_kinds_are_told_in_one_note(
    tree: Path, options: Any, told: list[str]
) -> None:
    found = notes(tree, **options)
    assert [note.kind for note in found] == told
    assert all("1 .py" in note.message and ".txt" not in note.message for note in found)


def test_names_are_spelled_in_one_normal_form(tmp_path: Path) -> None:
    (tmp_path / "u\u0308ber.txt").write_text("x")
    assert sources(read(tmp_path)) == ["\u00fcber.txt"]


def test_a_single_file_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "notes.log").write_text("line\r\nnext\rlast")
    (row,) = read(tmp_path / "notes.log")
    assert (row["source"], row["format"], row["text"]) == ("notes.log", "txt", "line\nnext\nlast")


def test_links_do_not_leave_the_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (inside / "own.txt").write_text("own")
    (inside / "alias.txt").symlink_to(inside / "own.txt")
    (inside / "leak.txt").symlink_to(outside / "secret.txt")
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    rows = read(inside)
    failed = [row for row in rows if isinstance(row, ReadFailure)]
    assert {(f.source, f.kind) for f in failed} == {("folder", "link"), ("leak.txt", "link")}
    assert [row["text"] for row in rows if isinstance(row, dict)] == ["own", "own"]


@pytest.mark.parametrize(
    ("content", "strict", "outcome"),
    [
        ("Grüße".encode(), False, "Grüße"),
        (b"\xef\xbb\xbf" + "Grüße".encode(), False, "Grüße"),
        ("Grüße".encode("utf-16"), False, "Grüße"),
        (b"\xff\xfe\x00\x00" + "Grüße".encode("utf-32-le"), False, "Grüße"),
        (b"", False, "empty"),
        (b" \n\n ", False, "empty"),
        (b"a\x00b", False, "binary"),
        (bytes(range(1, 32)) * 4, False, "binary"),
        ("Größe".encode("latin-1"), True, "encoding"),
        (b"\xff\xfeA", False, "encoding"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), False, "encrypted"),
        (OLE + b"WordDocument", False, "format"),
        (b"{\\rtf1 hello}", False, "format"),
        (b"\x89PNG\r\n\x1a\n....", False, "format"),
    ],
)
def test_text_by_encoding(tmp_path: Path, content: bytes, strict: bool, outcome: str) -> None:
    (tmp_path / "x.txt").write_bytes(content)
    (row,) = read(tmp_path, strict_encoding=strict)
    assert (row.kind if isinstance(row, ReadFailure) else row["text"]) == outcome


def test_a_guessed_encoding_is_noted(tmp_path: Path) -> None:
    text = "Der Hafen wurde größer, die Möwen blieben; überall Öl und Käse für die Gäste. " * 5
    (tmp_path / "x.txt").write_bytes(text.encode("cp1252"))
    (row,) = read(tmp_path)
    assert row["text"] == text
    assert row["notes"][0].startswith("encoding guessed: ")


def test_content_outweighs_the_name(tmp_path: Path) -> None:
    (tmp_path / "page.pdf").write_text("<!DOCTYPE html><html><body><p>Hello</p></body></html>")
    (tmp_path / "page.txt").write_text("<html><body>as it stands</body></html>")
    (tmp_path / "torn.docx").write_bytes(b"PK\x03\x04 cut short")
    (tmp_path / "torn.pdf").write_bytes(b"\x00\x01\x02garbage")
    page, text, word, pdf = read(tmp_path)
    assert (page["format"], page["text"]) == ("html", "Hello")
    assert page["notes"] == ["named .pdf but read as html"]
    assert text["format"] == "txt"
    assert word.kind == pdf.kind == "corrupt"


def test_content_must_be_of_a_wanted_format(tmp_path: Path) -> None:
    (tmp_path / "page.pdf").write_text("<html><body><p>Hello</p></body></html>")
    (row,) = read(tmp_path, formats=["pdf"])
    assert row.kind == "format"


def test_large_files_are_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("12345")
    assert read(tmp_path, max_bytes=4)[0].kind == "too-large"
    assert read(tmp_path, max_bytes=5)[0]["text"] == "12345"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_are_failures(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")
    (tmp_path / "x.txt").chmod(0)
    assert read(tmp_path)[0].kind == "unreadable"


def test_json_rows_with_text_are_documents(tmp_path: Path) -> None:
    lines = [
        json.dumps({"text": "one\r\ntwo", "title": "T"}),
        json.dumps({"text": "own", "source": "book.txt"}),
        json.dumps({"words": "no text"}),
        "{broken",
        json.dumps({"text": " "}),
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines) + "\n\n")
    (tmp_path / "list.json").write_text(json.dumps([{"text": "a"}, {"text": 1}]))
    rows = read(tmp_path)
    assert sources(rows) == [
        "list.json#1", "list.json#2", "rows.jsonl#1", "book.txt", "rows.jsonl#3", "rows.jsonl",
        "rows.jsonl#5",
    ]  # fmt: skip
    assert [r.kind for r in rows if isinstance(r, ReadFailure)] == [
        "bad-row", "bad-row", "bad-row", "empty",
    ]  # fmt: skip
    assert (rows[2]["text"], rows[2]["title"]) == ("one\ntwo", "T")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda folder: folder / "absent", "ATK001"),
        (lambda folder: folder, "ATK604"),
        (lambda folder: (folder / "only.py").write_text("x") and folder, "ATK604"),
    ],
)
def test_nothing_to_read_stops_the_run(
    tmp_path: Path, make: Callable[[Path], Path], code: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.diagnostic.code == code
    assert str(path) in caught.value.diagnostic.message


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 nothing more")
    (tmp_path / "b.txt").write_text("fine")
    bad, good = read(tmp_path)
    assert (bad.source, bad.kind) == ("a.pdf", "corrupt")
    assert good["text"] == "fine"
