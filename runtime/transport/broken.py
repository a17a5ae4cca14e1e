"""What it means that a connection could not be made, or broke."""

from __future__ import annotations

import aiohttp

from atkc.runtime.errors import CallError, Permanent, Transient, Unreachable


def failure_of(error: Exception, name: str) -> CallError:
    """Return the exception for an error of aiohttp other than a time-out."""
    if isinstance(error, aiohttp.InvalidURL):
        return Permanent(f"`{name}` is no address", fatal="ATK700")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Permanent(f"the certificate of `{name}`: {error}", fatal="ATK700")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable(f"no connection to `{name}`: {error.strerror or error}")
    return Transient(f"the connection to `{name}` broke: {type(error).__name__}: {error}")
