"""The card tells of the files and nothing that changes from run to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
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


def head(text: str) -> Any:
    return yaml.safe_load(text.split("---\n")[1])


def test_the_head_leads_the_hub_to_the_data(tmp_path: Path) -> None:
    text = card(tmp_path, FILES, title="Ports: all", license="mit", language="de")
    assert head(text) == {
        "license": "mit",
        "language": "de",
        "pretty_name": "Ports: all",
        "task_categories": ["text-generation"],
        "size_categories": ["n<1K"],
        "configs": [
            {"config_name": "sft--a", "data_files": [{"split": "train", "path": "sft/a.jsonl"}]}
        ],
    }


def data(path: str, records: int = 2, role: str = "completion", **more: Any) -> Any:
    return {
        "path": path,
        "role": role,
        "records": records,
        "tokens": 9,
        "columns": ["text"],
        **more,
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([data("p/facts_a.jsonl"), data("p/facts_b.jsonl")],
         {"p--facts": ["p/facts_a.jsonl", "p/facts_b.jsonl"]}),
        # a union of the others stays alone, so that no record is loaded twice
        ([data("r_a.jsonl", 3), data("r_b.jsonl", 2), data("r_all.jsonl", 5)],
         {"r": ["r_a.jsonl", "r_b.jsonl"], "r_all": "r_all.jsonl"}),
        # other columns cannot be loaded together
        ([data("p_a.jsonl"), data("p_b.jsonl", columns=["text", "kind"])],
         {"p_a": "p_a.jsonl", "p_b": "p_b.jsonl"}),
        ([data("p_a.jsonl"), data("q/p_b.jsonl")], {"p_a": "p_a.jsonl", "q--p_b": "q/p_b.jsonl"}),
        ([data("a b/ü?.jsonl")], {"a-b--ü-": "a b/ü?.jsonl"}),
    ],
)  # fmt: skip
def test_files_that_belong_together_have_one_name(
    tmp_path: Path, files: list[Any], expected: Any
) -> None:
    configs = head(card(tmp_path, files))["configs"]
    assert {c["config_name"]: c["data_files"][0]["path"] for c in configs} == expected


@pytest.mark.parametrize("records", [999, 1000, 10_000_000, 2_000_000_000])
def test_the_size_is_one_that_the_hub_knows(tmp_path: Path, records: int) -> None:
    sizes = {999: "n<1K", 1000: "1K<n<10K", 10_000_000: "10M<n<100M", 2_000_000_000: "n>1B"}
    assert head(card(tmp_path, [data("a.jsonl", records)]))["size_categories"] == [sizes[records]]


def test_how_files_were_made_stands_beside_them(tmp_path: Path) -> None:
    files = [data("p/a.jsonl"), data("p/held_out.jsonl"), data("x.jsonl")]
    text = card(tmp_path, files, made={"p/*": "chunks said anew", "*": "read"})
    rows = [
        [cell.strip() for cell in x.split("|")[1:-1]] for x in text.splitlines() if x[:1] == "|"
    ]
    assert [(row[0], row[2]) for row in rows[2:]] == [
        ("`p/a.jsonl`", "chunks said anew"),
        ("`p/held_out.jsonl`", "chunks said anew"),
        ("`x.jsonl`", "read"),
        ("all", ""),
    ]
    assert rows[3][1].endswith("for evaluation")


def test_each_name_can_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    files = [data("p/f_a.jsonl"), data("p/f_b.jsonl"), data("held_out.jsonl"), data("t.json")]
    text = card(tmp_path, files)
    (tmp_path / "p").mkdir()
    for file in files:
        body = (
            '[\n{"text": "a"},\n{"text": "b"}\n]\n'
            if file["path"] == "t.json"
            else ('{"text": "a"}\n{"text": "b"}\n')
        )
        (tmp_path / file["path"]).write_text(body, encoding="utf-8")
    found = {}
    for config in head(text)["configs"]:
        name = config["config_name"]
        loaded = datasets.load_dataset(str(tmp_path), name, cache_dir=str(tmp_path / "cache"))
        found[name] = {split: rows.num_rows for split, rows in loaded.items()}
        assert f"`{name}`" in text
    assert found == {"p--f": {"train": 4}, "held_out": {"test": 2}, "t": {"train": 2}}


def test_title_and_description(tmp_path: Path) -> None:
    text = card(tmp_path, [], title="Häfen", description="Of ports.")
    assert text.startswith("# Häfen\n\nOf ports.\n\n| file |")


def test_paths_are_seen_from_the_card(tmp_path: Path) -> None:
    assert "`a.jsonl`" in card(tmp_path, FILES, path="sft/README.md")
