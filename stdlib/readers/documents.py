"""The reader `documents`: a file, or all files below a folder, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path, PurePosixPath

from atkc.runtime.api import Data, Options, ReadFailure, ReadNote
from atkc.runtime.errors import InputError, RecordError
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.rowtype import BOOLEAN, INTEGER, STRINGS, Enum, ListOf, Scalar
from atkc.spec.signature import Option, ReaderSignature
from atkc.stdlib.readers.document import DOCUMENT, Parsed
from atkc.stdlib.readers.ranges import ranges
from atkc.stdlib.readers.settings import Settings
from atkc.stdlib.readers.sniff import FORMATS, SUFFIXES, TEXTUAL, sniff
from atkc.stdlib.readers.walk import Found, existing, find

# Adding a format: a file with `parse`, a line here, a suffix in `sniff.SUFFIXES`. The files are
# imported when a document of their format is met.
PARSERS: dict[str, str] = {
    "txt": "txt_file",
    "md": "md_file",
    "html": "html_file",
    "pdf": "pdf_file",
    "docx": "docx_file",
    "epub": "epub_file",
}


# What to do about content that `sniff` calls something with these words.
_ADVICE = (
    ("damaged", "fetch it again"),
    ("Office", "save it as DOCX"),
    ("RTF", "save it as DOCX"),
    ("image", "put it into a PDF, whose pages `ocr: auto` recognises"),
    ("archive", "unpack it"),
)


def _parser(name: str) -> Callable[[bytes, Settings], Parsed]:
    parse: Callable[[bytes, Settings], Parsed] = import_module(
        f"atkc.stdlib.readers.{PARSERS[name]}"
    ).parse
    return parse


SIGNATURE = ReaderSignature(
    name="documents",
    version=1,
    options={
        "path": Option(Scalar("path"), description="a file, or a folder read with all below it"),
        "include": Option(STRINGS, [], description="globs; with these any suffix is read"),
        "exclude": Option(STRINGS, [], description="globs of files and folders left out"),
        "formats": Option(ListOf(Enum(FORMATS)), list(FORMATS), description="formats to read"),
        "ocr": Option(
            Enum(("off", "auto")), "auto", description="auto: recognise scanned PDF pages"
        ),
        "ocr_languages": Option(
            STRINGS, ["eng"], description="languages of scanned pages, as Tesseract calls them"
        ),
        "strict_encoding": Option(BOOLEAN, False, description="refuse text that is not UTF-8"),
        "max_bytes": Option(INTEGER, 200_000_000, 1, description="larger files are refused"),
    },
    fields=DOCUMENT,
    content=("text",),
    description="text of txt, md, html, pdf, docx, epub files and of JSON rows with a `text`",
)


def read(options: Options) -> Iterator[Data | ReadFailure | ReadNote]:
    """Yield one document per file (per row of JSON files), sorted by path.

    Files of other kinds are passed over, and told in one note. Raises InputError ATK001 where
    nothing is, ATK604 where no file is a document.
    """
    root = existing(options["path"])
    settings = Settings(
        strict_encoding=options["strict_encoding"],
        ocr=options["ocr"],
        ocr_languages=tuple(options["ocr_languages"]),
        max_bytes=options["max_bytes"],
    )
    any_found = False
    passed_over: Counter[str] = Counter()
    for found in find(root, options["include"], options["exclude"]):
        if isinstance(found, Found) and not _wanted(found, root, options):
            suffix = PurePosixPath(found.source).suffix.lower()
            passed_over[suffix or "no suffix"] += suffix not in SUFFIXES
            continue
        any_found = True
        yield from [found] if isinstance(found, ReadFailure) else _read(found, settings, options)
    if not any_found:
        raise InputError(_no_documents(options))
    if passed_over.total():
        yield _passed_over(passed_over)


def _passed_over(counts: Counter[str]) -> ReadNote:
    kinds = ", ".join(f"{n} {suffix}" for suffix, n in sorted(counts.items()) if n)
    text = f"{counts.total()} files are of no document format and were passed over: {kinds}"
    return ReadNote("passed-over", f"{text}; name them in `include` to read them as text")


def _wanted(found: Found, root: Path, options: Options) -> bool:
    named = SUFFIXES.get(PurePosixPath(found.source).suffix.lower())
    if named is None:
        return bool(options["include"]) or found.file == root
    return named in options["formats"]


def _read(
    found: Found, settings: Settings, options: Options
) -> Iterator[Data | ReadFailure | ReadNote]:
    try:
        data = _bytes(found.file, settings.max_bytes)
        yield from _documents(data, found.source, settings, options)
    except RecordError as error:
        yield ReadFailure(found.source, error.kind, f"`{found.source}` {error.message}")


def _documents(
    data: bytes, source: str, settings: Settings, options: Options
) -> Iterator[Data | ReadFailure | ReadNote]:
    name, note = _format(data, source)
    if name not in options["formats"]:
        raise RecordError("format", f"is {name.upper()}, which `formats` leaves out")
    if name in ("json", "jsonl"):
        from atkc.stdlib.readers import text_rows

        yield from text_rows.parse(data, source, name)
        return
    parsed = _parser(name)(data, settings)
    if not parsed.text.strip():
        raise RecordError("empty", "has no text")
    record = parsed.record(source, name, len(data))
    record["notes"] += [note] if note else []
    yield record
    if parsed.unread_pages:
        yield _unread(source, parsed)


def _unread(source: str, parsed: Parsed) -> ReadNote:
    pages = f"{len(parsed.unread_pages)} of {parsed.page_count} pages"
    which = ranges(parsed.unread_pages)
    told = f"`{source}`: {pages} are images of text and were not read: {which}; {parsed.advice}"
    return ReadNote("unread-pages", told)


def _bytes(file: Path, limit: int) -> bytes:
    try:
        size = file.stat().st_size
        if size > limit:
            raise RecordError("too-large", f"has {size} bytes, more than `max_bytes` ({limit})")
        data = file.read_bytes()
    except OSError as error:
        raise RecordError("unreadable", f"cannot be opened: {error.strerror}") from error
    if not data:
        raise RecordError("empty", "has no content")
    return data


def _format(data: bytes, source: str) -> tuple[str, str | None]:
    """Return the format by content, and a note where the name says something else."""
    named = SUFFIXES.get(PurePosixPath(source).suffix.lower(), "")
    content = sniff(data)
    if content == "encrypted":
        raise RecordError("encrypted", "is protected by a password; save a copy without one")
    if content == named or (content in ("text", "html") and named in TEXTUAL):
        return named, None  # HTML in a text file may be meant as it stands
    found = "txt" if content == "text" else content
    if found in PARSERS:
        return found, f"named {PurePosixPath(source).suffix} but read as {found}" if named else None
    advice = next((f"; {do}" for part, do in _ADVICE if part in found), "")
    if named in ("pdf", "docx", "epub"):
        raise RecordError("corrupt", f"cannot be read as {named.upper()}: it is {found}{advice}")
    kind = "binary" if found == "binary data" else "format"
    raise RecordError(kind, f"is {found}, not text{advice}")


def _no_documents(options: Options) -> Diagnostic:
    suffixes = [s for s, name in SUFFIXES.items() if name in options["formats"]]
    sought = ", ".join(options["include"] or suffixes)
    less = f", less {', '.join(options['exclude'])}" if options["exclude"] else ""
    message = f"no documents are at `{options['path']}`; looked for {sought}{less}"
    return Diagnostic("ATK604", message, help="check `path`, `include`, `exclude` and `formats`")
