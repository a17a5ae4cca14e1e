"""Every example of docs/language.md: compiled, and run with the offline model where it says so.

A block's first line tells what it is:

    yaml file PATH                  a file that all examples of the page find in their project
    yaml spec [PATH]                compiles without a finding
    yaml spec run [PATH]            and runs to its end; the blocks below it are compared
    yaml spec exit=4 [PATH]         the same with another exit code
    yaml spec error ATKnnn          is refused with that code, on the line whose comment names it
    jsonl output PATH               a file of the run above, below its output folder
    text printed                    what the command above printed

`UPDATE_GOLDEN=1 pytest tests/docs` writes the `output` and `printed` blocks anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from atkc.cli.entry import run
from atkc.cli.loading import Chosen, compiled

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "docs" / "language.md",)
FENCE = re.compile(
    r"^```(\w+) +(file|spec|output|printed)\b *(.*)\n((?:.*\n)*?)^```$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Block:
    """A marked block of a page; `start` is the offset of its text."""

    kind: str
    words: tuple[str, ...]
    text: str
    start: int
    line: int
    number: int  # among the blocks of the page

    @property
    def path(self) -> str:
        named = [w for w in self.words if "." in w]
        return named[0] if named else "spec.yaml"


@dataclass(slots=True)
class Example:
    """A spec and what it leaves."""

    page: Path
    spec: Block
    results: list[Block] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.page.stem}:{self.spec.line}"


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for number, m in enumerate(FENCE.finditer(text)):
        line = text.count("\n", 0, m.start()) + 1
        yield Block(m[2], tuple(m[3].split()), m[4], m.start(4), line, number)


def examples(page: Path) -> list[Example]:
    found: list[Example] = []
    for block in blocks(page):
        if block.kind == "spec":
            found.append(Example(page, block))
        elif block.kind != "file":
            found[-1].results.append(block)
    return found


EXAMPLES = [example for page in PAGES for example in examples(page)]
GOOD = [e for e in EXAMPLES if "error" not in e.spec.words]
BAD = [e for e in EXAMPLES if "error" in e.spec.words]
RUN = [e for e in GOOD if "run" in e.spec.words or any(w[:5] == "exit=" for w in e.spec.words)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project in the working directory, without the user's environment."""
    for name in list(os.environ):
        if name.startswith("ATKC_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "atkc.toml").touch()
    return tmp_path


def lay_out(project: Path, example: Example) -> str:
    """Write the files of the page and the spec; return the spec's path."""
    named = [b for b in blocks(example.page) if b.kind == "file" or b.path != "spec.yaml"]
    for block in [*(b for b in named if b.kind in ("file", "spec")), example.spec]:
        target = project / block.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8", newline="\n")
    return example.spec.path


@pytest.mark.parametrize("example", GOOD, ids=lambda e: e.name)
def test_compiles_without_a_finding(example: Example, project: Path) -> None:
    done = compiled(Chosen(lay_out(project, example)))
    assert [d.message for d in done.diagnostics] == []
    assert done.plan is not None


@pytest.mark.parametrize("example", BAD, ids=lambda e: e.name)
def test_is_refused_where_it_says(example: Example, project: Path) -> None:
    code = example.spec.words[example.spec.words.index("error") + 1]
    done = compiled(Chosen(lay_out(project, example)))
    marked = [
        (code, path, number)
        for path, source in done.sources.items()
        for number, line in enumerate(source.text.splitlines(), 1)
        if f"# {code}" in line
    ]
    assert [(d.code, d.span.path, d.span.line) for d in done.diagnostics if d.span] == marked


@pytest.mark.parametrize("example", RUN, ids=lambda e: e.name)
def test_runs_and_leaves_what_it_shows(
    example: Example, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = next((int(w[5:]) for w in example.spec.words if w.startswith("exit=")), 0)
    code = run(["run", lay_out(project, example), "--output", "out", "--plain"])
    printed = capsys.readouterr()
    assert code == wanted, printed.err
    made = [(b, _made(project, b, printed.out)) for b in example.results]
    if os.environ.get("UPDATE_GOLDEN"):
        _renew(example.page, made)
        return
    assert made == [(b, b.text) for b in example.results]


def _made(project: Path, block: Block, printed: str) -> str:
    if block.kind == "printed":
        return printed
    text = (project / "out" / block.path).read_text(encoding="utf-8")
    return text.replace(str(project), "…")


def _renew(page: Path, made: list[tuple[Block, str]]) -> None:
    """Replace the blocks of one example by what was made; other examples may have moved them."""
    for block, new in made:
        text = page.read_text(encoding="utf-8")
        now = list(blocks(page))[block.number]
        text = text[: now.start] + new + text[now.start + len(now.text) :]
        page.write_text(text, encoding="utf-8", newline="\n")


def test_the_page_has_examples_of_each_sort() -> None:
    assert GOOD
    assert BAD
    assert RUN
