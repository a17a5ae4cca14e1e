"""HTML gives what a person reads."""

from __future__ import annotations

import pytest

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.html_file import parse
from atkc.stdlib.readers.settings import Settings


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>a\n  b <b>c</b>d</p><p>e</p>", "a b cd\n\ne"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc"),
        ("one<br>two", "one\ntwo"),
        ("<script>x()</script><style>p{}</style><nav>menu</nav>a<footer>f</footer>b", "ab"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"),
        ("<ol><li>a</li><li><p>b</p></li></ol>", "1. a\n2. b"),
        ("<p>x</p><ul><li>a</li></ul><p>y</p>", "x\n\n- a\n\ny"),
        (
            "<table><caption>Cap</caption><tr><th>A<th>B</tr><tr><td>1|2<td>3</table>",
            "Cap\n\n| A | B |\n| --- | --- |\n| 1\\|2 | 3 |",
        ),
        (
            "<table><tr><td>out<table><tr><td>in</td></tr></table></td><td>b</td></tr></table>",
            "| out in | b |\n| --- | --- |",
        ),
        ("<table><tr><td><td>Note</tr><tr><td>Mind the gap.</table>", "Note\n\nMind the gap."),
        ('<div role="navigation">next</div><p role="note">a</p>', "a"),
        ("<pre>  a\n    b</pre>", "  a\n    b"),
        ("<p>a</p><!-- no --><p hidden>h</p><p>b &amp; c</p>", "a\n\nb & c"),
        ("<dl><dt>t</dt><dd>d</dd></dl>", "t\n\nd"),
    ],
)
def test_blocks(body: str, text: str) -> None:
    page = f"<html><head><title> A  page </title></head><body>{body}</body></html>"
    parsed = parse(page.encode(), Settings())
    assert parsed.text == text
    assert parsed.title == "A page"


def test_headings_know_their_level_and_place() -> None:
    parsed = parse(b"<h1>One</h1><p>x</p><h3>Th<i>ree</i></h3>", Settings())
    assert parsed.headings == ((0, 1, "One"), (8, 3, "Three"))
    assert parsed.text == "One\n\nx\n\nThree"


@pytest.mark.parametrize(
    "head",
    [
        b'<meta charset="iso-8859-1">',
        b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">',
        b'<?xml version="1.0" encoding="ISO-8859-1"?>',
    ],
)
def test_declared_encodings_are_obeyed(head: bytes) -> None:
    data = head + "<p>Größe</p>".encode("latin-1")
    assert parse(data, Settings(strict_encoding=True)).text == "Größe"


def test_deep_pages_are_read_to_the_end_or_refused() -> None:
    def page(depth: int) -> bytes:
        return b"<div>" * depth + b"deep" + b"</div>" * depth + b"<p>end</p>"

    assert parse(page(1500), Settings()).text == "deep\n\nend"
    with pytest.raises(RecordError) as caught:
        parse(page(5000), Settings())
    assert caught.value.kind == "corrupt"
