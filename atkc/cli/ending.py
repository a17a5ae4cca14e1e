"""What `atkc run` says of a run that has not completed: what it did, what is left, how to go on."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from atkc.cli import codes
from atkc.cli.remaining import ENOUGH, to_come
from atkc.cli.summary import last_line
from atkc.compiler.plan import Plan
from atkc.runtime.calling.outcome import CallStats, Counters
from atkc.runtime.errors import Interrupted, StopRun
from atkc.runtime.incomplete import Mark, Spent
from atkc.runtime.ledger import LedgerRow
from atkc.runtime.manifest import call_report
from atkc.runtime.publish import INCOMPLETE, MANIFEST

# A signal that came while the event loop was busy ends all tasks.
_SIGNALLED = (Interrupted, KeyboardInterrupt, asyncio.CancelledError)


def command_line() -> str:
    """Return the command of this process, for people to run again."""
    return shlex.join(["atkc", *sys.argv[1:]])


class Unfinished(Struct, frozen=True):
    """A run that ended early. `left`: model calls to come, None where nobody knows."""

    stats: CallStats
    ledger: tuple[LedgerRow, ...]
    failed: int
    in_all: Spent
    left: int | None


def unfinished(
    plan: Plan, stats: CallStats, ledger: Iterable[LedgerRow], mark: Mark, *, read: bool
) -> Unfinished:
    """Return how far a run came; `read`: all records had been read from the sources."""
    rows = tuple(ledger)
    handled = {node.id for node in plan.nodes if node.handled}
    failed = sum(row.failed for row in rows if not {row.step, _node(row.step)} & handled)
    known = read and sum(row.calls + row.cached for row in rows) >= ENOUGH
    left = round(sum(c.calls for c in to_come(plan, rows).values())) if known else None
    return Unfinished(stats, rows, failed, mark.before.with_run(stats.total), left)


def _node(step: str) -> str:
    return step.rpartition(".")[0]  # the rows of a map's verbs are called `step.1`, `step.2`, …


def leave_mark(mark: Mark, found: Unfinished, error: BaseException) -> None:
    """Write into the output folder how the run has ended.

    Where that cannot be written, the mark goes on saying that the run is under way.
    """
    kinds = ((StopRun, "stopped"), (_SIGNALLED, "interrupted"))
    how = next((word for kind, word in kinds if isinstance(error, kind)), "failed")
    why = str(error) or type(error).__name__
    try:
        mark.end(how, why, found.ledger, call_report(found.stats), found.in_all, found.left)
    except OSError as failed:  # what ended the run is what the user must hear
        sys.stderr.write(f"warning: `{mark.target / INCOMPLETE}`: {failed.strerror}\n")


def tell_unfinished(found: Unfinished, target: Path, code: int) -> None:
    """Print what was done and how to go on; the last line, on stdout, is that of every run.

    A mistake has no such line; if it ended the run before anything was paid for, nothing is said.
    """
    on_purpose = code in (codes.STOPPED, codes.INTERRUPTED)
    if not on_purpose and not found.stats.total.calls:
        return
    has_old = (target / MANIFEST).exists()
    holds = "what the last complete run left" if has_old else "no outputs yet"
    lines = [f"incomplete: `{target}` holds {holds}; {INCOMPLETE} there says how far this run came"]
    lines += [f"this run: {spent(found.stats.total)}"]
    lines += [in_all] if (in_all := sums(found.in_all)) else []
    lines += [f"left: about {found.left} model calls"] if found.left is not None else []
    lines += [f"go on with: {command_line()}"]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    if on_purpose:
        sys.stdout.write(last_line(found.stats, found.failed))


def sums(in_all: Spent) -> str:
    """Return what all runs since the last complete one have paid for; nothing if this is one."""
    if in_all.runs < 2:
        return ""
    least = f"; {in_all.killed} of them, which were killed, not counted" if in_all.killed else ""
    return f"in all {in_all.runs} runs since the last complete one: {spent(in_all)}{least}"


def spent(paid: Spent | Counters) -> str:
    """Return calls, tokens and, where any was counted, money."""
    tokens = paid.prompt_tokens + paid.completion_tokens
    money = f", ${paid.money:.4f}" if paid.money else ""
    return f"{paid.calls} model calls, {tokens} tokens{money}"
