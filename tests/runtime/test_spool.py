"""Rows that wait on disk come back as they went, in any order, and the file is used again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atkc.runtime.packing import packed, unpacked
from atkc.runtime.spool import Shelf, Spool
from atkc.runtime.tokens import Mark, Row
from atkc.runtime.trail import NO_TRAIL, Call, Source, Trail


def _row(number: int, size: int = 10) -> Row:
    trail = Trail((Source("s", f"f#{number}", b"12345678"),))
    return Row((number,), b"%016d" % number, {"text": "x" * size, "n": 2**70 + number}, trail)


@pytest.mark.parametrize("size", [10, 5_000, 400_000])
def test_a_shelf_gives_back_rows_in_any_order(tmp_path: Path, size: int) -> None:
    shelf = Shelf(tmp_path, most=3)
    rows = [_row(number, size) for number in range(40)]
    assert [shelf.put(row) for row in rows] == list(range(40))
    for number in [*range(39, 20, -1), *range(21)]:
        assert shelf.get(number) == rows[number]
        assert shelf.take(number) == rows[number]
    shelf.close()


def test_a_shelf_counts_on_after_it_was_emptied(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=2)
    for begin in range(0, 30, 5):
        numbers = [shelf.put(_row(number)) for number in range(begin, begin + 5)]
        assert numbers == [*range(begin, begin + 5)]
        assert [shelf.take(number) for number in numbers] == [*map(_row, numbers)]
    shelf.close()


def test_little_never_comes_to_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    tokens = [_row(1), Mark((2,)), _row(3)]
    for token in tokens:
        spool.append(token)
    assert not (tmp_path / "spool").exists()
    assert spool.take() == tokens


def test_a_spool_is_first_in_first_out(tmp_path: Path) -> None:
    spool, out = Spool(tmp_path, chunk=8), []
    for number in range(100):
        spool.append(_row(number, 20_000))
        if number % 10 == 9:
            out += spool.take()
    while spool.count:
        out += spool.take()
    assert out == [_row(number, 20_000) for number in range(100)]
    spool.close()


SHARED = Trail((Source("s", "f#1"),), (Call("c", (b"k",), (True, None), False),))


@pytest.mark.parametrize(
    "token",
    [
        Mark((1,), None),
        Mark((), 3, 1, 2),
        Row((), b"", {}, NO_TRAIL),
        Row((0, 1), bytes(16), {"a": [1, 1.0, "1", True, None, {"b": 2**70}]}, SHARED),
        Row((0,), bytes(16), {"a": "\ud800"}, Trail(before=(SHARED,), shown=(SHARED,))),
        Row((0,), bytes(16), {"when": date(2020, 1, 2)}, SHARED),  # nothing that marshal knows
    ],
)
def test_tokens_come_back_as_they_were(token: Mark | Row) -> None:
    (found,) = unpacked(packed([token]))
    assert (type(found), repr(found)) == (type(token), repr(token))


def test_what_trails_share_stays_shared() -> None:
    rows = [Row((n,), bytes(16), {}, Trail(before=(SHARED,))) for n in range(2)]
    one, two = unpacked(packed(rows))
    assert isinstance(one, Row)
    assert isinstance(two, Row)
    assert one.trail.before[0] is two.trail.before[0]
