"""`atkc cache explain`: what a run would ask, and why that is not in the cache."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from atkc.cli import codes
from atkc.cli.cache.explain_text import Told, overview, overview_data, step_data, step_lines
from atkc.cli.cache.shown import print_json
from atkc.cli.loading import Chosen, plan_to_run
from atkc.cli.models import models_of
from atkc.compiler.plan import Plan
from atkc.runtime.errors import InputError, StoreError, UsageError
from atkc.runtime.rehearsal import Inquiry, Rehearsal, Step, rehearse
from atkc.runtime.storage.nearest import nearest
from atkc.runtime.storage.store import FILE, open_store
from atkc.runtime.storage.words import told
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.suggest import hint
from atkc.stdlib.library import bodies, count_tokens, library

_EXAMPLES = 3  # missing questions of a step that are explained where no record is named


class Wanted(Struct, frozen=True):
    """What is to be explained: all steps, one step, or one record (from 1) of one step."""

    step: str | None
    record: int | None
    as_json: bool


def explain(chosen: Chosen, folder: Path, wanted: Wanted) -> int:
    """Print what is in the cache of what a run would ask; no endpoint is asked."""
    if wanted.record is not None and wanted.step is None:
        raise UsageError("`--record` needs `--step`")
    if not (folder / FILE).exists():
        raise UsageError(f"there is no cache in `{folder}`, so a run would ask everything")
    plan = plan_to_run(chosen)
    found = _rehearsed(plan, folder, wanted)
    if wanted.step is None:
        if wanted.as_json:
            print_json(overview_data(found))
        else:
            sys.stdout.writelines(overview(found))
        return codes.COMPLETE
    step = found.steps[wanted.step]
    about = _about(step, wanted)
    near = _nearest(folder, about)
    if wanted.as_json:
        print_json(step_data(wanted.step, step, near))
    else:
        lines = step_lines(wanted.step, wanted.record, step, near)
        sys.stdout.writelines(line + "\n" for line in lines)
    return codes.COMPLETE


def _rehearsed(plan: Plan, folder: Path, wanted: Wanted) -> Rehearsal:
    models = models_of(plan)
    asking = [node.id for node in plan.nodes if getattr(node.op, "model", None)]
    if wanted.step is not None and wanted.step not in asking:
        advice = hint(wanted.step, asking) or f"steps that ask: {', '.join(asking) or 'none'}"
        message = f"there is no step `{wanted.step}` that asks a model"
        raise InputError(Diagnostic("ATK053", message, help=advice))
    store = open_store(folder)
    try:
        return asyncio.run(
            rehearse(
                plan,
                models,
                library(),
                bodies(),
                store,
                count_tokens(plan.tokenizer),
                step=wanted.step or "",
                record=wanted.record or 0,
                missing=_EXAMPLES,
            )
        )
    finally:
        store.close()


def _about(step: Step, wanted: Wanted) -> list[Inquiry]:
    """Return the questions to explain."""
    if wanted.record is None:
        return step.first_missing
    if not 1 <= wanted.record <= len(step.records):
        message = f"{len(step.records)} records reach `{wanted.step}`"
        advice = "a record that waits for a reply of an earlier step does not reach it"
        raise InputError(
            Diagnostic("ATK053", f"{message}, none is number {wanted.record}", help=advice)
        )
    ordinal = step.records[wanted.record - 1]
    return [inquiry for inquiry in step.inquiries if inquiry.ordinal == ordinal]


def _nearest(folder: Path, about: Sequence[Inquiry]) -> Told:
    try:
        near = nearest(folder / FILE, [(inquiry.key, inquiry.text) for inquiry in about])
    except sqlite3.Error as error:
        raise StoreError(told(error, folder, "read")) from error
    return list(zip(about, near, strict=True))
