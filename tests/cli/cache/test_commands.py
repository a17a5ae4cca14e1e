"""`atkc cache`: what each command prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.cli.cache.shown import as_size, days_of, size_of
from atkc.cli.cache.stats import by_age
from atkc.cli.entry import run
from atkc.runtime.errors import UsageError
from atkc.runtime.keys import text_key
from atkc.runtime.storage.store import FILE, Tally
from tests.runtime.storage.kit import asked, fill, flip, held, sql

Said = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / ".atkc", range(20))
    return tmp_path / ".atkc"


@pytest.mark.parametrize("command", ["stats", "verify", "gc --unused"])
def test_looking_makes_no_cache(tmp_path: Path, capsys: Said, command: str) -> None:
    assert run(["cache", *command.split(), "--cache", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out == f"no cache in {tmp_path / 'none'}\n"
    assert not (tmp_path / "none").exists()


def test_stats_tell_models_ages_and_kinds(folder: Path, capsys: Said) -> None:
    assert run(["cache", "stats"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("cache .atkc: 20 entries, ")
    for word in ("openai/large", "call", "today"):
        assert word in said


def test_stats_as_data(folder: Path, capsys: Said) -> None:
    assert run(["cache", "stats", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["entries"] == told["kinds"]["call"]["entries"] == 20
    assert told["origins"]["openai/large"] == told["ages"]["today"] == told["kinds"]["call"]
    assert (told["generation"], told["corrupt_dropped"], told["runs"]) == (0, 0, [])
    assert told["bytes"] < told["file_bytes"]


def test_ages_are_counted_from_today() -> None:
    one = Tally(1, 10)
    days = dict.fromkeys((1001, 1000, 993, 992, 970, 969, 910, 909, 0), one)
    found = {age: tally.entries for age, tally in by_age(days, 1000).items()}
    assert found == {
        "today": 2,
        "up to 7 days": 1,
        "up to 30 days": 2,
        "up to 90 days": 2,
        "older": 2,
    }


def test_verify_finds_repairs_and_is_content(folder: Path, capsys: Said) -> None:
    assert run(["cache", "verify"]) == 0
    assert capsys.readouterr().out.endswith("the cache .atkc is sound\n")
    flip(folder, "value", text_key(asked(1)))
    for words in ([], ["--repair"]):
        assert run(["cache", "verify", *words]) == 1
        said = capsys.readouterr().out
        assert "error[ATK051]: 1 entries are not what was stored" in said
        assert ("dropped: they will be made again" in said) == bool(words)
    assert run(["cache", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == 19


def test_verify_saves_what_a_damaged_file_has(folder: Path, capsys: Said) -> None:
    replies = held(folder)
    with (folder / FILE).open("r+b") as file:
        file.write(b"\0" * 100)
    assert run(["cache", "stats"]) == 6
    assert "atkc cache verify --repair --cache .atkc" in capsys.readouterr().err
    assert run(["cache", "verify"]) == 1
    assert "error[ATK050]" in capsys.readouterr().out
    assert run(["cache", "verify", "--repair"]) == 1
    said = capsys.readouterr().out
    assert "a new cache was made of 20 whole entries; 0 were spoiled" in said
    assert "store.sqlite.damaged-1" in said
    assert held(folder) == replies
    assert run(["cache", "verify"]) == 0


def test_gc_without_a_choice_removes_nothing(folder: Path, capsys: Said) -> None:
    assert run(["cache", "gc"]) == 2
    assert "say what is to go" in capsys.readouterr().err
    assert len(held(folder)) == 20


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        (["--older-than", "30d"], 5),
        (["--older-than", "4w", "--model", "openai/large"], 5),
        (["--older-than", "60d"], 0),
        (["--unused"], 5),
        (["--kind", "value"], 0),
        (["--kind", "call"], 20),
        (["--generation", "0"], 20),
        (["--old-generations"], 0),
        (["--max-size", "1GB"], 0),
        (["--max-size", "0"], 20),
    ],
)
@pytest.mark.parametrize("dry", [False, True])
def test_gc_removes_what_is_named(
    folder: Path, capsys: Said, words: list[str], gone: int, dry: bool
) -> None:
    for number in range(5):
        sql(folder, "UPDATE entry SET day=day-50 WHERE key=?", text_key(asked(number)))
    assert run(["cache", "gc", *words, *(["--dry-run"] if dry else [])]) == 0
    deed = "would be removed" if dry else "removed"
    said = capsys.readouterr().out
    assert f"{gone} entries {deed}, " in said
    assert f"; {20 - gone} stay\n" in said
    assert len(held(folder)) == (20 if dry else 20 - gone)


def test_gc_as_data(folder: Path, capsys: Said) -> None:
    assert run(["cache", "gc", "--kind", "call", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (group,) = told["groups"]
    assert (group["kind"], group["origin"], group["entries"]) == ("call", "openai/large", 20)
    assert (told["entries"], told["left"], told["removed"], told["shrunk"]) == (20, 0, True, True)


def test_export_and_import(folder: Path, tmp_path: Path, capsys: Said) -> None:
    assert run(["cache", "export", "all.cache"]) == 0
    assert capsys.readouterr().out.startswith("20 entries in all.cache, ")
    assert run(["cache", "import", "all.cache", "--cache", "other"]) == 0
    assert capsys.readouterr().out == "20 entries came in, 0 were there already\n"
    assert held(tmp_path / "other") == held(folder)


def test_a_file_that_was_cut_off_is_told(folder: Path, tmp_path: Path, capsys: Said) -> None:
    assert run(["cache", "export", "all.cache"]) == 0
    data = (tmp_path / "all.cache").read_bytes()
    (tmp_path / "all.cache").write_bytes(data[:-10])
    capsys.readouterr()
    assert run(["cache", "import", "all.cache", "--cache", "other"]) == 1
    said = capsys.readouterr().out
    assert "error[ATK052]: `all.cache` was cut off" in said
    assert "20 entries came in" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["import", "missing"], 1, "ATK001"),
        (["import", "atkc.txt"], 1, "ATK052"),
        (["export", "x", "--cache", "none"], 2, "there is no cache in `none`"),
        (["export", "x", "--used-by", "outputs/a"], 6, "knows of no run into `outputs/a`"),
        (["gc", "--older-than", "soon"], 2, "`soon` is no age"),
        (["gc", "--max-size", "big"], 2, "`big` is no size"),
    ],
)
def test_what_cannot_be_done_is_told(
    folder: Path, tmp_path: Path, capsys: Said, words: list[str], code: int, said: str
) -> None:
    (tmp_path / "atkc.txt").write_text("hello\n", encoding="utf-8")
    assert run(["cache", *words]) == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    assert not (tmp_path / "x.part").exists()


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("10", 10), ("1KB", 1000), ("1.5 GB", 1_500_000_000), ("2g", 2 * 10**9)],
)
def test_sizes(text: str, size: int) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1", "1 XB", "1e3"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError):
        size_of(text)


@pytest.mark.parametrize(("text", "days"), [("0", 0), ("30d", 30), ("30", 30), ("2w", 14)])
def test_ages(text: str, days: int) -> None:
    assert days_of(text) == days


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (2_340_000, "2.3 MB")]
)
def test_sizes_as_people_read_them(count: int, text: str) -> None:
    assert as_size(count) == text
