"""Invented addresses of many styles in Chinese and English, each with its exact text.

Owns the styles: those the recognisers were tuned on (``CHINESE``, ``ENGLISH``) and those held
back (``CHINESE_HELD_BACK``, ``ENGLISH_HELD_BACK``), which only measure. Refuses real households:
roads and estates are put together from parts, divisions are real because they identify nobody.
"""

import string
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import NamedTuple

from faker import Faker


class Placed(NamedTuple):
    """A carrier sentence; ``text[start:end]`` is what stands in it."""

    text: str
    start: int
    end: int
    style: str

    @property
    def value(self) -> str:
        """What stands in it."""
        return self.text[self.start : self.end]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CITIES = _words("""
浙江省/杭州市/西湖区 浙江省/宁波市/鄞州区 广东省/深圳市/南山区 广东省/广州市/天河区
广东省/佛山市/顺德区 江苏省/南京市/鼓楼区 江苏省/苏州市/吴中区 四川省/成都市/武侯区
湖北省/武汉市/洪山区 湖南省/长沙市/岳麓区 河南省/郑州市/金水区 河北省/石家庄市/长安区
山东省/青岛市/市北区 福建省/厦门市/思明区 陕西省/西安市/雁塔区 辽宁省/沈阳市/和平区
安徽省/合肥市/蜀山区 江西省/南昌市/红谷滩区 云南省/昆明市/五华区 贵州省/遵义市/汇川区
甘肃省/兰州市/城关区 广西壮族自治区/南宁市/青秀区 新疆维吾尔自治区/乌鲁木齐市/天山区
内蒙古自治区/包头市/昆都仑区 宁夏回族自治区/银川市/兴庆区
""")
MUNICIPALITIES = _words("""
北京市朝阳区 北京市海淀区 北京市丰台区 上海市浦东新区 上海市徐汇区 上海市闵行区 天津市南开区
重庆市渝中区 重庆市沙坪坝区
""")
COUNTIES = _words("""
河南省周口市沈丘县 安徽省阜阳市临泉县 四川省南充市仪陇县 山东省菏泽市曹县 湖南省邵阳市隆回县
贵州省毕节市织金县 河北省邢台市宁晋县 江西省赣州市于都县 福建省泉州市安溪县 云南省昭通市镇雄县
""")
ROAD_HEADS = _words("""
建国 中山 人民 解放 文三 长江 学府 天府 滨河 科苑 高新南 莲花 泰山 金鸡湖 五一 新华 胜利 四平 虹桥
世纪 香樟 桃源 石牌 东风 北京 珞瑜 双流 凤凰 银杏 迎宾
""")
ROAD_TAILS = _words("路 路 路 大道 街 东路 西路 南街 北大街 中路 一路")
LANES = _words("槐树胡同 水井巷 柳荫街 永安里 桂花坊 羊肉胡同 三元巷 同福里")
ESTATES = _words("""
阳光花园 翠湖小区 万科城市花园 龙湖天街 碧桂园凤凰城 锦绣江南 中海国际社区 金色家园 幸福里小区
保利香槟苑 丽江花园 和平新村 绿地世纪城 恒大名都 融创壹号院 天鹅湖小区
""")
TOWERS = _words("""
华星时代广场 国际金融中心 腾飞大厦 恒隆广场 创新科技园 平安大厦 东方商务楼 软件园 银河SOHO
环球贸易中心 信息产业大厦 嘉里中心
""")
TOWNS = _words("付井镇 马鞍镇 桃花镇 杨林乡 石桥镇 大塘镇 官渡镇 白沙镇 新桥乡")
VILLAGES = _words("李家庄村 王各庄村 大田村 柳树屯 赵楼行政村 东岗村 上坝村 陈家湾村")
STREETS = _words("""
Main_St Oak_Avenue W._34th_Street Elm_Street Maple_Dr Park_Ave Martin_Luther_King_Jr_Blvd
Sunset_Boulevard NW_5th_Ave Old_Mill_Road
""")
US_PLACES = _words("""
Springfield,_IL_62704 Austin,_TX_78701 New_York,_NY_10001-2345 San_Jose,_California_95112
Boise,_ID_83702 St._Louis,_MO_63101
""")
UK_PLACES = _words("London_SW1A_2AA Oxford_OX1_2JD Leeds,_LS1_4AP Bath_BA1_1AA Hove_BN3_2FA")
UK_STREETS = _words("Church_Lane High_Street Station_Road Mill_Close Abbey_Gardens")


def _city(random: Random) -> str:
    province, city, district = random.choice(CITIES).split("/")
    return random.choice([province, province, ""]) + city + district


def _place(random: Random) -> str:
    return random.choice(MUNICIPALITIES) if random.random() < 0.4 else _city(random)


def _short(random: Random) -> str:
    province, city, district = random.choice(CITIES[:14]).split("/")
    return province.removesuffix("省") + city.removesuffix("市") + random.choice([district, ""])


def _road(random: Random) -> str:
    if random.random() < 0.15:
        return random.choice(LANES)
    return random.choice(ROAD_HEADS) + random.choice(ROAD_TAILS)


def _room(random: Random) -> str:
    return f"{random.randint(1, 33)}{random.randint(1, 12):02d}"


def _in_characters(number: str) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in number)


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


def _address_of(locale: str, between: str = "\n") -> Callable[[Random], str]:
    def address(random: Random) -> str:
        faker = _faker(locale)
        faker.seed_instance(random.getrandbits(32))
        return between.join(str(faker.address()).split("\n"))

    return address


def _one_of(words: tuple[str, ...]) -> Callable[[Random], str]:
    return lambda random: random.choice(words).replace("_", " ")


FIELDS: Mapping[str, Callable[[Random], str]] = {
    "place": _place,
    "spaced": lambda random: random.choice(CITIES).replace("/", " "),
    "district": lambda random: random.choice(CITIES).split("/")[2],
    "shanghai": lambda random: "上海市" + random.choice(["徐汇区", "浦东新区"]),
    "short": _short,
    "county": _one_of(COUNTIES),
    "town": _one_of(TOWNS),
    "village": _one_of(VILLAGES),
    "road": _road,
    "estate": _one_of(ESTATES),
    "tower": _one_of(TOWERS),
    "office": _one_of(("望京街道花家地社区", "粤海街道科苑社区", "古荡街道莲花社区")),
    "landmark": _one_of(("地铁站", "人民医院", "国贸地铁站")),
    "n": lambda random: str(random.randint(1, 1999)),
    "b": lambda random: str(random.randint(1, 40)),
    "u": lambda random: str(random.randint(1, 6)),
    "room": _room,
    "nz": lambda random: _in_characters(str(random.randint(1, 999))),
    "uz": lambda random: _in_characters(str(random.randint(1, 6))),
    "roomz": lambda random: _in_characters(_room(random)),
    "A": lambda random: random.choice("ABCD"),
    "east": lambda random: random.choice("东西南北"),
    "post": lambda random: str(random.randint(100000, 859999)),
    "street": _one_of(STREETS),
    "us": _one_of(US_PLACES),
    "uk": _one_of(UK_PLACES),
    "ukstreet": _one_of(UK_STREETS),
    "house": _one_of(("Rectory", "Mill", "School_House")),
    "en_US": _address_of("en_US"),
    "en_GB": _address_of("en_GB"),
    "en_CA": _address_of("en_CA"),
    "en_AU": _address_of("en_AU"),
    "en_NZ": _address_of("en_NZ"),
    "en_IN": _address_of("en_IN"),
    "en_IE": _address_of("en_IE"),
    "us_line": _address_of("en_US", ", "),
    "uk_line": _address_of("en_GB", ", "),
}

CHINESE: Mapping[str, str] = {
    "road to room": "{place}{road}{n}号{b}号楼{u}单元{room}室",
    "road and estate": "{place}{road}{n}号{estate}{b}栋{room}",
    "tower with spaces": "{place}{road} {n} 号{tower} {A} 座 {room}",
    "courtyard": "{place}{road}{n}号院{b}号楼{u}单元{room}室",
    "village": "{county}{town}{village}{b}组{n}号",
    "no province": "{district}{road}{n}号",
    "estate alone": "{estate}{b}栋{u}单元{room}室",
    "road alone": "{road}{n}号{b}幢{room}室",
    "short names": "{short}{road}{n}号",
    "lane": "{shanghai}{road}{n}弄{b}号{room}室",
    "floor": "{place}{road}{n}号{A}座{b}层{room}-{room}室",
    "dashes": "{place}{estate}{b}-{u}-{room}",
    "no number": "{short}{tower}{road}",
    "postcode": "{place}{road}{n}号 {post}",
}
CHINESE_HELD_BACK: Mapping[str, str] = {
    "commas between": "{place}，{road}{n}号，{estate}{b}幢{room}室",
    "spaces between": "{spaced} {road}{n}号 {estate} {room}",
    "over two lines": "{place}{road}{n}号\n{tower}{b}楼{room}室",
    "in characters": "{place}{road}{nz}号{uz}单元{roomz}室",
    "dormitory": "{place}{road}{n}号师范大学{east}区{b}号宿舍楼{room}",
    "industrial park": "{place}经济技术开发区{road}{n}号联创工业园{b}号厂房{u}楼",
    "with a hint": "{place}{road}{n}号{b}栋{room}（近{landmark}）",
    "street office": "{place}{office}{estate}{b}号楼{room}",
    "basement": "{place}{road}{n}号{tower}负一层B{b}号",
    "village, no county": "{town}{village}{n}号附{u}号",
    "phase and zone": "{place}{estate}{uz}期{A}区{b}栋{u}单元{room}",
}
ENGLISH: Mapping[str, str] = {
    "US lines": "{en_US}",
    "UK lines": "{en_GB}",
    "US one line": "{n} {street}, {us}",
    "US flat": "{n} {street}, Apt {b}{A}, {us}",
    "US street": "{n} {street}",
    "box": "PO Box {n}, {us}",
    "UK flat": "Flat {b}, {n} {ukstreet}, {uk}",
    "UK house": "The Old {house}, {ukstreet}, {uk}",
    "US floor": "{u}th Floor, {n} {street}",
}
ENGLISH_HELD_BACK: Mapping[str, str] = {
    "CA lines": "{en_CA}",
    "AU lines": "{en_AU}",
    "NZ lines": "{en_NZ}",
    "IN lines": "{en_IN}",
    "IE line": "{en_IE}",
    "US Faker line": "{us_line}",
    "UK Faker line": "{uk_line}",
    "rural": "RR {u} Box {n}, {us}",
    "suite first": "Suite {room}, {n} {street}, {us}",
}

CHINESE_CARRIERS = (
    *("{}", "住址：{}", "家庭住址:{}，电话待补", "客户现住{}。", "我家在{}，周末都在"),
    *("借款人张伟住在{}，与父母同住。", "催收员上门走访{}，无人应答。", "户籍地址：{}；学历：本科"),
    *("请把合同寄到{}，收件人李娜", "收货地址 {} 王先生收", "单位地址：{}\n联系人：陈静"),
    "抵押物位于{}，面积89平方米",
)
ENGLISH_CARRIERS = (
    *("{}", "The address of the borrower is {}.", "I live at {}.", "Address: {}"),
    *("Please send the statement to {} by Friday.", "He moved to {} last year."),
    *("Home address: {}\nPhone: pending", "Visited {} twice, nobody answered."),
)


def address(template: str, random: Random) -> str:
    """Return one invented address of the style."""
    return "".join(
        literal + (FIELDS[field](random) if field else "")
        for literal, field, _, _ in string.Formatter().parse(template)
    )


def placed(
    styles: Mapping[str, str], carriers: tuple[str, ...], count: int, seed: int = 4
) -> list[Placed]:
    """Return ``count`` carriers of each style, the same ones for the same seed."""
    random, found = Random(seed), list[Placed]()
    for name, template in styles.items():
        for _ in range(count):
            before, after = random.choice(carriers).split("{}")
            value = address(template, random)
            found.append(Placed(before + value + after, len(before), len(before + value), name))
    return found
