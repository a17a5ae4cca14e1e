"""A project with every kind of step that stores something, and a model that counts what it does."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from atkc.cli import codes, session
from atkc.cli.run_options import RunOptions
from atkc.cli.running import run_spec
from atkc.runtime.api import Bodies, EmbeddingRequest, Embeddings, Function, Reply, Request
from atkc.runtime.keys import canonical
from atkc.stdlib.library import bodies
from tests.e2e.kit import files

PROVIDERS = ("openai", "anthropic")
Asked = Counter[tuple[str, str]]  # (what, of which record): how often

SPEC = """\
atkc: 1
name: mutated
seed: 3
endpoints:
  here: {api_base: "http://127.0.0.1:9/v1", concurrency: 4}
  there: {api_base: "https://api.example.com/v1", api_key_env: EXAMPLE_KEY}
models:
  writer: {model: openai/writer, endpoint: here, sampling: {temperature: 0.5, max_tokens: 300}}
  talker: {model: openai/talker, endpoint: there}
  judge: {model: openai/judge, endpoint: there}
  summer: {model: openai/o3-summer, endpoint: there, sampling: {temperature: 1, max_tokens: 200}}
  embedder: {model: openai/embedder, endpoint: here}
steps:
  rows:
    type: source
    read: jsonl
    with: {path: rows.jsonl}
    fields: {id: string, topic: string, text: string, n: any}
  chunks:
    type: map
    from: rows
    apply: text.chunk
    with: {max_tokens: 40}
  judged:
    type: vote-filter
    from: chunks
    model: judge
    prompt: prompts/judge.yaml
    votes: 1
    as: worth
  asked:
    type: prompt
    from: judged
    model: writer
    prompt: prompts/ask.yaml
    on_failure: {resample: 1}
  topics:
    type: combine
    op: group
    from: asked
    by: [topic]
    collect: {answers: answer}
  summed:
    type: prompt
    from: topics
    model: summer
    prompt: prompts/sum.yaml
  said:
    type: prompt
    from: judged
    model: talker
    variants: {short: prompts/short.yaml, long: prompts/long.yaml}
    samples: 2
  read:
    type: parse
    from: said
    reply: {format: regex, pattern: 'Value: (?P<value>\\d+)', fields: {value: integer}}
  near:
    type: combine
    op: neighbours
    from: {query: chunks, pool: chunks}
    scorer: embeddings
    model: embedder
    field: text
    top: 1
    take: {id: id}
    as: near
  out_summed: {type: export, from: summed, format: jsonl, path: summed.jsonl}
  out_read:
    type: export
    from: read
    format: jsonl
    path: read.jsonl
    with: {columns: {id: id, value: value}}
  out_near:
    type: export
    from: near
    format: jsonl
    path: near.jsonl
    with: {columns: {id: id, near: near}}
"""

PROMPTS = {
    "judge": """\
fields: {id: string, text: string}
messages:
  - {role: system, content: You are strict.}
  - {role: user, content: "#JUDGE {{ id }}: {{ text }}"}
reply:
  format: verdict
  verdict: {section: Final judgment, values: {pass: [GOOD], fail: [BAD]}}
""",
    "ask": """\
fields: {id: string, text: string, n: any}
examples:
  - {user: What is a keel?, assistant: '{"answer": "A beam."}'}
  - {user: What is a mast?, assistant: '{"answer": "A pole."}'}
messages:
  - {role: system, content: Answer briefly.}
  - {role: user, content: "#ASK {{ id }} {{ n | tojson }}: {{ text }}"}
reply:
  format: json
  fields: {answer: {type: string, description: a short answer}}
""",
    "sum": """\
fields: {topic: string, answers: [string]}
messages:
  - {role: user, content: "#SUM {{ topic }}: {{ answers | join('; ') }}"}
""",
    "short": """\
fields: {id: string, text: string, n: any}
messages:
  - {role: user, content: "#SHORT {{ id }} {{ n }}: {{ text }}"}
""",
    "long": """\
fields: {id: string, text: string}
messages:
  - {role: user, content: "#LONG {{ id }}: {{ text }}"}
""",
}

ROWS = [
    {"id": "r1", "topic": "sea", "text": "Tides at r1 turn twice a day.", "n": 1},
    {"id": "r2", "topic": "sea", "text": "The pilot of r2 boards at noon.", "n": 2},
    {"id": "r3", "topic": "sky", "text": "Clouds over r3 bring rain.", "n": 3},
    {"id": "r4", "topic": "sky", "text": "Wind from r4 turns at dusk.", "n": 4},
]
IDS = ("r1", "r2", "r3", "r4")


def of(what: str, *which: str, times: int = 1) -> Asked:
    """Return that something was asked for these records; for all, if none is named."""
    return Counter(dict.fromkeys(((what, one) for one in which or IDS), times))


def summed(*topics: str) -> Asked:
    """Return that groups were asked about."""
    return of("SUM", *(topics or ("sea", "sky")))


def said(*which: str) -> Asked:
    """Return that both variants were asked, each for its samples."""
    return of("SHORT", *which, times=2) + of("LONG", *which, times=2)


MODELS = of("JUDGE") + of("ASK") + summed() + said()
ALL = of("CUT") + MODELS + of("NEAR")


class Model:
    """Answers all providers alike: what it says depends on the whole request, and it counts."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    async def complete(self, request: Request) -> Reply:
        """Return what the task of the first user message with one wants."""
        users = [m["content"] for m in request.messages if m["role"] == "user"]
        task, about = next(m.groups() for u in users if (m := re.match(r"#(\w+) (\w+)", u)))
        self._asked[task, about] += 1
        better = len(users) > 3  # two examples, the question, and what was wrong with the reply
        told = f"{'better' if better else 'about'} {about} {_digest(request)}"
        said = {"JUDGE": "Final judgment: GOOD", "ASK": json.dumps({"answer": told})}
        return Reply(said.get(task, f"Value: 42 {told}"), prompt_tokens=9, completion_tokens=3)

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return vectors that are near each other as the texts' ids are."""
        found = [re.findall(r"r\d", text)[0] for text in request.texts]
        self._asked.update(("NEAR", one) for one in found)
        size = request.dimensions or 4
        return Embeddings(tuple((1.0, *(float(one[1]),) * (size - 1)) for one in found))

    async def close(self) -> None:
        """Close nothing."""


def _digest(request: Request) -> str:
    parts = (request.model, request.messages, request.sampling, request.response_format)
    return hashlib.sha256(canonical([*parts, request.seed, request.mode])).hexdigest()[:8]


class _Counted(Mapping[str, Function]):
    def __init__(self, functions: Mapping[str, Function], asked: Asked) -> None:
        self._functions = functions
        self._asked = asked

    def __getitem__(self, name: str) -> Function:
        function = self._functions[name]

        def call(data: Any, options: Any, context: Any) -> Any:
            found = re.search(r"r\d", data["text"])
            self._asked["CUT", found[0] if found else ""] += 1
            return function(data, options, context)

        return call if name == "text.chunk" else function

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)


@dataclass
class Folder:
    """The project in a folder, with its cache."""

    path: Path
    asked: Asked = field(default_factory=Counter)

    def run(self, spec: str = "spec.yaml", **options: Any) -> Asked:
        """Run the spec, which must complete (some records may fail); return what was asked."""
        self.asked.clear()
        given = {"yes": True, "report": False, "provenance": False, **options}
        with chdir(self.path):
            assert run_spec(RunOptions(spec, **given)) in (codes.COMPLETE, codes.FAILED_RECORDS)
        return Counter(self.asked)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        path = self.path / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1, (name, old, text.count(old))
        path.write_text(text.replace(old, new), "utf-8")

    def bodies(self) -> Bodies:
        """Return the standard library's, with what counts in place of what asks."""
        real = bodies()
        transports = dict.fromkeys(PROVIDERS, lambda: Model(self.asked))
        functions = _Counted(real.functions, self.asked)
        return replace(real, functions=functions, transports=transports)

    def files(self, output: str = "outputs/mutated") -> dict[str, bytes]:
        """Return what equal runs have in common."""
        return files(self.path / output)


def make(path: Path) -> Folder:
    """Write the project."""
    (path / "prompts").mkdir(parents=True)
    (path / "atkc.toml").touch()
    (path / "spec.yaml").write_text(SPEC, "utf-8")
    for name, text in PROMPTS.items():
        (path / f"prompts/{name}.yaml").write_text(text, "utf-8")
    lines = (json.dumps(row) + "\n" for row in ROWS)
    (path / "rows.jsonl").write_text("".join(lines), "utf-8")
    return Folder(path)


def use(monkeypatch: pytest.MonkeyPatch, make_bodies: Callable[[], Bodies]) -> None:
    """Let runs in this process use these bodies."""
    monkeypatch.setattr(session, "bodies", make_bodies)
    for name in ("EXAMPLE_KEY", "OTHER_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "sk-example")
