"""Where in sequences of emissions a span may be at all: only there is anything decoded.

Owns the bound, and which stretches are decoded side by side. Taking a span for none instead changes
a path's score by the emissions in it and by the transitions into it, in it and out of it: where no
positions in a row can make up for these, next to no other span, every span is less likely than its
floor. Refuses to look at more than the best label of a type at each position, so that it stays a
few array operations over all sequences; next to another span the slack makes up for the difference.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.crf.decoding import LONGEST, Floors, RawSpan, StretchDecoder
from gateway.detection.names.crf.model import Model

Ints = NDArray[np.intp]
Floats = NDArray[np.floating]

_APART: Final = 1e4
"""More than the emissions of a sequence can differ by: no sum is worth going over a border."""
_SHORTEST_CUT: Final = 24
_MOST_TOGETHER: Final = 128
_FEW: Final = 64
_CROWD: Final = 256


class Stretch(NamedTuple):
    """Positions ``start`` to ``end``, all of the sequence number ``owner``."""

    start: int
    end: int
    owner: int


def groups(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    """Yield those of about one length together, the longest first: little is padded."""
    group: list[Stretch] = []
    longest = 0
    for one in sorted(stretches, key=lambda one: one.start - one.end):
        size = one.end - one.start
        if len(group) >= _MOST_TOGETHER or (len(group) >= _FEW and 2 * size < longest):
            yield group
            group = []
        if not group:
            longest = size
        group.append(one)
    if group:
        yield group


def decoded(
    decoder: StretchDecoder, emissions: Floats, stretches: Sequence[Stretch], floors: Floors
) -> Iterator[tuple[Stretch, list[RawSpan]]]:
    """Yield each stretch with its spans; in a crowd, stretches that are the same cost one."""
    alike: dict[bytes, list[Stretch]] = {}
    if len(stretches) > _CROWD:
        for one in stretches:
            alike.setdefault(emissions[one.start : one.end].tobytes(), []).append(one)
        stretches = [some[0] for some in alike.values()]
    for part in groups(stretches):
        for one, spans in zip(part, decoder.spans(emissions, part, floors), strict=True):
            yield one, spans
            if alike:
                for other in alike[emissions[one.start : one.end].tobytes()][1:]:
                    yield other, spans


class Bounds:
    """Finds the stretches for a model.

    By type: how likely a span must be, and by how many nats less likely ones are looked at as well.
    """

    def __init__(
        self, model: Model, floors: Mapping[str, float], slack: Mapping[str, float]
    ) -> None:
        labels, steps = model.labels, model.transitions
        at = {
            part: np.array([labels.index(f"{part}-{one}") for one in model.types])
            for part in "BIES"
        }
        self._other = other = labels.index("O")
        self._order = np.concatenate(list(at.values()))
        self._types = len(model.types)
        inner = np.stack([steps[at[a], at[b]] for a, b in ("BI", "BE", "II", "IE")]).max(axis=0)
        none = steps[other, other]
        self._step = inner - none
        least = np.array([np.log(floors[one]) - slack[one] for one in model.types])
        # What it costs to go into a span, and out of it; at the edge of a sequence nothing.
        self._into = np.minimum(steps[other, at["B"]] - none, 0.0)
        self._out = np.minimum(steps[at["E"], other] - none, 0.0)
        self._least = least + self._step - self._into - self._out
        single = steps[other, at["S"]] + steps[at["S"], other] - 2 * none
        self._alone = np.minimum(single, 0.0)
        self._least_alone = least - single

    def stretches(self, emissions: Floats, firsts: Ints) -> Iterator[Stretch]:
        """Yield the stretches that may hold a span, with a position that holds none around.

        ``firsts`` are where the sequences begin, 0 the first of them.
        """
        may = self._may(emissions, firsts)
        starts, ends = _around(may, firsts)
        owners = (firsts.searchsorted(starts, "right") - 1).tolist()
        for start, end, owner in zip(starts.tolist(), ends.tolist(), owners, strict=True):
            while end - start > LONGEST:
                # Where a name is least likely.
                part = emissions[start + _SHORTEST_CUT : start + LONGEST]
                cut = int((part[:, self._other] - part.max(axis=1)).argmax())
                cut += start + _SHORTEST_CUT
                yield Stretch(start, cut, owner)
                start = cut
            yield Stretch(start, end, owner)

    def _may(self, emissions: Floats, firsts: Ints) -> NDArray[np.bool_]:
        """Say which positions may be in a span, taking the best label of a type for each."""
        # The one before the first sequence is the last: numbers below 0 count from the end.
        lasts = firsts - 1
        many = self._types
        relative = emissions.take(self._order, axis=1)
        relative -= emissions[:, self._other, None]
        best = np.maximum(relative[:, :many], relative[:, many : 2 * many])
        np.maximum(best, relative[:, 2 * many : 3 * many], out=best)
        best += self._step
        best[firsts] -= self._into
        best[lasts] -= self._out
        alone = relative[:, 3 * many :]
        alone[firsts] -= self._alone
        alone[lasts] -= self._alone
        sums = best.astype(np.float64)
        sums[firsts] -= _APART
        sums.cumsum(axis=0, out=sums)
        # The best sum over positions that include this one: its highest end less its lowest begin.
        highest = np.maximum.accumulate(sums[::-1], axis=0)[::-1]
        highest -= np.minimum.accumulate(sums - best, axis=0)
        may = highest >= self._least
        may |= alone >= self._least_alone
        found: NDArray[np.bool_] = may.any(axis=1)
        return found


def _around(may: NDArray[np.bool_], firsts: Ints) -> tuple[Ints, Ints]:
    """Return the starts and ends of the runs of True, with a position around, in one sequence."""
    same = np.ones(len(may) + 1, np.bool_)
    same[firsts] = same[-1] = False
    wide = may.copy()
    wide[1:] |= may[:-1] & same[1:-1]
    wide[:-1] |= may[1:] & same[1:-1]
    joined = same
    joined[1:-1] &= wide[1:] & wide[:-1]
    return (wide & ~joined[:-1]).nonzero()[0], (wide & ~joined[1:]).nonzero()[0] + 1
