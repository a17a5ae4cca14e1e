"""The benchmark of slow replies, small: it runs to its end, and its server draws as it says."""

from __future__ import annotations

import pytest

from tests.benchmarks.kit import computed, printed

LINES = (
    "by hand: wall",
    "`atkc run`: wall",
    "against by hand",
    "last 1 % of the records",
    "`atkc run` with `hedge:`: wall",
    "against without",
    "calls more",
)


@pytest.fixture(scope="module")
def table() -> str:
    return printed("long_tail.py", "--quick")


def test_says_what_it_measured(table: str) -> None:
    assert table.startswith(
        "200 records, 400 calls, lognormal with median 10 ms and sigma 0.8, 100 "
    )


@pytest.mark.parametrize("name", LINES)
def test_has_the_line(table: str, name: str) -> None:
    assert f"{name} " in table


def test_hedges_keep_to_their_share(table: str) -> None:
    (line,) = [line for line in table.splitlines() if "calls more" in line]
    assert float(line.split()[2]) <= 5.0


DRAWN = """
from server import Server
def asked(text, form, turns=1):
    return {"messages": [{"content": f"Ask.\\n\\n{text}\\n\\n{form}"}] * turns}
one, other, further = Server(0.4, 0.8), Server(0.4, 0.8), Server(0.4, 0.8)
further.begin(1)
print(*(round(server.arrived(what), 6) for server, what in (
    (one, asked("a", "as JSON")),
    (other, asked("b", "x")),
    (other, asked("a", "in words")),
    (other, asked("a", "as JSON")),
    (other, asked("a", "as JSON", 3)),
    (further, asked("a", "as JSON")),
)))
print(sorted(one.arrived(asked(str(n), "")) for n in range(2001))[1000])
"""


def test_latencies_are_drawn_by_seed_content_attempt_and_arrival() -> None:
    first, median = computed(DRAWN).splitlines()
    one, *others = first.split()
    assert others[1] == one  # the same question, for whichever client and in whichever order
    assert len({one, *others}) == 5
    assert float(median) == pytest.approx(0.4, rel=0.06)
