"""Turns overlapping findings into spans that do not overlap, covering the same letters and digits.

Refuses to drop a letter or digit: where recognisers disagree all of it stays covered. The result
depends on the set of findings only, not on their order.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from gateway.application.ports.detection import Detected


def merge(text: str, spans: Iterable[Detected]) -> list[Detected]:
    """Return disjoint spans of ``text`` in order of their start.

    Of spans that overlap, one that covers all the others stands for them. Otherwise those with a
    check digit keep their extent, the others lose what they share with them, and what is left of
    each other's neighbours becomes one span. One span out of several takes all but its extent from
    the longest, of equal lengths from the higher score, then the earlier start, then by type.
    """
    ordered = sorted(spans, key=_extent)
    reach = 0
    for span in ordered:
        if span.start < reach:
            break
        reach = span.end
    else:
        return ordered
    merged: list[Detected] = []
    for cluster in _clusters(ordered):
        merged.extend(_resolved(text, cluster))
    return merged


def _extent(span: Detected) -> tuple[int, int]:
    return span.start, span.end


def _clusters(spans: Iterable[Detected]) -> list[list[Detected]]:
    """Return what overlaps, together; ``spans`` come in order of their extent."""
    clusters: list[list[Detected]] = []
    reach = 0
    for span in spans:
        if clusters and span.start < reach:
            clusters[-1].append(span)
        else:
            clusters.append([span])
        reach = max(reach, span.end)
    return clusters


def _resolved(text: str, cluster: list[Detected]) -> list[Detected]:
    if len(cluster) == 1:
        return cluster
    leader = _leader(cluster)
    start, end = cluster[0].start, max([span.end for span in cluster])
    if (leader.start, leader.end) == (start, end):
        return [leader]
    sure = [_union(one) for one in _clusters([span for span in cluster if span.checked])]
    if not sure:
        return [msgspec.structs.replace(leader, start=start, end=end)]
    rest = [piece for span in cluster if not span.checked for piece in _pieces(text, span, sure)]
    rest.sort(key=_extent)
    return sorted([*sure, *map(_union, _clusters(rest))], key=_extent)


def _union(cluster: list[Detected]) -> Detected:
    return msgspec.structs.replace(
        _leader(cluster), start=cluster[0].start, end=max([span.end for span in cluster])
    )


def _leader(cluster: list[Detected]) -> Detected:
    """Return the first by rank; most often length and score decide, and no words are compared."""
    order = [(span.start - span.end, -span.score) for span in cluster]
    best = min(order)
    if order.count(best) == 1:
        return cluster[order.index(best)]
    return min(cluster, key=_rank)


def _rank(span: Detected) -> tuple[int, float, int, str, str, str, str, str]:
    words = span.type, span.recogniser, span.pattern, span.why, str(span.checked)
    return span.start - span.end, -span.score, span.start, *words


def _pieces(text: str, span: Detected, sure: Sequence[Detected]) -> Iterator[Detected]:
    """Yield what ``sure`` leaves of a span, where a letter or digit is in it."""
    start = span.start
    for one in sure:
        if one.end <= start or one.start >= span.end:
            continue
        if any(map(str.isalnum, text[start : one.start])):
            yield msgspec.structs.replace(span, start=start, end=one.start)
        start = one.end
    if any(map(str.isalnum, text[start : span.end])):
        yield msgspec.structs.replace(span, start=start)
