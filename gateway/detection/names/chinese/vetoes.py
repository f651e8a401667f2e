"""What speaks against a name: it is a known place, brand or thing, or what follows makes it one.

Owns these doubts. Refuses them where a title, a relation or a verb of saying stands beside the
name, but for a name that is only a part of a longer word: 张家 in 张家口 is nobody whoever is near.
"""

import re
from collections.abc import Callable
from typing import Final

from gateway.detection.names.chinese.lexicon import PERSON, Lexicon

# 道, 派, 花 and 家 are verbs and nouns behind names too often to be here.
_PLACE_BEHIND: Final = re.compile(
    "[区县镇乡村庄屯寨湾州岛河湖岭峡寺庙塔桥]|市(?!民|长|场)|省(?!长)|山(?!东|西)|江(?!苏|西)|"
    "[大小]学|中学|医院|大道|大街|路(?![过上边途])|街(?!上)|胡同|瀑布|海峡|半岛|山脉|高原|平原|沙漠|"
    "机场|车站|公园|乐园|王朝|帝国|时期|战役|登陆"
)
_THING_BEHIND: Final = re.compile(
    "语|族|树|科(?!长)|属|奖|杯|[队隊](?!长|员)|主义|定理|综合征|病毒|菌|犬|瀑布|米粉|面粉|染发|"
    "公司|集团|银行|股份|控股|基金|证券|保险|信托|电气|电器|汽车|手机|服饰|食品|药业|地产|体育|兄弟破产|"
    "客场|主场|专卖|旗舰店|超市|酒店|大厦|广场|小区|社区|牌|型"
)
_VILLAGE: Final = re.compile(r".[家大小上下]?[村庄湾寨屯沟营店坪]")


def vetoed(
    text: str, start: int, end: int, lexicon: Lexicon, supported: Callable[[], bool]
) -> bool:
    """Say whether the name is more likely something else."""
    if lexicon.covers(text, start, end):
        return True
    name = text[start:end]
    against = (
        lexicon.words.get(name, PERSON) != PERSON
        or _PLACE_BEHIND.match(text, end) is not None
        or _THING_BEHIND.match(text, end) is not None
        or _VILLAGE.fullmatch(name) is not None
    )
    return against and not supported()
