"""The benchmark of watching, small: it prints each number."""

from __future__ import annotations

import pytest

from tests.benchmarks.kit import printed


def test_each_line_has_its_number() -> None:
    pytest.importorskip("opentelemetry.sdk", reason="needs `pip install 'atkc[otel]'`")
    lines = printed("watching.py", "--quick").splitlines()
    told = {line[:40].strip(): line[40:].split()[:1] for line in lines[1:]}
    assert [*told] == [
        "telemetry: CPU of a call",
        "live view: CPU of a frame",
        "share of a core",
    ]
    assert float(*told["live view: CPU of a frame"]) > 0
