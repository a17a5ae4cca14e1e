"""The format `card`: a page that says what the written files are."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.spec.rowtype import STRING, MapOf
from atkc.spec.signature import ExporterSignature, Option
from atkc.stdlib.exporters.axolotl_datasets import NOT_DATA
from atkc.stdlib.exporters.axolotl_file import to_yaml
from atkc.stdlib.exporters.card_groups import Group, groups_of
from atkc.stdlib.exporters.places import PATH, is_held_out, reads_files, relative

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
# The sizes that the Hub knows, by their bounds.
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)

SIGNATURE = ExporterSignature(
    name="card",
    version=2,
    options={
        "title": Option(STRING, "Dataset", description="the heading"),
        "description": Option(STRING, "", description="a paragraph below the heading"),
        "license": Option(STRING, "", description="an SPDX name, in lower case for the Hub"),
        "language": Option(STRING, "", description="an ISO 639 code"),
        "made": Option(
            MapOf(STRING), {}, description="pattern of paths -> how such files were made, in words"
        ),
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
    groups = groups_of([f for f in files if f["role"] not in NOT_DATA and f["records"]])
    parts = [_head(groups, options), f"# {options['title']}", options["description"]]
    parts += [_table(files, options), _loading(groups)]
    text = "\n\n".join(part for part in parts if part) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return len(files), sum(file["tokens"] for file in files)


def _head(groups: list[Group], options: Options) -> str:
    """Return the YAML head by which the Hub finds the data files."""
    head: dict[str, Any] = {k: options[k] for k in ("license", "language") if options[k]}
    if groups:
        records = sum(file["records"] for group in groups for file in group.files)
        head |= {
            "pretty_name": options["title"],
            "task_categories": ["text-generation"],
            "size_categories": [_size(records)],
            "configs": [group.entry(options["path"]) for group in groups],
        }
    return f"---\n{to_yaml(head)}---" if head else ""


def _size(records: int) -> str:
    return next((name for bound, name in _SIZES if records < bound), "n>1B")


def _table(files: list[Data], options: Options) -> str:
    """Return what each file is for and, where the spec says so, how it was made."""
    told = any(_made(file, options) for file in files)
    heads = ["file", "what it is", *(["how it was made"] if told else []), "records", "tokens"]
    rules = ["---"] * (len(heads) - 2) + ["---:"] * 2
    lines = [heads, rules]
    for file in files:
        data = file["role"] not in NOT_DATA
        made = [_made(file, options)] if told else []
        numbers = [str(file[key]) if data else "" for key in ("records", "tokens")]
        name = relative(file["path"], options["path"])
        lines.append([f"`{name}`", _purpose(file), *made, *numbers])
    data_files = [file for file in files if file["role"] not in NOT_DATA]
    sums = [str(sum(file[key] for file in data_files)) for key in ("records", "tokens")]
    lines.append(["all", *[""] * (len(heads) - 3), *sums])
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def _purpose(file: Data) -> str:
    purpose = PURPOSES.get(file["role"], str(file["role"]))
    return f"{purpose}, for evaluation" if is_held_out(file["path"]) else purpose


def _made(file: Data, options: Options) -> str:
    patterns: dict[str, str] = options["made"]
    path = str(file["path"])
    return next((told for pattern, told in patterns.items() if fnmatchcase(path, pattern)), "")


def _loading(groups: list[Group]) -> str:
    """Return how to load one of the groups, and the names of all."""
    if not groups:
        return ""
    names = ", ".join(f"`{group.name}`" for group in groups)
    code = f'import datasets\n\ndatasets.load_dataset(".", "{groups[0].name}")'
    asked = "Load a part by its name, here from this folder:"
    return f"{asked}\n\n```python\n{code}\n```\n\nNames: {names}."
