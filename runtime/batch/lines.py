"""The lines of files: a request on its way to a provider, and the answer to it."""

from __future__ import annotations

import orjson

from atkc.runtime.api import Reply, Request
from atkc.runtime.batch.api import PATHS
from atkc.runtime.errors import CallError, Permanent, Transient
from atkc.runtime.families import body, family_of
from atkc.runtime.transport.completion import read_error, read_object, read_reply

UNANSWERED = 408  # the status of a request that was never answered: it cost nothing


def request_line(name: str, request: Request, host: str) -> bytes:
    """Return the line that asks for a completion; raises Permanent where JSON cannot say it."""
    line = {
        "custom_id": name,
        "method": "POST",
        "url": PATHS[request.mode],
        "body": body(request, family_of(request.model, host)),
    }
    try:
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError as error:
        refusal = str(error)
    raise Permanent(f"the request cannot be written as JSON: {refusal}")


def line_name(line: bytes) -> str | None:
    """Return which request a line is about, None where it is no line of ours."""
    try:
        return str(read_object(line)["custom_id"])
    except (CallError, KeyError):
        return None


def read_line(line: bytes) -> Reply | CallError:
    """Return the reply in the line of an answer, or what a live call would have raised."""
    told = read_object(line)
    response = told.get("response")
    try:
        if not isinstance(response, dict):
            return _unanswered(told.get("error"))
        status = response.get("status_code")
        content = orjson.dumps(response.get("body"))
        if status == 200:
            return read_reply(content)
        return read_error(int(status or 500), content, None)
    except CallError as error:
        return error


def _unanswered(error: object) -> CallError:
    said = error.get("message") if isinstance(error, dict) else None
    return Transient(
        f"the request was not answered: {said or 'no reason is told'}", status=UNANSWERED
    )
