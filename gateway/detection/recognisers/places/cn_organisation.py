"""Chinese names of organisations: their forms, and where they begin.

Owns the legal forms (有限公司, 合伙企业 ...), the branches behind them, and the cut between a
name and the sentence before it. Refuses a form without a name (该公司) and placeholders (某某公司).
"""

import re
from enum import Enum

import rjieba

from gateway.detection.recognisers.places.cn_parts import STOPS, words
from gateway.detection.recognisers.places.divisions import division_starts


class Form(Enum):
    """What the end of a name says of it."""

    REGISTERED = "registered form"
    SMALL = "small business"
    PLAIN = "plain form"
    PUBLIC = "public body"


FORM = re.compile(
    "(?P<REGISTERED>(?:股份|责任)?有限(?:责任)?公司|集团股份公司|(?:企业)?[(（](?:有限|普通|特殊普通)合伙[)）]"
    "|合伙企业|(?:专业|股份)合作社|(?:律师|会计师|审计师|税务师)事务所|农村信用(?:合作)?联?社)"
    "|(?P<SMALL>商行|经营部|经销部|批发部|门市部|服务部|商贸行|工作室|个体工商户|便利店|加工厂|养殖场|家庭农场"
    "|制衣厂|五金店|专卖店|美容院|理发店|汽修厂|小吃店|餐饮店|服装店)"
    "|(?P<PUBLIC>人民(?:法院|政府|检察院|银行)|委员会|公安局|派出所|财政部|国务院|[税工劳人民教卫住]\\w{1,4}[局厅])"
    "|(?P<PLAIN>集团|公司|银行|支行|分行|医院|大学|学院|中学|小学|学校|幼儿园|研究院|研究所|设计院|工厂|酒店)(?![\u4e00-\u9fff()（）]{0,8}(?:有限|股份|合伙企业))"
)
QUICK = re.compile(
    "有限|公司|集团|合伙|合作社|事务所|信用|银行|支行|分行|商行|经营部|经销部|批发部|门市部"
    "|服务部|商贸行|工作室|个体工商户|便利店|加工厂|养殖场|家庭农场|制衣厂|五金店|专卖店"
    "|美容院|理发店|汽修厂|小吃店|餐饮店|服装店|医院|大学|学院|中学|小学|学校|幼儿园|研究院"
    "|研究所|设计院|工厂|酒店|人民|委员会|公安局|派出所|财政部|国务院|局|厅"
)
"""Is in every form; quicker than ``FORM`` itself."""
BRANCH = re.compile(
    r"[(（](?:有限|普通|特殊普通)合伙[)）]"
    f"|[(（]?(?:(?![{STOPS}])[\u4e00-\u9fff]){{0,10}}?"
    "(?:分公司|支行|分行|营业部|分店|分理处|项目部|分校|分院)[)）]?"
)
"""Belongs to the name, directly behind its form."""
HEAD_WORDS = (
    *("工作单位", "就职于", "任职于", "供职于", "受雇于", "就职", "任职", "雇主", "单位名称"),
    *("所在单位", "现单位", "公司名称", "在职单位", "用人单位", "企业名称", "上班于", "供职"),
    *("工作于", "原单位"),
)
LABELLED = re.compile(rf"(?:{'|'.join(HEAD_WORDS)})(?:名称)?[ \t]{{0,2}}[是为在:：]?[ \t]{{0,3}}\Z")
_ENDS = (
    "担任|从事|工作|上班|任(?!公司)|做|当|月薪|收入|职务|岗位|部门|电话|地址|联系|年薪|已|后"
    "|期间|以来"
)
EMPLOYED = re.compile(
    r"(?:(?:工作单位|单位名称|所在单位|现单位|在职单位|公司名称|企业名称|雇主|原单位)(?:名称)?"
    r"[ \t]{0,2}(?:[:：]|[是为])|(?:就职|任职|供职|受雇|工作|上班)[于於]"
    r"|(?:就职|任职|供职)单位?[:：])[ \t]{0,3}"
    r"(?!无|暂无|待|自由|退休|个体|不详|未|一[家个]|某|其|该|本|我|他|国内|外地|当地|离职|失业)"
    rf"(?P<name>(?:(?!{_ENDS}|的)[\u4e00-\u9fffA-Za-z0-9()（）&·]){{2,30}})"
)
_NAME_CHARACTERS = re.compile(rf"(?:(?![{STOPS}本某于])[\u4e00-\u9fffA-Za-z0-9()（）&·])+\Z")
_WINDOW = 28
_BUSINESS = words(
    """
    投资 发展 服务 管理 咨询 销售 制造 加工 设计 建设 开发 运输 装饰 租赁 担保 保险 传播 广告
    旅行 餐饮 教育 培训 经营 维修 安装 印刷 养殖 种植 批发 零售 检测 控股 融资 贸易 包装 代理
    策划 进出口 出版 供应链 环保 监理 劳务 保安 保洁 网络 科技 物流
    """
)
_NO_NAME = words(
    """
    借款人 客户 单位 工作 公司 本人 担保人 联系人 任职 就职 上班 供职 受雇 担任 加入 进入 来自
    毕业 签订 起诉 委托 收购 成立 创办 注册 股东 法人 原告 被告 甲方 乙方 买方 卖方 现 现任 家
    一家 其他 各 所在 名称 即 称 由 时 向 和 为 有 将 经 通过 包括 以及 隶属 属 个 份 间 开设 开
    开了 系 所 上市 担保 丈夫 妻子 配偶 配偶单位 目前 原 曾 委任 聘请 任命 宣布 机构 合组 许多
    找 欠 问 告 诉 帮 联系 致电 支付 汇款 转账 还款 收到 提供 出具
    """
)
_STOP_TAGS = frozenset(("p", "r", "c", "u", "uj", "ul", "y", "e", "d", "q"))
_PLACEHOLDER = re.compile(
    r"\A(?:[Xx×*某]+|股份|责任|有限|子|母|分|总|集团|大型|小|外贸|上市|国有|民营|中外合资)*\Z"
)
_SOME = frozenset(("一家", "某家", "这家", "那家", "几家", "多家", "两家", "许多"))
_LEAST = 2


def name_start(text: str, at: int, least: int) -> int | None:
    """Return where the name begins whose form begins at ``at``; None where there is no name.

    ``least`` is where the name before ended.
    """
    first = max(least, at - _WINDOW)
    match = _NAME_CHARACTERS.search(text, first, at)
    if match is None or at - match.start() < _LEAST:
        return None
    window = match.group()
    begin = match.start() + _cut(window)
    name = text[begin:at]
    if len(name) < _LEAST or _PLACEHOLDER.match(name) or text[max(0, begin - 2) : begin] in _SOME:
        return None
    return begin + (2 if name.startswith("经营") and len(name) > _LEAST + 2 else 0)


def _cut(window: str) -> int:
    """Return where the name begins in ``window``: behind the last word that is none of a name."""
    start, length = len(window), 0
    for word, tag in reversed(rjieba.tag(window)):
        if not _belongs(word, tag, start - len(word), length):
            break
        length += 0 if word in _BUSINESS else len(word)
        start -= len(word)
    behind = next((at for at in division_starts(window) if at > start), None)
    if behind is not None and _person_in(window[start:behind]):
        return behind
    return start


def _belongs(word: str, tag: str, before: int, length: int) -> bool:
    """Say whether a word is of the name; ``before`` characters of the window stand before it."""
    if word in _NO_NAME:
        # Nothing stands before that it could join: 和泰, not 张三和泰.
        return word == "和" and before == 0
    verb = tag in {"v", "vd"} and word not in _BUSINESS
    if length < _LEAST or not (verb or tag in _STOP_TAGS):
        return True
    return before + len(word) <= _LEAST


def _person_in(words: str) -> bool:
    return any(tag.startswith("nr") and len(word) > 1 for word, tag in rjieba.tag(words))
