"""A written file with fewer records is the file that these records alone would have made."""

from __future__ import annotations

from itertools import compress
from pathlib import Path
from typing import Any

import pytest

from atkc.stdlib.exporters.keeping import keep, tokens_of
from tests.stdlib.exporters.test_data_files import write


def row(number: int) -> dict[str, Any]:
    text = f'Häfen {number}\n"quoted", a;b\u2028 [ ]\n\nend,'
    turns = [{"role": "human", "content": f"Q{number}?"}, {"role": "gpt", "content": text}]
    segments = [{"label": number % 2 == 0, "text": text}, {"label": True, "text": "b"}]
    return {"turns": turns, "text": text, "name": f"n{number}", "segments": segments}


ROWS = [row(number) for number in range(5)]
FLAT = {"columns": {"text": "text", "name": "name"}}
KEPT = ([True] * 5, [False] * 5, [True, False, False, True, True], [False, True, True, True, False])


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: "".join("01"[k] for k in kept))
@pytest.mark.parametrize(
    ("name", "path", "given"),
    [
        ("jsonl", "a.jsonl", {}),
        ("jsonl", "a.json", {}),
        ("jsonl", "a.jsonl", {"tokenizer": "chars4", **FLAT}),
        ("sharegpt", "a.jsonl", {"columns": {"name": "name"}}),
        ("chat", "a.json", {"tokenizer": "o200k"}),
        ("completion", "a.jsonl", {}),
        ("alpaca", "a.jsonl", {"instruction": "name", "output": "text", "system": "text"}),
        ("segments", "a.json", {}),
        ("csv", "a.csv", FLAT),
        ("csv", "a.tsv", {"delimiter": "\t", **FLAT}),
        ("csv", "a.csv", {"delimiter": ";", "columns": {"a, b": "text", "c": "name"}}),
        ("csv", "a.csv", {"columns": {"only": "text"}}),
        ("parquet", "a.parquet", FLAT),
    ],
)
def test_what_is_kept_has_its_bytes_and_its_tokens(
    tmp_path: Path, name: str, path: str, given: dict[str, Any], kept: list[bool]
) -> None:
    old, new, wanted = (tmp_path / f"{part}-{path}" for part in ("old", "new", "wanted"))
    _, tokens = write(name, ROWS, old, **given)
    _, left = write(name, list(compress(ROWS, kept)), wanted, **given)
    columns = list(given.get("columns", ()))
    keep(old, new, name, columns, kept)
    if name == "parquet" and not any(kept):
        return  # types of columns stay, where a table of no rows would know none
    assert new.read_bytes() == wanted.read_bytes()
    assert tokens_of(old, name, columns, kept, tokens) == left


def test_tokens_that_were_counted_otherwise_are_not_known(tmp_path: Path) -> None:
    write("jsonl", ROWS, tmp_path / "a.jsonl")
    assert tokens_of(tmp_path / "a.jsonl", "jsonl", (), [True, *[False] * 4], 12345) is None
