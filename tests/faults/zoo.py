"""The pipeline that all faults meet: a vote, 1:n, dedupe, embeddings, group, accept."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.kit import ASK, WORTHWHILE, Project

SLOTS = 4  # calls in flight at most
TEXTS = 9  # different ones to embed: they go in one request
NOTES = TEXTS + 1
CONTENTS = 41  # calls and texts that are paid for in all
LIMIT = 30  # seconds that a call may take

SPEC = f"""\
atkc: 1
name: zoo
params:
  model: {{type: string, default: atkc/extractive}}
  api_base: {{type: string, default: ""}}
endpoints:
  main: {{api_base: "${{params.api_base}}", concurrency: {SLOTS}, timeout: {LIMIT}}}
models:
  one: {{model: "${{params.model}}", endpoint: main}}
steps:
  notes:
    type: source
    read: jsonl
    with: {{path: notes.jsonl}}
    fields: {{text: string, source: string}}
  worthwhile:
    type: vote-filter
    from: notes
    model: one
    prompt: prompts/worthwhile.yaml
    votes: 3
    as: worth
  asked:
    type: prompt
    from: worthwhile
    model: one
    prompt: prompts/ask.yaml
    on_failure: {{resample: 1}}
  pairs: {{type: combine, op: dedupe, from: asked, by: question}}
  out: {{type: export, from: pairs, format: jsonl, path: pairs.jsonl}}
  together:
    type: combine
    op: group
    from: pairs
    by: {{origin: notes}}
    keep: [source]
    collect: {{questions: question}}
  grouped: {{type: export, from: together, format: jsonl, path: grouped.jsonl}}
  related:
    type: combine
    op: neighbours
    from: {{query: worthwhile, pool: notes}}
    scorer: embeddings
    model: one
    field: text
    top: 2
    take: {{source: source}}
    as: related
  near: {{type: export, from: related, format: jsonl, path: related.jsonl}}
  retold:
    type: prompt
    from: worthwhile
    model: one
    prompt: prompts/retell.yaml
  enough: {{type: combine, op: take, from: retold, accept: 4}}
  four: {{type: export, from: enough, format: jsonl, path: four.jsonl}}
"""

RETELL = ASK.replace("Write questions about", "Write one question for a quiz on").replace(
    "max: 2", "max: 1"
)

_PLACES = [
    "Aldermouth",
    "Selby",
    "Tarn Hill",
    "Millau",
    "Gannet Point",
    "Fern Island",
    "Lower Farm",
    "Karst Hill",
    "Skerry",
]


def source(number: int) -> str:
    """Return what a note is called."""
    return f"note-{number}"


def notes() -> list[dict[str, str]]:
    """Return the rows that go in; the last says what the first one says."""
    return [{"source": source(n), "text": text(n % len(_PLACES))} for n in range(NOTES)]


def text(number: int) -> str:
    """Return what a note says."""
    return (
        f"The lighthouse of {_PLACES[number]} was built in {1801 + 7 * number} by the engineer "
        f"Paul Moreau. It is {20 + number} metres high because the cliffs are low."
    )


def make_zoo(folder: Path) -> Project:
    """Write the project."""
    project = Project(folder)
    project.write("atkc.toml", "")
    project.write("spec.yaml", SPEC)
    project.write("prompts/ask.yaml", ASK)
    project.write("prompts/retell.yaml", RETELL)
    project.write("prompts/worthwhile.yaml", WORTHWHILE)
    project.write("notes.jsonl", "".join(json.dumps(note) + "\n" for note in notes()))
    return project
