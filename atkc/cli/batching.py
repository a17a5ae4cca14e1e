"""`atkc run --batch`: what a session needs for calls in batches."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from atkc.cli.run_options import RunOptions
from atkc.compiler.plan import CombineOp, Plan, asked_model
from atkc.runtime.batch.prices import at_batch_prices
from atkc.runtime.batch.providers import BY_LITELLM, has_batches, is_batched
from atkc.runtime.errors import InputError
from atkc.runtime.modelspec import BUILT_IN, ModelSpec
from atkc.runtime.storage.store import Store
from atkc.spec.diagnostic import Diagnostic

if TYPE_CHECKING:  # what few runs need is imported by them
    from atkc.runtime.batch.lane import Lanes

FOLDER = "batches"  # below the cache


def batched_models(
    models: Mapping[str, ModelSpec], plan: Plan, options: RunOptions
) -> dict[str, ModelSpec]:
    """Return the models at the prices of a run, having said what goes live in spite of `--batch`.

    Raises InputError (ATK730) for a provider without batches, before anything is spent.
    """
    embedding = {asked_model(n.op) for n in plan.nodes if isinstance(n.op, CombineOp)}
    for name, spec in models.items():
        used = () if name in embedding else (spec, *spec.fallback)
        for one in used:
            if is_batched(one.endpoint, options.batch) and not has_batches(one.endpoint):
                raise InputError(_without(one))
    if options.batch:
        _tell_live(models, embedding)
    return at_batch_prices(models, options.batch, embedding)


def lanes(models: Mapping[str, ModelSpec], options: RunOptions, store: Store) -> Lanes | None:
    """Return what makes the lanes of a run, None where no call goes in a batch."""
    if not _any(models, options):
        return None
    from atkc.runtime.batch.lane import Lanes
    from atkc.runtime.batch.pacing import Pacing

    folder, pacing = Path(options.cache) / FOLDER, Pacing(options.batch_poll, options.batch_size)
    return Lanes(folder, store, pacing, asked=options.batch, tell=_tell)


def window(models: Mapping[str, ModelSpec], options: RunOptions) -> int | None:
    """Return how many rows may wait at a step: a whole batch; None is the usual number."""
    return options.batch_size if _any(models, options) else None


def _any(models: Mapping[str, ModelSpec], options: RunOptions) -> bool:
    used = [spec for model in models.values() for spec in (model, *model.fallback)]
    return any(is_batched(spec.endpoint, options.batch) for spec in used)


def _without(spec: ModelSpec) -> Diagnostic:
    known = ", ".join(f"`{name}`" for name in BY_LITELLM)
    return Diagnostic(
        "ATK730",
        f"the model `{spec.name}` cannot be asked in batches: "
        f"there is no way to batches of `{spec.endpoint.provider}`",
        help="run without `--batch`, set `batch: false` at its endpoint, or use an endpoint with "
        f"an `api_base` or one of {known}",
    )


def _tell_live(models: Mapping[str, ModelSpec], embedding: set[str]) -> None:
    built_in = [n for n, s in models.items() if s.endpoint.provider == BUILT_IN]
    for why, names in (
        ("runs on this machine", built_in),
        ("embeds", [name for name in models if name in embedding]),
    ):
        for name in names:
            _tell(f"`--batch` has no effect on the model `{name}`, which {why}")


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
