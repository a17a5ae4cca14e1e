"""A difficult model in each step of the factual recipe: what is kept, mended, refused and lost."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from atkc.cli.entry import run
from tests.e2e.kit import manifest
from tests.recipes.behaviours import FINE, REFUSED, UNUSABLE, Planted
from tests.recipes.difficult import Asked, Behaviour, difficult, words_for
from tests.recipes.kit import RECIPES


def text_of(name: str) -> str:
    """Return some fifty words about a document; no two documents have many in common."""
    told = (f"Item {n} of it is {words_for(name, n)}." for n in range(1, 5))
    return f"The tower m-{name} stands on 4 pillars. {' '.join(told)}"


@dataclass(frozen=True)
class Part:
    """A sub-recipe and one kind of request in it: where it is asked, how often, what is written."""

    recipe: str
    kind: str
    step: str
    attempts: int
    kept: str
    rejected: str = ""
    options: tuple[str, ...] = ()
    records: int = 1  # that come to the step, per document
    also: str = ""  # a step that meets the same replies
    then: str = "failed"  # or `kept`, where what fails stays as it was


_OFF = "--set=filter=false"
_ONE_WAY = ("--set=ways=[{name: openended}]", "--set=votes=1")
_APART = "--set=checks_together=false"
_PRETRAINING = (_OFF, "--set=variations=1", "--set=code_variation_functions=[]")
_PROBED = "probe/{}.jsonl"


def _represent(kind: str, step: str) -> Part:
    return Part("represent", kind, step, 3, _PROBED.format(step), options=_PRETRAINING)


def _recall(kind: str, step: str, attempts: int, *more: str) -> Part:
    return Part(
        "recall", kind, f"asked/openended/0.{step}", attempts,
        "conversations.jsonl", "rejected_pairs.jsonl", (*_ONE_WAY, *more),
    )  # fmt: skip


PARTS = [
    Part("passages", "judge", "kept", 3, "chunks.jsonl", "rejected_chunks.jsonl"),
    Part("clean", "clean", "cleaned", 3, "cleaned.jsonl", "kept_raw.jsonl", then="kept"),
    Part("represent", "judge", "good", 3, _PROBED.format("good"), options=_PRETRAINING[1:]),
    _represent("facts", "atomic"),
    _represent("infer", "inferred"),
    _represent("rewrite", "rewritten"),
    _represent("further", "rewritten_further"),
    _recall("ask", "ask", 4),
    _recall("pair", "pair_check", 3),
    _recall("question", "question_check", 3, _APART),
    _recall("relevancy", "relevancy", 3, _APART),
    _recall("accuracy", "accuracy", 3, _APART),
    _recall("repair", "repair", 3),
    _recall("talk", "told", 3, "--set=conversation=true"),
    Part("rag", "judge", "good", 3, "sources.jsonl", "rejected_chunks.jsonl", also="good_pool"),
    Part("rag", "rag", "dialogue", 4, "sources.jsonl", options=(_OFF,)),
    Part(
        "correct", "judge", "good", 3,
        "axolotl_correction_conversations.json", "rejected_corrections.jsonl",
    ),
    Part("correct", "mistake", "mistaken", 4, "axolotl_correction_conversations.json",
         options=(_OFF,)),
    Part(
        "correct", "confirm", "confirmed", 3,
        "axolotl_correction_conversations.json", "rejected_corrections.jsonl",
        (_OFF, "--set=votes=1"),
    ),
    Part(
        "think", "think", "thought", 3, "conversations.jsonl", "without_thought.jsonl",
        ("--set=remove_thought_process_ratio=0",), records=2, then="kept",
    ),
]  # fmt: skip


def planted(kind: str) -> dict[str, tuple[Planted, Behaviour]]:
    """Return the documents of a kind of request: their behaviours, by name."""
    found = {name: (p, p.always()) for name, p in (FINE | REFUSED).items() if p.fits(kind)}
    for name, p in UNUSABLE.items():
        if p.fits(kind):
            found[name] = (p, p.always())
            found[f"{name}_once"] = (p, p.at_first())
    return found


@dataclass(frozen=True)
class Made:
    """What a run left."""

    code: int
    folder: Path
    asked: Asked

    def lines(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        if not path.exists():
            return []
        text = path.read_text(encoding="utf-8")
        return (
            json.loads(text) if path.suffix == ".json" else list(map(json.loads, text.splitlines()))
        )

    def names(self, name: str) -> list[str]:
        """Return the document of each line of a file, in order of their names."""
        return sorted(_name(line) for line in self.lines(name))

    def books(self, step: str) -> dict[str, Any]:
        (row,) = [r for r in manifest(self.folder)["ledger"] if r["step"] == step]
        return dict(row)

    def lost(self) -> dict[str, int]:
        """Return the steps in which something failed, and how much."""
        rows = manifest(self.folder)["ledger"]
        return {r["step"]: r["failed"] for r in rows if r.get("failed")}


def _name(line: dict[str, Any]) -> str:
    """Return a line's own document: by its source, else the first marker."""
    source = line.get("source")
    if isinstance(source, str):
        return Path(source).stem
    return re.findall(r"m-(\w+)", json.dumps(line))[0]


def _data(recipe: str, folder: Path, names: list[str]) -> None:
    """Write the documents in the form that a sub-recipe reads."""
    rows: dict[str, list[dict[str, Any]]] = {"chunks": [], "documents": [], "conversations": []}
    (folder / "docs").mkdir()
    for name in names:
        text = text_of(name)
        (folder / f"docs/{name}.txt").write_text(text, encoding="utf-8")
        chunk = {"text": text, "source": f"docs/{name}.txt"}
        rows["chunks"].append(chunk)
        rows["documents"].append({**chunk, "format": "pdf", "pages": [], "headings": []})
        turns = [("user", f"What of m-{name}?"), ("assistant", f"It is m-{name}.")]
        rows["conversations"].append({"turns": [{"role": r, "content": c} for r, c in turns]})
    for file, found in rows.items():
        lines = "".join(json.dumps(row) + "\n" for row in found)
        (folder / f"factual/data/{file}.jsonl").write_text(lines, encoding="utf-8")


def make(part: Part, folder: Path, table: dict[str, Behaviour]) -> Made:
    """Run a sub-recipe on one document per behaviour of its kind of request."""
    (folder / "atkc.toml").touch()
    shutil.copytree(RECIPES / "factual", folder / "factual")
    path = folder / f"factual/{part.recipe}.yaml"
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    if part.recipe == "passages":
        spec["inputs"]["documents"]["default"]["with"]["path"] = "../docs"
    if part.kept.startswith("probe"):
        probe = {"type": "export", "from": part.step, "format": "jsonl", "path": part.kept}
        spec["steps"]["probe"] = probe
    path.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    _data(part.recipe, folder, list(table))
    with difficult({(part.kind, name): b for name, b in table.items()}) as (url, asked):
        words = [f"factual/{part.recipe}.yaml", "--output", "out", "--plain", *part.options]
        code = run(["run", *words, "--set=model=openai/difficult", f"--set=api_base={url}"])
    return Made(code, folder / "out", asked)


@pytest.mark.parametrize("part", PARTS, ids=lambda p: f"{p.recipe}-{p.kind}")
def test_planted_faults_are_counted_and_nothing_else_is_lost(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    documents = planted(part.kind)
    made = make(part, tmp_path, {name: behaviour for name, (_, behaviour) in documents.items()})
    comes = {name: _comes(name, p, part.kind) for name, (p, _) in documents.items()}
    kept = sorted(name for name, what in comes.items() if what == "kept")
    rejected = sorted(name for name, what in comes.items() if what == "rejected")
    failed = {name: what for name, what in comes.items() if what not in ("kept", "rejected")}

    books = made.books(part.step)
    assert books["came"] == len(documents) * part.records
    if part.then == "kept":
        assert made.lost() == {}
        assert books["out"] == books["came"]
        assert made.names(part.kept) == sorted(documents)
        told = {_name(line): line["reason"] for line in made.lines(part.rejected)}
        assert told == failed
    else:
        assert made.lost() == {step: len(failed) for step in (part.step, part.also) if step}
        found = {key: books.get(key, 0) for key in ("out", "filtered", "failed")}
        wanted = {"out": len(kept), "filtered": len(rejected), "failed": len(failed)}
        assert found == wanted or part.kind == "repair"
        assert set(made.names(part.kept)) == set(kept)
        if part.rejected:
            assert made.names(part.rejected) == rejected
            assert all(all(line["reasons"]) for line in made.lines(part.rejected))
        records = made.lines(f"failed/{part.step.replace('/', '-')}.jsonl")
        assert {_name(line): line["failure"]["kind"] for line in records} == failed
    assert made.code == (4 if failed and part.then == "failed" else 0)
    for name in documents:
        again = part.attempts - 1 if name in failed else name.endswith("_once")
        assert made.asked.again[part.kind, name] == again, name
        assert made.asked.calls[part.kind, name] == 1 + again, name


def _comes(name: str, planted: Planted, kind: str) -> str:
    return "kept" if name.endswith("_once") else planted.outcome(kind)
