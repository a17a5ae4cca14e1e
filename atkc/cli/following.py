"""`atkc trace DIR --document NAME`: the lines that a document fed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from atkc.cli import codes
from atkc.cli.outputs import Outputs, mistake, outputs_in
from atkc.spec.screen import printable

_ROW = re.compile(r"#\d+\Z")

Known = tuple[str, str]  # (source step, name)
Lines = dict[str, dict[int, bool]]  # by file: number of the line -> whether it only was shown


def follow(folder: Path, name: str, into: Path | None, *, as_json: bool) -> int:
    """List the lines that a document fed; with `into`, write a copy of the outputs without them."""
    outputs = outputs_in(folder)
    documents = chosen(outputs, name)
    lines = fed(outputs, documents)
    if into is not None:
        from atkc.cli.forgetting import forget

        forget(outputs, into, documents, lines)
    if as_json:
        told = {"documents": _labels(documents), "files": _told(outputs, lines)}
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.flush()
        return codes.COMPLETE
    _print(outputs, lines)
    if into is not None:
        gone = sum(map(len, lines.values()))
        sys.stdout.write(f"{gone} lines left out of the copy in {into}\n")
    return codes.COMPLETE


def chosen(outputs: Outputs, name: str) -> frozenset[Known]:
    """Return the document that a name means: a path or the end of one, or `step/path`.

    The rows of a file are one document unless the name ends in `#row`. Raises InputError ATK033
    where there is none or more than one.
    """
    one_row = _ROW.search(name) is not None
    labels: dict[Known, set[Known]] = {}
    for _, _, step, source, _ in _sources(outputs):
        label = (step, source if one_row else _ROW.sub("", source))
        labels.setdefault(label, set()).add((step, source))
    exact = {label for label in labels if name in (label[1], "/".join(label))}
    found = exact or {label for label in labels if "/".join(label).endswith(f"/{name}")}
    if len(found) == 1:
        return frozenset(labels[found.pop()])
    if found:
        message = f"`{name}` may be {', '.join(_labels(found))}"
        raise mistake("ATK033", message, "write one of them in full")
    some = ", ".join(_labels(labels)[:10])
    message = f"no line of `{outputs.folder}` comes from a document `{name}`"
    raise mistake("ATK033", message, f"lines come from {some}" if some else None)


def fed(outputs: Outputs, documents: frozenset[Known]) -> Lines:
    """Return by file the lines (from 1) that documents fed."""
    lines: Lines = {}
    for path, number, step, name, shown in _sources(outputs):
        if (step, name) in documents:
            own = lines.setdefault(path, {})
            own[number] = own.get(number, True) and shown
    return lines


def _sources(outputs: Outputs) -> Iterator[tuple[str, int, str, str, bool]]:
    """Yield (file, line, source step, name, whether only shown) for each source of each line."""
    traced = [path for path in outputs.entries if outputs.is_traced(path)]
    if not traced:
        raise mistake("ATK032", f"no file of `{outputs.folder}` has provenance")
    for path in traced:
        for number, trail in enumerate(outputs.trails(path), 1):
            for source in trail["sources"]:
                yield path, number, source["step"], source["source"], source["shown"]


def _labels(documents: Any) -> list[str]:
    return sorted("/".join(known) for known in documents)


def _told(outputs: Outputs, lines: Lines) -> list[dict[str, Any]]:
    return [
        {
            "file": path,
            "lines": list(numbers),
            "shown": [number for number, shown in numbers.items() if shown],
            "of": outputs.entries[path]["records"],
        }
        for path, numbers in lines.items()
    ]


def _print(outputs: Outputs, lines: Lines) -> None:
    for path, numbers in lines.items():
        for number, shown in numbers.items():
            mark = "  (shown)" if shown else ""
            sys.stdout.write(f"{printable(str(outputs.folder / path))}:{number}{mark}\n")
    for path, numbers in lines.items():
        whole = outputs.entries[path]["records"]
        sys.stdout.write(f"{len(numbers)} of {whole} lines in {printable(path)}\n")
