"""The variable with the key. The key itself is never shown."""

from __future__ import annotations

from atkc.cli.doctor.case import Visit
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.cli.keys import how_to_set, missing_key


async def check(visit: Visit) -> list[Finding]:
    """Tell whether the variable is set."""
    endpoint = visit.endpoint
    if variable := missing_key(endpoint):
        return [problem(f"the variable `{variable}` with the key is not set", how_to_set(variable))]
    variable = endpoint.api_key_env
    if not visit.talk.key.isascii() or not visit.talk.key.isprintable():
        said = f"the key in `{variable}` has characters that no header can carry"
        return [problem(said, "copy it again, without quotes or line ends around it")]
    if visit.talk.key:
        return [ok(f"the variable `{variable}` is set")]
    if visit.here:
        return [ok("none is sent to a server on this machine")]
    return [warning("no variable with a key is named", "set `api_key_env`, if it wants a key")]
