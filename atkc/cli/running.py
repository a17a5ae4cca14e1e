"""`atkc run`: from a command line to a session with its store and its output folder."""

from __future__ import annotations

import sys
from pathlib import Path

from atkc.cli import looping
from atkc.cli.capping import caps_of
from atkc.cli.ending import tell_unfinished
from atkc.cli.errors import guarded
from atkc.cli.interruption import Interruption
from atkc.cli.keys import key_warnings
from atkc.cli.left_out import left_out_warnings
from atkc.cli.loading import Chosen, plan_to_run
from atkc.cli.models import models_of
from atkc.cli.run_options import RunOptions
from atkc.cli.session import Session
from atkc.compiler.plan import Plan
from atkc.runtime.errors import UsageError
from atkc.runtime.publish import claimed
from atkc.runtime.storage.store import open_store


def run_spec(options: RunOptions) -> int:
    """Compile, run and publish; return the exit code."""
    with Interruption(options.grace) as interruption:
        return _run(options, interruption)


def _run(options: RunOptions, interruption: Interruption) -> int:
    o = options
    plan = plan_to_run(Chosen(o.spec, o.sets, o.params, o.env_file, o.profile), quiet=o.quiet)
    models = models_of(plan)
    for warning in (*key_warnings(models.values()), *left_out_warnings(plan, models)):
        _warn(o, warning)
    if options.retry is not None:
        options.retry.check(node.id for node in plan.nodes)
    caps = caps_of(options, plan, models)
    limits = _limits(options.limits, plan)
    target = _target(options, plan, limits)
    store = open_store(Path(options.cache))
    try:
        if store.warning:
            _warn(o, store.warning)
        if options.fresh:
            store.open_generation()
        with claimed(target) as staging, store.noting(str(target.resolve()), plan.name):
            session = Session(
                options, plan, models, limits, target, staging, store, caps, interruption
            )
            code = guarded(lambda: looping.run(session.run()))
            if session.unfinished is not None:
                tell_unfinished(session.unfinished, target, code)
            return code
    finally:
        store.close()


def _warn(options: RunOptions, warning: str) -> None:
    if not options.quiet:
        sys.stderr.write(f"warning: {warning}\n")


def _limits(written: tuple[str, ...], plan: Plan) -> dict[str, int]:
    sources = {n.id for n in plan.nodes if n.op.op == "source"}
    out: dict[str, int] = {}
    for item in written:
        step, _, number = item.rpartition("=")
        if not number.isdecimal():
            raise UsageError(f"`--limit {item}` is neither a number nor `STEP=number`")
        # The name of a step stands for all of its instances.
        meant = {s for s in sources if s == step or s.startswith(f"{step}/")} if step else {""}
        if not meant:
            known = ", ".join(sorted(sources))
            raise UsageError(f"`--limit {item}`: there is no source `{step}`; sources: {known}")
        out |= dict.fromkeys(meant, int(number))
    return out


def _target(options: RunOptions, plan: Plan, limits: dict[str, int]) -> Path:
    from atkc.compiler.bindings import slug

    base = options.output or plan.output or f"outputs/{slug(plan.name)}"
    if not limits:
        return Path(base)
    marks = sorted(item.replace("=", "-").replace("/", "-") for item in options.limits)
    return Path(f"{base.rstrip('/')}.limit-{'-'.join(marks)}")
