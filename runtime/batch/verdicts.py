"""What the end of a batch means for the calls in it."""

from __future__ import annotations

from collections.abc import Mapping

from atkc.runtime.batch.api import Remote
from atkc.runtime.batch.lines import UNANSWERED
from atkc.runtime.errors import CallError, Permanent, Transient

GONE = "gone"  # the status of a batch that the provider no longer knows

_FATAL: Mapping[str, str] = {
    "model_not_found": "ATK702",
    "invalid_model": "ATK702",
    "billing_hard_limit_reached": "ATK701",
    "insufficient_quota": "ATK701",
}
_FULL = frozenset({"token_limit_exceeded", "request_limit_exceeded", "rate_limit_exceeded"})


def is_full(remote: Remote) -> bool:
    """Return whether a batch failed because the provider takes no more at one time."""
    return remote.status == "failed" and any(p.code in _FULL for p in remote.problems)


def verdict(remote: Remote, index: int) -> CallError:
    """Return why the request of that index (from 0) has no answer."""
    problems = remote.problems if remote.status == "failed" else ()
    for problem in problems:
        if problem.code in _FATAL:
            return Permanent(f"the batch failed: {problem.message}", fatal=_FATAL[problem.code])
    if is_full(remote):
        return Transient(f"the batch was not taken: {problems[0].message}", status=429)
    mine = [problem for problem in problems if problem.line == index + 1]
    if mine:
        return Permanent(f"the request was refused: {mine[0].message}", status=400)
    if remote.status == "failed" and all(problem.line is None for problem in problems):
        said = problems[0].message if problems else "no reason is told"
        return Permanent(f"the batch failed: {said}", status=400, fatal="ATK732")
    text = f"the batch ended ({remote.status}) before the request was answered"
    return Transient(text, status=UNANSWERED)
