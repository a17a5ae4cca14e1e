"""`--otel` finds its way by the standard variables, and never holds or spoils a run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from atkc.cli.telemetry.opening import open_telemetry
from atkc.compiler.plan import Plan
from atkc.runtime.errors import InputError
from tests.e2e.kit import Project, make_project

PLAN = Plan(name="p", nodes=[])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_METRICS_EXPORTER", "prometheus"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
    ],
)
def test_what_is_not_there_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as caught:
        open_telemetry(PLAN, quiet=False)
    found = caught.value.diagnostic
    assert found.code == "ATK081"
    assert f"`{name}`" in found.message
    assert f"`{value}`" in found.message


def test_without_the_packages_it_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.metrics", None)
    with pytest.raises(InputError) as caught:
        open_telemetry(PLAN, quiet=False)
    found = caught.value.diagnostic
    assert found.code == "ATK080"
    assert "atkc[otel]" in (found.help or "")


class _Collector(BaseHTTPRequestHandler):
    got: dict[str, bytes]

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.got[self.path] = self.got.get(self.path, b"") + self.rfile.read(size)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, dict[str, bytes]]]:
    got: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Collector", (_Collector,), {"got": got}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("otel"))


def test_a_collector_gets_traces_and_metrics_and_no_proxy_is_asked(
    project: Project, collector: tuple[str, dict[str, bytes]]
) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="needs `pip install 'atkc[otel]'`")
    url, got = collector
    done = project.run(
        "--otel", OTEL_EXPORTER_OTLP_ENDPOINT=url, HTTP_PROXY="http://127.0.0.1:9",
        OTEL_RESOURCE_ATTRIBUTES="team=data",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert set(got) == {"/v1/traces", "/v1/metrics"}
    for words in (b"invoke_workflow small", b"step pairs", b"gen_ai.usage.input_tokens", b"team"):
        assert words in got["/v1/traces"]
    for words in (b"gen_ai.client.token.usage", b"atkc.records", b"service.name", b"atkc"):
        assert words in got["/v1/metrics"]
    whole = got["/v1/traces"] + got["/v1/metrics"]
    assert b"Iron Bridge" not in whole
    assert b"exam questions" not in whole


def test_variables_leave_out_a_signal_and_samplers_are_heeded(
    project: Project, collector: tuple[str, dict[str, bytes]]
) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="needs `pip install 'atkc[otel]'`")
    url, got = collector
    project.run("--otel", OTEL_EXPORTER_OTLP_ENDPOINT=url, OTEL_TRACES_EXPORTER="none")
    assert set(got) == {"/v1/metrics"}
    got.clear()
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_METRICS_EXPORTER": "none"}
    project.run("--otel", **told, OTEL_TRACES_SAMPLER="always_off")
    assert got == {}


def test_a_collector_that_is_not_there_is_a_warning(project: Project) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="needs `pip install 'atkc[otel]'`")
    told = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    }
    done = project.run("--otel", **told)
    assert done.code == 0
    assert done.err.startswith("warning: telemetry: ")
    assert len(done.err.splitlines()) == 1
    assert project.run("--otel", "--quiet", **told).err == ""
