"""Writing a report: at the end of a run, and again by `atkc report`."""

from __future__ import annotations

import sys
from pathlib import Path

from atkc.cli import codes
from atkc.cli.report.facts import Facts, facts_in
from atkc.runtime.errors import InputError, UsageError
from atkc.runtime.publish import REPORT, is_report
from atkc.spec.diagnostic import Diagnostic

# Lines of each sidecar that a run looks at; `atkc report` reads all.
AT_END = 10_000


def leave_report(target: Path, staging: Path, *, wanted: bool) -> None:
    """Write the report of the run that has just ended, or take an earlier one away.

    A file of that name that is no report of ours stays, with a warning; so is it told where the
    report cannot be written: that costs no data.
    """
    whole = target / REPORT
    if whole.exists() and not is_report(whole):
        if wanted:
            sys.stderr.write(
                f"warning: no report: `{whole}` is there, and no run of atkc wrote it\n"
            )
        return
    if not wanted:
        whole.unlink(missing_ok=True)
        return
    try:
        _write(facts_in(target, AT_END), staging / REPORT)
        (staging / REPORT).replace(whole)
    except OSError as error:
        sys.stderr.write(f"warning: the report cannot be written: {error}\n")


def make_report(folder: Path, output: Path | None) -> int:
    """Write the report of a folder, or raise InputError ATK070 where no run left anything."""
    facts = facts_in(folder)
    if not facts.manifest and not facts.events:
        message = f"`{folder}` holds no run: neither manifest.json nor events.jsonl"
        raise InputError(Diagnostic("ATK070", message, help="name the output folder of a run"))
    into = folder / REPORT if output is None else output
    if output is None and into.exists() and not is_report(into):
        message = f"`{into}` is there, and no run of atkc wrote it"
        raise InputError(Diagnostic("ATK071", message, help="name another file with `--output`"))
    try:
        _write(facts, into)
    except OSError as error:
        raise UsageError(f"`{into}` cannot be written: {error.strerror}") from None
    sys.stdout.write(f"{into}\n")
    return codes.COMPLETE


def _write(facts: Facts, path: Path) -> None:
    from atkc.cli.report.page import page

    path.write_bytes(page(facts).encode("utf-8"))
