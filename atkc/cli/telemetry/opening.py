"""From `--otel` and the standard variables (`OTEL_…`) to telemetry, or to its absence."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from atkc.compiler.plan import Plan
from atkc.runtime.errors import InputError
from atkc.runtime.hosts import is_loopback
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.screen import printable

if TYPE_CHECKING:
    from atkc.cli.telemetry.traces import Telemetry

_LOCAL = "http://localhost:4318"  # where collectors listen
_KNOWN = ("otlp", "none")
_PROTOCOL = "http/protobuf"
_PATIENCE = "5"  # seconds for a request to the collector, unless a variable says otherwise


def open_telemetry(plan: Plan, *, quiet: bool) -> Telemetry:
    """Return telemetry that goes where the variables say.

    Raises InputError ATK080 without the packages, ATK081 where a variable asks for what is not
    there.
    """
    _check()
    try:
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.trace import TracerProvider

        from atkc.cli.telemetry.traces import Telemetry
    except ImportError as error:
        message = f"`--otel` needs packages that are not installed (`{error.name}`)"
        raise _mistake("ATK080", message, "install them: `pip install 'atkc[otel]'`") from None
    _listen(quiet=quiet)
    os.environ.setdefault("OTEL_EXPORTER_OTLP_TIMEOUT", _PATIENCE)
    resource = _resource()
    traces = TracerProvider(resource=resource, shutdown_on_exit=False)
    for processor in _processors():
        traces.add_span_processor(processor)
    metrics = MeterProvider(_readers(), resource=resource, shutdown_on_exit=False)
    return Telemetry(plan, traces, metrics)


def _check() -> None:
    """Raise InputError where the environment asks for an exporter that we do not have."""
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER"):
        if (wanted := os.environ.get(name) or "otlp") not in _KNOWN:
            text = f"`{name}` asks for the exporter `{wanted}`"
            raise _mistake("ATK081", text, "set it to `otlp` or `none`")
    for signal in ("", "TRACES_", "METRICS_"):
        name = f"OTEL_EXPORTER_OTLP_{signal}PROTOCOL"
        if (wanted := os.environ.get(name) or _PROTOCOL) != _PROTOCOL:
            text = f"`{name}` asks for the protocol `{wanted}`"
            raise _mistake("ATK081", text, f"set it to `{_PROTOCOL}`; collectors listen on 4318")


def _mistake(code: str, message: str, advice: str) -> InputError:
    return InputError(Diagnostic(code, message, help=advice))


def _resource() -> Any:
    from opentelemetry.sdk.resources import Resource

    told = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in told
    return Resource.create({} if named else {"service.name": "atkc"})


def _processors() -> list[Any]:
    if os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return []
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return [BatchSpanProcessor(OTLPSpanExporter(session=_session("TRACES")))]


def _readers() -> list[Any]:
    if os.environ.get("OTEL_METRICS_EXPORTER") == "none":
        return []
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    return [PeriodicExportingMetricReader(OTLPMetricExporter(session=_session("METRICS")))]


def _session(signal: str) -> Any:
    """Return a session for the exporter: a proxy is never for this machine."""
    import requests

    own = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    session = requests.Session()
    session.trust_env = not is_loopback(
        own or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or _LOCAL
    )
    return session


class _Once(logging.Handler):
    """Tells the first complaint of the exporters; they would repeat it into the display."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(logging.WARNING)
        self._told = quiet

    def emit(self, record: logging.LogRecord) -> None:
        if not self._told:
            self._told = True
            sys.stderr.write(f"warning: telemetry: {printable(record.getMessage())}\n")


def _listen(*, quiet: bool) -> None:
    logger = logging.getLogger("opentelemetry")
    logger.handlers = [_Once(quiet=quiet)]
    logger.propagate = False
