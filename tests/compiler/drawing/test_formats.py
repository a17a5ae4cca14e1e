"""Drawings as files; golden files are renewed by UPDATE_GOLDEN=1."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from atkc.compiler.drawing.formats import FORMATS, SUFFIXES
from atkc.compiler.drawing.mermaid import fenced
from atkc.compiler.drawing.page import digest
from atkc.compiler.drawing.picture import picture
from tests.compiler.drawing.plans import PLANS, folded, hostile, node, plan, simple

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {"mermaid": "mmd", "dot": "dot", "svg": "svg", "html": "html"}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", ["simple", "folded", "hostile"])
@pytest.mark.parametrize("form", ["mermaid", "dot", "svg"])
def test_drawings_are_as_agreed(name: str, form: str) -> None:
    text = FORMATS[form](picture(PLANS[name]()))
    path = GOLDEN / f"{name}.{ENDINGS[form]}"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def test_suffixes_name_formats() -> None:
    assert set(SUFFIXES.values()) == set(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", PLANS)
def test_every_format_ends_with_a_line_and_is_the_same_twice(form: str, name: str) -> None:
    once, again = (FORMATS[form](picture(PLANS[name]())) for _ in range(2))
    assert once == again
    assert once.endswith("\n")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_a_plan_without_nodes(form: str) -> None:
    assert "drawn" in FORMATS[form](picture(plan()))


# -- Mermaid and DOT -----------------------------------------------------------------------------


def test_mermaid_shows_modules_ports_and_notes() -> None:
    text = FORMATS["mermaid"](picture(folded()))
    assert 'subgraph m1["asked ×4"]' in text
    assert text.count("subgraph") == len(re.findall(r"^ *end$", text, re.MULTILINE)) == 2
    assert '-.->|"failed"|' in text
    assert '-->|"query, on disk"|' in text
    assert "waits for all" in text


def test_mermaid_and_dot_draw_each_arrow_once() -> None:
    drawn = picture(folded())
    assert len(re.findall(r"-->|-\.->", FORMATS["mermaid"](drawn))) == len(drawn.arrows)
    assert FORMATS["dot"](drawn).count(" -> ") == len(drawn.arrows)


def test_hostile_texts_stay_inside_mermaid_labels() -> None:
    text = FORMATS["mermaid"](picture(hostile()))
    labels = re.findall(r'"([^"]*)"', text.split("---\n", 2)[2])
    assert labels
    rest = re.sub(r'"[^"]*"', "", text.split("---\n", 2)[2])
    assert "script" not in rest
    assert not any(c in label.replace("<br/>", "") for label in labels for c in "<>`{}$\\")
    assert "%%{" not in text


def test_mermaid_in_markdown_is_fenced() -> None:
    text = fenced(FORMATS["mermaid"](picture(hostile())))
    assert text.startswith("```mermaid\n---\n")
    assert text.count("```") == 2


def test_dot_strings_are_closed() -> None:
    text = FORMATS["dot"](picture(hostile()))
    rest = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    assert '"' not in rest.replace('""', "")
    assert "script" not in rest
    assert rest.count("{") == rest.count("}")


# -- SVG -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANS)
def test_svg_is_wellformed_and_holds_every_box(name: str) -> None:
    drawn = picture(PLANS[name]())
    root = ET.fromstring(FORMATS["svg"](drawn))
    found = [g.get("id") for g in root.iter(f"{SVG}g") if g.get("id")]
    assert found == [f"box-{i}" for i in range(len(drawn.boxes))]
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
        "svg", "title", "style", "rect", "text", "tspan", "g", "path"
    }  # fmt: skip


def test_svg_marks_what_goes_aside_what_waits_and_what_spills() -> None:
    text = FORMATS["svg"](picture(folded()))
    assert text.count('class="line aside"') == 2  # the stream, and its line in the legend
    assert text.count('class="bar"') == 2
    assert text.count("kept on disk while it waits") == 3
    plain = FORMATS["svg"](picture(simple()))
    assert 'class="bar"' not in plain
    assert "on disk" not in plain


def test_svg_is_readable_by_night() -> None:
    text = FORMATS["svg"](picture(simple()))
    assert "@media (prefers-color-scheme: dark)" in text
    assert "var(" not in text


def test_long_names_are_cut_in_the_box_and_whole_in_its_title() -> None:
    name = "a_very_long_name_" * 6
    text = FORMATS["svg"](picture(plan(node(name, "source"))))
    root = ET.fromstring(text)
    (box,) = (g for g in root.iter(f"{SVG}g") if g.get("id"))
    title, shown = box.find(f"{SVG}title"), box.find(f"{SVG}text")
    assert title is not None
    assert shown is not None
    assert name in (title.text or "")
    assert (shown.text or "").endswith("…")


# -- HTML ----------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "pre": []}
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.inside:
            self.open.append(tag)
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open[-1]][-1] += data

    def policy(self) -> str:
        return next(a["content"] or "" for t, a in self.tags if t == "meta" and "http-equiv" in a)


@pytest.mark.parametrize("name", PLANS)
def test_a_page_runs_nothing_but_its_own_script(name: str) -> None:
    page = Page(FORMATS["html"](picture(PLANS[name]())))
    (script,) = page.inside["script"]
    assert f"script-src {digest(script)}" in page.policy()
    assert len(page.inside["style"]) == 2
    assert all(digest(style) in page.policy() for style in page.inside["style"])


@pytest.mark.parametrize("name", PLANS)
def test_a_page_loads_nothing(name: str) -> None:
    text = FORMATS["html"](picture(PLANS[name]()))
    page = Page(text)
    loading = {"src", "href", "action", "style", "xlink:href", "data"}
    assert not [a for _, attrs in page.tags for a in attrs if a in loading or a.startswith("on")]
    assert "default-src 'none'" in page.policy()
    assert "unsafe" not in page.policy()
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg"}


def test_a_page_tells_of_each_box() -> None:
    drawn = picture(simple())
    page = Page(FORMATS["html"](drawn))
    sections = [a["id"] for t, a in page.tags if t == "section"]
    assert sections == ["intro", *(f"facts-{i}" for i in range(len(drawn.boxes)))]
    assert page.inside["pre"] == [f.text for b in drawn.boxes for f in b.facts]
