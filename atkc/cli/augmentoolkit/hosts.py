"""Names of variables for keys, by the address that asks for them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HERE = ("localhost", "127.0.0.1", "0.0.0.0", "::1")  # noqa: S104  # compared, not bound
_USUAL = {
    "api.deepinfra.com": "DEEPINFRA_API_KEY",
    "api.openai.com": "OPENAI_API_KEY",
    "api.together.xyz": "TOGETHER_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "openrouter.ai": "OPENROUTER_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
    "generativelanguage.googleapis.com": "GEMINI_API_KEY",
    "api.anthropic.com": "ANTHROPIC_API_KEY",
    "api.fireworks.ai": "FIREWORKS_API_KEY",
    "api.deepseek.com": "DEEPSEEK_API_KEY",
}


def key_variable(address: str, mode: str = "api") -> str | None:
    """Return the variable to be exported for an address, None for one on this machine."""
    if mode == "cohere":
        return "COHERE_API_KEY"
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    if host in _HERE or host.startswith(("10.", "192.168.", "127.")):
        return None
    if not host:
        return "OPENAI_API_KEY"
    return _USUAL.get(host) or _made_of(host)


def _made_of(host: str) -> str:
    parts = [part for part in host.split(".")[:-1] if part not in ("api", "www")]
    word = re.sub(r"\W", "_", parts[-1] if parts else host).upper()
    return f"{word}_API_KEY" if word[:1].isalpha() else "MODEL_API_KEY"
