"""A few records of a file, of every format that an export writes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atkc.cli.report import rows
from atkc.cli.report.rows import MEASURED, SHOWN, characters, few
from atkc.cli.report.samples import lengths

HALVES = ["500", "1k", "1.5k", "2k", "2.5k", "3k", "3.5k", "4k", "4.5k", "5k", "5.5k", "6k"]
RECORDS = [{"n": str(n), "text": "x" * n} for n in range(1000)]


def write(path: Path, records: list[dict[str, str]]) -> Path:
    match path.suffix:
        case ".jsonl":
            path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
        case ".json":
            body = ",\n".join(map(json.dumps, records))
            path.write_text(f"[\n{body}\n]\n", encoding="utf-8")
        case ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, ["n", "text"])
                writer.writeheader()
                writer.writerows(records)
        case ".parquet":
            pq.write_table(pa.Table.from_pylist(records), path)
    return path


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".parquet"])
def test_the_first_and_some_by_chance(tmp_path: Path, suffix: str) -> None:
    found = few(write(tmp_path / f"a{suffix}", RECORDS), 7)
    assert found.problem == ""
    assert len(found.shown) == SHOWN
    assert found.shown[0] == (1, RECORDS[0])
    assert all(record == RECORDS[number - 1] for number, record in found.shown)
    assert len(found.lengths) == MEASURED
    assert few(tmp_path / f"a{suffix}", 7) == found
    assert few(tmp_path / f"a{suffix}", 8).shown != found.shown


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".parquet"])
@pytest.mark.parametrize("count", [1, 3])
def test_of_a_short_file_all(tmp_path: Path, suffix: str, count: int) -> None:
    found = few(write(tmp_path / f"a{suffix}", RECORDS[:count]), 0)
    assert [record for _, record in found.shown] == RECORDS[:count]
    assert found.lengths == tuple(characters(r) for r in RECORDS[:count])
    assert found.says == "all records"


def test_a_large_file_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.jsonl", RECORDS * 20)
    monkeypatch.setattr(rows, "WHOLE", 1000)
    found = few(path, 0)
    assert found.shown[0] == (1, RECORDS[0])
    assert [number for number, _ in found.shown[1:]] == [0, 0, 0]  # where they stand is not known
    assert all(record in RECORDS for _, record in found.shown)
    assert MEASURED - 5 <= len(found.lengths) <= MEASURED
    assert found.says == f"{len(found.lengths)} records, evenly spread"


def test_an_empty_array_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]\n", encoding="utf-8")
    assert few(tmp_path / "a.json", 0).shown == ()


def test_what_is_no_json_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{broken\n", encoding="utf-8")
    assert few(tmp_path / "a.jsonl", 0).problem.startswith("cannot be read:")


def test_a_half_letter_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": "\\ud800"}\n', encoding="utf-8")
    assert few(tmp_path / "a.jsonl", 0).shown == ((1, {"a": "\ud800"}),)


@pytest.mark.parametrize(
    ("found", "heads", "counts"),
    [
        ([], ["1"], [0]),
        ([0, 1, 1, 3], ["1", "2", "3", "4"], [1, 2, 0, 1]),
        ([5, 119, 120], [str(20 * n) for n in range(1, 8)], [1, 0, 0, 0, 0, 1, 1]),
        ([5999], HALVES, [0] * 11 + [1]),
    ],
)  # fmt: skip
def test_lengths_fall_into_round_ranges(
    found: list[int], heads: list[str], counts: list[int]
) -> None:
    assert lengths(found) == (heads, counts)
