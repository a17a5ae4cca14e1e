"""Which proxy leads to an address and which certificates count: what the environment says."""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from atkc.runtime.errors import Permanent
from atkc.runtime.hosts import is_loopback


def proxy_for(url: str) -> str | None:
    """Return the proxy for an address by HTTP(S)_PROXY and NO_PROXY; never one for this machine."""
    if is_loopback(url):
        return None
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def proxy_password(proxy: str | None) -> str:
    """Return the password inside a proxy's address, empty where there is none."""
    return (urlsplit(proxy).password or "") if proxy else ""


def trust(url: str) -> ssl.SSLContext | None:
    """Return the certificates to trust, from SSL_CERT_FILE where that is set; None without TLS.

    Raises Permanent (ATK700) where the file cannot be used.
    """
    if urlsplit(url).scheme != "https":
        return None
    file = os.environ.get("SSL_CERT_FILE") or None
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        text = f"the certificates in `{file}`, named by SSL_CERT_FILE, cannot be used: {error}"
        raise Permanent(text, fatal="ATK700") from None
