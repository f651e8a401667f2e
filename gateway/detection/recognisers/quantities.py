"""Digits that count something: the unit behind them says so.

Owns the units of Chinese that stand directly behind a number. Refuses to judge numbers that a check
digit or their form makes what they are: asked of bare digits only.
"""

from gateway.detection.text.view import View

_UNITS = frozenset("元圆万亿%年月日天次人个個本件股笔张块美份户条只台套米吨辆篇")
# 部 is a unit, but for the begin of a department.
_UNIT, _NO_UNIT_BEFORE = "部", frozenset("门門长長队隊分件")


def counts_something(view: View, end: int) -> bool:
    """Say whether a unit stands behind digits: then they are a quantity, whatever stands before."""
    after = view.text[end : end + 2]
    if after[:1] == _UNIT:
        return after[1:] not in _NO_UNIT_BEFORE
    return after[:1] in _UNITS
