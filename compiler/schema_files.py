"""Write the generated files: `python -m atkc.compiler.schema_files`; `--check` only compares."""

from __future__ import annotations

import sys
from typing import Any

from atkc.compiler.plan import Plan
from atkc.spec.event_model import LINES
from atkc.spec.expression import tables
from atkc.spec.places import SHIPPED
from atkc.spec.schema_build import (
    as_text,
    lines_schema,
    plain_schema,
    prompt_schema,
    spec_schema,
)


def plan_schema() -> dict[str, Any]:
    """Return the schema of a plan."""
    return plain_schema(Plan, "plan", "An execution plan of atkc")


def events_schema() -> dict[str, Any]:
    """Return the schema of a line of `events.jsonl`."""
    return lines_schema(LINES, "events", "A line of the events of a run of atkc")


FILES = {
    "events.schema.json": events_schema,
    "pipeline.schema.json": spec_schema,
    "plan.schema.json": plan_schema,
    "prompt.schema.json": prompt_schema,
}


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` return 1 where one is stale."""
    stale = 0
    for name, build in FILES.items():
        path, text = SHIPPED / "schema" / name, as_text(build())
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            stale = 1
            advice = "run `python -m atkc.compiler.schema_files`"
            sys.stderr.write(f"schema/{name} is stale: {advice}\n")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    if not tables.is_fresh() and "--check" in arguments:
        stale = 1
        sys.stderr.write(
            "the expression tables are stale: run `python -m atkc.compiler.schema_files`\n"
        )
    elif not tables.is_fresh():
        tables.TABLES.write_text(tables.as_text(), encoding="utf-8", newline="\n")
    return stale


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
