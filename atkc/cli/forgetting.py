"""`--forget`: a copy of outputs without the lines that a document fed."""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

from atkc.cli.outputs import WRITE_IT, Outputs, mistake
from atkc.runtime.provenance import sidecar
from atkc.runtime.publish import claimed, fingerprint, publish
from atkc.stdlib.exporters import EXPORTERS
from atkc.stdlib.exporters.keeping import keep, tokens_of


def forget(
    outputs: Outputs,
    into: Path,
    documents: Iterable[tuple[str, str]],
    lines: Mapping[str, Container[int]],
) -> None:
    """Write the copy; raises InputError ATK032 where a file cannot be traced, ATK006, ATK007."""
    if into.resolve() == outputs.folder.resolve():
        raise mistake("ATK006", f"`{into}` is the folder itself", "name a new folder")
    for path, entry in outputs.entries.items():
        if not outputs.is_traced(path) and not _tells_of_files(entry):
            message = f"`{path}` has no provenance, so its lines cannot be told apart"
            raise mistake("ATK032", message, WRITE_IT)
    names = sorted("/".join(known) for known in documents)
    gone = [*outputs.manifest.get("forgotten", []), *names]
    with claimed(into) as staging:
        entries = [
            entry
            for path in outputs.entries
            for entry in _copied(outputs, staging, path, lines.get(path, ()))
        ]
        publish(staging, into, {**outputs.manifest, "files": entries, "forgotten": gone})


def _tells_of_files(entry: Mapping[str, Any]) -> bool:
    """Return whether a file tells of others, as configs and the card do: it has no records."""
    found = EXPORTERS.get(entry["format"])
    return found is not None and found[0].reads_files


def _copied(
    outputs: Outputs, staging: Path, path: str, gone: Container[int]
) -> list[dict[str, Any]]:
    """Write a file and its sidecar less lines; return what the manifest tells of them."""
    told, old, new = outputs.entries[path], outputs.folder / path, staging / path
    new.parent.mkdir(parents=True, exist_ok=True)
    if not outputs.is_traced(path):
        outputs.check(path)
        shutil.copyfile(old, new)
        return [told]
    kept = [number not in gone for number in range(1, told["records"] + 1)]
    if all(kept):
        shutil.copyfile(old, new)  # to the byte, whatever its format
    else:
        keep(old, new, told["format"], told["columns"], kept)
    tokens = tokens_of(old, told["format"], told["columns"], kept, told["tokens"])
    beside = sidecar(path)
    (staging / beside).parent.mkdir(parents=True, exist_ok=True)
    keep(outputs.folder / beside, staging / beside, "jsonl", (), kept)
    (of_sidecar,) = (e for e in outputs.manifest["files"] if e["path"] == beside)
    return [
        {**told, "records": sum(kept), "tokens": tokens, **fingerprint(new)},
        {**of_sidecar, "records": sum(kept), **fingerprint(staging / beside)},
    ]
