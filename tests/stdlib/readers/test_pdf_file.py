"""PDF pages become paragraphs in reading order, without running heads."""

from __future__ import annotations

from collections.abc import Callable

import pymupdf
import pytest

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.pdf_file import parse
from atkc.stdlib.readers.settings import Settings

LEFT = "The left column speaks of the harbour and its cranes in a long and even voice. " * 6
RIGHT = "Across the gutter the right column lists the ships that came and went at night. " * 6


def pdf(*draw: Callable[[pymupdf.Page], object], **save: object) -> bytes:
    document = pymupdf.open()
    for paint in draw:
        paint(document.new_page(width=600, height=800))
    document.set_metadata({"title": "A Port"})
    return bytes(document.tobytes(**save))


def box(
    x0: float, y0: float, x1: float, y1: float, text: str, size: float = 10
) -> Callable[..., None]:
    def paint(page: pymupdf.Page) -> None:
        assert page.insert_textbox((x0, y0, x1, y1), text, fontsize=size) >= 0

    return paint


def all_of(*paints: Callable[[pymupdf.Page], object]) -> Callable[[pymupdf.Page], None]:
    def paint(page: pymupdf.Page) -> None:
        for one in paints:
            one(page)

    return paint


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("right_first", [False, True])
def test_columns_are_read_one_after_the_other(right_first: bool) -> None:
    columns = [box(50, 200, 280, 600, LEFT), box(320, 200, 550, 600, RIGHT)]
    title = box(50, 100, 550, 150, "A title across both columns of the page", 20)
    foot = box(50, 620, 550, 700, "A closing paragraph runs below them over the full width. " * 4)
    parsed = parse(
        pdf(all_of(title, *(columns[::-1] if right_first else columns), foot)), Settings()
    )
    text = squeezed(parsed.text)
    at = [text.index(squeezed(part)) for part in ("A title across", LEFT, RIGHT, "A closing")]
    assert at == sorted(at)
    assert parsed.headings == ((0, 1, "A title across both columns of the page"),)
    assert parsed.title == "A Port"


def test_lines_join_and_paragraphs_stay_apart() -> None:
    page = all_of(
        box(
            50,
            100,
            350,
            200,
            "One long sentence needs several lines on a page so narrow. Done.",
        ),
        box(50, 220, 350, 300, "Another paragraph."),
    )
    assert parse(pdf(page), Settings()).text == (
        "One long sentence needs several lines on a page so narrow. Done.\n\nAnother paragraph."
    )


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["The har-", "bour opened."], "The harbour opened."),
        (["A well-known port is well-", "known."], "A well-known port is well-known."),
        (["In 1887-", "1890 it grew."], "In 1887-1890 it grew."),
        (["The North-", "South line."], "The North-South line."),
    ],
)
def test_hyphens_at_line_ends(lines: list[str], text: str) -> None:
    page = box(50, 100, 500, 200, "\n".join(lines))
    assert squeezed(parse(pdf(page), Settings()).text) == text


def numbered(n: int, text: str) -> Callable[[pymupdf.Page], None]:
    return all_of(
        box(50, 20, 550, 50, f"Harbour Report, chapter {n}"),
        box(50, 200, 550, 600, text),
        box(280, 760, 320, 790, str(n)),
    )


def test_running_heads_and_page_numbers_go_and_pages_are_known() -> None:
    texts = ["First page text.", "Second page text.", "Third page ends in the", "middle of it."]
    parsed = parse(pdf(*(numbered(n, t) for n, t in enumerate(texts, 1))), Settings())
    assert parsed.text == (
        "First page text.\n\nSecond page text.\n\nThird page ends in the middle of it."
    )
    assert [page for _, page in parsed.pages] == [1, 2, 3, 4]
    starts = [parsed.text[start:].split()[0] for start, _ in parsed.pages]
    assert starts == ["First", "Second", "Third", "middle"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdf(box(50, 50, 500, 99, "x"), encryption=4, owner_pw="o", user_pw="u"), "encrypted"),
        (pdf(lambda page: None), "no-text"),
        (pdf(lambda page: page.draw_rect((1, 1, 9, 9))), "no-text"),
        (b"%PDF-1.7 and then nothing", "corrupt"),
    ],
)
def test_files_without_text_say_why(data: bytes, kind: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(data, Settings())
    assert caught.value.kind == kind


def test_an_owner_password_alone_does_not_hide_text() -> None:
    data = pdf(box(50, 50, 500, 99, "open words"), encryption=4, owner_pw="o", user_pw="")
    assert parse(data, Settings()).text == "open words"


def test_a_repaired_file_is_noted() -> None:
    data = pdf(box(50, 50, 500, 99, "words"))
    broken = data[: data.rindex(b"startxref")] + b"startxref\n999999\n%%EOF"
    parsed = parse(broken, Settings())
    assert (parsed.text, parsed.notes) == ("words", ("damaged file was repaired",))


def test_pages_without_text_are_counted() -> None:
    data = pdf(box(50, 50, 500, 99, "words"), lambda page: None)
    assert parse(data, Settings()).notes == ("1 of 2 pages have no text",)


GRID = (
    [((50, y), (350, y)) for y in (100, 130, 160)],
    [((x, 100), (x, 160)) for x in (50, 150, 350)],
)


def ruled(page: pymupdf.Page) -> None:
    """Two rows of two cells between two paragraphs."""
    for start, end in (*GRID[0], *GRID[1]):
        page.draw_line(start, end)
    for x, y, text in (
        (55, 120, "Berth"),
        (155, 120, "Depth in m"),
        (55, 150, "North"),
        (155, 150, "9"),
    ):
        page.insert_text((x, y), text, fontsize=10)
    page.insert_text((50, 80), "The depths are these.", fontsize=10)
    page.insert_text((50, 200), "They change.", fontsize=10)


def test_a_ruled_table_becomes_pipe_rows_in_its_place() -> None:
    parsed = parse(pdf(ruled), Settings())
    assert parsed.text == (
        "The depths are these.\n\n"
        "| Berth | Depth in m |\n| --- | --- |\n| North | 9 |\n\n"
        "They change."
    )
    assert (parsed.tables, parsed.page_count) == (1, 1)


def test_boxes_around_text_are_no_tables() -> None:
    page = all_of(lambda p: p.draw_rect((40, 90, 400, 200)), box(50, 100, 390, 190, "In a frame."))
    parsed = parse(pdf(page), Settings())
    assert (parsed.text, parsed.tables) == ("In a frame.", 0)


def test_running_heads_whose_words_change_go_with_their_number() -> None:
    heads = ["1.1 Quay walls", "2 The pilots", "2.3 Fees of all kinds", "Index"]
    pages = [
        all_of(box(50, 20, 550, 50, f"{head} {n + 10}"), box(50, 200, 550, 600, f"Text {n}."))
        for n, head in enumerate(heads, 1)
    ]
    assert parse(pdf(*pages), Settings()).text == "Text 1.\n\nText 2.\n\nText 3.\n\nText 4."


def bold(page: pymupdf.Page) -> None:
    page.insert_text((50, 100), "Dredging", fontsize=10, fontname="hebo")
    box(50, 120, 500, 300, LEFT)(page)


def test_a_bold_line_is_a_heading_where_bold_is_rare() -> None:
    parsed = parse(pdf(bold), Settings())
    assert parsed.headings == ((0, 1, "Dredging"),)


def test_bookmarks_give_headings_their_levels() -> None:
    document = pymupdf.open(stream=pdf(bold))
    document.set_toc([[1, "Works", 1], [2, "1.1 Dredging", 1]])
    assert parse(document.tobytes(), Settings()).headings == ((0, 2, "Dredging"),)


def test_code_keeps_its_lines() -> None:
    def paint(page: pymupdf.Page) -> None:
        page.insert_text((50, 100), ["if tide:", "  sail()"], fontname="cour", fontsize=10)

    assert parse(pdf(paint), Settings()).text == "if tide:\n  sail()"
