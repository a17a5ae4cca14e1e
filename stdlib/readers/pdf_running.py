"""Recognises what stands at the head or foot of a PDF page."""

from __future__ import annotations

from atkc.stdlib.readers.pdf_layout import Piece

_ZONE = 0.1  # share of the height at head and foot


def margin_text(piece: Piece, height: float) -> str | None:
    """Return what a piece at head or foot says, None elsewhere."""
    if height * _ZONE < piece.box[3] and piece.box[1] < height * (1 - _ZONE):
        return None
    return " ".join(" ".join(line.text for line in piece.lines).split())
