"""The card tells of the files and nothing that changes from run to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from atkc.spec.signature import REQUIRED
from atkc.stdlib.exporters import EXPORTERS

SIGNATURE, WRITE = EXPORTERS["card"]
FILES: list[Any] = [
    {"path": "sft/a.jsonl", "role": "sharegpt", "records": 3, "tokens": 40},
    {"path": "sft/none.jsonl", "role": "completion", "records": 0, "tokens": 0},
    {"path": "sft/c.yaml", "role": "config", "records": 1, "tokens": 40},
    {"path": "README.md", "role": "card", "records": 1, "tokens": 40},
]


def card(tmp_path: Path, files: list[Any], **given: Any) -> str:
    defaults = {k: o.default for k, o in SIGNATURE.options.items() if o.default is not REQUIRED}
    WRITE(iter(files), tmp_path / "README.md", {**defaults, "path": "README.md", **given})
    return (tmp_path / "README.md").read_text("utf-8")


def test_files_records_and_tokens_stand_in_a_table(tmp_path: Path) -> None:
    lines = card(tmp_path, FILES).splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    assert [(row[0], row[2], row[3]) for row in rows[2:]] == [
        ("`sft/a.jsonl`", "3", "40"),
        ("`sft/none.jsonl`", "0", "0"),
        ("`sft/c.yaml`", "", ""),
        ("all", "3", "40"),
    ]


def test_the_head_leads_the_hub_to_the_data(tmp_path: Path) -> None:
    text = card(tmp_path, FILES, license="mit", language="de")
    assert yaml.safe_load(text.split("---\n")[1]) == {
        "license": "mit",
        "language": "de",
        "configs": [{"config_name": "sft--a", "data_files": "sft/a.jsonl"}],
    }


def test_title_and_description(tmp_path: Path) -> None:
    text = card(tmp_path, [], title="Häfen", description="Of ports.")
    assert text.startswith("# Häfen\n\nOf ports.\n\n| file |")


def test_paths_are_seen_from_the_card(tmp_path: Path) -> None:
    assert "`a.jsonl`" in card(tmp_path, FILES, path="sft/README.md")
