"""A raster of colours, drawn on and written as PNG (W3C PNG, third edition; 8 bit truecolour).

Owns rectangles, lines, text and the file's bytes. Refuses to draw outside: what lies there is cut.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from clients.keyholder.picture.font import HEIGHT, WIDTH, columns, text_width

Colour = tuple[int, int, int]
WHITE: Final = (255, 255, 255)
INK: Final = (33, 37, 41)
GREY: Final = (134, 142, 150)
FAINT: Final = (233, 236, 239)
BLUE: Final = (51, 112, 179)
RED: Final = (192, 57, 43)


class Canvas:
    """``width`` by ``height`` points, white at first; x to the right, y down."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._rows = [bytearray(bytes(WHITE) * width) for _ in range(height)]

    def rectangle(self, x: int, y: int, width: int, height: int, colour: Colour) -> None:
        """Fill a rectangle."""
        left, right = max(0, x), min(self.width, x + width)
        if left >= right:
            return
        line = bytes(colour) * (right - left)
        for row in self._rows[max(0, y) : max(0, min(self.height, y + height))]:
            row[3 * left : 3 * right] = line

    def line(self, start: tuple[int, int], end: tuple[int, int], width: int, to: Colour) -> None:
        """Draw a straight line of some width."""
        (x, y), (to_x, to_y) = start, end
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        half = width // 2
        for step in range(steps + 1):
            at_x = x + round((to_x - x) * step / steps)
            at_y = y + round((to_y - y) * step / steps)
            self.rectangle(at_x - half, at_y - half, width, width, to)

    def text(self, x: int, y: int, text: str, colour: Colour = INK, scale: int = 2) -> None:
        """Write a line of text, its upper left corner at (x, y)."""
        for place, char in enumerate(text):
            left = x + place * WIDTH * scale
            for column, bits in enumerate(columns(char)):
                for row in range(HEIGHT + 1):
                    if bits >> row & 1:
                        self.rectangle(left + column * scale, y + row * scale, scale, scale, colour)

    def text_right(self, x: int, y: int, text: str, colour: Colour = INK, scale: int = 2) -> None:
        """Write a line of text that ends at x."""
        self.text(x - text_width(text, scale), y, text, colour, scale)

    def text_middle(self, x: int, y: int, text: str, colour: Colour = INK, scale: int = 2) -> None:
        """Write a line of text around x."""
        self.text(x - text_width(text, scale) // 2, y, text, colour, scale)

    def png(self) -> bytes:
        """Return the picture as a PNG file."""
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        # Each row begins with its filter: none.
        body = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        parts = (_chunk(b"IHDR", head), _chunk(b"IDAT", body), _chunk(b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)
