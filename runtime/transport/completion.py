"""What an endpoint's answer says: the reply in a good one, the reason in a bad one."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from atkc.runtime.api import Reply
from atkc.runtime.endings import ERROR, REFUSAL, ending
from atkc.runtime.errors import CallError, Permanent, Transient
from atkc.runtime.transport.statuses import error_for

_SAID = ("text", "output_text")  # parts of a message; others hold what the model thought
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_reply(content: bytes) -> Reply:
    """Return the reply in the body of a 200; raises Transient where there is none in it."""
    data = read_object(content)
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise read_without(data, content, "choices")
    message, ended = choices[0].get("message"), ending(choices[0].get("finish_reason"))
    if ended == ERROR:
        raise Transient("the endpoint broke off the reply", status=200)
    usage = data.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    if isinstance(message, dict):
        text = _text(message)
        if message.get("refusal"):
            text, ended = text or str(message["refusal"]), REFUSAL
    else:
        text = str(choices[0].get("text") or "")
    return Reply(
        text=text,
        finish_reason=ended,
        model=str(data.get("model") or ""),
        prompt_tokens=token_count(usage.get("prompt_tokens")),
        completion_tokens=token_count(usage.get("completion_tokens")),
    )


def read_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in the body of a 200; raises Transient where there is none."""
    data = _json(content)
    if not isinstance(data, dict):
        raise Transient(f"the endpoint sent no JSON but `{_start(content)}`", status=200)
    return data


def read_error(status: int, content: bytes, retry_after: float | None) -> CallError:
    """Return the exception for an answer with another status than 200."""
    data = _json(content)
    if not isinstance(data, dict):
        if status == 404:
            return _no_such_path()
        return error_for(status, _start(content), retry_after=retry_after)
    error = data.get("error", data)
    if (
        status == 404
        and isinstance(error, dict)
        and not (error.get("message") or error.get("code"))
    ):
        return _no_such_path()
    if not isinstance(error, dict):
        return error_for(status, str(error), retry_after=retry_after)
    said = error.get("message") or error.get("detail") or ""
    words = (str(error.get("code")), str(error.get("type")))
    return error_for(status, str(said), words=words, retry_after=retry_after)


def _no_such_path() -> CallError:
    """Return the exception for a 404 that does not come from an endpoint of our kind."""
    text = "nothing is at this address (status 404): is `/v1` missing from `api_base`?"
    return Permanent(text, status=404, fatal="ATK700")


def read_without(data: dict[str, Any], content: bytes, wanted: str) -> CallError:
    """Return the exception for a 200 that is none: some gateways put the error into the body."""
    error = data.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int) and 400 <= code <= 599:
        return read_error(code, content, None)
    return Transient(f"the endpoint sent no {wanted} but `{_start(content)}`", status=200)


def _text(message: dict[str, Any]) -> str:
    """Return the text of a message; reasoning stands in fields of its own, which nobody reads."""
    content = message.get("content")
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        said = [part for part in parts if part.get("type", "text") in _SAID]
        content = "".join(str(part.get("text") or "") for part in said)
    return str(content or "")


def token_count(value: Any) -> int:
    """Return a count of tokens as an endpoint tells it, 0 where it tells none."""
    return value if isinstance(value, int) and value > 0 else 0


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError:
        return _lenient(content)


def _lenient(content: bytes) -> Any:
    """Return JSON in spite of half a surrogate pair, which a model can well write; else None."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    text = json.dumps(data, ensure_ascii=False)
    return json.loads(_SURROGATE.sub("\ufffd", text))


def _start(content: bytes) -> str:
    return " ".join(content[:200].decode("utf-8", "replace").split())
