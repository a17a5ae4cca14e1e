"""One model call as a span and in the histograms, by OpenTelemetry's conventions for GenAI.

No prompt, reply, error text or key is in either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer

from atkc.runtime.api import EmbeddingRequest, Reply, Request
from atkc.runtime.errors import CallError
from atkc.runtime.modelspec import BUILT_IN, EndpointSpec
from atkc.runtime.transport.watched import Sent

# The names that the conventions know, by ours; others are told as they are.
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
_OPERATIONS = {"chat": "chat", "completion": "text_completion"}
_SAMPLING = {
    "frequency_penalty": float,
    "max_tokens": int,
    "presence_penalty": float,
    "temperature": float,
    "top_k": float,
    "top_p": float,
}
_TOKENS = [4**n for n in range(14)]
_SECONDS = [0.01 * 2**n for n in range(14)]

Attributes = dict[str, Any]


class Calls:
    """Makes a span and the measurements of each call."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self._tracer = tracer
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "Time that a call to a model took.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Tokens that a call to a model used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._known: dict[tuple[Any, ...], Attributes] = {}

    def told(self, sent: Sent, parent: Context | None) -> None:
        """Record a call that has ended."""
        common = self._common(sent)
        self._measure(sent, common)
        span = self._tracer.start_span(
            f"{common['gen_ai.operation.name']} {sent.request.model}",
            parent,
            SpanKind.INTERNAL if sent.endpoint.provider == BUILT_IN else SpanKind.CLIENT,
            {**common, "atkc.step": sent.step, **_asked(sent.request), **_answered(sent)},
            start_time=sent.began,
        )
        if sent.error is not None:
            span.set_status(Status(StatusCode.ERROR))
        span.end(sent.began + round(sent.seconds * 1e9))

    def _common(self, sent: Sent) -> Attributes:
        operation = operation_of(sent.request)
        key = (sent.endpoint.key, sent.request.model, operation)
        if key not in self._known:
            self._known[key] = {
                "gen_ai.operation.name": operation,
                "gen_ai.provider.name": provider_of(sent.endpoint),
                "gen_ai.request.model": sent.request.model,
                **_server(sent.endpoint),
            }
        return self._known[key]

    def _measure(self, sent: Sent, common: Attributes) -> None:
        reply = sent.reply
        if reply is None:
            self._duration.record(sent.seconds, {**common, "error.type": error_type(sent.error)})
            return
        told = {**common, "gen_ai.response.model": reply.model} if reply.model else common
        self._duration.record(sent.seconds, told)
        for kind, number in (("input", reply.prompt_tokens), ("output", reply.completion_tokens)):
            if number:  # an endpoint that tells no usage is not said to use none
                self._tokens.record(number, {**told, "gen_ai.token.type": kind})


def operation_of(request: Request | EmbeddingRequest) -> str:
    """Return the conventions' name of what is asked."""
    return "embeddings" if isinstance(request, EmbeddingRequest) else _OPERATIONS[request.mode]


def provider_of(endpoint: EndpointSpec) -> str:
    """Return the conventions' name of a provider: `openai` for all that speaks its protocol."""
    return _PROVIDERS.get(endpoint.provider, endpoint.provider)


def error_type(error: BaseException | None) -> str:
    """Return the HTTP status of an error, else its class: never its text, which may hold data."""
    if isinstance(error, CallError) and error.status is not None:
        return str(error.status)
    return type(error).__name__


def _server(endpoint: EndpointSpec) -> Attributes:
    at = urlsplit(endpoint.base_url)
    if not at.hostname:
        return {}
    return {
        "server.address": at.hostname,
        "server.port": at.port or (443 if at.scheme == "https" else 80),
    }


def _asked(request: Request | EmbeddingRequest) -> Attributes:
    if isinstance(request, EmbeddingRequest):
        size = request.dimensions
        return {} if size is None else {"gen_ai.embeddings.dimension.count": size}
    told: Attributes = {"gen_ai.request.seed": request.seed, **_sampled(request.sampling)}
    if request.response_format is not None:
        told["gen_ai.output.type"] = "json"
    return told


def _sampled(sampling: Mapping[str, Any]) -> Attributes:
    told: Attributes = {
        f"gen_ai.request.{name}": kind(sampling[name])
        for name, kind in _SAMPLING.items()
        if isinstance(sampling.get(name), int | float)
    }
    if sampling.get("max_completion_tokens") is not None:
        told.setdefault("gen_ai.request.max_tokens", sampling["max_completion_tokens"])
    stop = sampling.get("stop")
    if stop:
        told["gen_ai.request.stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
    return told


def _answered(sent: Sent) -> Attributes:
    reply = sent.reply
    if reply is None:
        return {"error.type": error_type(sent.error)}
    told: Attributes = {"gen_ai.response.model": reply.model} if reply.model else {}
    if isinstance(reply, Reply):
        told["gen_ai.response.finish_reasons"] = [reply.finish_reason]
        if reply.completion_tokens:
            told["gen_ai.usage.output_tokens"] = reply.completion_tokens
    if reply.prompt_tokens:
        told["gen_ai.usage.input_tokens"] = reply.prompt_tokens
    return told
