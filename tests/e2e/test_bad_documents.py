"""Documents that cannot be read are listed with their reasons; all others go on."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from tests.e2e.kit import Project, manifest

GOOD = 7  # chunks of the small project


def pdf(text: str, password: str = "") -> bytes:
    import pymupdf

    document = pymupdf.open()
    document.new_page().insert_text((72, 72), text)
    options = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password} if password else {}
    data: bytes = document.tobytes(**options)
    document.close()
    return data


def archive(names: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, text in names.items():
            file.writestr(name, text)
    return out.getvalue()


def truncated_docx() -> bytes:
    return archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document"})[:120]


QUAY = """\
The quay of Mole Bay was built in 1911.
It is 40 metres long and holds nine ships.
The lighthouse of Mole Bay was lit by Ada Stone in 1920.
"""
CRLF = f"\ufeff{QUAY}".replace("\n", "\r\n").encode()

# (name, content, kind of the failure)
UNREADABLE: list[tuple[str, Callable[[], bytes], str]] = [
    ("locked.pdf", lambda: pdf("The dam was built in 1931.", "secret"), "encrypted"),
    ("broken.pdf", lambda: b"%PDF-1.7\nnothing that follows\n", "corrupt"),
    ("scanned.pdf", lambda: pdf(""), "no-text"),
    ("broken.docx", truncated_docx, "corrupt"),
    ("broken.epub", lambda: archive({"mimetype": "application/epub+zip"}), "corrupt"),
    ("empty.txt", lambda: b"", "empty"),
    ("blank.md", lambda: b" \n\n \n", "empty"),
    ("binary.txt", lambda: bytes(range(256)) * 20, "binary"),
    ("rows.jsonl", lambda: b'{"text": "The dam was built in 1931."}\n{"text": \n', "bad-row"),
]


def test_all_kinds_at_once_cost_only_themselves(project: Project) -> None:
    for name, content, _ in UNREADABLE:
        project.write(f"docs/{name}", content())
    done = project.run()
    lost = project.rows("failed/documents.jsonl")
    kinds = {row["source"].partition("#")[0]: row["failure"]["kind"] for row in lost}
    assert done.code == 4
    assert kinds == {name: kind for name, _, kind in UNREADABLE}
    assert all(row["failure"]["message"] for row in lost)
    assert done.calls()[2] == len(UNREADABLE) == manifest(project.output)["run"]["failed"]
    assert "Traceback" not in done.err
    (told,) = (line for line in done.err.splitlines() if line.startswith("failed in documents: "))
    assert "1 encrypted" in told
    assert told.endswith("see outputs/small/failed/documents.jsonl")
    sources = {row["source"].partition("#")[0] for row in project.rows("texts.jsonl")}
    assert {"bridge.txt", "harbour.txt", "orchard.md"} <= sources


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Der Kai wurde 1911 für die Fähre gebaut, größer als üblich.".encode("latin-1"), "größer"),
        ("Der Kai wurde 1911 für die Fähre gebaut.".encode("utf-16"), "Fähre"),
        (CRLF, "1911.\nIt is"),
    ],
    ids=["latin-1", "utf-16", "bom-crlf"],
)
def test_other_encodings_are_read(project: Project, content: bytes, text: str) -> None:
    project.write("one/quay.txt", content)
    done = project.run("--set=documents=one")
    assert done.code == 0
    (row,) = project.rows("texts.jsonl")
    assert text in row["text"]
    assert b"\r" not in (project.output / "texts.jsonl").read_bytes()


def test_a_run_without_one_readable_document_still_tells_all(project: Project) -> None:
    project.write("none/a.txt", b"")
    done = project.run("--set=documents=none")
    assert done.code == 4
    assert done.last == "0 model calls, 0 from cache, 1 records failed"
    assert "no record reached" in done.err
    assert project.rows("texts.jsonl") == []
