"""How many model calls the factual recipe makes, beside what the pipeline it replaces would make.

    python benchmarks/calls.py    the shipped examples, default settings, half a minute

Both make the same outputs: so many chunks, ways, rewrites, checked pairs, thoughts, dialogues and
corrections. Of the original its formulae count: it judges each chunk anew for each part, way and
repeat, and asks every ballot of a vote. Where it would ask for more than the formulae say (chunks
that were refused come back, failed items are asked for six times) nothing is added; what only this
recipe does (repeated chunks and questions sorted out, corrections confirmed) is counted on our side
alone. This recipe asks for all checks of a pair in one vote, the original for each by itself, of
pairs that passed the check before. Ends with 1 if the bound, half of the original's calls, is
missed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from run import Bench, Size

BOUND = 0.5  # of the original's calls
SECONDS = 60.0  # the whole recipe on the examples, with the offline model
# What a refusal calls a check, and the setting that leaves it out: in the order of asking.
CHECKS = {
    "question": "skip_question_check",
    "relevancy": "skip_answer_relevancy_check",
    "accuracy": "skip_answer_accuracy_check",
}


class Ledger:
    """The records that came to steps, by their names."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._rows: list[dict[str, Any]] = manifest["ledger"]

    def came(self, part: str, *, out: bool = False, label: str = "") -> int:
        """Return how many records came to (went out of) all instances of a step: `part.step`.

        With a label, to those whose address holds it.
        """
        module, _, step = part.rpartition(".")
        return sum(
            row["out" if out else "came"]
            for row in self._rows
            if row["step"].rpartition(".")[2] == step
            and row["step"].startswith(module)
            and label in row["step"]
        )


def separate_checks(
    ledger: Ledger, ways: list[dict[str, Any]], refused: list[dict[str, Any]]
) -> int:
    """Return how many votes our pairs would take: after a refusal no later check is made."""
    votes = 0
    for way in ways:
        checks = [name for name, skip in CHECKS.items() if not way[skip]]
        votes += ledger.came("recall.pair_check", label=f"/{way['name']}/") * len(checks)
        for row in refused:
            if row["way"] == way["name"] and row["rejected_by"].endswith(".pair_check"):
                named = {reason.partition(":")[0] for reason in row["reasons"]}
                votes -= len(checks) - 1 - min(checks.index(name) for name in named & {*checks})
    return votes


def original(
    ledger: Ledger,
    params: dict[str, Any],
    talks: list[dict[str, Any]],
    refused: list[dict[str, Any]],
) -> Iterator[tuple[str, int]]:
    """Yield what the original would ask in each part."""
    before = ledger.came(
        "variation_passages.kept"
    )  # chunks judged: equal steps of all parts are one, called like the first
    kept = ledger.came("variation_passages.kept", out=True)
    ways, repeats = len(params["factual_sft"]), params["number_of_factual_sft_generations_to_do"]
    rewrites = ledger.came("represented.rewritten", out=True)
    further = ledger.came("represented.rewritten_further", out=True)
    ballots = separate_checks(ledger, params["factual_sft"], refused) * params["votes"]
    yield "cleaning", ledger.came("cleaned.cleaned")
    yield "pretraining texts, plain and inferred", 2 * (before + kept) + kept + rewrites + further
    yield "judging chunks and asking, each way and repeat", ways * repeats * (before + kept)
    yield "checks of questions and answers", ballots + ledger.came("recall.repair")
    yield "thoughts", sum(t["from"] == "gpt" for c in talks for t in c["conversations"])
    yield "retrieved texts", before + kept
    yield "corrections", before + kept


def _rows(folder: Path, pattern: str) -> list[dict[str, Any]]:
    files = sorted(folder.glob(pattern))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def main() -> int:
    """Run the recipe once; print both counts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = Bench(folder, Size(2, 0, 1))
        began = time.monotonic()
        bench.run(*bench.atkc, "run", "recipes/factual.yaml", "--plain", "--output", "out")
        took = time.monotonic() - began
        manifest = json.loads((folder / "out/manifest.json").read_bytes())
        talks = _rows(folder, "out/sft_run/combined_factual_data/*.jsonl")
        refused = _rows(folder, "out/rejected_pairs_*.jsonl")
    params = manifest["params"]
    parts = list(original(Ledger(manifest), params, talks, refused))
    for words, calls in parts:
        print(f"{words:50}{calls:8,}")
    theirs, ours = sum(calls for _, calls in parts), manifest["run"]["calls"]
    print(f"{'the original, by its formulae':50}{theirs:8,}")
    print(f"{'this recipe':50}{ours:8,}   {ours / theirs:.2f} × (bound {BOUND})")
    print(f"{'wall, seconds':50}{took:8.1f}   (bound {SECONDS:.0f}; {os.cpu_count()} cores)")
    return int(ours > BOUND * theirs or took > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
