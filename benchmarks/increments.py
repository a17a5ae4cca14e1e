"""What three small edits cost after a run of 10,000 calls: one call, none, none.

    python benchmarks/increments.py                  10,000 rows, about a minute
    python benchmarks/increments.py --records 2000   fewer
    python benchmarks/increments.py --quick          40 rows

The calls are those that a stand-in server has seen. Ends with 1 if an edit made more than it must.
See README.md for what each line means.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import orjson
from lines import Line, ended, options_of
from run import HERE, Bench, Size
from standin import StandIn, standing_in
from timing import Run

_NEW = {"text": "Note 1000000: a row that was not there."}
_REFUSED = '  refuse: ["as a language model"]\n'  # a rule of the parser that no stored reply breaks


@dataclass(frozen=True, slots=True)
class Project:
    """A copy of increments.yaml and its prompt, to be edited, and its server."""

    bench: Bench
    server: StandIn

    @property
    def prompt(self) -> Path:
        return self.bench.folder / "question.yaml"

    def create(self) -> None:
        shutil.copy(HERE / "increments.yaml", self.bench.folder)
        shutil.copy(HERE / "prompts" / "question.yaml", self.prompt)

    def run(self, *sets: str) -> tuple[Run, int, list[dict[str, str]]]:
        """Return how a run went, the calls that it made, and the rows that it exported."""
        before = self.server.calls()
        given = [f"records={self.bench.records}", f"api_base={self.server.api_base}", *sets]
        words = [word for one in given for word in ("--set", one)]
        places = ["--cache", "cache", "--output", "out", "--plain"]
        run = self.bench.run(*self.bench.atkc, "run", "increments.yaml", *words, *places)
        lines = (self.bench.folder / "out/questions.jsonl").read_bytes().splitlines()
        return run, self.server.calls() - before, [orjson.loads(line) for line in lines]


def lines_of(project: Project) -> list[Line]:
    """Run once, then again after each edit."""
    size = project.bench.size
    project.create()
    first, calls, rows = project.run()
    assert (calls, len(rows)) == (size.records, size.records), (calls, len(rows), first.output)
    with project.bench.records.open("ab") as file:
        file.write(orjson.dumps(_NEW, option=orjson.OPT_APPEND_NEWLINE))
    appended, for_row, grown = project.run()
    assert grown[:-1] == rows, "the other rows changed"
    project.prompt.write_text(project.prompt.read_text("utf-8") + _REFUSED, "utf-8")
    edited, for_parser, again = project.run()
    assert again == grown, "stored replies were read in another way"
    widened, for_field, wider = project.run("more=true")
    assert [{**row, "letters": len(row["text"])} for row in grown] == wider, "the field is missing"
    return [
        Line("all rows: calls", "", [calls]),
        Line("  wall", "s", [first.wall]),
        Line("one row appended: calls", "", [for_row], 1),
        Line("  wall", "s", [appended.wall]),
        Line("parser edited: calls", "", [for_parser], 0),
        Line("  wall", "s", [edited.wall]),
        Line("unread field added upstream: calls", "", [for_field], 0),
        Line("  wall", "s", [widened.wall]),
    ]


def main() -> int:
    parser = options_of(__doc__, quick="few rows")
    parser.add_argument("--records", type=int, default=10_000, help="rows of the file")
    options = parser.parse_args()
    size = Size(40 if options.quick else options.records, 0.005, 1)
    with tempfile.TemporaryDirectory() as folder, standing_in(size.latency) as server:
        sys.stdout.write(
            f"{size.records} records of one call each; Python {sys.version.split()[0]}; "
            f"load {os.getloadavg()[0]:.1f}\n\n"
        )
        lines = lines_of(Project(Bench(Path(folder), size), server))
    return ended(lines, bounds=True)


if __name__ == "__main__":
    sys.exit(main())
