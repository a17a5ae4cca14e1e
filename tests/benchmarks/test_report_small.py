"""The benchmark of the report, small: it runs with and without one and prints each number."""

from __future__ import annotations

from tests.benchmarks.kit import printed


def test_each_line_has_its_number() -> None:
    lines = printed("report.py", "--quick").splitlines()
    told = {line[:40].strip(): line[40:].split()[:1] for line in lines[1:]}
    assert [*told] == [
        "from the cache: CPU",
        "without the report: CPU",
        "the report: CPU",
        "share of the run",
        "size of the page",
    ]
    assert 10 < float(*told["size of the page"]) < 200
