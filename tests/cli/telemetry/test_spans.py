"""Spans and measurements of a run: names and values by the GenAI conventions, and no contents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs `pip install 'atkc[otel]'`")

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from atkc.cli.entry import run
from atkc.cli.telemetry import opening
from atkc.cli.telemetry.calls import Calls, error_type, provider_of
from atkc.cli.telemetry.traces import Telemetry
from atkc.compiler.plan import Plan
from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.errors import Permanent, Transient
from atkc.runtime.modelspec import EndpointSpec
from atkc.runtime.transport.watched import Sent
from tests.e2e.kit import Project, make_project, manifest

MESSAGES = ({"role": "user", "content": "SECRET-PROMPT"},)
FAR = EndpointSpec("openai", "https://api.example.com/v1", "KEY")


class Collected:
    """What exporters in memory got."""

    def __init__(self) -> None:
        self.spans_out = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.traces = TracerProvider(shutdown_on_exit=False)
        self.traces.add_span_processor(SimpleSpanProcessor(self.spans_out))
        self.metrics = MeterProvider([self.reader], shutdown_on_exit=False)
        self.points: dict[str, list[Any]] = {}

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.spans_out.get_finished_spans()

    def read(self) -> dict[str, list[Any]]:
        """Return the points by metric: before the provider is shut down."""
        data = self.reader.get_metrics_data()
        found = data.resource_metrics[0].scope_metrics[0].metrics if data else ()
        return {metric.name: list(metric.data.data_points) for metric in found}

    def telemetry(self, plan: Plan, *, quiet: bool) -> Telemetry:
        keep = self

        class Kept(Telemetry):
            def _note(self) -> None:
                super()._note()
                keep.points = keep.read()

        return Kept(plan, self.traces, self.metrics)


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Collected:
    made = Collected()
    monkeypatch.setattr(opening, "open_telemetry", made.telemetry)
    monkeypatch.delenv("TRACEPARENT", raising=False)
    return made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path)
    monkeypatch.chdir(made.folder)
    return made


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def recorded(*calls: Sent) -> Collected:
    made = Collected()
    told = Calls(made.traces.get_tracer("t"), made.metrics.get_meter("t"))
    for call in calls:
        told.told(call, None)
    return made


def test_a_call_is_told_by_the_conventions() -> None:
    request = Request(
        "large",
        MESSAGES,
        {"temperature": 0.5, "max_tokens": 900, "stop": ["END"], "top_p": 1},
        {"type": "json_object"},
        7,
    )
    reply = Reply("SECRET-REPLY", "length", "large-2", 292, 41)
    made = recorded(Sent("ask", FAR, request, reply, None, 10**18, 1.5))
    (span,) = made.spans
    assert (span.name, span.kind) == ("chat large", SpanKind.CLIENT)
    assert (span.start_time, span.end_time) == (10**18, 10**18 + 1_500_000_000)
    assert attributes(span) == {
        "atkc.step": "ask",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "large",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 900,
        "gen_ai.request.top_p": 1.0,
        "gen_ai.request.stop_sequences": ("END",),
        "gen_ai.request.seed": 7,
        "gen_ai.output.type": "json",
        "gen_ai.response.model": "large-2",
        "gen_ai.response.finish_reasons": ("length",),
        "gen_ai.usage.input_tokens": 292,
        "gen_ai.usage.output_tokens": 41,
        "server.address": "api.example.com",
        "server.port": 443,
    }
    points = made.read()
    (took,) = points["gen_ai.client.operation.duration"]
    assert (took.count, took.sum) == (1, 1.5)
    used = {p.attributes["gen_ai.token.type"]: p for p in points["gen_ai.client.token.usage"]}
    assert {kind: point.sum for kind, point in used.items()} == {"input": 292, "output": 41}
    assert used["input"].explicit_bounds[:4] == (1, 4, 16, 64)
    assert took.explicit_bounds[:3] == (0.01, 0.02, 0.04)
    assert took.attributes["gen_ai.response.model"] == "large-2"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Transient("SECRET-ERROR", status=429), "429"),
        (Permanent("SECRET-ERROR", status=400), "400"),
        (Transient("SECRET-ERROR"), "Transient"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_a_call_that_fails_tells_its_type_and_not_its_text(error: Exception, kind: str) -> None:
    made = recorded(Sent("ask", FAR, Request("m", MESSAGES), None, error, 10**18, 0.1))
    (span,) = made.spans
    assert attributes(span)["error.type"] == kind == error_type(error)
    assert span.status.status_code is StatusCode.ERROR
    assert "SECRET" not in span.to_json()
    points = made.read()
    assert points["gen_ai.client.operation.duration"][0].attributes["error.type"] == kind
    assert "gen_ai.client.token.usage" not in points


def test_embeddings_and_completions_have_their_operations() -> None:
    made = recorded(
        Sent("n", FAR, EmbeddingRequest("e", ("t",), 64), Embeddings(((0.1,),), "", 3), None, 1, 1),
        Sent("c", FAR, Request("m", MESSAGES, mode="completion"), Reply("x"), None, 1, 1),
    )
    first, second = made.spans
    assert first.name == "embeddings e"
    assert attributes(first)["gen_ai.embeddings.dimension.count"] == 64
    assert attributes(first)["gen_ai.usage.input_tokens"] == 3
    assert second.name == "text_completion m"
    assert "gen_ai.usage.input_tokens" not in attributes(second)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("openai", "openai"), ("gemini", "gcp.gemini"), ("mistral", "mistral_ai"), ("x", "x")],
)
def test_providers_have_the_names_of_the_conventions(ours: str, theirs: str) -> None:
    assert provider_of(EndpointSpec(ours)) == theirs


def test_a_run_has_a_span_with_its_steps_and_each_call_beneath_its_step(
    project: Project, collected: Collected
) -> None:
    assert run(["run", "spec.yaml", "--otel", "--quiet"]) == 0
    by_id = {span.context.span_id: span for span in collected.spans}
    (whole,) = (span for span in collected.spans if span.parent is None)
    assert whole.name == "invoke_workflow small"
    assert attributes(whole)["gen_ai.workflow.name"] == "small"
    steps = {span.name: span for span in collected.spans if span.name.startswith("step ")}
    assert set(steps) == {
        f"step {name}"
        for name in ("documents", "chunks", "worthwhile", "pairs", "turns", "dataset", "texts")
    }
    assert {by_id[span.parent.span_id].name for span in steps.values() if span.parent} == {
        whole.name
    }
    assert attributes(steps["step documents"])["atkc.step.out"] == 3
    calls = [span for span in collected.spans if span.name == "chat extractive"]
    assert len(calls) == manifest(project.output)["run"]["calls"]
    for span in calls:
        assert span.parent is not None
        assert by_id[span.parent.span_id].name == f"step {attributes(span)['atkc.step']}"
        assert span.kind is SpanKind.INTERNAL
    assert {attributes(span)["atkc.step"] for span in calls} == {"worthwhile", "pairs"}
    told = "".join(span.to_json() for span in collected.spans)
    assert "Iron Bridge" not in told
    assert "Passage" not in told


def test_counters_tell_records_cache_and_cost(project: Project, collected: Collected) -> None:
    assert run(["run", "spec.yaml", "--quiet"]) == 0
    assert run(["run", "spec.yaml", "--otel", "--quiet"]) == 0
    cached = manifest(project.output)["run"]["from_cache"]
    points = collected.points
    assert sum(p.value for p in points["atkc.calls.cached"]) == cached
    assert {p.attributes["atkc.model"] for p in points["atkc.calls.cached"]} == {"writer", "judge"}
    assert "gen_ai.client.operation.duration" not in points  # nobody was asked
    records = {
        (p.attributes["atkc.step"], p.attributes["atkc.outcome"]): p.value
        for p in points["atkc.records"]
    }
    assert records["documents", "out"] == 3
    assert "atkc.cost" not in points


def test_a_run_that_is_stopped_ends_its_spans_as_failed(
    project: Project, collected: Collected
) -> None:
    assert run(["run", "spec.yaml", "--otel", "--quiet", "--max-calls", "2"]) == 5
    (whole,) = (span for span in collected.spans if span.parent is None)
    assert attributes(whole)["error.type"] == "StopRun"
    assert whole.status.status_code is StatusCode.ERROR
    open_steps = [s for s in collected.spans if attributes(s).get("error.type") == "StopRun"]
    assert len(open_steps) > 1


def test_a_run_may_be_part_of_a_trace(
    project: Project, collected: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEPARENT", f"00-{'a' * 32}-{'b' * 16}-01")
    assert run(["run", "spec.yaml", "--otel", "--quiet"]) == 0
    assert {f"{span.context.trace_id:x}" for span in collected.spans} == {"a" * 32}


def test_without_the_option_nothing_is_watched(
    project: Project, collected: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    assert run(["run", "spec.yaml", "--quiet"]) == 0
    assert collected.spans == ()
    monkeypatch.setenv("ATKC_OTEL", "1")
    assert run(["run", "spec.yaml", "--quiet"]) == 0
    assert len(collected.spans) > 0


def test_outputs_are_the_same_with_and_without(project: Project, collected: Collected) -> None:
    assert run(["run", "spec.yaml", "--quiet"]) == 0
    before = project.rows("texts.jsonl"), json.loads((project.output / "manifest.json").read_text())
    assert run(["run", "spec.yaml", "--otel", "--quiet"]) == 0
    after = project.rows("texts.jsonl"), json.loads((project.output / "manifest.json").read_text())
    for told in (before[1], after[1]):
        del told["run"]
    assert before == after
