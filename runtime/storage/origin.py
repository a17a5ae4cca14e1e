"""Who made a reply, as the text of its request says: provider and model."""

from __future__ import annotations

import orjson

_MARK = b"],[["  # between the part that names the model and the messages
_MOST = 256  # beginnings remembered


class Origins:
    """Reads models out of requests; each beginning is read once."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def of(self, request: bytes) -> str:
        """Return `provider/model`, nothing without a request."""
        if not request:
            return ""
        head = request[: request.find(_MARK)]
        known = self._known.get(head)
        if known is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[head] = _read(head)
        return known


def _read(head: bytes) -> str:
    """Return the model of `["call",["provider","model",…`, nothing where it is not that."""
    try:
        _, (provider, model, *_) = orjson.loads(head + b"]]")
    except ValueError:
        return ""
    return f"{provider}/{model}"
