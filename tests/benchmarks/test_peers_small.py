"""The comparison with other tools, with pretended ones: nothing is installed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.kit import computed

TABLE = """
from peers import Measured, failed, table
from timing import Run

def tool(name, *walls, beside=2.0):
    return Measured(name, [Run(w, 4.0, 100.0, "") for w in walls], [w / beside for w in walls])

ours = Measured("atkc run", [Run(2.0, 1.0, 90.0, "")])
{peers}
print(table(ours, peers, 4000, bounded=True), end="")
print(failed(peers))
"""
HEAD = "               wall s  CPU ms/call  peak MB   x atkc   at least"
OURS = "atkc run         2.00         0.25       90"


@pytest.mark.parametrize(
    ("peers", "rows"),
    [
        pytest.param(
            "peers = [tool('slow', 12.0, 11.0, 10.0), tool('best', 9.0)]",
            [
                "slow            11.00         1.00      100      5.5   5        held",
                "best             9.00         1.00      100      4.5   4        held",
                "False",
            ],
            id="the best has the smaller bound",
        ),
        pytest.param(
            "peers = [tool('best', 9.0), tool('slow', 9.2)]",
            [
                "best             9.00         1.00      100      4.5   4        held",
                "slow             9.20         1.00      100      4.6   5        MISSED",
                "True",
            ],
            id="the rest a larger one",
        ),
        pytest.param(
            "peers = [tool('best', 9.0), Measured('gone', reason='no such package')]",
            [
                "best             9.00         1.00      100      4.5   4        held",
                "gone         left out: no such package",
                "False",
            ],
            id="who is left out misses none",
        ),
        pytest.param(
            "peers = [Measured('gone', reason='no such package')]",
            ["gone         left out: no such package", "True"],
            id="with nobody left there is no result",
        ),
    ],
)
def test_the_table_and_its_bounds(peers: str, rows: list[str]) -> None:
    assert computed(TABLE.replace("{peers}", peers)).splitlines() == [HEAD, OURS, *rows]


# A tool that asks twice for each record, one that asks too little and one that fails.
ASKS = """
import json, sys, urllib.request
records, api_base, output = sys.argv[1:]
for record in open(records):
    for _ in range({times}):
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": record}]})
        urllib.request.urlopen(api_base + "/chat/completions", body.encode()).read()
"""
FAILS = "import sys; sys.exit('ValueError: cannot be imported\\nsee the manual')"
CONTEST = """
import os, sys
from pathlib import Path
from peer_environments import Peer
from peers import Contest, ready
from run import Bench, Size

folder = Path({folder!r})
peers = [Peer(name, (), str(folder / f"{name}.py")) for name in ("asks", "lazy", "fails", "none")]
for peer in peers[:3]:
    peer.python(folder).parent.mkdir(parents=True)
    peer.python(folder).symlink_to(sys.executable)
    (folder / peer.name / "installed").touch()
able, left = ready(peers, folder, wanted=False)
(folder / "bench").mkdir()
for tool in [*Contest(Bench(folder / "bench", Size(12, 0.001, 2)), folder).rounds(able), *left]:
    print(tool.name, len(tool.runs), len(tool.ratios), tool.reason)
"""


def test_runs_by_turns_and_says_who_was_left_out_and_why(tmp_path: Path) -> None:
    for name, times in (("asks", "2"), ("lazy", "1")):
        (tmp_path / f"{name}.py").write_text(ASKS.replace("{times}", times), encoding="utf-8")
    (tmp_path / "fails.py").write_text(FAILS, encoding="utf-8")
    told = computed(CONTEST.replace("{folder!r}", repr(str(tmp_path)))).splitlines()
    assert told == [
        "atkc run 3 0 ",  # beside each run of the others
        "asks 2 2 ",
        "lazy 0 0 it made 12 calls instead of 24",
        "fails 0 0 ValueError: cannot be imported",
        "none 0 0 not installed; `--install` does it",
    ]


INSTALL = """
from pathlib import Path
from peer_environments import PEERS, Skipped, install, shell

folder, said = Path({folder!r}), []

def run(command):
    said.append(command[1:4])
    (folder / "curator").mkdir(exist_ok=True)

install(PEERS["curator"], folder, run)
install(PEERS["curator"], folder, run)
print([words[:2] for words in said])
try:
    shell(["python", "-c", "raise ValueError('no space left')"])
except Skipped as error:
    print(error)
"""


def test_installs_once_and_passes_on_why_not(tmp_path: Path) -> None:
    built, refused = computed(INSTALL.replace("{folder!r}", repr(str(tmp_path)))).splitlines()
    assert built == "[['-m', 'venv'], ['-m', 'pip'], ['-m', 'compileall']]"
    assert refused.endswith("ValueError: no space left")
