"""Keys: read when a call is made, and kept out of every message."""

from __future__ import annotations

import os

from msgspec import Struct

from atkc.runtime.errors import Permanent

_HIDDEN = "***"
_SHORTEST = 4  # characters; a shorter secret would blot out half of a message


class Key(Struct, frozen=True):
    """The key of an endpoint, by the name of the environment variable that holds it."""

    variable: str | None
    needed: bool = True

    def read(self) -> str:
        """Return the key, empty where the endpoint needs none; raises Permanent (ATK701)."""
        if self.variable is None:
            return ""
        key = os.environ.get(self.variable, "").strip()
        if not key and not self.needed:
            return ""
        if not key:
            text = f"the environment variable `{self.variable}` with the key is not set"
            raise Permanent(text, fatal="ATK701")
        if not key.isascii() or not key.isprintable():
            text = f"the key in `{self.variable}` has characters that no header can carry"
            raise Permanent(text, fatal="ATK701")
        return key


def hidden(text: str, *secrets: str) -> str:
    """Return the text with every secret blotted out."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, _HIDDEN)
    return text
