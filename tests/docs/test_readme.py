"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from atkc.cli.entry import run

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def block(mark: str) -> str:
    """Return the fenced block behind a comment of the README."""
    found = re.search(rf"<!-- {mark} -->\n```\w*\n(.*?)\n```", README, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "demo"]) == 0
    monkeypatch.chdir(tmp_path / "demo")
    return tmp_path / "demo"


def test_the_sixty_seconds(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["run", "spec.yaml"]) == 0
    assert capsys.readouterr().out.strip() == block("said")
    pairs = (demo / "outputs/checked-questions/sft/pairs.jsonl").read_text(encoding="utf-8")
    assert set(block("pairs").splitlines()) <= set(pairs.splitlines())
    assert run(["run", "spec.yaml"]) == 0
    assert capsys.readouterr().out.endswith("0 model calls, 17 from cache, 0 records failed\n")


def test_the_lint_finding(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompt = demo / "prompts/ask.yaml"
    text = prompt.read_text(encoding="utf-8")
    prompt.write_text(text.replace("{{ text }}", "{{ txt }}"), encoding="utf-8")
    capsys.readouterr()
    assert run(["lint", "spec.yaml"]) == 1
    assert capsys.readouterr().out.strip() == block("lint")
