"""A trial as text."""

from __future__ import annotations

from collections.abc import Iterator

from atkc.cli.chaos.endpoint import Paid
from atkc.cli.chaos.verdict import Calm, Kill, Verdict

HEAD = f"{'kill':>5} {'after':>8} {'paid for':>9} {'open':>5} {'not durable':>12} {'at most':>8}\n"


def opening(calm: Calm) -> str:
    """Return the line on the undisturbed run."""
    repeated = sum(calm.repeated)
    twice = f", {repeated} of them alike" if repeated else ""
    return (
        f"undisturbed: {paid(calm.asked)}{twice}, {calm.seconds:.1f} s, {len(calm.files)} files\n"
    )


def row(number: int, kill: Kill) -> str:
    """Return the line of one kill."""
    return (
        f"{number:>5} {kill.seconds:>6.2f} s {sum(kill.asked):>9} {sum(kill.open):>5} "
        f"{sum(kill.lost):>12} {sum(kill.allowed):>8}\n"
    )


def closing(verdict: Verdict) -> str:
    """Return the sums, as far as the trial came."""
    return "".join(f"{line}\n" for line in _sums(verdict))


def paid(amount: Paid) -> str:
    """Return calls and texts in words."""
    calls = f"{amount.calls} call{'s' * (amount.calls != 1)}"
    return f"{calls}, {amount.texts} texts embedded" if amount.texts else calls


def _sums(verdict: Verdict) -> Iterator[str]:
    count, calm = len(verdict.kills), verdict.calm
    if verdict.broken and not verdict.asked.calls + verdict.asked.texts:
        yield f"{count} kills, and the run did not come to its end"
        return
    yield (
        f"{count} kill{'s' * (count != 1)}: {paid(verdict.asked)} paid for, "
        f"{sum(verdict.repeated)} of them again; {sum(verdict.lost)} were in flight"
    )
    equal = len(calm.files) - len(verdict.differing)
    yield f"{max(0, equal)} of {len(calm.files)} files are equal to the byte"
