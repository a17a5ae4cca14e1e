"""A small project, the command line as a process, and what a run leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).parents[2]
LONGEST = 60.0  # seconds that a command may take
SIDECARS = "provenance/"
CHANGING = ("manifest.json", "events.jsonl", "report.html", "INCOMPLETE.json")
_LOCAL = build_opener(ProxyHandler({}))  # a proxy of the environment is not for this machine

SPEC = """\
atkc: 1
name: small
params:
  documents: {type: path, default: docs}
  writer: {type: string, default: atkc/extractive}
  judge: {type: string, default: atkc/extractive}
  api_base: {type: string, default: ""}
  key: {type: env-name | null, default: null}
  votes: {type: integer, default: 3, minimum: 1}
endpoints:
  main: {api_base: "${params.api_base}", api_key_env: "${params.key}", concurrency: 4}
models:
  writer: {model: "${params.writer}", endpoint: main, sampling: {temperature: 0.8, max_tokens: 900}}
  judge: {model: "${params.judge}", endpoint: main}
steps:
  documents:
    type: source
    read: documents
    with: {path: "${params.documents}"}
  chunks:
    type: map
    from: documents
    apply: text.chunk
    with: {max_tokens: 60, min_tokens: 10}
  worthwhile:
    type: vote-filter
    from: chunks
    model: judge
    prompt: prompts/worthwhile.yaml
    votes: "${params.votes}"
    as: worth
  pairs:
    type: prompt
    from: worthwhile
    model: writer
    prompt: prompts/ask.yaml
    on_failure: {resample: 1, then: failed}
  turns:
    type: map
    from: pairs
    set: {turns: "[{role: 'user', content: question}, {role: 'assistant', content: answer}]"}
  dataset:
    type: export
    from: turns
    format: sharegpt
    with: {turns: turns}
    path: sft/pairs.jsonl
  texts:
    type: export
    from: worthwhile
    format: jsonl
    path: texts.jsonl
    with: {columns: {source: source, text: text}}
"""

ASK = """\
fields: {text: string, source: string}
messages:
  - role: user
    content: |
      Write questions about this passage from {{ source }}.

      Passage:
      \"\"\"
      {{ text }}
      \"\"\"
reply:
  format: sections
  each: {min: 1, max: 2}
  fields:
    question: {type: string, description: a question}
    answer: {type: string, description: its answer}
"""

WORTHWHILE = """\
fields: {text: string}
messages:
  - role: user
    content: |
      Is this passage worth writing exam questions about?

      Passage:
      \"\"\"
      {{ text }}
      \"\"\"
reply:
  format: verdict
  reason: true
  verdict: {section: Final judgment, values: {pass: [SUITABLE], fail: [UNSUITABLE]}}
"""

DOCUMENTS = {
    "bridge.txt": """\
The Iron Bridge crosses the river Tarn at Millau. It was opened in 1888 by the engineer Paul Moreau.
The bridge is 212 metres long and 9 metres wide.

Repairs of the bridge began in 2004 because the bolts had rusted. The repairs cost 3 million francs
and lasted two years.
""",
    "harbour.txt": """\
The Port of Aldermouth was founded in 1850 by John Smith. It has four quays and eleven cranes. The
largest crane was built in 1999 because ships grew.

The harbour master of Aldermouth lives on Tower Street. Pilots board every ship longer than 90
metres at the Skerry buoy. The pilot station was moved to Gannet Point in 1974.

Dredging of the main channel takes place every spring. The channel is kept at a depth of 12 metres.
The dredger Halcyon removes about 40,000 tonnes of silt each year.
""",
    "orchard.md": """\
# Orchard

The orchard at Lower Farm was planted in 1921 by Anna Weber. It holds 340 apple trees of nine
varieties. Frost in May 1977 destroyed the whole harvest.

Pruning begins in January because the trees are dormant. Each tree is pruned for about twenty
minutes. The cuttings are burned on the western field.
""",
}


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """Return the last line of the standard output."""
        return self.out.rstrip("\n").rpartition("\n")[2]

    def calls(self) -> tuple[int, int, int]:
        """Return calls, replies from the cache and failed records of the last line."""
        words = self.last.split()
        numbers = int(words[0]), int(words[3]), int(words[6])
        assert self.last == "{} model calls, {} from cache, {} records failed".format(*numbers)
        return numbers


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a spec, its prompts and its documents."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def atkc(self, *words: str, **variables: str) -> Done:
        """Run the command line in the folder, with no terminal, and return what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "atkc", *words],
            cwd=self.folder,
            env=self.variables(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def run(self, *words: str, **variables: str) -> Done:
        """Run the spec."""
        return self.atkc("run", "spec.yaml", *words, **variables)

    def start(self, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        """Begin to run the spec."""
        return subprocess.Popen(
            [sys.executable, "-m", "atkc", "run", "spec.yaml", *words],
            cwd=self.folder,
            env=self.variables(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def variables(self, added: Mapping[str, str]) -> dict[str, str]:
        """Return an environment with nothing in it that changes what atkc does."""
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR", "LANG")}
        return {**kept, "PYTHONPATH": str(ROOT), **self.environment, **added}

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, (old, text.count(old))
        self.write(name, text.replace(old, new))

    @property
    def output(self) -> Path:
        """Return the folder that the spec writes to."""
        return self.folder / "outputs/small"

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of an output."""
        return rows(self.output / name)


@dataclass(frozen=True, slots=True)
class Server:
    """A model server in a process of its own."""

    url: str
    process: subprocess.Popen[bytes]

    def stats(self) -> dict[str, Any]:
        """Return what the server has done so far."""
        with _LOCAL.open(self.url.removesuffix("/v1") + "/stats", timeout=5) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    @property
    def requests(self) -> int:
        """Return how many completions have been asked for."""
        return int(self.stats()["requests"])

    def models(self, *names: str) -> list[str]:
        """Return the options that send models (both, if none is named) to this server."""
        chosen = [f"--set={name}=openai/extractive" for name in names or ("writer", "judge")]
        return [*chosen, f"--set=api_base={self.url}"]

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def make_project(folder: Path) -> Project:
    """Write the small project."""
    project = Project(folder)
    project.write("atkc.toml", "")
    project.write("spec.yaml", SPEC)
    project.write("prompts/ask.yaml", ASK)
    project.write("prompts/worthwhile.yaml", WORTHWHILE)
    for name, text in DOCUMENTS.items():
        project.write(f"docs/{name}", text)
    return project


def files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files that two equal runs must have in common, on any cache."""
    named = {n: data for n, data in _files(folder).items() if not n.startswith(SIDECARS)}
    return {name: data for name, data in named.items() if name not in CHANGING}


def sidecars(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all sidecars: they name calls, so they are equal on one cache only."""
    return {n: data for n, data in _files(folder).items() if n.startswith(SIDECARS)}


def _files(folder: Path) -> dict[str, bytes]:
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


def manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run."""
    told: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return told


def constant(folder: Path) -> dict[str, Any]:
    """Return the manifest less what may differ between equal runs on different caches."""
    told = {name: value for name, value in manifest(folder).items() if name != "run"}
    return {**told, "files": [e for e in told["files"] if e["role"] != "provenance"]}


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def wait_for(what: Callable[[], object], seconds: float = 20.0) -> None:
    """Return when it is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.01)
