"""The sections of a report in order. A new one: a file like `votes.py`, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from atkc.cli.report.costs import costs
from atkc.cli.report.documents import documents
from atkc.cli.report.facts import Facts
from atkc.cli.report.failures import failures
from atkc.cli.report.files import files
from atkc.cli.report.flow import flow
from atkc.cli.report.funnel import funnel
from atkc.cli.report.rejects import rejects
from atkc.cli.report.samples import samples
from atkc.cli.report.votes import votes


class Section(NamedTuple):
    """A part of the page. Its body returns None where the run has nothing of that kind."""

    id: str
    title: str
    body: Callable[[Facts], Markup | None]


SECTIONS = (
    Section("flow", "Graph", flow),
    Section("costs", "Cost", costs),
    Section("funnel", "Funnel", funnel),
    Section("documents", "Yield by document", documents),
    Section("votes", "Votes and agreement", votes),
    Section("failures", "Failures", failures),
    Section("rejects", "Rejects", rejects),
    Section("files", "Files", files),
    Section("samples", "Samples and lengths", samples),
)
