"""Dates as people write them, in both languages.

Owns the forms and the check that a form is a day of a calendar. Refuses to say what a date means.
Each form is bounded, so the pattern looks at a bounded stretch behind each character.
"""

import re

_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_YEAR = "(?:1[89]|20)[0-9]{2}"
_CJK_YEAR = "[一二壹贰][一二三四五六七八九〇零○壹贰叁肆伍陆柒捌玖]{3}|[一二三四五六七八九〇零○]{2}"
_NUMERAL = "[一二三四五六七八九十〇零○廿卅初正冬腊壹贰叁肆伍陆柒捌玖拾]{1,4}"
_CALENDAR = "(?:(?:农历|阴历|公历|阳历|旧历|新历)[ ]?)?"
_DAY = "[0-3]?[0-9](?:st|nd|rd|th)?"
_GAP = " {0,2}"
_SIGN = " ?[-/.] ?"
DATE = re.compile(
    rf"(?P<chinese>{_CALENDAR}(?<![0-9])(?:{_YEAR}|[0-9]{{2}}){_GAP}年{_GAP}{_CALENDAR}"
    rf"(?P<cm>[01]?[0-9]){_GAP}月份?(?:{_GAP}(?P<cd>[0-3]?[0-9]){_GAP}[日号]?(?![0-9]))?)"
    rf"|(?P<numerals>{_CALENDAR}(?:{_CJK_YEAR}|{_YEAR}|[0-9]{{2}})年{_CALENDAR}{_NUMERAL}月份?"
    rf"(?:{_NUMERAL}[日号]?)?)"
    rf"|(?P<signs>(?<![0-9]){_YEAR}{_SIGN}(?P<sm>[01]?[0-9])(?:{_SIGN}(?P<sd>[0-3]?[0-9]))?"
    r"(?![0-9]|[-/.][0-9]))"
    rf"|(?P<west>(?<![0-9])"
    rf"(?P<w1>[0-3]?[0-9]){_SIGN}(?P<w2>[0-3]?[0-9]){_SIGN}(?:{_YEAR}|[0-9]{{2}})(?![0-9]))"
    rf"|(?P<bare>(?<![0-9]){_YEAR}(?P<bm>[01][0-9])(?P<bd>[0-3][0-9])(?![0-9]))"
    rf"|(?P<month_first>(?<![A-Za-z])(?:{_MONTHS})\.?{_GAP}{_DAY},?{_GAP}(?:{_YEAR}|'?[0-9]{{2}})(?![0-9]))"
    rf"|(?P<day_first>(?<![0-9]){_DAY}[ -](?:of )?"
    rf"(?:{_MONTHS})\.?,?[ -]{{0,2}}(?:{_YEAR}|'?[0-9]{{2}})(?![0-9]))"
    rf"|(?P<month>(?<![A-Za-z])(?:{_MONTHS})\.?,?{_GAP}{_YEAR}(?![0-9]))"
    rf"|(?P<lone>{_CALENDAR}(?<![0-9])(?P<lm>[01]?[0-9])月(?P<ld>[0-3]?[0-9])[日号])"
    rf"|(?P<year>(?<![0-9/.-])(?:{_YEAR}|[5-9][0-9](?=年)|{_CJK_YEAR}(?=年))(?![0-9A-Za-z]|[/.-][0-9])年?)",
    re.IGNORECASE,
)
_MONTH_GROUPS = ("cm", "sm", "bm", "lm")
_DAY_GROUPS = ("cd", "sd", "bd", "ld")


def is_date(match: re.Match[str]) -> bool:
    """Say whether the month and the day of a match of ``DATE`` exist."""
    parts = match.groupdict()
    if match.lastgroup == "west":
        first, second = int(parts["w1"]), int(parts["w2"])
        return min(first, second) >= 1 and min(first, second) <= 12 and max(first, second) <= 31
    months = [int(parts[name]) for name in _MONTH_GROUPS if parts[name]]
    days = [int(parts[name]) for name in _DAY_GROUPS if parts[name]]
    return all(1 <= month <= 12 for month in months) and all(1 <= day <= 31 for day in days)
