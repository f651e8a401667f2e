"""Organisations by form: the left end exact, public bodies below the threshold."""

import pytest
from faker import Faker

from .conftest import Find, Values


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("张三就职于杭州云图信息技术有限公司，任工程师", "杭州云图信息技术有限公司"),
        (
            "工作单位：中国工商银行股份有限公司杭州西湖支行",
            "中国工商银行股份有限公司杭州西湖支行",
        ),
        ("借款人在深圳市腾飞物流有限公司上班", "深圳市腾飞物流有限公司"),
        ("客户李娜是北京天翼达科技股份有限公司的股东", "北京天翼达科技股份有限公司"),
        ("由襄樊地球村网络有限公司担保", "襄樊地球村网络有限公司"),
        ("本公司与上海浦华众城网络有限公司签订合同", "上海浦华众城网络有限公司"),
        ("与中国工商银行股份有限公司签订合同", "中国工商银行股份有限公司"),
        ("恒远集团有限公司应付账款", "恒远集团有限公司"),
        ("如意酒店管理有限公司的经理", "如意酒店管理有限公司"),
        ("任职于华为技术，月薪2万", "华为技术"),
        ("工作单位：腾讯", "腾讯"),
        (
            "毕马威华振会计师事务所（特殊普通合伙）出具报告",
            "毕马威华振会计师事务所（特殊普通合伙）",
        ),
        ("雇主为广东省佛山市顺德区恒丰五金经营部", "广东省佛山市顺德区恒丰五金经营部"),
        ("He works at Chavez, Scott and Solis as a teacher.", "Chavez, Scott and Solis"),
        ("Employer: Barber Inc", "Barber Inc"),
        ("a contract with Acme Widgets, LLC for", "Acme Widgets, LLC"),
        ("Works for Google in London", "Google"),
    ],
)
def test_a_name_is_found_from_end_to_end(text: str, name: str, values: Values) -> None:
    assert set(values(text, "ORGANIZATION")) == {name}


@pytest.mark.parametrize(
    "text",
    [
        "北京市朝阳区人民法院依法受理",
        "中国人民银行决定下调利率",
        "我在清华大学读书",
        "该公司成立于2010年",
        "某某有限公司应当依法纳税",
        "有限公司的股东以其出资额为限",
        "就职于一家互联网公司",
        "工作单位：无",
        "University of Oxford is old",
        "the company and its bank",
        "Employer EIN 53-7518195 on file",
        "Employer Identification Number: pending",
        "He worked for 20 years at 10 places",
    ],
)
def test_what_names_no_employer_stays_below_the_threshold(text: str, values: Values) -> None:
    assert values(text, "ORGANIZATION") == []


def test_public_bodies_are_there_for_who_wants_them(values: Values) -> None:
    assert values("中国人民银行决定", "ORGANIZATION", 0.3) == ["中国人民银行"]


@pytest.mark.parametrize("carrier", ["客户在{}工作", "单位名称：{}，已核实", "与{}签订合同"])
def test_generated_names_are_found_whole(carrier: str, values: Values) -> None:
    faker = Faker("zh_CN")
    faker.seed_instance(11)
    names = [faker.company() for _ in range(100)]
    whole = sum(name in values(carrier.format(name), "ORGANIZATION") for name in names)
    assert whole >= 96


def test_an_employer_by_label_scores_higher(find: Find) -> None:
    bare = find("杭州市第一中学今日开学", 0)
    labelled = find("工作单位：杭州市第一中学", 0)
    assert [one.score for one in bare if one.entity == "ORGANIZATION"] == [0.3]
    assert [one.score for one in labelled if one.entity == "ORGANIZATION"] == [0.8]
