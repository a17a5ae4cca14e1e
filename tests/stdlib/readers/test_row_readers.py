"""Readers of rows yield plain data, and a failure for each row that is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atkc.runtime.api import ReadFailure
from atkc.runtime.errors import InputError
from atkc.spec.signature import REQUIRED
from atkc.stdlib.readers import READERS, huggingface_rows


def read(name: str, **options: Any) -> list[Any]:
    signature, reader = READERS[name]
    assert options.keys() <= signature.options.keys()
    defaults = {k: o.default for k, o in signature.options.items() if o.default is not REQUIRED}
    return list(reader({**defaults, **options}))


def outcome(row: Any) -> Any:
    return (row.kind, row.message.split(":")[0]) if isinstance(row, ReadFailure) else row


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": "\xc3\xa4"}', {"a": "ä"}),
        (b'{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        (b'{"a": [1, 1.0, "1", true, null]}', {"a": [1, 1.0, "1", True, None]}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        (b'{"a": NaN}', "bad-row"),
        (b'{"a": -Infinity}', "bad-row"),
        (b'{"a": 1e999}', "bad-row"),
        (b'{"a": "\\ud800"}', "bad-row"),
        (b'{"\\udfff": 1}', "bad-row"),
        (b'{"a": "\xff"}', "bad-row"),
        (b"[1]", "bad-row"),
        (b"{", "bad-row"),
        (b"[" * 100_000, "bad-row"),
    ],
)
def test_jsonl_rows(tmp_path: Path, line: bytes, expected: Any) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(line + b"\r\n\n")
    (row,) = read("jsonl", path=str(file))
    if expected == "bad-row":
        assert outcome(row) == ("bad-row", "line 1")
    else:
        assert row == expected
        assert [type(v) for v in row.values()] == [type(v) for v in expected.values()]


def test_jsonl_counts_lines_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"n": 1}\n\nnope\n{"n": 2}\n')
    rows = read("jsonl", path=str(tmp_path / "x.jsonl"))
    assert [outcome(row) for row in rows] == [{"n": 1}, ("bad-row", "line 3"), {"n": 2}]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[{"n": 1}, 2, {"n": 3}]', [{"n": 1}, ("bad-row", "item 2"), {"n": 3}]),
        ('{\n "n": 1\n}', [{"n": 1}]),
        ('{"n": 1}\n{"n": 2}', [{"n": 1}, {"n": 2}]),
        ("[1", [("bad-row", "is not JSON")]),
    ],
)
def test_json_files(tmp_path: Path, content: str, expected: list[Any]) -> None:
    (tmp_path / "x.json").write_text(content)
    assert [outcome(r) for r in read("jsonl", path=str(tmp_path / "x.json"))] == expected


def write_jsonl(folder: Path, name: str, *numbers: int) -> None:
    (folder / name).write_text("".join(f'{{"n": {n}}}\n' for n in numbers))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"first": 3}, [1, 2, 3]),
        ({"first": 0}, []),
        ({"glob": "b*"}, [3]),
        ({"glob": "*.rows"}, [5]),
    ],
)
def test_folders_of_files(tmp_path: Path, options: Any, expected: list[int]) -> None:
    (tmp_path / "c").mkdir()
    for name, *numbers in (("a.jsonl", 1, 2), ("b.jsonl", 3), ("c/d.jsonl", 4), ("e.rows", 5)):
        write_jsonl(tmp_path, str(name), *map(int, numbers))
    assert [row["n"] for row in read("jsonl", path=str(tmp_path), **options)] == expected


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("a,b\n1,x\n", {}, [{"a": "1", "b": "x"}]),
        ("\ufeffa,b\r\n1,x\r\n", {}, [{"a": "1", "b": "x"}]),
        ('a\n"two\nlines, ""q"""\n', {}, [{"a": 'two\nlines, "q"'}]),
        ("a;b\n1;x\n", {"delimiter": ";"}, [{"a": "1", "b": "x"}]),
        ("1,x\n", {"header": ["a", "b"]}, [{"a": "1", "b": "x"}]),
        ("a,b\n1\n2,y\n", {}, [("bad-row", "line 2"), {"a": "2", "b": "y"}]),
        ("a,a\n1,2\n", {}, [("bad-header", "`x.csv` names a column twice")]),
        ("a\n\n1\n", {}, [{"a": "1"}]),
        ("a\n7\n\n x\n", {"convert": {"a": "integer"}}, [{"a": 7}, ("bad-row", "line 4")]),
        ("a,b\n2.5,\n", {"convert": {"a": "number", "b": "number"}}, [{"a": 2.5, "b": None}]),
        ("a\nnan\n", {"convert": {"a": "number"}}, [("bad-row", "line 2")]),
        ("a\nTrue\nno\n", {"convert": {"a": "boolean"}}, [{"a": True}, ("bad-row", "line 3")]),
        ('a\n"[1, 2]"\n', {"convert": {"a": "json"}}, [{"a": [1, 2]}]),
        ("", {}, []),
    ],
)
def test_csv(tmp_path: Path, content: str, options: Any, expected: list[Any]) -> None:
    (tmp_path / "x.csv").write_text(content, newline="")
    rows = read("csv", path=str(tmp_path / "x.csv"), **options)
    assert [outcome(row) for row in rows] == expected


def test_csv_bytes_that_are_not_utf8_fail_their_row_alone(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_bytes(b"a\tb\n\xff\t1\nfine\t2\n")
    rows = read("csv", path=str(tmp_path))
    assert [outcome(row) for row in rows] == [("bad-row", "line 2"), {"a": "fine", "b": "2"}]


def test_parquet_values_become_plain_data(tmp_path: Path) -> None:
    table = pa.table(
        {
            "day": [date(1887, 5, 1), None],
            "price": [Decimal("2.50"), Decimal("3.00")],
            "deep": [{"x": [1]}, {"x": []}],
            "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    assert read("parquet", path=str(tmp_path)) == [
        {"day": "1887-05-01", "price": 2.5, "deep": {"x": [1]}, "map": {"k": 1}},
        {"day": None, "price": 3, "deep": {"x": []}, "map": {}},
    ]
    assert read("parquet", path=str(tmp_path), columns=["day"], first=1) == [{"day": "1887-05-01"}]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([float("nan"), 1.0], [("bad-row", "row 1"), {"a": 1.0}]),
        ([b"bytes"], [("bad-row", "row 1")]),
    ],
)
def test_parquet_values_that_json_cannot_carry(
    tmp_path: Path, column: list[Any], expected: list[Any]
) -> None:
    pq.write_table(pa.table({"a": column}), tmp_path / "x.parquet")
    assert [outcome(row) for row in read("parquet", path=str(tmp_path))] == expected


def test_parquet_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no more")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "fine.parquet")
    kinds = [row.kind for row in read("parquet", path=str(tmp_path), columns=["b"])]
    assert kinds == ["corrupt", "bad-header"]


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize(
    ("make", "code"), [(lambda f: f / "absent", "ATK001"), (lambda f: f, "ATK604")]
)
def test_nothing_to_read_stops_the_run(
    tmp_path: Path, name: str, make: Callable[[Path], Path], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(name, path=str(make(tmp_path)))
    assert caught.value.diagnostic.code == code


def test_inline_rows_are_copies() -> None:
    rows = [{"a": [1]}, {"a": float("inf")}, 3]
    found = read("inline", rows=rows)
    assert [outcome(r) for r in found] == [{"a": [1]}, ("bad-row", "row 2"), ("bad-row", "row 3")]
    found[0]["a"].append(2)
    assert rows[0] == {"a": [1]}
    assert read("inline", rows=rows, first=1) == [{"a": [1]}]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    import datasets

    rows = datasets.Dataset.from_list([{"n": 1}, {"n": 2}, {"n": 3}])
    datasets.DatasetDict({"train": rows, "test": rows.select([2])}).save_to_disk(tmp_path / "both")
    rows.save_to_disk(tmp_path / "one")
    return tmp_path


@pytest.mark.parametrize(
    ("folder", "options", "expected"),
    [
        ("one", {}, [1, 2, 3]),
        ("both", {}, [1, 2, 3]),
        ("both", {"split": "test"}, [3]),
        ("both", {"first": 2}, [1, 2]),
    ],
)
def test_huggingface_from_disk(saved: Path, folder: str, options: Any, expected: list[int]) -> None:
    rows = read("huggingface", path=str(saved / folder), **options)
    assert [row["n"] for row in rows] == expected


def test_huggingface_keeps_sets_where_it_is_told_and_then_fetches_them_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/train.jsonl").write_text('{"n": 1}\n{"n": 2}\n', "utf-8")
    kept = tmp_path / "kept"
    rows = read("huggingface", path=str(tmp_path / "set"), cache_dir=str(kept), first=1)
    assert [row["n"] for row in rows] == [1]
    assert list(kept.rglob("*.arrow"))
    asked = _loads(monkeypatch)
    monkeypatch.setattr(huggingface_rows, "_settle_network", lambda _: None)  # the Hub answers
    for folder in (None, str(kept)):
        read("huggingface", path="some/set", online=True, first=1, cache_dir=folder)
    assert [(a["cache_dir"], a["streaming"]) for a in asked] == [(None, True), (str(kept), False)]


def _loads(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what will have been asked of the Hub's library."""
    import datasets

    asked: list[dict[str, Any]] = []

    def load(_path: str, *_: Any, **options: Any) -> list[Any]:
        asked.append(options)
        return []

    monkeypatch.setattr(datasets, "load_dataset", load)
    return asked


@pytest.mark.parametrize(
    ("path", "options"),
    [("nobody/no-such-dataset", {}), ("both", {"split": "absent"})],
)
def test_huggingface_without_the_dataset_fails_at_once(
    saved: Path, path: str, options: Any
) -> None:
    where = str(saved / path) if path == "both" else path
    with pytest.raises(InputError) as caught:
        read("huggingface", path=where, **options)
    assert caught.value.diagnostic.code == "ATK001"
    assert where in caught.value.diagnostic.message


def test_every_signature_says_what_it_is() -> None:
    for name, (signature, _) in READERS.items():
        assert signature.name == name
        assert signature.description
        json.dumps(
            {k: o.default for k, o in signature.options.items() if o.default is not REQUIRED}
        )


def test_rows_say_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n\n{"n": 2}\n')
    (tmp_path / "b.json").write_text('[{"n": 3}, {"n": 4}]')
    (tmp_path / "c.csv").write_text('n\n5\n"6\n7"\n')
    pq.write_table(pa.table({"n": [8, 9]}), tmp_path / "d.parquet")
    rows = [row for name in ("jsonl", "csv", "parquet") for row in read(name, path=str(tmp_path))]
    rows += read("inline", rows=[{"n": 10}])
    assert [row.place for row in rows] == [
        *("a.jsonl#1", "a.jsonl#3", "b.json#1", "b.json#2"),  # lines, and items of an array
        *("c.csv#2", "c.csv#4", "d.parquet#1", "d.parquet#2", "inline#1"),
    ]
