"""A picture as one HTML page that works with no network: zoom, drag, and click a box to read it."""

from __future__ import annotations

import base64
import hashlib

from atkc.compiler.drawing.picture import Picture
from atkc.compiler.drawing.style import sheet
from atkc.compiler.drawing.svg import draw_svg


def draw_page(drawn: Picture) -> str:
    """Return the page. Its script and styles are allowed by hash; nothing else may run or load."""
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    loader = PackageLoader("atkc.compiler.drawing", "")
    environment = Environment(autoescape=True, loader=loader, keep_trailing_newline=True)
    environment.filters["digest"] = digest
    return environment.get_template("page.jinja").render(
        drawn=drawn,
        svg=Markup(draw_svg(drawn)),  # noqa: S704 - the drawing escapes its texts itself
        svg_style=sheet(),
    )


def digest(text: str) -> str:
    """Return the source expression of a Content Security Policy that allows exactly this text."""
    raw = hashlib.sha256(str(text).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(raw).decode('ascii')}'"
