"""A spec with a judge and two prompts over rows, and a model whose replies the test says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atkc.cli.entry import run
from tests.e2e.echoing import answering
from tests.e2e.kit import files, manifest, rows, sidecars
from tests.recipes.scripted import completion

SPEC = """\
atkc: 1
name: failing
params:
  url: {type: string}
endpoints:
  e: {api_base: "${params.url}", concurrency: 4}
models:
  m: {model: openai/m, endpoint: e, revision: "1"}
steps:
  given:
    type: source
    read: jsonl
    with: {path: rows.jsonl}
    fields: {text: string}
  judged:
    type: vote-filter
    from: given
    model: m
    prompt: prompts/judge.yaml
    votes: 3
    resample: 0
    as: worth
  asked:
    type: prompt
    from: judged
    model: m
    prompt: prompts/ask.yaml
    on_failure: {resample: 1}
  again:
    type: prompt
    from: asked
    model: m
    prompt: prompts/again.yaml
  out:
    type: export
    from: again
    format: jsonl
    path: out.jsonl
"""

JUDGE = """\
fields: {text: string}
messages:
  - {role: user, content: "JUDGE {{ text }}"}
reply:
  format: verdict
  verdict: {section: Final judgment, values: {pass: [GOOD], fail: [BAD]}}
"""

ASK = """\
fields: {text: string}
messages:
  - {role: user, content: "ASK {{ text }}"}
reply:
  format: json
  fields: {question: string}
"""

AGAIN = """\
fields: {text: string, question: string}
messages:
  - {role: user, content: "AGAIN {{ text }} {{ question }}"}
reply:
  format: json
  fields: {answer: string}
"""

GOOD = {
    "JUDGE": "Final judgment: GOOD",
    "ASK": '{"question": "why?"}',
    "AGAIN": '{"answer": "so"}',
}
NONSENSE = "%% qwx"

# (task, text of the row, how often that was asked before) -> reply, None for the good one, or a
# number: an error of that status
Say = Callable[[str, str, int], str | int | None]


@dataclass
class Folder:
    """A project whose model says what the test wants."""

    path: Path
    say: Say = lambda task, text, number: None
    asked: list[tuple[str, str]] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def atkc(self, *words: str) -> int:
        """Run the command line; what was asked is counted anew, how often a row was is not."""
        self.asked.clear()
        self.seeds.clear()
        with answering(self._answer) as url, chdir(self.path):
            return run([*words, "--set", f"url={url}"])

    def look(self, *words: str) -> int:
        """Run a command that reads outputs."""
        with chdir(self.path):
            return run([*words])

    def _answer(self, _: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        content = request["messages"][0]["content"]
        found = re.match(r"(\w+) (\S*)", content)
        assert found is not None
        about = (found[1], found[2])
        self.asked.append(about)
        self.seeds.append(request["seed"])
        said = self.say(*about, self._seen[about])
        self._seen[about] += 1
        if isinstance(said, int):
            return said, {"error": {"message": "no"}}
        return completion(GOOD[found[1]] if said is None else said)

    @property
    def output(self) -> Path:
        return self.path / "outputs/failing"

    def manifest(self) -> dict[str, Any]:
        return manifest(self.output)

    def rows(self, name: str) -> list[dict[str, Any]]:
        path = self.output / name
        return rows(path) if path.exists() else []

    def texts(self, name: str = "out.jsonl") -> list[str]:
        return [row["text"] for row in self.rows(name)]

    def kinds(self, step: str) -> dict[str, str]:
        found = self.rows(f"failed/{step}.jsonl")
        return {row["text"]: row["failure"]["kind"] for row in found}

    def whole(self) -> dict[str, bytes]:
        """Return all files that two runs on one store have in common, and the manifest's words."""
        changing = ("run", "params", "plan")  # the server has another port each time
        told = {name: value for name, value in self.manifest().items() if name not in changing}
        return {**files(self.output), **sidecars(self.output), "": json.dumps(told).encode()}

    def change(self, name: str, old: str, new: str) -> None:
        path = self.path / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (old, text.count(old))
        path.write_text(text.replace(old, new), encoding="utf-8")


def make(path: Path, say: Say | None = None, texts: list[str] | None = None) -> Folder:
    """Write the project; the rows have these texts."""
    (path / "prompts").mkdir(parents=True)
    (path / "atkc.toml").touch()
    (path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    for name, text in (("judge", JUDGE), ("ask", ASK), ("again", AGAIN)):
        (path / f"prompts/{name}.yaml").write_text(text, encoding="utf-8")
    given = list(texts) if texts is not None else [f"t{n}" for n in range(6)]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in given)
    (path / "rows.jsonl").write_text(lines, encoding="utf-8")
    return Folder(path, say or (lambda task, text, number: None))
