"""Addresses in shapes that another hand wrote down: found from end to end."""

from collections.abc import Callable

import pytest

Values = Callable[..., list[str]]
CHINESE = (
    "湖北省武汉市江岸区解放大道1381号台北花园3栋2单元9楼1号",
    "西安市碑林区友谊西路127号西北工业大学17舍305室",
    "南京市江宁区东山街道文靖路99号21世纪太阳城3期7幢504",
    "江苏省苏州工业园区星湖街328号创意产业园5-A3",
    "新疆喀什地区莎车县阿瓦提镇2村3组",
    "新疆生产建设兵团第八师石河子市北泉镇6连18栋3号",
    "辽宁省沈阳市铁西区建设东路78号甲3-5-2",
    "唐山市路北区长宁道凤凰世嘉103楼2门1201号",
    "香港特别行政区港岛湾仔轩尼诗道253-261号依时商业大厦8字楼",
    "澳门特别行政区氹仔广东大马路88号濠景花园25座12楼D",
    "福建省莆田市秀屿区东庄镇莆头村后厝12-1号",
    "县城关镇北大街37号",
    "铁路新村19栋三单元六楼左",
    "武汉市青山区红钢城3街坊25门7号",
    "宁波市海曙区柳汀街230号华侨豪生2-1606",
)
NO_ADDRESS = (
    "据北京市电视频道今年12月报道，共15人获奖",
    "本市21世纪以来新建道路1200公里",
    "客户第3排第5名，号台故障",
    "他住过3连，参加过2团的活动",
    "LIMIT 10 ROWS, Page 3 of 12",
    "He won 12 Green Park, Silver Hill and Rose Bay medals in total that year",
)
ENGLISH = (
    "County Road 512, Hondo, TX 78861",
    "8800 FM 1960 Rd W, Humble, TX 77338",
    "5560 US-31 N, Traverse City, MI 49684",
    "2300 N Interstate 35, Austin, TX 78705",
    "HC 68 Box 23A, Rolla, MO 65401",
    "RR 1, Site 5, Comp 12, Kelowna, BC V1Y 7P9",
    "4200 Camino del Rio S, San Diego, CA 92108",
    "E 4120 Sprague Ave, Spokane WA 99202",
    "W168N8936 Appleton Avenue, Menomonee Falls, WI 53051",
    "10123 99 St NW, Edmonton, AB T5J 3H1",
    "6 Sgt. Kelly Way, Worcester, MA",
    "456 oak avenue apt 2, columbus, ohio",
    "Apartment 9, The Maltings, Bridgefoot Street, Dublin 8",
    "10 Anson Road, #26-04 International Plaza, Singapore 079903",
    "Flat A, 15/F, Tower 3, Harbour Green, 8 Sham Mong Road, Kowloon",
    "No. 1 Chaoyang Park South Road, Chaoyang District, Beijing 100026",
)


@pytest.mark.parametrize("address", CHINESE)
def test_a_chinese_address_is_found_whole(values: Values, address: str) -> None:
    assert values(f"地址：{address}", "CN_ADDRESS") == [address]
    assert values(address, "CN_ADDRESS") == [address]


@pytest.mark.parametrize("address", ENGLISH)
def test_an_english_address_is_found_whole(values: Values, address: str) -> None:
    assert values(address, "ADDRESS") == [address]
    assert values(f"Address: {address}", "ADDRESS") == [address]


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_it_is_no_address(values: Values, text: str) -> None:
    assert values(text, "CN_ADDRESS") + values(text, "ADDRESS") == []


def test_a_street_that_fills_a_cell_is_one(values: Values) -> None:
    row = '"Helen Price","2870 Sunset Court","713.655.3400"'
    assert values(row, "ADDRESS") == ["2870 Sunset Court"]
    assert values("he saw 2870 Sunset Court tickets", "ADDRESS") == []
