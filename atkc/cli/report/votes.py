"""Votes: verdicts, how ballots fell, and how far judges agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from markupsafe import Markup

from atkc.cli.report import charts
from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined
from atkc.cli.report.tables import table

Cast = Counter[tuple[int, int, int]]  # (for, against, unreadable) -> votes
_HEADS = (
    *("step", "votes", "passed", "refused", "failed", "", "unanimous %", "agreement %"),
    *("kappa", "ballots (for–against)"),
)
_SAID = (
    "A vote ends as soon as no further ballot could change it, so of three ballots two may be "
    "cast. Agreement is the mean share of equal pairs among the ballots that were counted, of "
    "votes with two or more; kappa sets it against chance (Fleiss, for unequal numbers). Dissent "
    "that would have come after the deciding ballot is not seen, so both are rather too high."
)


def votes(facts: Facts) -> Markup | None:
    """Return a row for each judging step; None where nobody judged."""
    rows = []
    for _, name, step in facts.boxes:
        if not step.ballots:
            continue
        judged = step.ballots.total()
        refused = step.filtered
        passed = step.out - step.skipped
        parts = (("r-out", passed), ("r-away", refused), ("r-bad", step.failed))
        said = f"{passed} passed, {refused} refused, {step.failed} failed"
        rows.append(
            (
                *(name, judged, passed, refused, step.failed),
                charts.bar(parts, passed + refused + step.failed, said),
                _percent(unanimous(step.ballots)),
                _percent(agreement(step.ballots)),
                _figure(kappa(step.ballots)),
                ", ".join(_fallen(step.ballots)),
            )
        )
    return joined([el("p", _SAID), table(_HEADS, rows, of="steps")]) if rows else None


def several(cast: Cast) -> list[tuple[int, int, int]]:
    """Return (for, against, times) of the votes with two or more ballots that could be read."""
    return [(yes, no, times) for (yes, no, _), times in cast.items() if yes + no > 1]


def unanimous(cast: Cast) -> float | None:
    """Return the share of votes, of those with several ballots, in which all were equal."""
    return _mean((float(yes == 0 or no == 0), times) for yes, no, times in several(cast))


def agreement(cast: Cast) -> float | None:
    """Return the mean share of equal pairs of ballots."""
    return _mean((_equal(yes, no), times) for yes, no, times in several(cast))


def kappa(cast: Cast) -> float | None:
    """Return agreement beyond chance; None where all ballots are equal, or none are several."""
    found = agreement(cast)
    yes = _mean((y / (y + n), times * (y + n)) for y, n, times in several(cast))
    if found is None or yes is None:
        return None
    chance = yes**2 + (1 - yes) ** 2
    return None if chance == 1 else (found - chance) / (1 - chance)


def _equal(yes: int, no: int) -> float:
    pairs = (yes + no) * (yes + no - 1)
    return (yes * (yes - 1) + no * (no - 1)) / pairs


def _mean(weighted: Iterable[tuple[float, int]]) -> float | None:
    known = list(weighted)
    count = sum(times for _, times in known)
    return sum(value * times for value, times in known) / count if count else None


def _fallen(cast: Cast) -> list[str]:
    return [
        f"{yes}–{no}{f' ({lost} unreadable)' if lost else ''}: {times:,}"
        for (yes, no, lost), times in sorted(cast.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
