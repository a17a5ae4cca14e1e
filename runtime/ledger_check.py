"""Whether the books of a finished run add up: rows, edges, files, and what lies on disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from atkc.runtime.manifest import failed_file
from atkc.runtime.publish import fingerprint
from atkc.spec.diagnostic import Diagnostic

Line = Mapping[str, Any]  # of the ledger, as a manifest tells it
_ASIDE = ("rejected", "failed")  # ports of every row of a map, not only of the last
_HINT = "run the spec again; cached replies cost nothing"


def findings(manifest: Mapping[str, Any], folder: Path) -> Iterator[Diagnostic]:
    """Yield what does not add up in a manifest and its files."""
    rows = [row for row in manifest["ledger"] if isinstance(row, dict)]
    yield from (Diagnostic("ATK060", told) for row in rows if (told := _imbalance(row)))
    if "edges" not in manifest:
        text = "the manifest does not say what reads what, so streams cannot be compared"
        yield Diagnostic("ATK065", text, help=_HINT)
        return
    books = Books(manifest)
    yield from books.streams()
    yield from books.files()
    yield from books.failures()
    yield from on_disk(manifest, folder)


def _imbalance(row: Line) -> str | None:
    n: defaultdict[str, int] = defaultdict(int, {k: v for k, v in row.items() if type(v) is int})
    gone = n["out"] + n["filtered"] + n["duplicate"] + n["failed"] + n["merged"]
    gone += n["not_drawn"] - n["expanded"]
    if gone == n["came"]:
        return None
    return f"`{_name(row)}`: {n['came']} came in, {gone} are told of"


def _name(row: Line) -> str:
    return f"{row['step']} ({row['role']})" if row.get("role") else str(row["step"])


class Books:
    """The ledger of a manifest, by node."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._edges: list[list[str]] = manifest["edges"]
        self._exports: dict[str, list[str]] = manifest["exports"]
        self._records = {entry["path"]: entry["records"] for entry in manifest["files"]}
        self._rows: defaultdict[str, list[Line]] = defaultdict(list)
        for row in manifest["ledger"]:
            self._rows[node_of(row["step"])].append(row)

    def streams(self) -> Iterator[Diagnostic]:
        """Yield the inputs into which not all came that left the ports they read."""
        given: defaultdict[tuple[str, str], int] = defaultdict(int)
        for node, port, reader, role in self._edges:
            given[reader, role] += self._left(node, port)
        for (reader, role), left in given.items():
            came = self._came(reader, role)
            if came != left:
                text = f"`{reader}` ({role}): {left} were sent there, {came} came in"
                yield Diagnostic("ATK061", text)

    def files(self) -> Iterator[Diagnostic]:
        """Yield the exports that wrote another number of records than left them."""
        of_files = {reader for _, port, reader, _ in self._edges if port == "files"}
        for step, paths in self._exports.items():
            out = sum(row["out"] for row in self._rows[step])
            written = sum(self._records.get(path, 0) for path in paths)
            if step not in of_files and out != written:
                text = f"`{step}`: {out} records went out, its files hold {written}"
                yield Diagnostic("ATK062", text)

    def failures(self) -> Iterator[Diagnostic]:
        """Yield the steps whose failed records are not all in their file."""
        handled = {node for node, port, _, _ in self._edges if port == "failed"}
        for step, rows in self._rows.items():
            failed = sum(row.get("failed", 0) for row in rows)
            kept = self._records.get(failed_file(step), 0)
            if step not in handled and failed != kept:
                text = f"`{step}`: {failed} records failed, `{failed_file(step)}` holds {kept}"
                yield Diagnostic("ATK063", text)

    def _left(self, node: str, port: str) -> int:
        """Return how many rows a port was given."""
        if port == "files":
            return len(self._exports.get(node, ()))
        rows = self._rows[node]
        actions = len({row["step"] for row in rows}) > 1
        mine = rows[-1:] if actions and port not in _ASIDE else rows
        return sum(row["ports"].get(port, 0) for row in mine)

    def _came(self, node: str, role: str) -> int:
        rows = self._rows[node]
        of_role = [row for row in rows if row.get("role") == role]
        return int((of_role or rows)[0]["came"]) if rows else 0


def node_of(step: str) -> str:
    """Return the node of a ledger row: the actions of a map are `step.1`, `step.2`, …"""
    head, dot, number = step.rpartition(".")
    return head if dot and number.isdecimal() else step


def on_disk(manifest: Mapping[str, Any], folder: Path) -> Iterator[Diagnostic]:
    """Yield the files that are not there, not as the run left them, or have other lines."""
    for entry in manifest["files"]:
        path = folder / entry["path"]
        if not path.is_file():
            yield Diagnostic("ATK064", f"`{path}` is not there", help=_HINT)
        elif path.suffix == ".jsonl" and (lines := _lines(path)) != entry["records"]:
            text = f"`{path}` has {lines} lines, the run wrote {entry['records']}"
            yield Diagnostic("ATK064", text, help=_HINT)
        elif fingerprint(path)["sha256"] != entry["sha256"]:
            yield Diagnostic("ATK064", f"`{path}` is not as the run left it", help=_HINT)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
