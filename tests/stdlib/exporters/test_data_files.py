"""Each format writes what its readers expect, to the byte, and counts what it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.errors import InputError
from atkc.spec.rowtype import BOOLEAN, INTEGER, STRING, TURNS, Field, ListOf, Record, nullable
from atkc.spec.signature import REQUIRED, Shape, ShapeError
from atkc.stdlib.exporters import EXPORTERS
from atkc.stdlib.tokens import count

TALK = [
    {"role": "system", "content": "Know."},
    {"role": "human", "content": "Wie groß?"},
    {"role": "gpt", "content": "\u2028 1 m"},
]
ROW = {"turns": TALK, "text": "Häfen", "n": 1, "deep": {"a": [None, True]}, "s": [
    {"label": 1, "text": "a"}, {"label": False, "text": "b"}]}  # fmt: skip


def options_of(name: str, given: Any) -> dict[str, Any]:
    known = EXPORTERS[name][0].options
    assert given.keys() <= known.keys()
    return {k: o.default for k, o in known.items() if o.default is not REQUIRED} | given


def write(name: str, rows: list[Any], path: Path, **given: Any) -> tuple[int, int]:
    return EXPORTERS[name][1](iter(rows), path, options_of(name, given))


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("jsonl", {}, {**ROW}),
        ("jsonl", {"columns": {"body": "text", "flag": "deep.a"}},
         {"body": "Häfen", "flag": [None, True]}),
        ("sharegpt", {}, {"conversations": [
            {"from": "system", "value": "Know."}, {"from": "human", "value": "Wie groß?"},
            {"from": "gpt", "value": "\u2028 1 m"}]}),
        ("chat", {"columns": {"id": "n"}}, {"messages": [
            {"role": "system", "content": "Know."}, {"role": "user", "content": "Wie groß?"},
            {"role": "assistant", "content": "\u2028 1 m"}], "id": 1}),
        ("alpaca", {"instruction": "text", "output": "text"},
         {"instruction": "Häfen", "input": "", "output": "Häfen"}),
        ("alpaca", {"instruction": "text", "output": "text", "input": "text", "system": "text"},
         {"instruction": "Häfen", "input": "Häfen", "output": "Häfen", "system": "Häfen"}),
        ("completion", {}, {"text": "Häfen"}),
        ("completion", {"turns": "turns", "template": "chatml", "columns": {"n": "n"}},
         {"text": "<|im_start|>system\nKnow.<|im_end|>\n<|im_start|>user\nWie groß?<|im_end|>\n"
          "<|im_start|>assistant\n1 m<|im_end|>", "n": 1}),
        ("completion", {"turns": "turns", "template": "{{ x }}{% for m in messages %}.{% endfor %}",
                        "variables": {"x": "V"}}, {"text": "V..."}),
        ("segments", {"segments": "s"},
         {"segments": [{"label": True, "text": "a"}, {"label": False, "text": "b"}]}),
    ],
)  # fmt: skip
def test_json_formats(tmp_path: Path, name: str, given: Any, expected: Any) -> None:
    lines, array = tmp_path / "x.jsonl", tmp_path / "x.json"
    records, tokens = write(name, [ROW, ROW], lines, **given)
    assert lines.read_bytes().count(b"\n") == 2
    assert [json.loads(line) for line in lines.read_text("utf-8").split("\n")[:2]] == [expected] * 2
    assert "ä" in lines.read_text("utf-8") or name in ("sharegpt", "chat", "segments", "completion")
    assert (records, tokens) == write(name, [ROW, ROW], array, **given)
    assert json.loads(array.read_text("utf-8")) == [expected] * 2
    assert records == 2
    assert tokens > 0


def test_tokens_are_those_of_the_text(tmp_path: Path) -> None:
    rows = [{"text": "The harbour"}, {"text": "opened"}]
    file = tmp_path / "x.jsonl"
    total = count("The harbour") + count("opened")
    assert write("completion", rows, file) == (2, total)
    assert write("completion", rows, file, tokenizer="chars4") == (2, 3 + 2)


@pytest.mark.parametrize(("name", "text"), [("x.jsonl", ""), ("x.json", "[]\n")])
def test_no_rows_give_an_empty_file(tmp_path: Path, name: str, text: str) -> None:
    assert write("jsonl", [], tmp_path / name) == (0, 0)
    assert (tmp_path / name).read_text() == text


@pytest.mark.parametrize(
    "value", [2**80, -(2**70), 1.0, "1", True, None, "\ud800", "\u2028", 'quo"te', 1e-300]
)
def test_values_survive(tmp_path: Path, value: Any) -> None:
    write("jsonl", [{"v": value}], tmp_path / "x.jsonl", columns={"v": "v"}, tokenizer="chars4")
    (line,) = (
        (tmp_path / "x.jsonl").read_text("utf-8").splitlines()[:1]
        if value != "\u2028"
        else ((tmp_path / "x.jsonl").read_text("utf-8").rstrip("\n"),)
    )
    found = json.loads(line)["v"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("rows", "given", "text"),
    [
        ([{"a": 1, "b": None}, {"a": True, "b": 'x,"y"'}], {}, 'a,b\n1,\ntrue,"x,""y"""\n'),
        ([{"a": [1, "ä"], "b": {"c": None}}], {}, 'a,b\n"[1, ""ä""]","{""c"": null}"\n'),
        ([{"a": {"b": 1}}], {"columns": {"x": "a.b"}}, "x\n1\n"),
        ([{"a": 1, "b": 2}], {"delimiter": ";"}, "a;b\n1;2\n"),
        ([], {"columns": {"x": "a"}}, "x\n"),
        ([], {}, ""),
        ([{"a": "two\nlines"}], {}, 'a\n"two\nlines"\n'),
    ],
)
def test_csv(tmp_path: Path, rows: list[Any], given: Any, text: str) -> None:
    file = tmp_path / "x.csv"
    assert write("csv", rows, file, **given)[0] == len(rows)
    assert file.read_bytes().decode() == text


def test_parquet_holds_all_rows_whatever_their_gaps(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    rows = [{"a": None}, {"a": 1, "b": {"x": "ä"}}, {"b": {"y": [1.5]}}] * 5000
    one, two = tmp_path / "1.parquet", tmp_path / "2.parquet"
    assert write("parquet", rows, one, tokenizer="chars4") == (15_000, 5000)
    write("parquet", rows, two, tokenizer="chars4")
    assert one.read_bytes() == two.read_bytes()
    table = pq.read_table(one)
    assert table.column_names == ["a", "b"]
    assert table.slice(0, 3).to_pylist() == [
        {"a": None, "b": None},
        {"a": 1, "b": {"x": "ä", "y": None}},
        {"a": None, "b": {"x": None, "y": [1.5]}},
    ]
    assert pq.ParquetFile(one).num_row_groups == 2


def test_parquet_widens_numbers_and_keeps_named_columns(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    rows = [{"n": 1}] * 9000 + [{"n": 1.5}]
    write("parquet", rows, tmp_path / "x.parquet", columns={"m": "n"})
    assert pq.read_table(tmp_path / "x.parquet")["m"].to_pylist()[-2:] == [1.0, 1.5]
    write("parquet", [], tmp_path / "y.parquet", columns={"m": "n"})
    assert pq.read_table(tmp_path / "y.parquet").column_names == ["m"]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("csv", [{"a": 1}, {"a": 1, "b": 2}]),
        ("parquet", [{"a": 1}, {"a": "x"}]),
        ("parquet", [{"a": 1}] * 8192 + [{"a": "x"}]),
        ("parquet", [{"a": 2**80}]),
        ("parquet", [{"a": {}}]),
    ],
)
def test_rows_that_fit_no_table_are_the_users_mistake(
    tmp_path: Path, name: str, rows: list[Any]
) -> None:
    with pytest.raises(InputError) as caught:
        write(name, rows, tmp_path / "x")
    assert caught.value.diagnostic.code == "ATK420"


RECORD = Record.of(
    {
        "turns": TURNS,
        "text": STRING,
        "note": nullable(STRING),
        "chunk": Record.of({"index": INTEGER}),
        "segments": ListOf(Record.of({"label": BOOLEAN, "text": STRING})),
    }
)


@pytest.mark.parametrize(
    ("name", "given", "reads"),
    [
        ("jsonl", {}, ["turns", "text", "note", "chunk", "segments"]),
        ("jsonl", {"columns": {"i": "chunk.index"}}, ["chunk"]),
        ("sharegpt", {"columns": {"t": "text"}}, ["turns", "text"]),
        ("chat", {}, ["turns"]),
        ("alpaca", {"instruction": "text", "output": "text", "input": "note"}, ["text", "note"]),
        ("completion", {}, ["text"]),
        ("completion", {"turns": "turns"}, ["turns"]),
        ("segments", {}, ["segments"]),
        ("csv", {"columns": {"t": "text"}}, ["text"]),
        ("parquet", {"columns": {"t": "text"}}, ["text"]),
    ],
)
def test_shapes(name: str, given: Any, reads: list[str]) -> None:
    shape = EXPORTERS[name][0].shape(options_of(name, given), RECORD)
    assert isinstance(shape, Shape)
    assert shape.reads.names() == reads


@pytest.mark.parametrize(
    ("name", "given", "option"),
    [
        ("jsonl", {"columns": {"t": "txt"}}, "columns"),
        ("jsonl", {"columns": {"t": "chunk.idx"}}, "columns"),
        ("sharegpt", {"turns": "text"}, "turns"),
        ("chat", {"columns": {"t": "txt"}}, "columns"),
        ("alpaca", {}, "instruction"),
        ("alpaca", {"instruction": "text", "output": "chunk"}, "output"),
        ("alpaca", {"instruction": "text", "output": ""}, "output"),
        ("completion", {"text": "turns"}, "text"),
        ("completion", {"turns": "turns", "template": "{{ nobody }}"}, "template"),
        ("segments", {"segments": "turns"}, "segments"),
        ("csv", {"columns": {"t": "txt"}}, "columns"),
        ("parquet", {"columns": {"t": "txt"}}, "columns"),
    ],
)
def test_shape_errors(name: str, given: Any, option: str) -> None:
    shape = EXPORTERS[name][0].shape(options_of(name, given), RECORD)
    assert isinstance(shape, ShapeError)
    assert shape.option == option


def test_csv_needs_columns_where_a_field_may_be_absent() -> None:
    record = Record.of({"a": Field(STRING, optional=True)})
    shape = EXPORTERS["csv"][0].shape(options_of("csv", {}), record)
    assert isinstance(shape, ShapeError)
    assert isinstance(
        EXPORTERS["csv"][0].shape(options_of("csv", {"columns": {"a": "a"}}), record), Shape
    )


def test_files_load_as_datasets(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    for name, given in (
        ("sharegpt", {}),
        ("chat", {}),
        ("completion", {}),
        ("segments", {"segments": "s"}),
    ):
        for suffix in ("jsonl", "json"):
            file = tmp_path / f"{name}.{suffix}"
            write(name, [ROW, ROW], file, **given)
            loaded = datasets.load_dataset(
                "json", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache")
            )
            assert len(loaded) == 2
            assert json.loads(json.dumps(loaded[0])) == _first(file)


def _first(file: Path) -> Any:
    text = file.read_text("utf-8")
    return json.loads(text)[0] if file.suffix == ".json" else json.loads(text.split("\n")[0])


def test_tables_agree_with_their_signatures() -> None:
    for name, (signature, _) in EXPORTERS.items():
        assert signature.name == name
        assert signature.description
