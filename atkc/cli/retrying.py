"""`atkc retry`: a run that asks failed questions once more."""

from __future__ import annotations

from typing import Any

from atkc.cli.run_options import RunOptions
from atkc.cli.running import run_spec
from atkc.runtime.errors import UsageError
from atkc.runtime.failure_kinds import REPLY, kinds_of
from atkc.runtime.retry import Retry


def retry_spec(*, steps: tuple[str, ...], kinds: tuple[str, ...], **options: Any) -> int:
    """Run a spec, ask again what failed; return the exit code.

    Raises UsageError for kinds that no reply fails with.
    """
    known = kinds_of(REPLY)
    for kind in kinds:
        if kind not in known:
            listed = ", ".join(known)
            raise UsageError(f"`--kind {kind}` is no kind of failed replies; those are: {listed}")
    if options["fresh"]:
        raise UsageError("`--fresh` asks everything again: give it to `atkc run`")
    return run_spec(RunOptions(**options, retry=Retry(frozenset(steps), frozenset(kinds))))
