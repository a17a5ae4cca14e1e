"""Going through the table of checks: the machine, then each endpoint with its models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from atkc.cli.doctor.case import Case, Seat, Visit
from atkc.cli.doctor.finding import Finding, warning
from atkc.cli.doctor.table import ENDPOINT, MACHINE, MODEL, Row, T
from atkc.cli.doctor.talk import Talk
from atkc.compiler.plan import Plan, PromptOp, VoteOp
from atkc.runtime.forecast import longest_request, prompts_of
from atkc.runtime.modelspec import BUILT_IN, ModelSpec


async def examine(case: Case, models: Mapping[str, ModelSpec]) -> list[Finding]:
    """Return what all checks say. Missing keys come first, in the order of the endpoints."""
    found, _ = await _go(MACHINE, case, "")
    reports = [await _endpoint(case, group) for group in _by_endpoint(models)]
    told = [finding for report in reports for finding in report]
    missing = [f for f in told if f.check == "key" and f.status == "problem"]
    return [*missing, *found, *(f for f in told if f not in missing)]


async def _endpoint(case: Case, models: Mapping[str, ModelSpec]) -> list[Finding]:
    endpoint = next(iter(models.values())).endpoint
    visit = Visit(case, endpoint, Talk(endpoint))
    found, passed = await _go(ENDPOINT, visit, endpoint.name)
    if not passed:
        return found
    for seat in _seats(visit, models):
        rows = [row for row in MODEL if visit.may_ask or not row.asks]
        more, _ = await _go(rows, seat, seat.spec.model)
        found += more
        if not visit.may_ask:
            said = "nothing was asked, since the endpoint is not on this machine"
            skipped = ", ".join(row.name for row in MODEL if row.asks)
            fix = f"add `--probe`: some tiny calls try {skipped}"
            found.append(replace(warning(said, fix), check="answer", subject=seat.spec.model))
    return found


async def _go(rows: Iterable[Row[T]], what: T, subject: str) -> tuple[list[Finding], bool]:
    """Return what the checks say, and whether no gate was shut."""
    found: list[Finding] = []
    for row in rows:
        said = [replace(f, check=row.name, subject=subject) for f in await row.check(what)]
        found += said
        if row.gate and any(f.status == "problem" for f in said):
            return found, False
    return found, True


def _by_endpoint(models: Mapping[str, ModelSpec]) -> list[dict[str, ModelSpec]]:
    groups: dict[object, dict[str, ModelSpec]] = {}
    for name, spec in models.items():
        if spec.endpoint.provider != BUILT_IN:
            groups.setdefault(spec.endpoint.key, {})[name] = spec
    return list(groups.values())


def _seats(visit: Visit, models: Mapping[str, ModelSpec]) -> list[Seat]:
    """Return one seat per name as sent, with all that the plan wants of it."""
    plan = visit.case.plan
    assert plan is not None  # models come from a plan
    needs = longest_request(plan, models)
    seats: dict[str, Seat] = {}
    for name, spec in models.items():
        seat = seats.setdefault(spec.model, Seat(visit, spec))
        need = needs.get(name, (0, 0))
        seat.need = max(seat.need[0], need[0]), max(seat.need[1], need[1])
        seat.structured |= {spec.structured}
        seat.stops |= "stop" in spec.sampling or _prompt_stops(plan, name)
    return list(seats.values())


def _prompt_stops(plan: Plan, model: str) -> bool:
    for node in plan.nodes:
        if not isinstance(node.op, PromptOp | VoteOp) or node.op.model != model:
            continue
        if any("stop" in prompt.sampling for prompt in prompts_of(node.op)):
            return True
    return False
