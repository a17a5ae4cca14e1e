"""`atkc serve-model`."""

from __future__ import annotations

import os
from typing import Any

from atkc.cli import codes
from atkc.runtime.errors import UsageError


def serve_offline(
    *,
    host: str,
    port: int,
    latency: float,
    rate_429: float,
    retry_after: float,
    rate_500: float,
    drop: float,
    cut_off: float,
    nonsense: float,
    hang: float,
    seed: int,
    key_env: str | None,
    batch_delay: float,
    steady: bool,
    count_repeats: bool,
    any_model: bool,
    **habits: Any,
) -> int:
    """Serve the offline model until a signal comes."""
    from atkc.stdlib.extractive.model import complete, embed
    from atkc.stdlib.model_server.app import make_app
    from atkc.stdlib.model_server.faults import Faults
    from atkc.stdlib.model_server.habits import Habits
    from atkc.stdlib.model_server.journal import Journal
    from atkc.stdlib.model_server.serving import serve

    key = os.environ.get(key_env) if key_env else None
    if key_env and not key:
        raise UsageError(f"--key-env: the variable `{key_env}` is not set")
    faults = Faults(
        latency=latency,
        rate429=rate_429,
        retry_after=retry_after,
        rate500=rate_500,
        drop=drop,
        cutoff=cut_off,
        nonsense=nonsense,
        hang=hang,
        seed=seed,
        steady=steady,
    )
    app = make_app(
        complete,
        faults,
        embed=embed,
        models=() if any_model else ("extractive", "atkc/extractive"),
        required_key=key,
        habits=Habits(**habits),
        batch_delay=batch_delay,
        journal=Journal() if count_repeats else None,
    )
    serve(app, host, port)
    return codes.COMPLETE
