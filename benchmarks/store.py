"""What the store costs: a put, a get, a replay's worth of each, at 10,000 and at 1,000,000 entries.

    python benchmarks/store.py            some minutes; ends with 1 if a bound is missed
    python benchmarks/store.py --quick    2,000 and 10,000 entries, no bounds: does it still work?

CPU seconds of one process, so that other work on the machine counts less. Requests are as those of
a recipe: instructions and examples that all share, a passage of their own, some 4.6 KB.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # this checkout, where none is installed

import orjson
from lines import Line, ended, options_of

from atkc.runtime.keys import call_text, text_key
from atkc.runtime.storage.store import CALL, FILE, Store, open_store

_TEXT = "the old ferry left north pier before dawn with coal flour mail and two quiet crew "
_WORDS = [f"{word}{ending}" for word in _TEXT.split() for ending in ("", "s", "ed", "ing", "ly")]
_IN_FLIGHT = 100
_PROBE = 5000  # puts and gets that are timed


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of CPU of one operation, of all threads; of a put also those of the writer."""

    put: float
    get: float
    miss: float
    opened: float  # milliseconds of wall
    bytes: float  # of the file, per entry


class Calls:
    """Calls of a recipe, by number, the same in every run."""

    def __init__(self) -> None:
        dice = random.Random(0)
        self._system = self._said(dice, 250)
        self._shots = [self._said(dice, 90) for _ in range(4)]

    def text(self, number: int) -> bytes:
        """Return what call `number` asks."""
        dice = random.Random(number)
        roles = ("user", "assistant", "user", "assistant")
        messages = (
            {"role": "system", "content": self._system},
            *({"role": r, "content": c} for r, c in zip(roles, self._shots, strict=True)),
            {"role": "user", "content": f"Passage:\n{self._said(dice, 110)}\n\nReply in JSON."},
        )
        return call_text(
            provider="openai",
            model="stand-in",
            messages=messages,
            sampling={"temperature": 0.7, "max_tokens": 512},
            response_format=None,
            seed=number,
            attempt=0,
        )

    def reply(self, number: int) -> bytes:
        """Return what it is answered."""
        said = self._said(random.Random(-number), 30)
        return orjson.dumps({"text": said, "finish_reason": "stop", "model": "stand-in"})

    def _said(self, dice: random.Random, words: int) -> str:
        return " ".join(dice.choices(_WORDS, k=words))


async def _put(store: Store, rows: Sequence[tuple[bytes, bytes, bytes]], at_once: int) -> None:
    """Put rows, so many in the air at once."""
    for start in range(0, len(rows), at_once):
        puts = (
            store.put(key, CALL, value, text) for key, value, text in rows[start : start + at_once]
        )
        await asyncio.gather(*puts)


def _rows(calls: Calls, numbers: range) -> list[tuple[bytes, bytes, bytes]]:
    texts = [(number, calls.text(number)) for number in numbers]
    return [(text_key(text), calls.reply(number), text) for number, text in texts]


def fill(folder: Path, calls: Calls, start: int, end: int) -> None:
    """Store calls quickly: the writer's batches are full."""
    store = open_store(folder)
    for first in range(start, end, 2000):
        rows = _rows(calls, range(first, min(first + 2000, end)))
        asyncio.run(_put(store, rows, 2000))
    store.close()


def cost(folder: Path, calls: Calls, entries: int, runs: int) -> list[Cost]:
    """Return the costs at a size, of several runs; the store grows by what is put."""
    found = []
    for run in range(runs):
        began = time.perf_counter()
        store = open_store(folder)
        opened = (time.perf_counter() - began) * 1000
        first = 10_000_000 + entries * 10 + run * _PROBE
        rows = _rows(calls, range(first, first + _PROBE))
        put = _timed(lambda: asyncio.run(_put(store, rows, _IN_FLIGHT)))  # noqa: B023
        dice = random.Random(run)
        keys = [text_key(calls.text(dice.randrange(entries))) for _ in range(_PROBE)]
        get = _timed(lambda: asyncio.run(_get(store, keys)))  # noqa: B023
        absent = [key[::-1] for key in keys]
        miss = _timed(lambda: asyncio.run(_get(store, absent)))  # noqa: B023
        store.close()
        size = (folder / FILE).stat().st_size / (entries + (run + 1) * _PROBE)
        found.append(Cost(put, get, miss, opened, size))
    return found


async def _get(store: Store, keys: Sequence[bytes]) -> None:
    """Get values as a replay does: some on each turn of the event loop."""
    for start in range(0, len(keys), 50):
        for key in keys[start : start + 50]:
            store.get(key)
        await asyncio.sleep(0)


def _timed(work: object) -> float:
    assert callable(work)
    began = time.process_time()
    work()
    return (time.process_time() - began) / _PROBE * 1e6


def lines(small: Sequence[Cost], large: Sequence[Cost], sizes: tuple[int, int]) -> list[Line]:
    """Return the table: costs at both sizes, and how they grow."""
    few, many = (f"{size:,}" for size in sizes)
    pairs = list(zip(small, large, strict=True))
    return [
        Line(f"put at {few}: CPU, both threads", "us", [c.put for c in small], 90),
        Line(f"get at {few}", "us", [c.get for c in small], 12),
        Line(f"miss at {few}", "us", [c.miss for c in small]),
        Line(f"open at {few}: wall", "ms", [c.opened for c in small]),
        Line(f"put at {many}", "us", [c.put for c in large]),
        Line(f"  against {few}", "x", [b.put / a.put for a, b in pairs], 2.0),
        Line(f"get at {many}", "us", [c.get for c in large]),
        Line(f"  against {few}", "x", [b.get / a.get for a, b in pairs], 2.5),
        Line(f"miss at {many}", "us", [c.miss for c in large]),
        Line(f"open at {many}: wall", "ms", [c.opened for c in large], 20),
        Line("the file, per call", "B", [c.bytes for c in large], 2500),
    ]


def main() -> int:
    parser = options_of(__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the large store")
    options = parser.parse_args()
    sizes = (2000, 10_000) if options.quick else (10_000, options.entries)
    runs = 1 if options.quick else 3
    calls = Calls()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sys.stdout.write(
            f"{sizes[0]:,} and {sizes[1]:,} entries, requests of {len(calls.text(1)):,} bytes; "
            f"runs: {runs}; Python {sys.version.split()[0]}; load {os.getloadavg()[0]:.1f}\n\n"
        )
        fill(folder, calls, 0, sizes[0])
        small = cost(folder, calls, sizes[0], runs)
        fill(folder, calls, sizes[0], sizes[1])
        large = cost(folder, calls, sizes[1], runs)
    found = lines(small, large, sizes)
    return ended(found, bounds=not options.quick)


if __name__ == "__main__":
    sys.exit(main())
