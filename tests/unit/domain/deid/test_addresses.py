"""Addresses to a district or a city: never finer, and refused where unread."""

import pytest

from clients.cli.local.demo_data.dataset import applicants
from gateway.domain.deid.addresses import compile_address
from gateway.domain.deid.errors import DeidError, Unparsable

district = compile_address("district")
city = compile_address("city")


@pytest.mark.parametrize(
    ("address", "its_district", "its_city"),
    [
        ("广东省深圳市南山区中山路12号3楼", "广东省深圳市南山区", "广东省深圳市"),
        ("北京市海淀区中关村大街1号", "北京市海淀区", "北京市"),
        ("北京市市辖区海淀区中关村大街1号", "北京市海淀区", "北京市"),
        ("重庆市秀山土家族苗族自治县建设路", "重庆市秀山土家族苗族自治县", "重庆市"),
        ("浙江省金华市义乌市稠州路8号", "浙江省金华市义乌市", "浙江省金华市"),
        ("四川省凉山彝族自治州西昌市航天路", "四川省凉山彝族自治州西昌市", "四川省凉山彝族自治州"),
        (
            "内蒙古自治区锡林郭勒盟苏尼特左旗满都拉图镇",
            "内蒙古自治区锡林郭勒盟苏尼特左旗",
            "内蒙古自治区锡林郭勒盟",
        ),
        ("新疆维吾尔自治区石河子市北四路", "新疆维吾尔自治区石河子市", "新疆维吾尔自治区石河子市"),
        ("湖北省神农架林区松柏镇", "湖北省神农架林区", "湖北省神农架林区"),
        ("中国 广东省，深圳市 南山区 科技园", "广东省深圳市南山区", "广东省深圳市"),
    ],
)
def test_whole_chinese_addresses(address: str, its_district: str, its_city: str) -> None:
    assert (district(address), city(address)) == (its_district, its_city)


@pytest.mark.parametrize(
    ("address", "its_district", "its_city"),
    [
        ("深圳市南山区科技园", "广东省深圳市南山区", "广东省深圳市"),
        ("广东深圳南山区科技园", "广东省深圳市南山区", "广东省深圳市"),
        ("深圳南山区科技园", "广东省深圳市南山区", "广东省深圳市"),
        ("河北省正定县府西街", "河北省石家庄市正定县", "河北省石家庄市"),
        ("吉林省农安县农安镇", "吉林省长春市农安县", "吉林省长春市"),
        ("义乌市稠州路8号", "浙江省金华市义乌市", "浙江省金华市"),
        ("海淀区中关村大街1号", "北京市海淀区", "北京市"),
        ("广东省东莞市虎门镇", "广东省东莞市", "广东省东莞市"),
        ("浙江省杭州市无名新区某路", "浙江省杭州市", "浙江省杭州市"),
    ],
)
def test_chinese_addresses_with_parts_missing(
    address: str, its_district: str, its_city: str
) -> None:
    assert (district(address), city(address)) == (its_district, its_city)


@pytest.mark.parametrize(
    "address",
    [
        "长安区中山路1号",  # there are two
        "中山路12号阳光小区3号楼",
        "阳光小区3号楼",
        "吉林省某某路5号",
        "广东省",
        "张三",
        "深圳",
    ],
)
def test_a_chinese_text_that_names_no_one_place_is_refused(address: str) -> None:
    for generalise in (district, city):
        with pytest.raises(Unparsable) as caught:
            generalise(address)
        assert address not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("12 Oak Street, Austin, TX 78701", "Austin, TX"),
        ("12 Oak Street, Apt 4, St. Louis, MO 63101-1234", "St. Louis, MO"),
        ("1 O'Hare Way,  New   York , NY", "New York, NY"),
        ("12 Oak St, Winston-Salem, NC 27101, USA", "Winston-Salem, NC"),
    ],
)
def test_an_american_address_gives_its_city_at_both_levels(address: str, expected: str) -> None:
    assert district(address) == city(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "Austin, TX 78701",
        "Oak Street, TX 78701",
        "12 Oak Street Austin, TX 78701",
        "Elm House, Elm Street, TX 78701",
        "Elm House, 12 Elm, TX 78701",
        "12 Oak St, Unit B, TX 78701",
        "12 Oak St, Austin, XX 78701",
        "12 Oak St, Austin, Texas",
        "12 Oak St, Austin, TX 78701 near the bank",
        ", Austin, TX 78701",
        "12 Rue de Rivoli, Paris",
        "x," * 300 + " Austin, TX 78701",
    ],
)
def test_an_american_address_that_may_show_the_street_is_refused(address: str) -> None:
    for generalise in (district, city):
        with pytest.raises(Unparsable):
            generalise(address)


def test_a_number_is_no_address() -> None:
    with pytest.raises(DeidError) as caught:
        city(12)
    assert not isinstance(caught.value, Unparsable)


def test_every_address_of_the_demo_can_be_read() -> None:
    for applicant in applicants():
        text = district(applicant.address)
        assert city(applicant.address)
        assert not any(character.isdigit() for character in text)
        if applicant.market == "CN":
            assert applicant.address.startswith(text)
            assert text.endswith("区")
        else:
            assert f", {text} " in applicant.address
