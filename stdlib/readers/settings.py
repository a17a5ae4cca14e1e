"""What a format reader must know besides the bytes."""

from __future__ import annotations

from msgspec import Struct


class Settings(Struct, frozen=True):
    """The options of the `documents` reader that format readers look at."""

    strict_encoding: bool = False
    ocr: str = "auto"  # "off", or "auto": pages without a usable text layer
    ocr_languages: tuple[str, ...] = ("eng",)
    max_bytes: int = 200_000_000  # also the bound on what an archive unpacks to, times UNPACKED


UNPACKED = 5  # an archive may unpack to this many times `max_bytes`
