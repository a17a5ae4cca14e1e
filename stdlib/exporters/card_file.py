"""The format `card`: a page that says what the written files are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.spec.rowtype import STRING
from atkc.spec.signature import ExporterSignature, Option
from atkc.stdlib.exporters.axolotl_datasets import NOT_DATA
from atkc.stdlib.exporters.axolotl_file import to_yaml
from atkc.stdlib.exporters.places import PATH, reads_files, relative

# Role of a file -> what it is for, in words.
PURPOSES = {
    "alpaca": "instructions with answers",
    "chat": "conversations, OpenAI messages",
    "completion": "text to continue, or chat rendered as text",
    "config": "training configuration",
    "data": "rows of data",
    "segments": "text with parts masked from training",
    "sharegpt": "conversations, ShareGPT",
}

SIGNATURE = ExporterSignature(
    name="card",
    version=1,
    options={
        "title": Option(STRING, "Dataset", description="the heading"),
        "description": Option(STRING, "", description="a paragraph below the heading"),
        "license": Option(STRING, "", description="an SPDX name, in lower case for the Hub"),
        "language": Option(STRING, "", description="an ISO 639 code"),
        "path": PATH,
    },
    shape=reads_files,
    reads_files=True,
    role="card",
    description="a Markdown page with a table of the files, as the Hugging Face Hub reads it",
)


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    """Write the card; returns (files told, their tokens)."""
    files = [row for row in rows if row["role"] != "card"]
    parts = [_head(files, options), f"# {options['title']}", options["description"]]
    parts.append(_table(files, options["path"]))
    text = "\n\n".join(part for part in parts if part) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return len(files), sum(file["tokens"] for file in files)


def _head(files: list[Data], options: Options) -> str:
    """Return the YAML head by which the Hub finds the data files."""
    head: dict[str, Any] = {k: options[k] for k in ("license", "language") if options[k]}
    configs = [
        {"config_name": _name(file["path"]), "data_files": relative(file["path"], options["path"])}
        for file in files
        if file["role"] not in NOT_DATA and file["records"]
    ]
    head |= {"configs": configs} if configs else {}
    return f"---\n{to_yaml(head)}---" if head else ""


def _name(path: str) -> str:
    return PurePosixPath(path).with_suffix("").as_posix().replace("/", "--")


def _table(files: list[Data], own: str) -> str:
    lines = ["| file | what it is | records | tokens |", "| --- | --- | ---: | ---: |"]
    for file in files:
        told = PURPOSES.get(file["role"], file["role"])
        numbers = ("", "") if file["role"] in NOT_DATA else (file["records"], file["tokens"])
        lines.append(f"| `{relative(file['path'], own)}` | {told} | {numbers[0]} | {numbers[1]} |")
    data = [file for file in files if file["role"] not in NOT_DATA]
    records, tokens = (sum(file[key] for file in data) for key in ("records", "tokens"))
    return "\n".join([*lines, f"| all | | {records} | {tokens} |"])
