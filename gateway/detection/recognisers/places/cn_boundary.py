"""Where the name before a house number begins, when nothing before it says so.

Owns the cut between a sentence and the street or estate that its words run into
(上门走访槐树胡同8号). Refuses to guess beyond some 16 characters; it uses word classes, no names.
"""

import re
import string

import rjieba

from gateway.detection.recognisers.places.cn_parts import NO_NAME, NUMERALS, STOPS, words

_WINDOW = 16
_DIGITS = 12
REACH = _WINDOW + _DIGITS
"""A name begins at most so far before the unit of its number."""
_NUMBER = frozenset(f"{string.digits}{string.ascii_letters}{NUMERALS}—~～/-")
_BEFORE = re.compile(
    rf"(?:(?![{STOPS}]|住(?![宅院])|于(?![都家洪田庄楼]))[\u3007\u4e00-\u9fffA-Za-z·])+ {{0,2}}\Z"
)
_NOMINAL = frozenset(("n", "ns", "nz", "nt", "f", "a", "b", "m", "j", "s", "x", "eng", "vn", "zg"))
_NO_NAME = words(
    """
    家 客户 本人 借款人 担保人 联系人 对方 位 第 上 户 前 后 走访 拜访 前往 寄送 联系 搬迁
    查看 购买 租 买 回 去 找 来 进 搬 寄 送 问 查 看
    """
)
_NAME = 3
"""A name and its suffix are at least so long: their words are taken whatever their class, and so
is what would leave less than that before it."""
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_DIVIDES = frozenset("镇乡村区县市")


def name_before(text: str, at: int) -> int:
    """Return where the name that ends before ``at`` begins; ``at`` itself where there is none."""
    at = _number_start(text, at)
    first = max(0, at - _WINDOW)
    match = _BEFORE.search(text[first:at])
    if match is None:
        return at
    window = match.group().rstrip()
    if first + match.start() and text[first + match.start() - 1] == ":":
        return first + match.start()
    length = _length(window)
    words = list(NO_NAME.finditer(window[len(window) - length :]))
    if words:
        length -= words[-1].end()
    if window[len(window) - length :].startswith("个"):
        length -= 1
    return first + match.start() + len(window) - length


def _number_start(text: str, at: int) -> int:
    least = max(0, at - _DIGITS)
    while at > least and text[at - 1] in _NUMBER:
        at -= 1
    return at


def _length(window: str) -> int:
    """Return how many of the last characters of ``window`` are the name."""
    town = max(window.rfind("镇"), window.rfind("乡")) + 1
    if _NAME <= town < len(window):
        return len(window) - town + _length(window[:town])
    length, core = 0, -1
    for word, tag in reversed(rjieba.tag(window)):
        rest = len(window) - length
        if core >= _NAME - 1 and not _continues(word, tag, rest):
            break
        length += len(word)
        core = 0 if word[-1] in _DIVIDES else core + len(word)
    return length


def _continues(word: str, tag: str, rest: int) -> bool:
    if word in _NO_NAME:
        return False
    if tag.startswith("nr"):
        return len(word) == 1 or word[0] not in _SURNAMES
    return tag in _NOMINAL or rest <= _NAME
