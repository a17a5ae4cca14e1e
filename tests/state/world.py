"""Runs of a project in this process: what they asked for, and what the store had before them."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from atkc.cli import codes, running, session
from atkc.cli.run_options import RunOptions
from atkc.cli.running import run_spec
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.retry import Retry
from atkc.runtime.storage.store import FILE, Store, open_store
from atkc.stdlib.library import bodies
from tests.e2e.kit import ROOT, constant, files
from tests.state.model import Model, Weather
from tests.state.project import State

COMPLETE = (codes.COMPLETE, codes.FAILED_RECORDS)
STOPPED = (5, 130, 1)  # by a cap; by a signal; by an endpoint that does not answer
# The pause of an endpoint doubles with each failure in a row, up to the breaker's 8.
QUICK = {"delay": 0.0005, "longest_delay": 0.002, "pause": 0.0002}


@dataclass(slots=True)
class Ran:
    """A run that has ended: its exit code, and the keys of what it made anew."""

    code: int
    made: set[bytes]


@dataclass
class World:
    """A folder with the project, its cache, and what is known of the cache."""

    folder: Path
    state: State = field(default_factory=State)
    weather: Weather = field(default_factory=Weather)
    spoiled: dict[bytes, bytes] = field(default_factory=dict)  # key -> the value that is no good
    retried: set[bytes] = field(default_factory=set)  # what retries made: no fresh run asks it
    history: list[str] = field(default_factory=list)

    def run(
        self,
        weather: Weather | None = None,
        *,
        cache: str = "cache",
        **options: Any,
    ) -> Ran:
        """Run the spec on a cache; nothing that a cache held before is made anew."""
        self.state.write(self.folder)
        self._take(weather)
        held = self.held(cache)
        made: set[bytes] = set()
        with _noting(made):
            code = run_spec(self.options(cache, **options))
        assert code in (*COMPLETE, *STOPPED), code
        again = made & held
        assert not again, f"{len(again)} of {len(made)} were in the cache"
        return Ran(code, made)

    def _take(self, weather: Weather | None) -> None:
        self.weather = weather or Weather()
        self.weather.chance = random.Random(self.weather.seed)

    def options(self, cache: str, **options: Any) -> RunOptions:
        """Return the options of a run of the spec as it is."""
        given = {"cache": str(self.folder / cache), "output": str(self.folder / "out"), **options}
        common = {"yes": True, "report": False, "provenance": False, "grace": 5.0, "plain": True}
        return RunOptions(str(self.folder / "spec.yaml"), **{**common, **given})

    def held(self, cache: str = "cache") -> set[bytes]:
        """Return the keys of all good entries."""
        file = self.folder / cache / FILE
        if not file.exists():
            return set()
        with closing(sqlite3.connect(file)) as store:
            found = {bytes(key) for (key,) in store.execute("SELECT key FROM entry")}
            for key in self.spoiled.keys() & found:
                (value,) = store.execute("SELECT value FROM entry WHERE key=?", (key,)).fetchone()
                found -= {key} if value == self.spoiled[key] else set()
        return found

    def complete(self) -> None:
        """Run to the end; hold files and calls against those of a fresh run of the same spec."""
        before = self.held()
        ran = self.run()
        assert ran.code in COMPLETE, self.history
        whole = self.folder / "out"
        self._begin_fresh()
        fresh = self.run(cache="fresh", output=str(self.folder / "fresh-out"))
        other = self.folder / "fresh-out"
        assert fresh.code == ran.code, self.history
        assert files(whole) == files(other), self.history
        assert constant(whole) == constant(other), self.history
        wanted = fresh.made - before
        assert ran.made - self.retried == wanted - self.retried, self.history
        assert not self.run().made, self.history

    def _begin_fresh(self) -> None:
        """Make a cache that holds nothing, but for what a retry asked: no fresh run would."""
        shutil.rmtree(self.folder / "fresh", ignore_errors=True)
        shutil.rmtree(self.folder / "fresh-out", ignore_errors=True)
        if not self.retried:
            return
        (self.folder / "fresh").mkdir()
        with (
            closing(sqlite3.connect(self.folder / "cache" / FILE)) as store,
            closing(sqlite3.connect(self.folder / "fresh" / FILE)) as copy,
        ):
            store.backup(copy)
            keys = [key for (key,) in copy.execute("SELECT key FROM entry")]
            gone = [(key,) for key in keys if bytes(key) not in self.retried]
            copy.executemany("DELETE FROM entry WHERE key=?", gone)
            copy.commit()

    def kill(self, at: int, seed: int) -> None:
        """Run the spec in a process that is killed at a call, if it comes so far."""
        self.state.write(self.folder)
        held = self.held()
        words = [sys.executable, "-m", "tests.state.child", str(self.folder), str(at), str(seed)]
        code = subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, timeout=300).returncode
        assert code in (*COMPLETE, -signal.SIGKILL), code
        assert held <= self.held(), "a kill has lost what was durable"

    def retry(self) -> None:
        """Ask again what failed."""
        made = self.run(retry=Retry(frozenset(), frozenset())).made
        self.retried |= made

    def spoil(self, number: int) -> None:
        """Change a byte of one entry."""
        keys = sorted(self.held())
        if not keys:
            return
        key = keys[number % len(keys)]
        with closing(sqlite3.connect(self.folder / "cache" / FILE)) as store, store:
            (value,) = store.execute("SELECT value FROM entry WHERE key=?", (key,)).fetchone()
            at = number % len(value)
            spoiled = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
            store.execute("UPDATE entry SET value=? WHERE key=?", (spoiled, key))
        self.spoiled[key] = spoiled


class _noting:  # noqa: N801 - a context manager
    """Notes the keys of what is put into any store of this process."""

    def __init__(self, made: set[bytes]) -> None:
        self._made = made
        self._put = Store.put

    def __enter__(self) -> None:
        put, made = self._put, self._made

        def noted(store: Store, key: bytes, *words: Any, **more: Any) -> Any:
            made.add(key)
            return put(store, key, *words, **more)

        Store.put = noted  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        Store.put = self._put  # type: ignore[method-assign]


def prepare(patch: pytest.MonkeyPatch, weather: Callable[[], Weather]) -> None:
    """Let runs in this process ask the model, and retry without waiting."""
    handed = {"openai": lambda: Model(weather())}
    patch.setattr(session, "bodies", lambda: replace(bodies(), transports=handed))
    patch.setattr(session, "CallSettings", lambda: CallSettings(**QUICK))  # type: ignore[arg-type]
    patch.setattr(running, "open_store", open_store)
    patch.setenv("EXAMPLE_KEY", "sk-example")
