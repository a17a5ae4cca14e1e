"""`atkc plan`: what a run would do, and what it would cost."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from atkc.cli import codes
from atkc.cli.loading import Chosen, ReportedError, compiled, plan_to_run, show


def show_plan(chosen: Chosen, cache: Path, *, only_params: bool) -> int:
    """Print parameters with their origins, and the forecast of calls by step."""
    del cache
    if not chosen.spec.endswith(".json"):
        done = compiled(chosen)
        show([*done.diagnostics, *done.unset], done)
        for name, value in done.params.values.items():
            if done.params.origins[name] == "unset":
                sys.stdout.write(f"{name:<32} {'no value':<62} unset\n")
                continue
            text = json.dumps(value, ensure_ascii=False, default=str)
            shown = text if len(text) <= 60 else text[:57] + "…"
            sys.stdout.write(f"{name:<32} {shown:<62} {done.params.origins[name]}\n")
        if done.plan is None or done.unset:
            raise ReportedError
        plan = done.plan
    else:
        plan = plan_to_run(chosen)
    if only_params:
        return codes.COMPLETE
    from atkc.cli.estimating import forecast_lines
    from atkc.cli.models import models_of

    sys.stdout.write("\n")
    for line in asyncio.run(forecast_lines(plan, models_of(plan), {})):
        sys.stdout.write(line + "\n")
    return codes.COMPLETE
