"""What a spec says of an endpoint's limits, and what the calls are made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.hedging import Hedging
from atkc.runtime.modelspec import resolve
from tests.compiler.kit import OUT, codes, compiled, plan

STEPS = "a: {type: prompt, from: rows, model: m, prompt: ask.yaml, as: r}\n" + OUT % "a"


def head(endpoint: str = "", model: str = "") -> str:
    return (
        "params: {share: {type: number, default: 0.2}}\n"
        f"endpoints: {{e: {{api_base: 'http://127.0.0.1:1/v1'{endpoint}}}}}\n"
        f"models: {{m: {{model: x, endpoint: e{model}}}}}\n"
    )


@pytest.mark.parametrize(
    ("written", "hedging"),
    [
        ("", None),
        (", hedge: {}", Hedging(share=0.9, extra=0.05)),
        (", hedge: {after: p75}", Hedging(share=0.75, extra=0.05)),
        (", hedge: {after: 2, extra: 0.01}", Hedging(seconds=2.0, extra=0.01)),
        (", hedge: {after: 0.5, extra: '${params.share}'}", Hedging(seconds=0.5, extra=0.2)),
    ],
)
def test_hedging_is_off_unless_written(
    tmp_path: Path, written: str, hedging: Hedging | None
) -> None:
    models = plan(tmp_path, STEPS, head(written)).models
    assert resolve("m", models).endpoint.hedging == hedging


@pytest.mark.parametrize(
    ("endpoint", "model", "found"),
    [
        ("", "", (None, None, 30)),
        (", timeout: 40, retries: 0", ", max_requests: 5", (40, 0, 5)),
    ],
)
def test_time_limit_retries_and_cap(
    tmp_path: Path, endpoint: str, model: str, found: tuple[Any, ...]
) -> None:
    spec = resolve("m", plan(tmp_path, STEPS, head(endpoint, model)).models)
    assert (spec.endpoint.timeout, spec.endpoint.retries, spec.max_requests) == found


@pytest.mark.parametrize(
    ("endpoint", "model"),
    [
        (", hedge: {after: p0}", ""),
        (", hedge: {after: p100}", ""),
        (", hedge: {after: often}", ""),
        (", hedge: {after: 0}", ""),
        (", hedge: {extra: 1.5}", ""),
        (", hedge: {share: 0.1}", ""),
        (", hedge: true", ""),
        (", retries: -1", ""),
        ("", ", max_requests: 0"),
    ],
)
def test_values_that_make_no_sense_are_found(tmp_path: Path, endpoint: str, model: str) -> None:
    found = codes(compiled(tmp_path, STEPS, head(endpoint, model)))
    assert found
    assert set(found) <= {"ATK201", "ATK202", "ATK203", "ATK204", "ATK205"}
