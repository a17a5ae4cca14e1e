"""The caps that a spec sets on each of its runs."""

from __future__ import annotations

import msgspec

from atkc.compiler.load import Document, span_at
from atkc.compiler.plan import Budget
from atkc.compiler.scope import Expansion, fitted
from atkc.spec import model as written

_KEY = "budget"


def budget_of(ex: Expansion, document: Document) -> Budget:
    """Return the caps of the spec that runs; those of its modules hold where these run alone."""
    raw = document.data.get(_KEY, {})
    data, problems = ex.space.fill(dict(raw), {"params": ex.params.constant()})
    for path, problem in problems:
        ex.report(problem.at(span_at(document.root, (_KEY, *path)), ".".join(map(str, path))))
    if problems:
        return Budget()
    caps = fitted(ex, document, (_KEY,), data, written.Budget)
    return Budget() if caps is None else msgspec.convert(caps, Budget, from_attributes=True)
