"""The graph with its counts; a click on a step shows its row of the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from atkc.cli.report.facts import Facts
from atkc.cli.report.markup import el, joined
from atkc.cli.report.steps import Step
from atkc.cli.report.tables import table
from atkc.compiler.drawing.picture import Picture

HEADS = (
    *("instance", "in", "out", "filtered", "duplicate", "failed", "merged", "not drawn"),
    *("expanded", "skipped", "calls", "cached"),
)
INSTANCES = 12


def flow(facts: Facts) -> Markup | None:
    """Return the drawing, and for each box its books; None where the run told no graph."""
    from atkc.compiler.drawing.svg import draw_svg

    if facts.picture is None:
        return None
    svg = draw_svg(counted(facts, facts.picture))
    hint = "Numbers: records in → out, and what left by a port. Click a step for its books."
    return joined(
        [
            el("p", hint),
            el("div", Markup(svg), id="graph", cls="r-graph"),  # noqa: S704  # it escapes its texts
            el("div", *_panels(facts), id="panels"),
        ]
    )


def counted(facts: Facts, drawn: Picture) -> Picture:
    """Return the picture with the records that went through each box and each wire."""
    steps = {name: step for _, name, step in facts.boxes}
    boxes = tuple(box._replace(subtitle=_through(steps[box.id])) for box in drawn.boxes)
    notes = {
        (arrow.source, arrow.port): f"{steps[arrow.source].leaves(arrow.port):,}"
        for arrow in drawn.arrows
    }
    return drawn._replace(boxes=boxes, notes=notes)


def _through(step: Step) -> str:
    return f"{step.came:,} → {step.out:,}"


def _panels(facts: Facts) -> Iterator[Markup]:
    assert facts.picture is not None
    for at, box in enumerate(facts.picture.boxes):
        named = [(n, facts.steps[n]) for n in facts.nodes[box.id] if n in facts.steps]
        rows = [books(name, step) for name, step in named]
        title = el("summary", el("b", box.id), f" {box.kind} {box.subtitle}")
        inner = table(HEADS, rows, most=INSTANCES, of="instances")
        yield el("details", title, inner, id=f"panel-{at}", cls="r-panel")


def books(name: str, step: Step) -> tuple[str | int, ...]:
    """Return a row of the ledger."""
    return (
        *(name, step.came, step.out, step.filtered, step.duplicate, step.failed, step.merged),
        *(step.not_drawn, step.expanded, step.skipped, step.calls, step.cached),
    )
