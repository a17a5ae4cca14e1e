"""All checks over one output folder, each file read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from atkc.spec.diagnostic import Diagnostic
from atkc.spec.source import Span
from atkc.stdlib.readiness import (
    declared,
    endings,
    leftovers,
    marks,
    masks,
    named,
    roles,
    unfinished,
)
from atkc.stdlib.readiness.lengths import Length, Lengths
from atkc.stdlib.readiness.output import DataFile, Output, read_output
from atkc.stdlib.readiness.records import Unreadable, records
from atkc.stdlib.readiness.repeats import Repeats
from atkc.stdlib.readiness.samples import Sample, sample_of
from atkc.stdlib.tokens import TOKENIZERS, count

# Checks of the folder, and of each record by itself. To add one: a file, and a line here.
WHOLE: tuple[Callable[[Output], Iterator[Diagnostic]], ...] = (
    unfinished.check,
    declared.check,
    named.check,
)
EACH: tuple[Callable[[Sample], Iterator[Diagnostic]], ...] = (
    roles.check,
    masks.check,
    endings.check,
    marks.check,
    leftovers.check,
)


class Report(Struct, frozen=True):
    """The findings, at most `examples` of a code in a file; `counts` has all of them."""

    findings: tuple[Diagnostic, ...]
    counts: dict[tuple[str, str], int]  # (code, path) -> how many
    lengths: tuple[Length, ...]
    records: int
    files: int


def examine(folder: Path, examples: int = 3) -> Report:
    """Return what is wrong with the files of a run; InputError ATK800 for another folder."""
    output = read_output(folder)
    tokenizer = str(output.manifest.get("tokenizer"))
    tokenizer = tokenizer if tokenizer in TOKENIZERS else "cl100k"
    lengths = Lengths(output, lambda text: count(text, tokenizer))
    checks = (*EACH, lengths.see, Repeats().see)
    files = output.data()
    seen = Counter[str]()
    kept: list[Diagnostic] = []
    counts: Counter[tuple[str, str]] = Counter()
    for found in _all(output, files, checks, seen):
        key = (found.code, found.span.path if found.span else "")
        counts[key] += 1
        if counts[key] <= examples:
            kept.append(found)
    return Report(tuple(kept), dict(counts), tuple(lengths.told()), seen["records"], len(files))


def _all(
    output: Output,
    files: Iterable[DataFile],
    checks: Iterable[Callable[[Sample], Iterator[Diagnostic]]],
    seen: Counter[str],
) -> Iterator[Diagnostic]:
    for whole in WHOLE:
        yield from whole(output)
    for file in files:
        for line, record in records(file.place):
            seen["records"] += 1
            span = output.at(file.path, line)
            sample = sample_of(record, file, span)
            if sample is None:
                yield _unreadable(record, file, span)
            elif file.kind != "data":
                for check in checks:
                    yield from check(sample)


def _unreadable(record: Any, file: DataFile, span: Span) -> Diagnostic:
    broken = isinstance(record, Unreadable)
    message = (
        f"the record cannot be read: {record}"
        if broken
        else f"the record is none of the format `{file.kind}`"
    )
    return Diagnostic("ATK804", message, span, help="run the spec again, or mend the line")
