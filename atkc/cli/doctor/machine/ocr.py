"""Tesseract, which reads scanned pages, and the languages it knows."""

from __future__ import annotations

from pathlib import Path

from atkc.cli.doctor.case import Case
from atkc.cli.doctor.finding import Finding, ok, problem
from atkc.compiler.plan import SourceOp

_FIX = "install Tesseract with its languages, or point TESSDATA_PREFIX to their folder"


async def check(case: Case) -> list[Finding]:
    """Tell the languages; to have none is a problem only where a source says `ocr: auto`."""
    languages = found_languages()
    if languages:
        return [ok(f"Tesseract reads scanned pages in {', '.join(languages)}")]
    if wanted(case):
        return [problem("Tesseract is not found, and a source says `ocr: auto`", _FIX)]
    return [ok("Tesseract is not found; only scanned pages (`ocr: auto`) would need it")]


def wanted(case: Case) -> bool:
    """Return whether a source wants scanned pages read."""
    nodes = case.plan.nodes if case.plan else ()
    ops = [n.op for n in nodes if isinstance(n.op, SourceOp)]
    return any(op.options.get("ocr") == "auto" for op in ops)


def found_languages() -> list[str]:
    """Return the languages in the folder that PyMuPDF would use, none where it finds none."""
    import pymupdf

    try:
        folder = pymupdf.get_tessdata()
    except RuntimeError:
        return []
    names = (p.stem for p in Path(folder or "").glob("*.traineddata")) if folder else ()
    return sorted(name for name in names if name != "osd")
