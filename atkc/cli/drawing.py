"""`atkc graph`."""

from __future__ import annotations

import sys
from pathlib import Path

from atkc.cli import codes
from atkc.cli.loading import Chosen, compiled, plan_to_run, show
from atkc.compiler.plan import Plan
from atkc.runtime.errors import UsageError


def draw_spec(chosen: Chosen, form: str | None, output: str | None) -> int:
    """Draw a spec or a compiled plan to a file or to stdout.

    Parameters without a value are no hindrance: a drawing needs none. Returns 1 where the spec has
    no plan; raises UsageError for a file whose name says no format.
    """
    from atkc.compiler.drawing.formats import FORMATS
    from atkc.compiler.drawing.mermaid import fenced
    from atkc.compiler.drawing.picture import picture

    form = form or _form_of(output)
    plan = _plan(chosen)
    if plan is None:
        return codes.FINDINGS
    text = FORMATS[form](picture(plan))
    if output is None:
        sys.stdout.write(text)
        return codes.COMPLETE
    if form == "mermaid" and output.lower().endswith(".md"):
        text = fenced(text)
    try:
        Path(output).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"`{output}` cannot be written: {error.strerror}") from None
    return codes.COMPLETE


def _form_of(output: str | None) -> str:
    from atkc.compiler.drawing.formats import SUFFIXES

    if output is None:
        return "mermaid"
    suffix = Path(output).suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(f"`{s}`" for s in SUFFIXES)
        raise UsageError(f"`{output}` says no format: name it with {known}, or give `--format`")
    return SUFFIXES[suffix]


def _plan(chosen: Chosen) -> Plan | None:
    if chosen.spec.endswith(".json"):
        return plan_to_run(chosen)
    done = compiled(chosen)
    show(done.diagnostics, done)
    return done.plan
