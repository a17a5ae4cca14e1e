"""A module used by a small spec, on rows of the test, with a model whose replies are planted."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from atkc.cli.entry import run
from tests.e2e.echoing import answering
from tests.e2e.kit import files, manifest, rows

RECIPES = Path(__file__).parents[2] / "recipes" / "factual"
# What the model says to a request: the marker word that it holds, and the request itself.
Reply = Callable[[str, list[dict[str, str]]], str]
CUT = "\0"  # ends a reply that was cut off at its greatest length


@dataclass
class Asked:
    """What the endpoint was asked, by marker."""

    counts: Counter[str] = field(default_factory=Counter)
    messages: dict[str, list[list[dict[str, str]]]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Ran:
    """A run that has ended."""

    code: int
    folder: Path
    asked: Asked

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of an output, none if it was not written."""
        path = self.folder / name
        return rows(path) if path.exists() else []

    def files(self) -> dict[str, bytes]:
        """Return what two equal runs have in common."""
        return files(self.folder)

    def ledger(self, step: str) -> dict[str, Any]:
        """Return the books of a step."""
        (told,) = [row for row in manifest(self.folder)["ledger"] if row["step"] == step]
        return dict(told)


def completion(text: str) -> tuple[int, dict[str, Any]]:
    """Return what an endpoint sends."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text.removesuffix(CUT)},
        "finish_reason": "length" if text.endswith(CUT) else "stop",
    }
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return 200, {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}


def served(folder: Path, words: Sequence[str], reply: Reply) -> Ran:
    """Run the command line against an endpoint; markers are words such as `m-fog` in requests."""
    asked = Asked()

    def answer(authorization: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        messages = request["messages"]
        own = [m["content"] for m in messages if m["role"] == "user"]
        found = [w for text in reversed(own) for w in re.findall(r"m-\w+", text)]
        marker = found[-1] if found else ""
        asked.counts[marker] += 1
        asked.messages.setdefault(marker, []).append(messages)
        asked.keys.add(authorization)
        return completion(reply(marker, messages))

    with answering(answer) as url, chdir(folder):  # the cache is the folder's own
        given = [word.replace("{url}", url) for word in words]
        code = run(["run", *given, "--output", str(folder / "out"), "--plain"])
    return Ran(code, folder / "out", asked)


def used(
    folder: Path,
    module: str,
    source: Mapping[str, Any],
    reply: Reply,
    params: Mapping[str, Any] | None = None,
    carry: Sequence[str] = (),
) -> Ran:
    """Run a spec that uses a module; each of its outputs becomes a file of its name."""
    path = RECIPES / module
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    (slot,) = recipe["models"]
    (entry,) = recipe["inputs"]
    use = {
        "type": "use",
        "use": f"recipes/{module}",
        "from": {entry: "given"},
        "params": dict(params or {}),
        "models": {slot: "m"},
        "carry": list(carry),
    }
    steps: dict[str, Any] = {"given": {"type": "source", "read": "inline", **source}, "used": use}
    for name in recipe["outputs"]:
        file = {"format": "jsonl", "path": f"{name}.jsonl", "empty": "skip"}
        steps[name] = {"type": "export", "from": f"used.{name}", **file}
    spec = {
        "atkc": 1,
        "name": "using",
        "params": {"url": {"type": "string"}},
        "endpoints": {"e": {"api_base": "${params.url}"}},
        "models": {"m": {"model": "openai/m", "endpoint": "e", "revision": "1"}},
        "steps": steps,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "atkc.toml").touch()
    target = folder / "recipes"
    if not target.exists():
        shutil.copytree(RECIPES, target)
    (folder / "spec.yaml").write_text(json.dumps(spec), encoding="utf-8")
    return served(folder, [str(folder / "spec.yaml"), "--set", "url={url}"], reply)


def shown(ran: Ran, name: str, number: int) -> bool:
    """Return whether the page on recipes shows a line of an output, as it is now."""
    page = (RECIPES.parent / "README.md").read_text(encoding="utf-8")
    line = (ran.folder / name).read_text(encoding="utf-8").splitlines()[number]
    return f"\n    {line}\n" in page
