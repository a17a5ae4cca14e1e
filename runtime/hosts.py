"""Where an address leads: to this machine, to a private network, or out into the world."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_PRIVATE_ENDINGS = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


@lru_cache(maxsize=256)
def normalised(url: str) -> str:
    """Return the address in one spelling, less credentials, default port and trailing slash."""
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "")
    host = "127.0.0.1" if host == "localhost" else host
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(scheme)) else f":{parts.port}"
    return f"{scheme}://{shown}{port}{parts.path.rstrip('/')}"


@lru_cache(maxsize=256)
def is_loopback(url: str) -> bool:
    """Return whether an address leads to this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    ip = _ip(host)
    return ip is not None and (ip.is_loopback or ip.is_unspecified)


@lru_cache(maxsize=256)
def is_private(url: str) -> bool:
    """Return whether an address means different machines in different networks."""
    if is_loopback(url):
        return True
    host = urlsplit(url).hostname or ""
    ip = _ip(host)
    if ip is not None:
        return not ip.is_global  # also 100.64.0.0/10, where overlay networks live
    return "." not in host or host.endswith(_PRIVATE_ENDINGS)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
