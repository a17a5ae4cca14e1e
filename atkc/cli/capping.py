"""The caps of a run, held against its plan before a token is paid for."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping

from atkc.cli.errors import near
from atkc.cli.loading import ReportedError
from atkc.cli.run_options import RunOptions
from atkc.compiler.plan import Plan
from atkc.runtime.calling.caps import Caps, tighter, unbounded
from atkc.runtime.errors import UsageError
from atkc.runtime.modelspec import ModelSpec
from atkc.spec.render import as_text


def caps_of(options: RunOptions, plan: Plan, models: Mapping[str, ModelSpec]) -> Caps:
    """Return the caps of a run: of the options and of the spec's `budget:` the lower each.

    Raises UsageError for a cap that is no number, and ReportedError, after telling why (ATK720,
    ATK721), where one could not hold.
    """
    for name, value in (("--max-usd", options.max_usd), ("--grace", options.grace)):
        if value is not None and not math.isfinite(value):
            raise UsageError(f"`{name} {value}` is no number that can be reached")
    given = Caps(options.max_usd, options.max_calls, options.max_tokens)
    caps = tighter(given, plan.budget)
    found = unbounded(plan, models, caps)
    if found:
        sys.stderr.write(as_text([near(f) for f in found], {}))
        raise ReportedError
    return caps
