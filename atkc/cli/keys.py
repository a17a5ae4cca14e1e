"""Keys that a plan needs and the environment lacks, told before anything is done."""

from __future__ import annotations

import os
from collections.abc import Iterable

from atkc.runtime.errors import Permanent
from atkc.runtime.hosts import is_loopback
from atkc.runtime.modelspec import EndpointSpec, ModelSpec


def missing_key(endpoint: EndpointSpec) -> str | None:
    """Return the variable that should hold the key and does not; a server here may want none."""
    variable = endpoint.api_key_env
    if variable is None or (endpoint.base_url and is_loopback(endpoint.base_url)):
        return None
    return None if os.environ.get(variable, "").strip() else variable


def how_to_set(variable: str) -> str:
    """Return what to do about a missing key; for known endpoints also where to get one."""
    from atkc.cli.profiles import key_page

    page = key_page(variable)
    where = f" with a key from {page}" if page else ""
    return f"set `{variable}`{where}, or name a file that does with `--env-file`"


def key_warnings(models: Iterable[ModelSpec]) -> list[str]:
    """Return a sentence per missing key. Replies in the cache need none, so it is no error yet."""
    found: dict[str, str] = {}
    for model in models:
        if variable := missing_key(model.endpoint):
            found.setdefault(variable, model.endpoint.name)
    return [
        f"the environment variable `{variable}` with the key of `{name}` is not set: "
        f"the first call that is not in the cache ends the run; {how_to_set(variable)}"
        for variable, name in found.items()
    ]


def check_key(endpoint: EndpointSpec) -> None:
    """Raise Permanent (ATK701) where the key is missing."""
    if variable := missing_key(endpoint):
        text = f"the environment variable `{variable}` with the key is not set"
        raise Permanent(f"{text}; {how_to_set(variable)}", fatal="ATK701")
