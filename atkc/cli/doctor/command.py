"""`atkc doctor`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from msgspec.structs import replace

from atkc.cli import codes
from atkc.cli.doctor.case import Case
from atkc.cli.doctor.examine import examine
from atkc.cli.doctor.finding import Finding, ok, problem
from atkc.cli.doctor.showing import as_json, as_table, counted, passed
from atkc.cli.loading import Chosen, ReportedError, compiled, plan_to_run
from atkc.cli.models import models_of
from atkc.compiler.plan import Plan


def show_health(
    chosen: Chosen, cache: str, output: str, *, probe: bool, embeddings: str | None, json: bool
) -> int:
    """Print what all checks say; return 1 where one found a problem."""
    plan, first = _plan(chosen)
    case = Case(plan, Path(cache), Path(output), probe, embeddings)
    models = models_of(plan) if plan is not None else {}
    found = [*asyncio.run(examine(case, models))]
    at = next((i for i, f in enumerate(found) if f.check != "key"), 0)
    found.insert(at, first)
    sys.stdout.write(as_json(found) if json else as_table(found))
    return codes.COMPLETE if passed(found) else codes.FINDINGS


def _plan(chosen: Chosen) -> tuple[Plan | None, Finding]:
    """Return the plan to look at, and what is to be said of the spec."""
    lint = f"run `atkc lint {chosen.spec}` and mend what it says"
    if chosen.spec.endswith(".json"):
        try:
            return plan_to_run(chosen), _spec(ok(f"`{chosen.spec}` is a plan"))
        except ReportedError:
            return None, _spec(problem(f"`{chosen.spec}` is no plan", "compile it again"))
    done = compiled(chosen)
    errors = [d for d in done.diagnostics if d.severity == "error"]
    if done.plan is None:
        code, words = errors[0].code, errors[0].message
        said = f"`{chosen.spec}` has {counted(len(errors), 'error')}; {code}: {words}"
        return None, _spec(problem(said, errors[0].help or lint))
    if done.unset:
        names = ", ".join(d.message for d in done.unset)
        return done.plan, _spec(problem(f"`{chosen.spec}`: {names}", done.unset[0].help or lint))
    steps = counted(len(done.plan.nodes), "node")
    return done.plan, _spec(ok(f"`{chosen.spec}` compiles to a plan of {steps}"))


def _spec(found: Finding) -> Finding:
    return replace(found, check="spec")
