"""A copy of the factual recipe with chunks of the test's own, run in this process."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from atkc.cli.entry import run
from tests.e2e.echoing import answering
from tests.e2e.kit import manifest, rows

RECIPES = Path(__file__).parents[2] / "recipes"
Row = dict[str, Any]

_PEOPLE = "Anna Berg, Jonas Falk, Clara Holm, Per Dahl, Ida Lund, Nils Aas, Eva Moe, Olav Ness"
_PLACES = "Brenn, Osterby, Tarnholm, Veld, Skarn, Lunde, Marby, Hove, Rasten, Fjelby"
_WORKS = (
    ("mill", "Its wheel has a diameter of {n} metres and grinds rye in the morning."),
    ("lock", "Ships are lifted by {n} metres because the river falls steeply."),
    ("chapel", "Its bell weighs {n} kilograms and is rung at noon."),
)


def chunk(n: int) -> Row:
    """Return a chunk; of three that follow each other none has the same matter."""
    what, more = _WORKS[n % 3]
    place = _PLACES.split(", ")[n // 3 % 10]
    who = _PEOPLE.split(", ")[n % 8]
    text = f"The {what} of {place} was built in {1700 + 7 * n} by {who}. {more.format(n=n + 3)}"
    return {"text": text, "source": f"{place}/{what}-{n}.txt".lower()}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A folder with the recipe; `probe` are steps whose records are written out as well."""

    folder: Path
    name: str
    capture: pytest.CaptureFixture[str]

    def run(self, *options: str, code: int = 0) -> tuple[int, int, int]:
        """Run it; return calls, replies from the cache and failed records."""
        assert run(["run", f"factual/{self.name}.yaml", "--output", "out", *options]) == code
        told = self.capture.readouterr()
        numbers = re.findall(r"\d+", told.out.splitlines()[-1])
        calls, cached, failed = (int(n) for n in numbers)
        return calls, cached, failed

    def refused(self, *options: str) -> str:
        """Return what is said where it cannot be run."""
        assert run(["run", f"factual/{self.name}.yaml", "--output", "out", *options]) == 1
        return self.capture.readouterr().err

    def rows(self, name: str) -> list[Row]:
        """Return the rows of an output."""
        path = self.folder / "out" / name
        return list(json.loads(path.read_bytes())) if path.suffix == ".json" else rows(path)

    def step(self, name: str) -> list[Row]:
        """Return what a probed step let through."""
        return self.rows(f"probe/{name}.jsonl")

    def bytes(self) -> dict[str, bytes]:
        """Return the files of the recipe's own outputs."""
        found = (self.folder / "out").glob("*.json*")
        kept = (p for p in found if p.name not in ("manifest.json", "events.jsonl"))
        return {p.name: p.read_bytes() for p in kept}

    def ledger(self) -> dict[str, Any]:
        """Return the ledger of the last run, by step."""
        return dict(manifest(self.folder / "out")["ledger"])


def recipe(
    folder: Path,
    name: str,
    capture: pytest.CaptureFixture[str],
    chunks: Sequence[Row],
    probe: Sequence[str] = (),
) -> Recipe:
    """Copy the recipe, with these chunks as its data."""
    (folder / "atkc.toml").touch()
    shutil.copytree(RECIPES / "factual", folder / "factual")
    path = folder / f"factual/{name}.yaml"
    spec = yaml.safe_load(path.read_text("utf-8"))
    for step in probe:
        to = f"probe/{step}.jsonl"
        spec["steps"][f"probe_{step}"] = {
            "type": "export", "from": step, "format": "jsonl", "path": to
        }  # fmt: skip
    path.write_text(yaml.safe_dump(spec, sort_keys=False), "utf-8")
    lines = (json.dumps(row) + "\n" for row in chunks)
    (folder / "factual/data/chunks.jsonl").write_text("".join(lines), "utf-8")
    return Recipe(folder, name, capture)


def params_of(name: str) -> set[str]:
    """Return the names of a recipe's parameters."""
    spec = yaml.safe_load((RECIPES / f"factual/{name}.yaml").read_text("utf-8"))
    return set(spec["params"])


Script = Callable[[str, int], tuple[str, str]]  # (source, n-th call) -> (text, finish reason)


@contextmanager
def scripted(script: Script) -> Iterator[tuple[list[str], dict[str, int]]]:
    """Serve a model that answers by source; yield the options that name it, and its calls."""
    calls: dict[str, int] = {}

    def answer(_authorization: str, request: Row) -> tuple[int, Row]:
        asked = next(
            m["content"] for m in request["messages"][::-1] if "Source name" in m["content"]
        )
        source = re.findall(r"^Source name: (.*)$", asked, re.MULTILINE)[-1]
        calls[source] = calls.get(source, 0) + 1
        text, reason = script(source, calls[source])
        choice = {
            "index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason
        }  # fmt: skip
        usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
        return 200, {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}

    with answering(answer) as url:
        yield ["--set=model=openai/scripted", f"--set=api_base={url}"], calls
