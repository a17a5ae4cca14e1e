"""The protocol's shapes: what a request must be, and how replies and errors look."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from msgspec import Struct

from atkc.runtime.api import Message, Reply

_ROLES = ("system", "developer", "user", "assistant", "tool")
_PIECE = 64  # characters of a streamed chunk


class BadRequest(Exception):
    """A request that the protocol does not allow; `param` is the key at fault."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class ChatRequest(Struct, frozen=True):
    """What of a request matters here; `body` is all of it."""

    model: str
    messages: list[Message]
    response_format: Mapping[str, Any] | None
    seed: int
    stream: bool
    usage_in_stream: bool
    body: Mapping[str, Any]
    flat: bool = False  # a prompt of /v1/completions


def _number(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: type(value) in (int, float) and low <= value <= high


def _integer(low: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value >= low


_FORMATS = ("text", "json_object", "json_schema")

# What the optional keys of a request may hold. null is as good as absent.
_OPTIONAL: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "temperature": (_number(0, 2), "a number from 0 to 2"),
    "top_p": (_number(0, 1), "a number from 0 to 1"),
    "presence_penalty": (_number(-2, 2), "a number from -2 to 2"),
    "frequency_penalty": (_number(-2, 2), "a number from -2 to 2"),
    "max_tokens": (_integer(1), "an integer above 0"),
    "max_completion_tokens": (_integer(1), "an integer above 0"),
    "n": (lambda value: value == 1 and type(value) is int, "1: this server gives one choice"),
    "seed": (lambda value: type(value) is int, "an integer"),
    "stream": (lambda value: type(value) is bool, "a boolean"),
    "stream_options": (lambda value: isinstance(value, dict), "an object"),
    "response_format": (
        lambda value: isinstance(value, dict) and value.get("type") in _FORMATS,
        "an object whose `type` is one of text, json_object, json_schema",
    ),
}


def read_request(content: bytes) -> ChatRequest:
    """Return the request in a body; raises BadRequest."""
    body = read_body(content)
    _check_options(body)
    flat = "prompt" in body and "messages" not in body
    return ChatRequest(
        model=read_model(body),
        messages=_unflattened(body["prompt"]) if flat else _messages(body.get("messages")),
        response_format=body.get("response_format"),
        seed=body.get("seed") or 0,
        stream=body.get("stream") is True,
        usage_in_stream=bool((body.get("stream_options") or {}).get("include_usage")),
        body=body,
        flat=flat,
    )


def text_completion(reply: Reply, model: str, number: int) -> bytes:
    """Return the body of a completion of a plain prompt."""
    choice = {"index": 0, "text": reply.text, "finish_reason": reply.finish_reason}
    head = _head(number, model, "text_completion")
    return orjson.dumps({**head, "choices": [choice], "usage": _usage(reply)})


def read_body(content: bytes) -> dict[str, Any]:
    """Return the object in a body; raises BadRequest."""
    try:
        body = orjson.loads(content)
    except ValueError:
        raise BadRequest("the body is no JSON", "body") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be an object", "body")
    return body


def read_model(body: Mapping[str, Any]) -> str:
    """Return the model that a body names; raises BadRequest."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequest("`model` must be a string", "model")
    return model


def completion(
    reply: Reply, model: str, number: int, thought: str = "", *, with_usage: bool = True
) -> bytes:
    """Return the body of a chat completion; `thought` is reasoning beside the text."""
    message = {"role": "assistant", "content": reply.text}
    if thought:
        message["reasoning_content"] = thought
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
    head = _head(number, model, "chat.completion")
    usage = {"usage": _usage(reply)} if with_usage else {}
    return orjson.dumps({**head, "choices": [choice], **usage})


def events(reply: Reply, model: str, number: int, *, with_usage: bool) -> Iterator[bytes]:
    """Yield the server-sent events of a streamed chat completion."""
    head = _head(number, model, "chat.completion.chunk")
    yield _event(head, {"role": "assistant", "content": ""}, None)
    for at in range(0, len(reply.text), _PIECE):
        yield _event(head, {"content": reply.text[at : at + _PIECE]}, None)
    yield _event(head, {}, reply.finish_reason)
    if with_usage:
        usage = {**head, "choices": [], "usage": _usage(reply)}
        yield b"data: " + orjson.dumps(usage) + b"\n\n"
    yield b"data: [DONE]\n\n"


def error(message: str, kind: str, *, code: str | None = None, param: str | None = None) -> bytes:
    """Return the body of an error."""
    said = {"message": message, "type": kind, "param": param, "code": code}
    return orjson.dumps({"error": said})


def models(names: tuple[str, ...], context: int | None = None) -> bytes:
    """Return the body of the list of models, with the length of their context where known."""
    told = {} if context is None else {"max_model_len": context}
    row = {"object": "model", "created": 0, "owned_by": "atkc", **told}
    rows = [{"id": name, **row} for name in names]
    return orjson.dumps({"object": "list", "data": rows})


def _check_options(body: Mapping[str, Any]) -> None:
    for key in _OPTIONAL.keys() & body.keys():
        fits, words = _OPTIONAL[key]
        if body[key] is not None and not fits(body[key]):
            raise BadRequest(f"`{key}` must be {words}", key)


def _messages(value: Any) -> list[Message]:
    if not isinstance(value, list) or not value:
        raise BadRequest("`messages` must be a list with at least one message", "messages")
    return [_message(item, f"messages[{index}]") for index, item in enumerate(value)]


_TURN = re.compile(r"^### (User|Assistant):\n?", re.MULTILINE)


def _unflattened(prompt: Any) -> list[Message]:
    """Return the messages of a plain prompt: under headings, what stands before them is system."""
    if not isinstance(prompt, str) or not prompt:
        raise BadRequest("`prompt` must be a text", "prompt")
    system, *turns = _TURN.split(prompt)
    found = [{"role": "system", "content": system.strip()}]
    for role, content in zip(turns[::2], turns[1::2], strict=True):
        found.append({"role": role.lower(), "content": content.strip()})
    return [message for message in found if message["content"]]


def _message(value: Any, param: str) -> Message:
    if not isinstance(value, dict) or value.get("role") not in _ROLES:
        raise BadRequest(f"`role` must be one of {', '.join(_ROLES)}", f"{param}.role")
    content = value.get("content")
    if isinstance(content, list) and all(_is_text_part(part) for part in content):
        content = "".join(part["text"] for part in content)
    if not isinstance(content, str):
        raise BadRequest("`content` must be a string or a list of text parts", f"{param}.content")
    return {"role": value["role"], "content": content}


def _is_text_part(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text" and type(part.get("text")) is str


def _head(number: int, model: str, kind: str) -> dict[str, Any]:
    # No clock: equal requests in equal order give equal bytes.
    return {"id": f"chatcmpl-{number}", "object": kind, "created": 0, "model": model}


def _usage(reply: Reply) -> dict[str, int]:
    prompt, completed = reply.prompt_tokens, reply.completion_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completed,
        "total_tokens": prompt + completed,
    }


def _event(head: Mapping[str, Any], delta: Mapping[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + orjson.dumps({**head, "choices": [choice]}) + b"\n\n"
