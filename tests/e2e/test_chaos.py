"""`atkc chaos`: it holds what a run promises, and finds planted breaches."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError

import pytest

from atkc.cli.chaos.command import held
from atkc.cli.chaos.endpoint import NOTHING, Endpoint
from atkc.cli.chaos.options import ChaosOptions, Unrest
from atkc.cli.chaos.verdict import Verdict
from atkc.cli.entry import run
from atkc.cli.loading import Chosen, plan_to_run
from tests.e2e.kit import Project, wait_for
from tests.faults.zoo import CONTENTS, make_zoo

WRAPPER = """\
import json, runpy, shutil, sys
from pathlib import Path
from atkc.cli.entry import run
words = sys.argv[1:]
if words[0] == "run":
    cache = Path(words[words.index("--cache") + 1])
    output = Path(words[words.index("--output") + 1])
    {before}
code = run(words)
if words[0] == "run":
    {after}
sys.exit(code)
"""


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = make_zoo(tmp_path / "zoo")
    monkeypatch.chdir(project.folder)
    monkeypatch.setenv("PYTHONPATH", project.variables({})["PYTHONPATH"])
    return project


def trial(project: Project, before: str = "pass", after: str = "pass", kills: int = 3) -> Verdict:
    """Hold a trial of a command that does something wrong, against a well-behaved endpoint."""
    wrapper = project.write("wrapper.py", WRAPPER.format(before=before, after=after))
    calm = Unrest(0, 0, 0, 0, latency=0.1)
    atkc = (sys.executable, str(wrapper))
    options = ChaosOptions(kills=kills, seed=1, concurrency=2, timeout=30, unrest=calm, atkc=atkc)
    folder = project.folder / "chaos"
    folder.mkdir()
    return held(plan_to_run(Chosen("spec.yaml")), options, folder)


def codes(verdict: Verdict) -> set[str]:
    return {found.code for found in verdict.broken}


def test_killed_runs_end_like_one_that_nothing_disturbs(
    zoo: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(zoo.folder.rglob("*"))
    words = ["--kills", "5", "--concurrency", "4", "--timeout", "20", "--latency", "0.02"]
    assert run(["chaos", "spec.yaml", *words, "--hang", "0", "--nonsense", "0.1"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    lines = told.out.splitlines()
    assert lines[0].startswith("undisturbed: ")
    assert [line.split()[0] for line in lines[2:7]] == ["1", "2", "3", "4", "5"]
    assert lines[7].startswith("5 kills: ")
    made, equal = lines[7].split(), lines[8].split()
    assert int(made[made.index("again;") - 3]) <= int(made[made.index("again;") + 1])
    assert equal[0] == equal[2] != "0"
    assert sorted(zoo.folder.rglob("*")) == before  # neither cache nor outputs of the user


def test_all_is_counted_once_where_nothing_is_wrong(zoo: Project) -> None:
    verdict = trial(zoo, kills=2)
    assert verdict.broken == []
    assert sum(verdict.calm.asked) == CONTENTS
    assert sum(verdict.asked) == CONTENTS + sum(verdict.repeated)
    assert sum(verdict.repeated) == sum(verdict.lost)


def test_a_kill_comes_where_it_is_wanted(zoo: Project, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--at", "0.5", "--latency", "0.1", "--concurrency", "2", "--timeout", "30"]
    calm = [
        word for fault in ("rate-429", "rate-500", "drop", "hang") for word in (f"--{fault}", "0")
    ]
    assert run(["chaos", "spec.yaml", *words, *calm]) == 0
    (kill,) = [line.split() for line in capsys.readouterr().out.splitlines()[2:-2]]
    asked, opened = int(kill[3]), int(kill[4])
    assert CONTENTS // 2 <= asked < CONTENTS
    assert opened > 0


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("shutil.rmtree(cache, ignore_errors=True)", "pass", "ATK091"),
        ("pass", "open(next(output.glob('*.jsonl')), 'a').write(str(id(words)) + '\\n')", "ATK090"),
        ("sys.exit(7) if cache.exists() else None", "pass", "ATK092"),
    ],
    ids=["the store is dropped", "a file differs", "it does not go on"],
)
def test_a_planted_breach_is_found(zoo: Project, before: str, after: str, code: str) -> None:
    assert code in codes(trial(zoo, before, after))


def test_nothing_runs_on_when_it_is_ended(zoo: Project) -> None:
    words = [sys.executable, "-m", "atkc", "chaos", "spec.yaml", "--keep", "kept"]
    running = subprocess.Popen([*words, "--latency", "5"], cwd=zoo.folder, stdout=subprocess.PIPE)
    plan = zoo.folder / "kept/plan.json"
    wait_for(lambda: plan.exists() and plan.stat().st_size)
    url = json.loads(plan.read_bytes())["models"]["one"]["endpoint"]["api_base"]
    assert Endpoint(url).seen().asked == NOTHING
    running.terminate()
    running.communicate(timeout=20)
    assert running.returncode == 130
    with pytest.raises(URLError):
        Endpoint(url).seen()


def test_a_spec_that_fails_undisturbed_is_told_at_once(
    zoo: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    zoo.change("spec.yaml", "accept: 4}", "accept: 99, shortage: error}")
    assert run(["chaos", "spec.yaml", "--kills", "1", "--keep", "kept"]) == 1
    told = capsys.readouterr()
    assert "error[ATK093]: the run ends with exit code 1 when nothing disturbs it" in told.err
    assert "ATK750" in told.err
    assert f"all of it is in {zoo.folder / 'kept'}" in told.out
    assert (zoo.folder / "kept/plan.json").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rate-429", "0.4", "--drop", "0.4"], "half of the requests"),
        (["--nonsense", "0.6", "--cut-off", "0.6"], "half of the requests"),
        (["--keep", "."], "is not an empty folder"),
    ],
)
def test_options_that_cannot_be_are_refused(
    zoo: Project, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["chaos", str(zoo.folder / "spec.yaml"), *words]) == 2
    assert said in capsys.readouterr().err
