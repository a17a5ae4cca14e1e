"""Parts of `atkc chaos` that need no process: where models go, when kills come, what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atkc.cli.chaos.comparing import differing, fingerprints
from atkc.cli.chaos.redirection import redirected
from atkc.cli.chaos.schedule import Pace, points, points_at
from atkc.compiler.plan import Budget, Endpoint, Hedge, Model, Plan
from atkc.runtime.modelspec import resolve

URL = "http://127.0.0.1:1/v1"


@pytest.mark.parametrize(
    ("name", "base", "sent"),
    [
        ("atkc/extractive", "", "atkc/extractive"),
        ("openai/gpt-4o", "", "gpt-4o"),
        ("anthropic/claude", "", "anthropic/claude"),
        ("org/model", "https://example.org/v1", "org/model"),
        ("openai/openai/x", "https://example.org/v1", "openai/x"),
    ],
)
def test_every_model_answers_at_the_address_under_its_own_name(
    name: str, base: str, sent: str
) -> None:
    endpoint = Endpoint(api_base=base, api_key_env="KEY", hedge=Hedge(), batch=True, rpm=1)
    model = Model(model=name, endpoint=endpoint, sampling={"top_p": 1}, price_in=3.0)
    plan = Plan(name="p", nodes=[], models={"m": model}, budget=Budget(max_usd=1))
    moved = redirected(plan, URL, concurrency=3, timeout=7)
    found = resolve("m", moved.models)
    assert (found.endpoint.provider, found.model, found.endpoint.base_url) == ("openai", sent, URL)
    assert moved.models["m"].endpoint == Endpoint(api_base=URL, concurrency=3, timeout=7)
    assert (found.sampling, found.price_in, moved.budget) == ({"top_p": 1}, None, Budget())


def test_points_depend_on_the_seed_alone_and_lie_in_all_of_the_work() -> None:
    pace = Pace(start=1, whole=10, between=0.01)
    drawn = points(200, 1, pace)
    assert drawn == points(200, 1, pace) != points(200, 2, pace)
    shares = [point.share for point in drawn if point.share is not None]
    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert shares.count(1.0) > 1  # after the last call
    assert 10 < 200 - len(shares) < 60  # in the first moments
    assert [point.share for point in points_at([0.7, 0.2])] == [0.2, 0.7]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.jsonl", "{}", ["a.jsonl"]),
        ("new.jsonl", "", ["new.jsonl"]),
        ("INCOMPLETE.json", "{}", ["INCOMPLETE.json"]),
        ("events.jsonl", "later", []),
        ("report.html", "later", []),
        ("manifest.json", '{"seed": 1, "run": {"calls": 9}}', []),
        ("manifest.json", '{"seed": 2, "run": {}}', ["manifest.json"]),
    ],
)
def test_what_is_promised_is_compared(
    tmp_path: Path, name: str, text: str, found: list[str]
) -> None:
    (tmp_path / "a.jsonl").write_text("[]")
    (tmp_path / "manifest.json").write_text(json.dumps({"seed": 1, "run": {}}))
    before = fingerprints(tmp_path)
    (tmp_path / name).write_text(text)
    assert differing(before, fingerprints(tmp_path)) == found
