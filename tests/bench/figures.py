"""What a benchmark reports: named ratios of peer and ours, printed and written as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build"


@dataclass(frozen=True)
class Figure:
    """One figure: ours and the peer's in ``unit``, measured in one run, and the goal of the ratio.

    ``ratio`` is above 1 where ours is better, or the share of the peer's rate that ours reaches.
    """

    name: str
    ours: float
    peer: float
    ratio: float
    unit: str
    goal: str

    def line(self) -> str:
        """Return the figure as one line for people."""
        return (
            f"{self.name:38} ours {self.ours:12,.2f}  peer {self.peer:12,.2f} {self.unit:22}"
            f" ratio {self.ratio:8.3f}  (goal {self.goal})"
        )


def write(figures: list[Figure], folder: Path = BUILD) -> Path:
    """Write ``bench.json`` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "bench.json"
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    return path
