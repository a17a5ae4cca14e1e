"""The address: whether its name is known and something listens there."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from urllib.parse import urlsplit

from atkc.cli.doctor.case import Visit
from atkc.cli.doctor.finding import Finding, ok, problem

_WAIT = 10.0  # seconds
_PORTS = {"http": 80, "https": 443}


async def check(visit: Visit) -> list[Finding]:
    """Connect, and tell how long that takes; a proxy connects instead of us."""
    if not visit.talk.direct:
        return [ok(f"LiteLLM knows the address of `{visit.endpoint.provider}`")]
    if visit.talk.proxy:
        return [ok(f"the proxy `{visit.talk.proxy}` leads there")]
    told = await connect(visit.endpoint.base_url)
    if isinstance(told, float):
        return [ok(f"connects in {told * 1000:.0f} ms")]
    fix = "start the server, or correct `api_base`" if visit.here else "correct `api_base`"
    return [problem(told, fix)]


async def connect(url: str) -> float | str:
    """Return the seconds that connecting takes, or why there is no connection."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        return "this is no address: it begins with http:// or https://"
    begin = time.monotonic()
    try:
        port = parts.port or _PORTS[parts.scheme]
        async with asyncio.timeout(_WAIT):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except socket.gaierror:
        return f"the name `{parts.hostname}` is not known"
    except TimeoutError:
        return f"no connection within {_WAIT:g} s"
    except ValueError:
        return "this is no address: its port is no number up to 65535"
    except OSError as error:
        return f"no connection to port {port}: {os.strerror(error.errno) if error.errno else error}"
    writer.close()
    return time.monotonic() - begin
