"""Pictures of answers: valid PNG files that show what they are given."""

import struct
import zlib
from collections.abc import Iterator

import pytest

from clients.keyholder.picture.canvas import BLUE, RED, WHITE, Canvas
from clients.keyholder.picture.chart import MAX_PANELS, MAX_ROWS, WIDTH, Panel, Row, chart


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        (check,) = struct.unpack(">I", png[at + 8 + size : at + 12 + size])
        assert check == zlib.crc32(kind + body)
        yield kind, body
        at += 12 + size


def pixels(png: bytes) -> list[list[tuple[int, ...]]]:
    found = dict(chunks(png))
    width, height, depth, colour = struct.unpack(">IIBB", found[b"IHDR"][:10])
    assert (depth, colour) == (8, 2)
    raw = zlib.decompress(found[b"IDAT"])
    size = 3 * width + 1
    assert len(raw) == size * height
    rows = [raw[at * size : (at + 1) * size] for at in range(height)]
    assert all(row[0] == 0 for row in rows)
    return [
        [tuple(row[1 + 3 * x : 4 + 3 * x]) for x in range(width)] for row in rows
    ]  # fmt: skip


def longest(picture: list[list[tuple[int, ...]]], colour: tuple[int, int, int]) -> list[int]:
    """The number of points of a colour in each row that has some, equal neighbours once."""
    counts = [row.count(colour) for row in picture]
    return [one for one, before in zip(counts, [0, *counts], strict=False) if one != before and one]


def test_the_parts_of_a_file_are_those_of_a_png() -> None:
    assert [kind for kind, _ in chunks(Canvas(3, 2).png())] == [b"IHDR", b"IDAT", b"IEND"]


def test_what_is_drawn_outside_is_cut() -> None:
    canvas = Canvas(4, 4)
    canvas.rectangle(-5, -5, 6, 6, RED)
    canvas.rectangle(3, 3, 9, 9, BLUE)
    canvas.rectangle(9, 9, 9, 9, BLUE)
    canvas.line((-3, -3), (-1, -1), 1, BLUE)
    canvas.text(-100, -100, "outside")
    found = pixels(canvas.png())
    assert [row.count(RED) for row in found] == [1, 0, 0, 0]
    assert [row.count(BLUE) for row in found] == [0, 0, 0, 1]


def test_bars_are_as_long_as_their_values() -> None:
    rows = (Row("a", 100.0), Row("b", 50.0), Row("c", 25.0), Row("d", None, note="suppressed"))
    lengths = longest(pixels(chart("t", "s", [Panel("p", rows)])), BLUE)
    bars = sorted({one for one in lengths if one > 20}, reverse=True)
    full = max(bars)
    assert any(abs(one - full / 2) < 4 for one in bars)
    assert any(abs(one - full / 4) < 4 for one in bars)


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (Row("only", None, note="suppressed"),),
        (Row("zero", 0.0),),
        (Row("negative", -5.0, 1.0), Row("tiny", 1e-9), Row("large", 1e15, 1e14)),
        tuple(Row(f"row {at}", float(at)) for at in range(MAX_ROWS + 5)),
        (Row("数" * 40, 3.0, 1.0),),
    ],
    ids=["none", "suppressed", "zero", "mixed", "many", "long"],
)
@pytest.mark.parametrize("line", [False, True])
def test_any_rows_can_be_drawn(rows: tuple[Row, ...], line: bool) -> None:
    (kind, head), *_ = chunks(chart("Title", "Subtitle", [Panel("Panel", rows, line)]))
    assert kind == b"IHDR"
    assert struct.unpack(">I", head[:4]) == (WIDTH,)


def test_the_size_of_a_picture_is_bounded() -> None:
    panel = Panel("p", tuple(Row("r", 1.0) for _ in range(5)))
    sizes = [
        struct.unpack(">II", dict(chunks(chart("t", "s", [panel] * count)))[b"IHDR"][:8])[1]
        for count in (MAX_PANELS, 4 * MAX_PANELS)
    ]
    assert sizes[0] == sizes[1]


def test_a_canvas_is_white_at_first() -> None:
    assert set(pixels(Canvas(2, 2).png())[0]) == {WHITE}
