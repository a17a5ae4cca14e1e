"""`atkc batches`: which batches of earlier or present runs are out, and an end to them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from atkc.cli import codes, looping
from atkc.cli.batching import FOLDER
from atkc.cli.cache.shown import print_json, table
from atkc.runtime.batch.overview import ALL, Standing, standings
from atkc.runtime.errors import UsageError
from atkc.spec.screen import printable

_HEADS = ("endpoint", "batch", "model", "state", "done", "since")


def show_batches(cache: Path, cancel: tuple[str, ...], *, as_json: bool) -> int:
    """Print the batches on record below a cache; cancel those that are named before.

    Returns 1 where a provider did not tell or would not cancel. Raises UsageError for an id that no
    batch has.
    """
    found: list[Standing] = looping.run(standings(cache / FOLDER, cancel))
    unknown = sorted(set(cancel) - {ALL} - {one.id for one in found})
    if unknown:
        raise UsageError(f"no batch on record below `{cache}` has the id `{unknown[0]}`")
    if as_json:
        print_json({"batches": [_data(one) for one in found]})
    elif not found:
        sys.stdout.write("no batches are out\n")
    else:
        sys.stdout.write(table(_HEADS, map(_row, found)))
    for one in found:
        if one.problem:
            sys.stderr.write(f"{one.id or one.record.name}: {printable(one.problem)}\n")
    return codes.FINDINGS if any(one.problem for one in found) else codes.COMPLETE


def _row(one: Standing) -> tuple[str, ...]:
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.since))
    done = f"{_done(one)} of {len(one.record.keys)}"
    cells = (one.endpoint, one.id or "-", one.record.model, one.state, done, since)
    return tuple(map(printable, cells))


def _done(one: Standing) -> int:
    return 0 if one.remote is None else one.remote.done


def _data(one: Standing) -> dict[str, Any]:
    return {
        "endpoint": one.endpoint,
        "batch": one.id,
        "model": one.record.model,
        "state": one.state,
        "done": _done(one),
        "requests": len(one.record.keys),
        "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(one.since)),
        "problem": one.problem,
    }
