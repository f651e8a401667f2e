"""Chinese addresses: both ends exact, places that are none left alone."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.recognisers.places.cn_address import is_worth
from gateway.detection.recognisers.places.cn_parts import ANCHOR, STREET_OR_ESTATE
from gateway.detection.recognisers.places.divisions import division_at
from gateway.detection.recognisers.registry import context_words
from gateway.detection.text.document import Document
from support.places import CHINESE, CHINESE_CARRIERS, CHINESE_HELD_BACK, placed
from support.places_fresh import CHINESE_FRESH
from support.places_unseen import CHINESE_UNSEEN, marked_lines

from .conftest import Find, Values

_WHOLE = (
    "北京市朝阳区建国路88号院2号楼3单元501室",
    "浙江省杭州市西湖区文三路 478 号华星时代广场 A 座 1203",
    "广东深圳南山科技园南区高新南七道",
    "XX县XX镇XX村3组12号",
    "翠湖小区5-2-301",
    "沪浦东新区世纪大道100号",
    "北京市海淀区知春路1号地下一层B1",
    "北京市朝阳区建国路88号A座12层1203-1205室",
    "上海市长宁区延安西路2299弄12支弄3号",
    "海淀区中关村大街27号（近国贸地铁站）",
    "广东省-深圳市-南山区-粤海街道科技园路1号",
    "广东省 深圳市 南山区 粤海街道 软件产业基地4栋B座801",
    "内蒙古自治区欢县徐汇韦街b座 469074",
    "香港九龙尖沙咀弥敦道100号5楼",
    "台北市信义区信义路五段7号35楼",
    "云南省昭通市镇雄县塘房镇凉水井村民委员会大湾村民小组23号",
    "深圳市福田区深南大道6008号深圳特区报业大厦37层",
    "广东省茂名市电白区水东镇人民南路三巷5号之一",
    "武汉市江汉区新华路218号浦发银行大厦26楼",
)


@pytest.mark.parametrize("address", _WHOLE)
@pytest.mark.parametrize("carrier", ["{}", "住址：{}，电话待补", "他现住{}。", "请寄到{}"])
def test_an_address_is_found_from_end_to_end(address: str, carrier: str, values: Values) -> None:
    assert values(carrier.format(address), "CN_ADDRESS") == [address]


def test_the_styles_are_covered(find: Find) -> None:
    missed = [
        (one.style, one.text)
        for one in (
            *placed(CHINESE, CHINESE_CARRIERS, 30),
            *placed(CHINESE_HELD_BACK, CHINESE_CARRIERS, 30),
        )
        if not any(
            found.entity == "CN_ADDRESS" and found.start <= one.start and found.end >= one.end
            for found in find(one.text)
        )
    ]
    total = 30 * (len(CHINESE) + len(CHINESE_HELD_BACK))
    assert len(missed) <= 0.02 * total, missed


@pytest.mark.parametrize(("styles", "least"), [(CHINESE_UNSEEN, 0.93), (CHINESE_FRESH, 0.84)])
def test_what_was_written_by_hand_is_found_exactly(
    styles: dict[str, str], least: float, values: Values
) -> None:
    exact = [
        one.value in values(text, "CN_ADDRESS")
        for text, addresses in marked_lines(styles)
        for one in addresses
    ]
    assert sum(exact) / len(exact) >= least


def test_neither_end_takes_what_stands_beside(find: Find) -> None:
    cut = [
        (one.value, one.text[found.start : found.end])
        for one in placed(CHINESE, CHINESE_CARRIERS, 30, seed=9)
        for found in find(one.text)
        if found.entity == "CN_ADDRESS" and (found.start, found.end) != (one.start, one.end)
    ]
    assert len(cut) <= 0.02 * 30 * len(CHINESE), cut


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("催收员上门走访槐树胡同8号3室", ["槐树胡同8号3室"]),
        ("我家锦绣江南5栋2单元301", ["锦绣江南5栋2单元301"]),
        ("客户张伟桃花镇李家庄村3组12号", ["桃花镇李家庄村3组12号"]),
        ("建国路88号 工作单位中山路5号", ["建国路88号", "中山路5号"]),
        ("先到幸福小区3栋，再去和平路6号", ["幸福小区3栋", "和平路6号"]),
        ("邮寄至北京市海淀区幸福里小区35-6-1805，9日内", ["北京市海淀区幸福里小区35-6-1805"]),
        ("户籍地为河南省郑州市新海南小区8号院", ["河南省郑州市新海南小区8号院"]),
        ("到达武侯区科华北路65号", ["武侯区科华北路65号"]),
        ("送货至香港湾仔轩尼诗道338号15楼", ["香港湾仔轩尼诗道338号15楼"]),
        ("位于成都市天府三街199号11层，建筑面积120平方米", ["成都市天府三街199号11层"]),
        (
            "我住在东门大桥旁边的锦绣花园二期三栋五零二，你来吧",
            ["东门大桥旁边的锦绣花园二期三栋五零二"],
        ),
        ("店在人民路与解放路交叉口东北角金鼎大厦1楼", ["人民路与解放路交叉口东北角金鼎大厦1楼"]),
        ("就在那个桂花小区八号楼二单元四零一", ["桂花小区八号楼二单元四零一"]),
    ],
)
def test_the_sentence_before_is_no_part_of_it(
    text: str, addresses: list[str], values: Values
) -> None:
    assert values(text, "CN_ADDRESS") == addresses


@pytest.mark.parametrize(
    "text",
    [
        "北京市朝阳区人民法院依法受理此案",
        "河南省郑州市发生一起交通事故",
        "上海市浦东新区人民政府办公室通知",
        "他在杭州工作",
        "郑州市金水区花园路街道办事处",
        "五楼为职工宿舍，三楼和四楼为办公室",
        "地铁2号线一期工程于2010年开通",
        "国务院令第588号公布",
        "（2021）京0105民初1234号",
        "学校共有3座教学楼、2栋宿舍",
        "球队以4-1大胜对手，上半场2-1领先",
        "北京、上海、广州、深圳四个城市",
        "江苏省南京市是历史文化名城",
        "本办法第三条第二款第5项",
        "每户3人，共12组",
        "三室一厅，89平方米",
        "人民路与解放路交叉口发生事故",
        "医院共有床位300张，3床空置",
        "合同编号12-2-901已归档",
        "邮政编码：100080，区号010",
    ],
)
def test_a_place_is_no_address(text: str, values: Values) -> None:
    assert values(text, "CN_ADDRESS") == []


def test_a_label_makes_an_address_of_two_levels(values: Values) -> None:
    assert values("户籍：四川省南充市", "CN_ADDRESS") == ["四川省南充市"]
    assert values("四川省南充市的天气", "CN_ADDRESS") == []


def test_a_number_makes_a_street_an_address(find: Find) -> None:
    numbered, bare = find("杭州市文三路478号", 0), find("杭州市文三路", 0)
    assert [one.score for one in numbered] == [0.8]
    assert [one.score for one in bare] == [0.3]


def test_a_postal_code_counts_beside_an_address(values: Values) -> None:
    text = "地址：杭州市西湖区文三路478号；邮编：310012"
    assert values(text, "CN_ADDRESS") == ["杭州市西湖区文三路478号", "310012"]


def test_an_explanation_carries_nothing_of_the_text(find: Find) -> None:
    for one in find("住址：杭州市西湖区文三路478号2幢301室", 0):
        assert not any(word in one.why + one.pattern for word in ("杭州", "文三", "478", "301"))


def test_a_county_without_its_suffix_must_follow_another_division() -> None:
    assert division_at("南山大道", 0, 0) is None
    found = division_at("深圳南山", 2, 2)
    assert found is not None
    assert not found.whole
    assert found.end == 4


@given(st.text("北京市朝阳区路街村镇号栋室楼单元住址12一二-AB，。 \n（）", max_size=60))
def test_any_text_gives_findings_within_it_and_in_order(find: Find, text: str) -> None:
    found = [one for one in find(text, 0) if one.entity == "CN_ADDRESS"]
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    chains = [one for one in found if one.pattern != "postal code"]
    assert all(one.end <= other.start for one, other in pairwise(chains))


@given(st.sampled_from(_WHOLE), st.text("的了，。；！abc 张李", max_size=12))
def test_what_stands_before_does_not_hide_an_address(find: Find, address: str, before: str) -> None:
    text = f"{before}。{address}"
    assert any(
        one.start <= len(before) + 1 and one.end == len(text)
        for one in find(text)
        if one.entity == "CN_ADDRESS"
    )


_PIECES = (*"元间床室号號弄栋幢座层組组楼路街巷村屯庄寓厦苑道区园场城一1A东#-— ", *"借款人胡同广")
_PARTS = ("单元", "胡同", "大道", "小区", "科技园", "3-12", "住址")


def _begins(text: str) -> tuple[bool, bool]:
    view = Document(text, context_words()).folded
    may_begin = ANCHOR.search(view.text) or STREET_OR_ESTATE.search(view.text)
    return bool(may_begin), is_worth(view)


def test_no_sign_of_an_address_is_passed_over() -> None:
    for sign in (*_PIECES, *_PARTS):
        for text in (f"1{sign}", f"东{sign}", f"A {sign}", f"八{sign}"):
            may_begin, worth = _begins(f"借款{text}")
            assert worth or not may_begin, text


@settings(deadline=None)
@given(st.lists(st.sampled_from((*_PIECES, *_PARTS)), max_size=12).map("".join))
def test_no_text_is_passed_over_in_which_an_address_may_begin(text: str) -> None:
    may_begin, worth = _begins(text)
    assert worth or not may_begin
