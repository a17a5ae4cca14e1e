"""A project whose spec, prompts and rows are written from a state that anything may change."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SPEC = """\
atkc: 1
name: changing
seed: {seed}
endpoints:
  e: {{api_base: "https://api.example.com/v1", api_key_env: EXAMPLE_KEY, concurrency: 16}}
models:
  judge: {{model: openai/judge, endpoint: e}}
  writer: {{model: openai/writer, endpoint: e, sampling: {{temperature: {heat}}}}}
  embedder: {{model: openai/embedder, endpoint: e}}
steps:
  rows:
    type: source
    read: jsonl
    with: {{path: rows.jsonl}}
    fields: {{id: string, topic: string, text: string, n: integer}}
  {name}chunks:
    type: map
    from: rows
    apply: text.chunk
    with: {{max_tokens: 12}}
  {name}judged:
    type: vote-filter
    from: {name}chunks
    model: judge
    prompt: judge.yaml
    votes: {votes}
    invalid: {invalid}
    as: worth
  {name}some:
    type: map
    from: {name}judged
    where: n % 7 >= {least}
  {name}asked:
    type: prompt
    from: {source}
    model: writer
    prompt: ask.yaml
    samples: {samples}
    draw: {draw}
    on_failure: {{resample: {resample}, then: {then}}}
  {name}read:
    type: parse
    from: {name}asked
    field: answer
    reply: {{format: regex, pattern: '{pattern}', fields: {{word: string}}}}
    on_failure: {{then: rejected}}
  {name}topics:
    type: combine
    op: group
    from: {name}read
    by: [topic]
    collect: {{words: word}}
  {name}summed:
    type: prompt
    from: {name}topics
    model: writer
    prompt: sum.yaml
  {name}near:
    type: combine
    op: neighbours
    from: {{query: {name}judged, pool: {name}judged}}
    scorer: embeddings
    model: embedder
    field: text
    top: 1
    take: {{id: id}}
    as: near
  out: {{type: export, from: {name}read, format: jsonl, path: out.jsonl}}
  sums: {{type: export, from: {name}summed, format: jsonl, path: sums.jsonl, empty: skip}}
  nears: {{type: export, from: {name}near, format: jsonl, path: nears.jsonl, empty: skip}}
  bad: {{type: export, from: {name}judged.rejected, format: jsonl, path: bad.jsonl, empty: skip}}
"""

JUDGE = """\
fields: {text: string}
messages:
  - {role: user, content: "#JUDGE {{ text }}"}
reply:
  format: verdict
  verdict: {section: Final judgment, values: {pass: [GOOD], fail: [BAD]}}
"""

ASK = """\
fields: {{text: string, n: integer}}
messages:
  - {{role: system, content: {system}}}
  - {{role: user, content: "#ASK {{{{ n }}}}: {{{{ text }}}}"}}
reply:
  format: json
  refuse: {refuse}
  fields: {{answer: string}}
"""

SUM = """\
fields: {words: [string], topic: string}
messages:
  - {role: user, content: "#SUM {{ topic }}: {{ words | join(' ') }}"}
"""


@dataclass(slots=True)
class State:
    """What the files of the project say."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    seed: int = 0
    heat: float = 0.5
    votes: int = 1
    invalid: str = "resample"
    least: int = 0
    filtered: bool = True
    samples: int = 1
    draw: int = 0
    resample: int = 1
    then: str = "failed"
    pattern: str = r"(?P<word>\\w+)"
    refuse: str = "[]"
    system: str = "Be brief."
    name: str = ""

    def write(self, folder: Path) -> None:
        """Write the files."""
        told = {n: getattr(self, n) for n in self.__slots__ if n != "rows"}
        source = f"{self.name}{'some' if self.filtered else 'judged'}"
        spec = SPEC.format(**told, source=source).replace("\\\\", "\\")
        ask = ASK.format(system=self.system, refuse=self.refuse)
        lines = "".join(json.dumps(row) + "\n" for row in self.rows)
        files = {"spec.yaml": spec, "ask.yaml": ask, "judge.yaml": JUDGE, "sum.yaml": SUM}
        for name, text in {**files, "rows.jsonl": lines, "atkc.toml": ""}.items():
            file = folder / name  # another run may be reading it
            if not file.exists() or file.read_text("utf-8") != text:
                file.write_text(text, "utf-8")


def row(number: int) -> dict[str, Any]:
    """Return a row, of two chunks for every third number."""
    text = f"Tide number {number} turns at the pier."
    text += f" Then boat {number} leaves and the long bridge closes again." * (number % 3 == 0)
    return {"id": f"r{number}", "topic": f"t{number % 5}", "text": text, "n": number % 11}
