"""The Hugging Face Hub, where a source asks for it."""

from __future__ import annotations

import os

from atkc.cli.doctor.case import Case
from atkc.cli.doctor.endpoint.address import connect
from atkc.cli.doctor.finding import Finding, ok, problem
from atkc.compiler.plan import SourceOp
from atkc.runtime.transport.proxies import proxy_for

_HUB = "https://huggingface.co"


async def check(case: Case) -> list[Finding]:
    """Connect to the Hub if a source reads from it with `online: true`."""
    nodes = case.plan.nodes if case.plan else ()
    ops = [n.op for n in nodes if isinstance(n.op, SourceOp)]
    if not any(op.reader == "huggingface" and op.options.get("online") for op in ops):
        return []
    url = os.environ.get("HF_ENDPOINT") or _HUB
    if proxy_for(url):
        return [ok(f"`{url}` is reached by a proxy")]
    told = await connect(url)
    if isinstance(told, float):
        return [ok(f"`{url}` is reached in {told * 1000:.0f} ms")]
    return [problem(f"`{url}`: {told}", "download the data set, or let this machine reach the Hub")]
