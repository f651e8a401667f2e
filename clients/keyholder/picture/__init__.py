"""Small charts as PNG files, without a drawing library.

Owns a raster of colours, a bitmap font and the two charts that aggregates need: bars and lines.
Refuses characters outside printable ASCII: they are drawn as a box.
"""
