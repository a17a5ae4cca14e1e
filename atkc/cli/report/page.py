"""The page: its sections, its style and its script, which are all that may run or load."""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup

from atkc.cli.report.facts import Facts
from atkc.cli.report.head import head
from atkc.cli.report.markup import el
from atkc.cli.report.section import SECTIONS, Section
from atkc.compiler.drawing.page import digest
from atkc.compiler.drawing.style import sheet
from atkc.runtime.publish import REPORT_MARK


def page(facts: Facts) -> str:
    """Return the whole page."""
    found = [(section, body) for section in SECTIONS if (body := section.body(facts)) is not None]
    name = _name(facts)
    top = el("header", el("h1", name), _contents([section for section, _ in found]))
    main = el("main", el("section", head(facts), id="head"), *(_shown(*one) for one in found))
    body = el("body", top, main, el("script", _ours("page.js")))
    return f"{REPORT_MARK}\n{el('html', _head(name), body, lang='en')}\n"


def _head(name: str) -> Markup:
    style, script = _ours("page.css"), _ours("page.js")
    allowed = (
        f"default-src 'none'; style-src {digest(style)} {digest(sheet())}; "
        f"script-src {digest(script)}; base-uri 'none'; form-action 'none'"
    )
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=allowed),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{name}: report"),
        el("style", style),
    )


def _name(facts: Facts) -> str:
    if facts.picture is not None:
        return facts.picture.name
    return str(facts.manifest.get("name") or facts.folder.name)


def _contents(sections: list[Section]) -> Markup:
    return el("nav", *(el("a", section.title, href=f"#{section.id}") for section in sections))


def _shown(section: Section, body: Markup) -> Markup:
    return el("section", el("h2", section.title), body, id=section.id)


def _ours(name: str) -> Markup:
    text = files(__package__ or "").joinpath(name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704  # a file of this package
