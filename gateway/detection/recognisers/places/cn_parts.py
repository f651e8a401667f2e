"""The parts of a Chinese address below the county: what one looks like at a place of a text.

Owns the suffixes (路, 小区, 号楼, 室 ...), the numbers before them, and the words no name of a
street or an estate contains. Refuses to say where an address begins or whether it is one: that is
``cn_chain``'s. Each pattern is anchored and looks at no more than some 20 characters.
"""

import re
from enum import IntEnum, auto
from typing import NamedTuple


class Kind(IntEnum):
    """What a part is, from the large to the small."""

    DIVISION = auto()
    SHORT = auto()
    """A division without its suffix: may be a street's name as well."""
    AREA = auto()
    """Has the suffix of a division that the gazetteer does not know."""
    TOWN = auto()
    VILLAGE = auto()
    ROAD = auto()
    ESTATE = auto()
    PUBLIC = auto()
    """A school, hospital, station: a place, but of no household."""
    NAME = auto()
    """A name without a suffix that a building's number follows."""
    NUMBER = auto()
    BUILDING = auto()
    UNIT = auto()
    FLOOR = auto()
    ROOM = auto()


class Part(NamedTuple):
    """``text[start:end]`` is a part."""

    kind: Kind
    start: int
    end: int


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(text.split())


DETAILS = frozenset({Kind.NUMBER, Kind.BUILDING, Kind.UNIT, Kind.FLOOR, Kind.ROOM})
NAMED = frozenset({Kind.TOWN, Kind.VILLAGE, Kind.ROAD, Kind.ESTATE})

STOPS = "的了是在到往把被已与及或并请我你他她它们您这那此该因但还再不没就对让给过着"
_CJK = f"(?:(?![{STOPS}]|住(?![宅院])|于(?![都家洪田庄楼]))[\u3007\u4e00-\u9fff])"
_NAME_CHARACTER = f"(?:{_CJK}|[A-Za-z·])"
NUMERALS = "一二三四五六七八九十百零〇两壹贰叁肆伍陆柒捌玖"
_N = (
    rf"(?:[0-9]{{1,5}}[A-Za-z]?|[A-Za-z]{{1,2}}[-]?[0-9]{{0,5}}|[{NUMERALS}]{{1,6}}"
    r"|[甲乙丙丁东西南北首顶])"
)
_HOUSE = (
    "[号號](?![线令码种位选航召]|文(?![化庙景汇星昌武])|机(?![电场关械])|公(?![寓馆园安路])"
    "|台(?![北州东南湾儿山江胞])|店(?![铺面])|球(?!场))"
)
"""What stands behind a house number; not a line, a document, a machine, a bulletin."""
_UNITS: tuple[tuple[Kind, str], ...] = (
    (
        Kind.ROOM,
        "号房|号?门面|店面|铺面|摊位|商铺|档口|房间|[0-9一二三四五六七八九十]寝室|寝室|床(?![上单位垫铺头])|号?仓(?![库位储])|室(?![一二三两0-9]?厅|内|外|友|温)|房(?![产屋子贷价租东间])|户(?![籍主口型名])|号?铺",
    ),
    (
        Kind.BUILDING,
        "号院?(?:宿舍|教学|办公|厂)?楼|宿舍楼|号厂房|号院|号库|栋楼?|幢|座|(?<=[0-9])#楼?|期|区|排|塔|公寓|舍(?![得弃不友])|厂房|(?:管理|作业|片)区|代(?![表理码号])",
    ),
    (Kind.UNIT, "单元|门(?![口面诊])|梯|號樓"),
    (
        Kind.FLOOR,
        "层(?![次面级])|字[楼樓]|[楼樓](?![盘市梯道上下])(?:之[0-9]{1,2})?|[Ff](?![A-Za-z])",
    ),
    (
        Kind.NUMBER,
        rf"{_HOUSE}(?:之[0-9一二三四五六七八九十]{{1,2}}|[甲乙丙丁](?![级方等类种]))?|弄|支弄|(?<![甲乙丙丁东西南北首顶])巷|委(?![员托办书])|(?<=[0-9])街(?=[0-9])|(?<=[0-9])村(?=[0-9])"
        "|连(?![续接锁同带长])|团(?=[0-9一二三四五六七八九十]{1,3}连)"
        "|村民小?组|组(?![织成合])|[大小]队(?![员长])|队(?![员长])|街坊|社(?![区会保])",
    ),
)
_BY_UNIT = "|".join(f"(?P<{kind.name}>{units})" for kind, units in _UNITS)
DETAIL = re.compile(
    rf"(?:第|附|负|地下|甲|乙|东|西|南|北)?{_N}(?: ?[-—~～/、至之] ?{_N}){{0,3}} {{0,2}}"
    rf"(?:{_BY_UNIT})"
)
_UNITS_MAIN = "排(?![名查列放水队除污])|单元|房间|床|寝室|[号號弄栋幢座室层组]|楼|#"
ANCHOR = re.compile(
    rf"[0-9A-Za-z{NUMERALS}] {{0,2}}(?:{_UNITS_MAIN})|[\u4e00-\u9fff] ?[0-9]{{1,3}}[-—][0-9]{{1,4}}"
)
STREET_OR_ESTATE = re.compile(
    "[路街巷村屯庄寓厦苑]|胡同|大道|[东西南北一二三四五六七八九十]道|小区|花园|广场|家园|新城|科技园|工业园|嘎查"
)
"""What stands in an address that has no number."""
BARE_ROOM = re.compile(
    r"(?!(?:19|20)[0-9]{2}[-—/.年])"
    r"附?(?:[A-Za-z]?[0-9]{2,5}[A-Za-z]?(?!世纪)|[A-Za-z0-9]{1,4}(?=[-—][A-Za-z]?[0-9]))"
    r"(?: ?[-—~～/] ?[A-Za-z]?[0-9]{1,5}[A-Za-z]?){0,3}"
    r"(?![0-9A-Za-z年月日时点元万千亿%‰℃㎡:.·平米岁次名人个件笔套份期天周路街])"
)
DASHED_ROOM = re.compile(
    r"(?!(?:19|20)[0-9]{2}-)[0-9]{1,4}(?:[-—][0-9A-Za-z]{1,5}){2,3}(?![0-9A-Za-z])"
)
LETTER = re.compile("[A-H](?![0-9A-Za-z])")
"""Behind a floor: a flat."""
BASEMENT = re.compile(r"(?:负|地下)[一二三四1234]?[层楼]|[Bb][1-4](?![0-9A-Za-z])层?")
POSTCODE = re.compile(r"[ ,，]{0,3}(?:[(（]?邮编[:：]? ?)?[1-8][0-9]{5}(?![0-9A-Za-z])[)）]?")
LABELLED_POSTCODE = re.compile(r"邮(?:政)?编(?:码)?[是为:：]? ?([0-8][0-9]{5})(?![0-9])")
HINT = re.compile(r" ?[(（](?=[^()（）]{0,14}[近旁边口站内侧原对面])[^()（）\n]{2,15}[)）]")
SEPARATOR = re.compile(r"[ \t]{0,3}(?:[,，、/|\-\n\r]{1,2}[ \t]{0,4})?")

_ROAD_ENDS = "(?![线程径况演人由上过边口灯费])"
_SUFFIXES: tuple[tuple[Kind, str], ...] = (
    (Kind.TOWN, r"街道(?:办事处|办(?![公理事]))?|镇(?![政党人])|乡(?![村镇政党亲])|鄉|鎮|苏木"),
    (
        Kind.VILLAGE,
        "(?:行政|自然|中心)村|村民委员会|居民委员会|村民小组|居委会|村委会|嘎查|[农林牧渔茶]场(?![主合产经管])"
        "|(?<![农乡新全本各])村(?![民干镇委])|[屯寨]|庄(?!园)|委(?=[0-9])",
    ),
    (
        Kind.ESTATE,
        "小区|社区|花园|花苑|花城|广场|大厦|公寓|新村|家园|宿舍楼?|别墅|公馆|名邸|豪庭|华庭|雅苑|新城|"
        "(?:科技|工业|产业|创业|软件|物流|创意|商务|高新)园区?|开发区|高新区|工业区|园区|校区|"
        "邨|家属[院楼区]|生活区|商城|商厦|大楼|商务楼|"
        "(?:办公|写字|教学)楼(?= ?[0-9A-Z一二三四五六七八九十])|"
        "中心(?![小校])|国际(?=[0-9A-Z])|SOHO|[东西南北A-Ea-e一二三四]区|[苑城府邸湾墅阁轩郡]"
        r"(?=[ ]?[0-9A-Z一二三四五六七八九十])|园(?![林区丁地])|(?:艺术|文创)区|街区(?= ?[0-9])"
        "|楼(?= ?[0-9]{1,4}[室楼房号层])",
    ),
    (
        Kind.ROAD,
        rf"(?:[环横纵支]路|路|大街|[街]|大道|胡同|国道|省道|(?<=[一二三四五六七八九十东西南北中环])道"
        r"|(?:大道|道|街|路)[东西南北中](?= ?[0-9])|(?<![频渠通报知轨管赛跑味河弯])道(?= ?[0-9]"
        r"|(?![路德理歉具教义长士谢])[\u4e00-\u9fff]{2,14}[0-9]))"
        f"(?:[东西南北中一二三四五六七八九]段|辅路)?{_ROAD_ENDS}|[巷]"
        r"|[里坊](?=[ ]?(?:[0-9A-Z甲乙]|[一二三四五六七八九十]{1,3}[号区弄])|"
        r"[，,。;；\n]|$)|经[一二三四五六七八九十]{1,2}路",
    ),
    (
        Kind.PUBLIC,
        "大学|学院|中学|小学|学校|医院(?:住院部)?|酒店|宾馆|旅馆|招待所|火车站|地铁站|车站|项目部|研究院|研究所|公园|市场|工厂|厂",
    ),
    (
        Kind.AREA,
        f"生产建设兵团(?:第[{NUMERALS}0-9]{{1,3}}师)?|自治[州县旗]|[市县區縣州旗](?![委政场长民])|区(?![人政域别委法])",
    ),
)


def _by_suffix(suffixes: tuple[tuple[Kind, str], ...]) -> str:
    return "|".join(f"(?P<{kind.name}>{suffix})" for kind, suffix in suffixes)


NAME = re.compile(rf"(?:21(?=世纪))?{_NAME_CHARACTER}{{0,9}}?(?:{_by_suffix(_SUFFIXES)})")
_BUILDING_BEHIND = (
    r" ?(?:(?:[0-9]{1,4}|[A-Z]|[一二三四五六七八九十]{1,2}) ?(?:号楼|栋|幢|单元|期|排)"
    r"|[A-Z][0-9]? ?[座区栋]"
    r"|[0-9]{1,3}[-—][0-9]{1,3}[-—][0-9])"
)
LOWER_NAME = re.compile(f"(?:21(?=世纪))?{_NAME_CHARACTER}{{0,9}}?(?:{_by_suffix(_SUFFIXES[:-1])})")
"""``NAME`` below the divisions."""
BARE_NAME = re.compile(rf"{_NAME_CHARACTER}{{2,8}}?(?={_BUILDING_BEHIND})")
INNER_NAME = re.compile(
    rf"(?![共有约第]){_CJK}{{1,8}}?"
    r"(?= ?(?:[0-9]{1,4}(?:-[0-9]{1,3})?|[A-Z]|[一二三四五六七八九十]{1,2})"
    r" ?(?:号|座|室|层|楼|栋|幢|单元|代)|(?= ?[0-9]{1,2}[-—][0-9]{3,4}(?![0-9-])))"
)
"""Within an address, before a number of whatever is inside a building."""
NAME_AND_ROOM = re.compile(rf"{_CJK}{{2,8}}(?= ?[0-9]{{3,4}}(?![0-9]))")
"""Behind a house number: a tower without a suffix, and a room in it."""
NUMBERED_NAME = re.compile(rf"{_CJK}{{2,8}}[0-9]{{1,4}}(?:小区|公寓|广场|花园|街区|家园)")
"""An estate with a number in its name."""
CROSSING = re.compile(
    rf"[与和及]{_CJK}{{1,9}}?[路街道巷](?:交叉路?口|交叉处|交汇处|交汇口|交会处|交口|交界处|十字|路口)"
    r"(?P<way>(?:偏|往|向)?[东西南北]{1,2}(?:方向|侧)?约?[0-9]{1,4}米(?:处|路[东西南北])?)?"
    r"(?:[东西南北]{1,2}[角侧面])?"
)
"""Behind a road: the other one of a crossing, and the way from it."""
IN_A_VILLAGE = re.compile(
    rf"村?(?:[东西南北村][头边口])?第[{NUMERALS}0-9]{{1,3}}[家户]|村[东西南北](?![路街头])|村?[东西南北]头"
    rf"|{_CJK}{{2,4}}组(?![织成合长员])|{_CJK}{{1,4}}队(?![员长伍])"
)
"""Behind a village: a house without a number."""
SPOKEN_ROOM = re.compile(
    f"[{NUMERALS}]{{3,4}}(?![{NUMERALS}号栋幢单楼层室房弄巷组元万千年月日个人])"
)
"""A room's number as one says it: 五零二."""
BESIDE = re.compile(
    r"(?:停车场)?(?:[东西南北]{1,2}[侧门]|门卫[处室]?|传达室|门口|地下(?![0-9一二三四室车停])|[左右](?:侧|手|边|户|门)?(?![\u4e00-\u9fff])|(?:斜?对面|旁边)(?!的))"
)
"""Behind an address: where at it."""
LANDMARK = re.compile(
    rf"{_CJK}{{2,10}}(?:旁边|对面|后面|前面|附近|隔壁|边上|后边|里面|东侧|西侧|南侧|北侧)"
    r"(?:[的那这]{0,2}(?:个|栋|家)?)?\Z"
)
"""Before an address: a place that it is beside."""
WITHIN = re.compile("楼上|楼下|里面|[里内](?=[0-9])")
NO_NAME = re.compile(
    "公司(?!宿舍|家属)|电话|手机|联系|客户|借款|姓名|单位|职业|邮[箱编]|户[籍口]|籍贯|地址|家庭|学历|身份|收件|发生|举[办行]|"
    "进行|召开|法院|检察|政府|委员会|公安|派出所|监管|[分支]行|书记|主任|[今去明前]年|记者|贷款|走访|先生|女士|"
    "号线|轨道|一个|同一|乡村|小木|位于|居民|附近|根据|规定|要求|部门|管理|抵押|应当|以及|面积|租金|月租|金额|价格|总价|编号|序号|型号|单号|版本|比分"
)
BODY_BEHIND = re.compile(
    ".{0,6}?(?:派出所|支行|分行|法院|检察院|政府|公安|分局|委员会|办事处|管理局|监狱|消防|大队|支队|营业部)"
)
