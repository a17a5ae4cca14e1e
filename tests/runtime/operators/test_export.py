"""Export: what cannot be written is told with the file."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path

import pytest

from atkc.runtime.api import Data, Options
from atkc.runtime.operators.export import fill
from atkc.runtime.operators.feed import Feed
from atkc.runtime.tokens import Row
from atkc.runtime.trail import NO_TRAIL

FULL = Path("/dev/full")
ROWS = [Row((n,), b"%d" % n, {"n": n}, NO_TRAIL) for n in range(3)]

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="there is no device that is full")


def count(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    return len(list(rows)), 0


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    for row in rows:
        path.write_text(str(row), encoding="utf-8")
    return 0, 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("exporter", [count, write])
def test_a_full_disk_is_an_error_of_the_export_with_its_file(exporter: object) -> None:
    """Of the file or of the trails beside it, and none that the interpreter prints by itself."""
    with pytest.raises(OSError) as caught:  # noqa: PT011  # the number tells
        fill(exporter, Feed(ROWS, FULL), FULL, {})  # type: ignore[arg-type]
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(FULL))
