"""Where the made-up applicants live: districts with their GB/T 2260 codes, cities with ZIP codes.

Owns the two tables. The places are real, so that a region code and an address of one applicant
agree; the streets and numbers set into them are not chosen here.
"""

from typing import NamedTuple


class ChineseDistrict(NamedTuple):
    """A county-level division; `city` is empty where the province is the city."""

    code: str
    province: str
    city: str
    district: str


class AmericanCity(NamedTuple):
    """A city, its state, one of its telephone area codes and one of its ZIP codes."""

    city: str
    state: str
    area_code: str
    zip_code: str


CHINESE_DISTRICTS = (
    ChineseDistrict("110105", "北京市", "", "朝阳区"),
    ChineseDistrict("110106", "北京市", "", "丰台区"),
    ChineseDistrict("110108", "北京市", "", "海淀区"),
    ChineseDistrict("120101", "天津市", "", "和平区"),
    ChineseDistrict("130102", "河北省", "石家庄市", "长安区"),
    ChineseDistrict("140105", "山西省", "太原市", "小店区"),
    ChineseDistrict("210102", "辽宁省", "沈阳市", "和平区"),
    ChineseDistrict("210202", "辽宁省", "大连市", "中山区"),
    ChineseDistrict("220102", "吉林省", "长春市", "南关区"),
    ChineseDistrict("230103", "黑龙江省", "哈尔滨市", "南岗区"),
    ChineseDistrict("310104", "上海市", "", "徐汇区"),
    ChineseDistrict("310110", "上海市", "", "杨浦区"),
    ChineseDistrict("310115", "上海市", "", "浦东新区"),
    ChineseDistrict("320102", "江苏省", "南京市", "玄武区"),
    ChineseDistrict("320106", "江苏省", "南京市", "鼓楼区"),
    ChineseDistrict("320505", "江苏省", "苏州市", "虎丘区"),
    ChineseDistrict("330106", "浙江省", "杭州市", "西湖区"),
    ChineseDistrict("330203", "浙江省", "宁波市", "海曙区"),
    ChineseDistrict("340104", "安徽省", "合肥市", "蜀山区"),
    ChineseDistrict("350102", "福建省", "福州市", "鼓楼区"),
    ChineseDistrict("350203", "福建省", "厦门市", "思明区"),
    ChineseDistrict("360102", "江西省", "南昌市", "东湖区"),
    ChineseDistrict("370102", "山东省", "济南市", "历下区"),
    ChineseDistrict("370202", "山东省", "青岛市", "市南区"),
    ChineseDistrict("410105", "河南省", "郑州市", "金水区"),
    ChineseDistrict("420106", "湖北省", "武汉市", "武昌区"),
    ChineseDistrict("420111", "湖北省", "武汉市", "洪山区"),
    ChineseDistrict("430104", "湖南省", "长沙市", "岳麓区"),
    ChineseDistrict("440104", "广东省", "广州市", "越秀区"),
    ChineseDistrict("440106", "广东省", "广州市", "天河区"),
    ChineseDistrict("440304", "广东省", "深圳市", "福田区"),
    ChineseDistrict("440305", "广东省", "深圳市", "南山区"),
    ChineseDistrict("450103", "广西壮族自治区", "南宁市", "青秀区"),
    ChineseDistrict("500103", "重庆市", "", "渝中区"),
    ChineseDistrict("500112", "重庆市", "", "渝北区"),
    ChineseDistrict("510104", "四川省", "成都市", "锦江区"),
    ChineseDistrict("510107", "四川省", "成都市", "武侯区"),
    ChineseDistrict("530102", "云南省", "昆明市", "五华区"),
    ChineseDistrict("610113", "陕西省", "西安市", "雁塔区"),
    ChineseDistrict("620102", "甘肃省", "兰州市", "城关区"),
)

AMERICAN_CITIES = (
    AmericanCity("Birmingham", "AL", "205", "35203"),
    AmericanCity("Phoenix", "AZ", "602", "85004"),
    AmericanCity("Los Angeles", "CA", "213", "90012"),
    AmericanCity("San Francisco", "CA", "415", "94103"),
    AmericanCity("San Diego", "CA", "619", "92101"),
    AmericanCity("Denver", "CO", "303", "80202"),
    AmericanCity("New Haven", "CT", "203", "06510"),
    AmericanCity("Miami", "FL", "305", "33130"),
    AmericanCity("Orlando", "FL", "407", "32801"),
    AmericanCity("Atlanta", "GA", "404", "30303"),
    AmericanCity("Chicago", "IL", "312", "60602"),
    AmericanCity("Indianapolis", "IN", "317", "46204"),
    AmericanCity("Louisville", "KY", "502", "40202"),
    AmericanCity("Boston", "MA", "617", "02108"),
    AmericanCity("Detroit", "MI", "313", "48226"),
    AmericanCity("Minneapolis", "MN", "612", "55401"),
    AmericanCity("St. Louis", "MO", "314", "63101"),
    AmericanCity("Las Vegas", "NV", "702", "89101"),
    AmericanCity("New York", "NY", "212", "10007"),
    AmericanCity("Buffalo", "NY", "716", "14202"),
    AmericanCity("Charlotte", "NC", "704", "28202"),
    AmericanCity("Cleveland", "OH", "216", "44113"),
    AmericanCity("Portland", "OR", "503", "97204"),
    AmericanCity("Philadelphia", "PA", "215", "19107"),
    AmericanCity("Pittsburgh", "PA", "412", "15222"),
    AmericanCity("Memphis", "TN", "901", "38103"),
    AmericanCity("Dallas", "TX", "214", "75201"),
    AmericanCity("Austin", "TX", "512", "78701"),
    AmericanCity("Houston", "TX", "713", "77002"),
    AmericanCity("Seattle", "WA", "206", "98104"),
)

CHINESE_ROADS = (
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "和平路",
    "新华路",
    "文化路",
    "长江路",
    "黄河路",
    "胜利路",
    "光明路",
    "友谊路",
    "朝阳街",
    "学府路",
    "滨河大道",
    "迎宾大道",
)
