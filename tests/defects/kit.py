"""A small spec over a folder of documents, and a scripted model that knows their marker words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atkc.cli.entry import run
from atkc.compiler.front import Compiled, compile_file
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.recipes.difficult import Table, difficult
from tests.recipes.kit import RECIPES
from tests.recipes.scripted import Ran, Reply, served
from tests.recipes.test_planted import Made

SPEC = """\
atkc: 1
name: small
params: {url: {type: string}, name: {type: string, default: openai/m}}
endpoints: {e: {api_base: "${params.url}"}}
models: {m: {model: "${params.name}", endpoint: e, revision: "1", sampling: {temperature: 0.5}}}
steps:
  documents: {type: source, read: documents, with: {path: docs}}
  good: {type: vote-filter, from: documents, model: m, prompt: good.yaml, as: worth}
  told: {type: prompt, from: good, model: m, prompt: tell.yaml, on_failure: {resample: 2, then: failed}}
  refused: {type: map, from: good.rejected, set: {reasons: 'pluck(worth.ballots, "reason")'}}
  out: {type: export, from: told, format: jsonl, path: out.jsonl, with: {columns: {source: source, text: text, told: told}}}
  no: {type: export, from: refused, format: jsonl, path: no.jsonl, with: {columns: {source: source, reasons: reasons}}}
"""  # noqa: E501
GOOD = """\
fields: {text: string}
messages: [{role: user, content: "Is this worth it?\\n{{ text }}"}]
reply:
  format: verdict
  reason: true
  verdict: {section: Final judgment, values: {pass: [SUITABLE], fail: [UNSUITABLE]}}
"""
TELL = """\
fields: {text: string}
messages: [{role: user, content: "Tell of it.\\n{{ text }}"}]
reply: {format: tags, fields: {told: string}}
"""
YES, NO = "Fine.\n**Final judgment:** SUITABLE", "Empty.\n**Final judgment:** UNSUITABLE"


def judging(messages: list[dict[str, str]]) -> bool:
    """Return whether the judge is asked."""
    return messages[0]["content"].startswith("Is this worth it?")


def kind(reply: Reply) -> Reply:
    """Let the judge pass all; the reply is what the writer says."""
    return lambda marker, messages: YES if judging(messages) else reply(marker, messages)


def tell(marker: str, _messages: list[dict[str, str]]) -> str:
    """Reply as asked."""
    return f"<told>I tell of {marker}.</told>"


@dataclass
class Small:
    """The folder of the spec; change `texts` and run again."""

    folder: Path
    texts: dict[str, str] = field(default_factory=dict)  # by marker, less `m-`; files of that name
    files: dict[str, str] = field(
        default_factory=lambda: {"spec.yaml": SPEC, "good.yaml": GOOD, "tell.yaml": TELL}
    )

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        assert self.files[name].count(old) == 1, old
        self.files[name] = self.files[name].replace(old, new)

    def write(self) -> str:
        """Write all files; return the path of the spec."""
        (self.folder / "atkc.toml").touch()
        docs = self.folder / "docs"
        docs.mkdir(exist_ok=True)
        for old in docs.iterdir():
            old.unlink()
        for name, text in self.texts.items():
            (docs / f"{name}.txt").write_text(text, encoding="utf-8")
        for name, text in self.files.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / "spec.yaml")

    def run(self, reply: Reply | None = None, *words: str) -> Ran:
        """Run it."""
        path = self.write()
        return served(self.folder, [path, "--set", "url={url}", *words], reply or kind(tell))

    def compiled(self) -> Compiled:
        """Compile it."""
        return compile_file(canonical(self.write()), library())

    def codes(self) -> list[str]:
        """Return what the compiler finds."""
        return [found.code for found in self.compiled().diagnostics]


def documents(*names: str) -> dict[str, str]:
    """Return a text for each name, which is its marker."""
    return {name: f"The tower m-{name} has four floors and a green roof." for name in names}


def asked(ran: Ran) -> Mapping[str, int]:
    """Return how often the model was asked, by document."""
    return {marker.removeprefix("m-"): count for marker, count in ran.asked.counts.items()}


def once(first: str, then: Callable[[str], str]) -> Reply:
    """Say one thing at the first attempt, another where the request is made again."""

    def reply(marker: str, messages: list[dict[str, str]]) -> str:
        return then(marker) if len(messages) > 1 else first

    return reply


def values(ran: Ran, name: str, column: str) -> list[Any]:
    """Return a column of an output."""
    return [row[column] for row in ran.rows(name)]


def made_of(folder: Path, name: str, texts: Mapping[str, str], table: Table, *options: str) -> Made:
    """Run a sub-recipe on chunks of these texts, by marker, against a model that is difficult."""
    (folder / "atkc.toml").touch()
    shutil.copytree(RECIPES / "factual", folder / "factual", dirs_exist_ok=True)
    lines = (json.dumps({"text": t, "source": f"docs/{n}.txt"}) + "\n" for n, t in texts.items())
    (folder / "factual/data/chunks.jsonl").write_text("".join(lines), encoding="utf-8")
    with difficult(table) as (url, told), chdir(folder):
        words = [f"factual/{name}.yaml", "--output", "out", "--plain", *options]
        code = run(["run", *words, "--set=model=openai/difficult", f"--set=api_base={url}"])
    return Made(code, folder / "out", told)
