"""`vote-filter`: a judge decides which records go on."""

from __future__ import annotations

from msgspec.structs import replace

from atkc.compiler.conditions import condition
from atkc.compiler.flow import Flow, Made
from atkc.compiler.instance import Instance
from atkc.compiler.named_model import model_of
from atkc.compiler.plan import PassRule, VoteOp
from atkc.compiler.prompts import failure_ports, read_prompt
from atkc.spec.contract import Contract, cardinality, item_type
from atkc.spec.model import Quorum
from atkc.spec.rowtype import BOOLEAN, NUMBER, STRING, Enum, ListOf, Record, non_null


def make_vote(flow: Flow, inst: Instance) -> Made | None:
    """Return the node of a `vote-filter` step."""
    record = flow.incoming(inst)
    model = model_of(flow, inst)
    if record is None or model is None:
        return None
    step = inst.step
    structured = flow.models[model].structured
    found = read_prompt(flow, inst, ("prompt",), inst.raw["prompt"], record, structured=structured)
    if found is None:
        return None
    if found.contract is None or not _decides(found.contract):
        flow.report(
            "ATK440",
            "a vote needs a prompt whose reply says `pass`",
            flow.span(inst, "prompt"),
            "add `verdict: {values: {pass: […], fail: […]}}` or a field `pass: boolean`",
        )
        return None
    ballot = Record.of({"pass": BOOLEAN}).plus(item_type(found.contract))
    vote = Record.of({"passed": BOOLEAN, "share": NUMBER, "ballots": ListOf(ballot)})
    guard, added, read = condition(flow, inst, record, Record.of({step.as_: vote}))
    out = flow.add(inst, record, added, [], ("as",))
    prompt = found.prompt
    if step.sampling:
        prompt = replace(prompt, sampling={**prompt.sampling, **step.sampling})
    op = VoteOp(
        model=model,
        prompt=prompt,
        votes=step.votes,
        rule=_rule(flow, inst),
        invalid=step.invalid,
        resample=step.resample,
        name=step.as_,
        condition=guard,
    )
    ports = {
        "main": out,
        "rejected": out.plus(Record.of({"rejected_by": STRING})),
        "failed": failure_ports(record)["failed"],
    }
    return Made(op, ports, "filter", reads=found.fields | read, lineage=flow.ordinals(inst))


def _decides(contract: Contract) -> bool:
    if cardinality(contract) != "1:1":
        return False
    item = item_type(contract)
    verdict, flag = item.get("verdict"), item.get("pass")
    if verdict is not None and isinstance(non_null(verdict.type), Enum):
        return "pass" in non_null(verdict.type).values  # type: ignore[union-attr]
    return flag is not None and flag.type == BOOLEAN


def _rule(flow: Flow, inst: Instance) -> PassRule:
    step = inst.step
    if not isinstance(step.pass_, Quorum):
        return PassRule(kind=step.pass_)
    least, share = step.pass_.at_least, step.pass_.share
    if least is not None:
        if least > step.votes:
            message = f"{least} of {step.votes} votes can never pass"
            flow.report("ATK205", message, flow.span(inst, "pass"))
        return PassRule(kind="at_least", value=float(least))
    assert share is not None
    return PassRule(kind="share", value=float(share))
