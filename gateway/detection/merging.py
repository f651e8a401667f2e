"""Turns overlapping spans into spans that do not overlap, covering the same characters.

Refuses to drop a character: where recognisers disagree the union is masked. The result depends on
the set of spans only, not on their order.
"""

from collections.abc import Iterable

from gateway.application.ports.detection import Span


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return disjoint spans in order of their start.

    A union takes type and score from its longest part; of equal lengths from the higher score,
    then the earlier start, then the type that sorts first.
    """
    clusters: list[list[Span]] = []
    reach = 0
    for span in sorted(set(spans), key=lambda span: (span.start, span.end)):
        if clusters and span.start < reach:
            clusters[-1].append(span)
        else:
            clusters.append([span])
        reach = max(reach, span.end)
    return [_union(cluster) for cluster in clusters]


def _union(cluster: list[Span]) -> Span:
    if len(cluster) == 1:
        return cluster[0]
    leader = min(
        cluster, key=lambda span: (span.start - span.end, -span.score, span.start, span.type)
    )
    end = max(span.end for span in cluster)
    return Span(cluster[0].start, end, leader.type, leader.score)
