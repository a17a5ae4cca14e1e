"""The list of models, and with it whether the key is accepted."""

from __future__ import annotations

from typing import Any

from atkc.cli.doctor.case import Visit
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.cli.doctor.talk import Answer
from atkc.cli.keys import how_to_set

_NONE = (404, 405, 501)  # what endpoints say that keep no list


async def check(visit: Visit) -> list[Finding]:
    """Ask for the list, without and with the key; keep it for the checks of models."""
    if not visit.talk.direct:
        return []
    answer = await visit.talk.get("/models")
    if answer.status in (401, 403):
        return [_refused(visit, answer)]
    if answer.status in _NONE:
        return [ok("keeps no list of models")]
    rows = _rows(answer.data())
    if answer.status != 200 or rows is None:
        return [_odd(answer)]
    visit.listed = rows
    listed = "1 model listed" if len(rows) == 1 else f"{len(rows)} models listed"
    if not visit.talk.key:
        return [ok(listed)]
    if (await visit.talk.get("/models", with_key=False)).status != 200:
        return [ok(f"the key is accepted, {listed}")]
    if visit.may_ask:
        return [ok(f"{listed}, also without a key")]
    said = f"{listed}, also without a key: whether the key is accepted is not known"
    return [warning(said, "add `--probe`")]


def _refused(visit: Visit, answer: Answer) -> Finding:
    variable = visit.endpoint.api_key_env
    if variable is None:
        return problem(f"wants a key (status {answer.status})", "name its variable: `api_key_env`")
    what = "refused" if visit.talk.key else "missing"
    said = f"the key in `{variable}` is {what} (status {answer.status})"
    return problem(said, how_to_set(variable))


def _odd(answer: Answer) -> Finding:
    said = answer.error or f"status {answer.status}"
    if answer.status == 0 or 300 <= answer.status < 400:
        fix = "correct `api_base`; certificates of your own are named by SSL_CERT_FILE"
        return problem(f"no list of models: {said}", fix)
    return warning(f"no list of models: {said}", "look whether `api_base` ends in `/v1`")


def _rows(data: Any) -> list[Any] | None:
    rows = data.get("data") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        return None
    return [row for row in rows if isinstance(row, dict)]
