"""The words that name Chinese numbers, in both languages and both scripts, by what they name.

Owns the lists, and the endings that any of them may have (号, 号码). Refuses single characters but
for the few that people use as labels. Words are matched in lower case, ASCII words as whole words.
"""

from typing import Final

_ENDINGS = ("", "号", "号码", "號", "號碼")


def _plain(text: str) -> tuple[str, ...]:
    return tuple(word for line in text.split("\n") for word in line.strip().split("|") if word)


def _numbered(text: str) -> tuple[str, ...]:
    """Return the words, and the Chinese ones with the endings that mean "number of"."""
    words = _plain(text)
    chinese = (word for word in words if not word.isascii() and word[-1] not in "号碼码號")
    return (*words, *(word + ending for word in chinese for ending in _ENDINGS[1:]))


OTHER: Final = _plain(
    """
    订单号|订单编号|订单|訂單號|流水号|流水|交易号|交易单号|商户单号|单号|运单号|快递单号|物流单号
    快递|发票号|发票号码|发票代码|批次号|批号|序列号|商品编号|货号|型号|产品编号|条形码|条码|版本
    版本号|时间戳|金额|余额|价格|总价|单价|合计|总计|总额|数量|本金|利息|额度|收入|月薪|邮编
    邮政编码|验证码|密码|页码|端口|股票代码|证券代码|代码|文号|案号|备案号|许可证号|注册资本|面积
    里程|日期|时间|浏览量|阅读|人数|服务热线|客服热线|客服电话|举报电话|imei|isbn|issn|order no
    order number|order id|order|invoice|tracking|serial|serial no|batch|amount|total|balance|price
    version|timestamp|sku|build|port|rmb|cny|usd
    """
)

RESIDENT: Final = _numbered(
    """
    身份证|一代证|一代身份证|二代身份证|身份证件号|身份证明号码|身份号|身份号码|公民身份号码|公民身份证号|二代证|证件号
    证件号码|证件编号|有效证件|居住证|户口号|身份證|證件號|證件號碼|身分證|居民证|居民身份证|sfz
    sfzh|sfzhm|id|id no|id no.|id number|id card|identity card|idcard|identity number
    identification number|national id|citizen id|cert no|certno|id card no|id card no.
    id card number|resident id|chinese id
    """
)

FOREIGN_RESIDENT: Final = _numbered(
    """
    永久居留|永久居留证|永久居留身份证|外国人永久居留身份证|永居证|永居号|外国人居留证|五星卡
    永久居留證|permanent residence|permanent residence card|permanent resident|residence permit
    """
)

PHONE: Final = _plain(
    """
    手机|手机号|手机号码|手機|手機號|手機號碼|电话|电话号码|电话号|電話|電話號碼|联系方式|联系电话
    聯繫方式|聯絡電話|移动电话|联络方式|本人电话|预留手机|预留手机号|绑定手机|号码|来电|致电|拨打
    回电|呼叫|短信|座机|热线|机主|微信同号|tel|tel.|telephone|phone|phone no|phone number|mobile
    mobile no|mobile number|cell|cellphone|cell phone|contact|contact no|contact number|call|sms
    sj|sjh|dh|mob|mob.|whatsapp|ph
    """
)

LANDLINE: Final = _plain(
    """
    座机号|座机号码|固话|固定电话|办公电话|单位电话|公司电话|家庭电话|住宅电话|宅电|家电|传真
    传真号|座機|固定電話|傳真|总机|前台|fax|landline|home phone|office phone|work phone|home tel
    office tel
    """
)

BANK_CARD: Final = _numbered(
    """
    银行卡|銀行卡|储蓄卡|借记卡|信用卡|贷记卡|工资卡|还款卡|扣款卡|收款卡|绑定卡|绑卡|提现卡
    社保卡|工行卡|建行卡|农行卡|中行卡|招行卡|交行卡|银联卡|打款到|转到|汇到|卡|工行|建行|农行
    中行|招行|交行|邮储|工商银行|建设银行|农业银行|中国银行|招商银行|交通银行|邮储银行|民生银行
    兴业银行|浦发银行|中信银行|光大银行|平安银行|广发银行|华夏银行|银行|yhk|yhkh|kahao|card no
    card no.|card number|bank card|card|debit card|credit card|unionpay|bankcard|card_no|cardno
    """
)

BANK_ACCOUNT: Final = _numbered(
    """
    账号|帐号|賬號|帳號|账户|帐户|賬戶|帳戶|银行账号|银行帐号|銀行賬號|银行账户|收款账号|收款帐号
    收款账户|付款账号|付款账户|还款账号|还款账户|扣款账号|扣款账户|对公账户|对公账号|公户|基本户
    一般户|结算账户|结算账号|账号为|户号|开户账号|存折|汇款账号|打款账号|工资账号|工资账户
    资金账号|bank account|account no|account no.|account number|acct|acct no|a/c|a/c no
    """
)

CREDIT_CODE: Final = _numbered(
    """
    统一社会信用代码|社会信用代码|信用代码|统一信用代码|统一代码|信用代码证|信用码
    統一社會信用代碼|信用代碼|营业执照|執照|税号|纳税人识别号|uscc|unified social credit code
    social credit code|credit code|usci
    """
)

ORGANISATION: Final = _numbered(
    """
    组织机构代码|组织机构代码证|机构代码|组织代码|組織機構代碼|機構代碼|代码证|organization code
    organisation code|org code
    """
)

LICENCE: Final = _numbered(
    """
    营业执照|营业执照注册号|营业执照编号|工商注册号|注册号|工商登记号|执照号|執照號|註冊號
    business license|business licence|license no|licence no|registration no|registration number
    """
)

TAX: Final = _numbered(
    """
    税号|纳税人识别号|纳税识别号|税务登记号|税务登记证|纳税人编号|稅號|納稅人識別號|tax id
    tax number|tax no|taxpayer id|tin
    """
)

DOCUMENT: Final = _numbered(
    """
    通行证|通行證|证件号|证件号码|證件號碼|证号|旅行证件|旅行证|travel permit|permit no
    permit number|travel document
    """
)

PASSPORT: Final = _numbered(
    """
    护照|护照编号|護照|因私护照|因公护照|hz|hzh|passport|passport no|passport no.|passport number
    证件号|证件号码|证号|證件號碼|旅行证件|travel document
    """
)

HK_MACAU: Final = _numbered(
    """
    港澳通行证|港澳通行證|往来港澳通行证|回乡证|回鄉證|回乡卡|港澳居民来往内地通行证|港澳居民
    home return permit|hk permit|hong kong permit
    """
)

TAIWAN: Final = _numbered(
    """
    台胞证|台胞證|臺胞證|台湾通行证|台湾居民来往大陆通行证|往来台湾通行证|大陆居民往来台湾通行证
    大通证|入台证|taiwan permit|mtp
    """
)

PLATE: Final = _numbered(
    """
    车牌|車牌|车号|牌照|号牌|牌号|车辆|抵押车|名下车|驾驶|plate|plate no|plate number
    license plate|licence plate|car plate|car no|vehicle no|cp|cph
    """
)

VIN: Final = _numbered(
    """
    车架|车辆识别代号|车辆识别码|车辆识别号|识别代号|大架号|車架號|底盘号|vin|vin no|vin code
    chassis|chassis no|frame no|vehicle identification number
    """
)

SOCIAL_SECURITY: Final = _numbered(
    """
    社保卡号|社保编号|社保账号|社保帐号|社保个人编号|个人社保号|社保|社会保障号|社会保障号码
    社会保障卡|社会保险号|社會保障號|社保電腦號|社保电脑号|电脑号|养老保险号|养老保险编号|参保号
    参保编号|sbh|sbkh|social security no|social security number|social insurance no
    social insurance number
    """
)

HOUSING_FUND: Final = _numbered(
    """
    公积金|公积金账号|公积金帐号|公积金个人账号|公积金编号|公积金账户|公积金个人账户|住房公积金|住房公积金账号
    个人公积金号|公積金|公積金賬號|gjj|housing fund|housing fund no|housing fund number
    provident fund|housing fund account
    """
)

MEDICAL: Final = _numbered(
    """
    医保编号|医保账号|医保个人编号|医疗保险号|医疗保险卡号|医保|医保卡|醫保號|就诊卡号|病历号
    住院号|ybh|medical insurance no|medical insurance number|medical record no
    health insurance number
    """
)

DRIVER: Final = _numbered(
    """
    驾驶证|驾照|机动车驾驶证|驾驶证档案编号|档案编号|档案号|駕駛證|駕照|jsz|jszh|driver license
    driver's license|driving licence|driving license|driver licence|license file no
    """
)

MILITARY: Final = _numbered(
    """
    军官证|士兵证|军人证|军人证件|军人身份证|军人保障卡|文职干部证|文职人员证|武警证|警官证|士官证
    义务兵证|學員證|学员证|軍官證|士兵證|证件号|证件号码|military id|military id no|officer id
    soldier id
    """
)

CONTRACT: Final = _numbered(
    """
    合同编号|合同号|合同号码|借款合同号|借款合同编号|贷款合同号|贷款合同编号|协议编号|协议号
    担保合同编号|抵押合同编号|保证合同编号|授信合同编号|授信编号|保单号|保单号码|保险单号|保单编号
    合同編號|合同號|合約編號|協議編號|保單號|合同编码|合约号|hth|contract no|contract no.
    contract number|contract id|agreement no|agreement number|policy no|policy number
    """
)

LOAN: Final = _numbered(
    """
    借据编号|借据|贷款编号|贷款号|贷款账号|贷款帐号|贷款账户|借款编号|借款号|放款编号|放款号
    进件号|进件编号|申请编号|申请单号|申请件编号|申请号|案件编号|贷款卡号|貸款編號|借據號|貸款賬號
    jjh|loan no|loan no.|loan number|loan id|loan account|application no|application number
    application id
    """
)

WECHAT: Final = _plain(
    """
    微信|微信号|微信號|微信id|微信账号|微信帐号|威信|薇信|徽信|卫信|v信|v信号|微 信|加微|加v|加v:
    加wx|加微信|绿泡泡|wx|wxh|wx号|vx|vx号|wxid|weixin|weixinhao|wechat|wechat id|we chat|+v|v:
    v：|薇|vxin
    """
)

QQ: Final = _plain(
    """
    qq|qq号|qq号码|qq號|qq账号|扣扣|扣扣号|企鹅|企鹅号|q号|扣号|球球|qq number|qq no|qq id|q q
    qq群
    """
)

ALIPAY: Final = _numbered(
    """
    支付宝|支付寶|支付宝账号|支付宝帐号|支付宝账户|支付宝id|支付宝uid|zfb|zfbzh|alipay|alipay id
    alipay uid|alipay account
    """
)

NOT_NAMES: Final = _plain(
    """
    iphone|android|windows|version|ipad|http|https|appid|openid|wechat|weixin|alipay|payment|huawei
    xiaomi|wxpay|ios|qq|tel|phone|mobile|email|mail|id|sfz|card
    """
)
"""What stands beside the name of a network and is nobody's id."""

WITH_PROVINCE_SIGN: Final = _plain(
    """
    最新|全新|更新|创新|新新|崭新|刷新|重新|里云|为云|讯云|百云|白云|多云|乌云|北京|南京|东京|四川|南宁|辽宁
    年青|收藏|天津|珍贵|昂贵|名贵|高贵|富贵|闽粤|两粤|中苏|江苏|紫苏|甘肃|安徽|河津|长江
    """
)
"""Ordinary words that end with the sign of a province, where a plate would begin."""
