"""Rows that wait on disk come back as they went, in any order, and the file is used again."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.runtime.spool import Shelf, Spool
from atkc.runtime.tokens import Mark, Row
from atkc.runtime.trail import Source, Trail


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
