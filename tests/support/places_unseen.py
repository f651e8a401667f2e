"""Chinese addresses written by hand, in the carriers of daily work; ``<`` and ``>`` mark each.

Owns twelve styles that measure the recogniser beyond the generated ones. Refuses real households:
estates, villages and numbers are invented.
"""

from collections.abc import Iterator, Mapping

from support.places import Placed

CHINESE_UNSEEN: Mapping[str, str] = {
    "delivery": """
收件人：王芳 13800000000 <江苏省苏州市吴中区越溪街道苏街111号5幢1204>
这单帮我送往<朝阳区望京西园三区312号楼8单元1701>，放门口就行
到达<武侯区科华北路65号世外桃源广场B座18楼1808>后请联系前台
快递已放到<香樟雅苑7幢2单元门卫处>，请尽快领取
麻烦改送<下沙街道学林街268号听涛小区3-1-602>，之前的写错了
""",
    "court notice": """
被告陈某，女，1985年3月2日出生，汉族，住<湖南省邵东市牛马司镇西洋江村第八村民小组12号>。
上诉人（原审原告）：李大有，男，住<黑龙江省鹤岗市兴安区光宇小区14号楼3单元502室>。
被执行人名下位于<合肥市蜀山区潜山路与高刘路交口金大地1912小区5幢1803室>的房产予以查封
本院依法向你住所地<贵州省遵义市播州区龙坑街道共青大道翡翠城二期9栋2-5-1>送达传票
原告住所地<浙江省义乌市稠江街道杨村路300号>，法定代表人赵某
""",
    "household register": """
户主：刘建国 住址 <甘肃省定西市通渭县平襄镇中林村下街社15号> 派出所盖章
迁入地：<四川省达州市渠县三汇镇北街居委会二组34号附1号>
何时由何地迁来本址：2009年6月由<安徽省六安市霍邱县城关镇东大街12号>迁来
本市县内迁移：从<宽城区兴业街道天光路委12组>搬到<绿园区普阳街道3委8组>
户口本上写的是<吉林省松原市前郭尔罗斯蒙古族自治县查干湖镇妙音寺屯>
""",
    "contract": """
甲方（出租人）住所：<广州市天河区珠江新城华穗路406号保利克洛维中景A座2012房>，以下简称甲方
租赁标的为<成都市高新区天府三街199号太平洋保险金融大厦C区11层>，建筑面积120平方米
抵押物坐落：<常州市武进区湖塘镇花园街168号莱蒙城8幢甲单元2302室>
乙方通讯地址为<天津市滨海新区第三大街51号W5-C1座4层>，邮政编码300457
送达地址确认：<宁波市海曙区中山西路138号天宁大厦23楼>；收件人赵敏
""",
    "rural": """
老家在<河南省商丘市虞城县稍岗镇韦店集村村西头第三家>
他一直住在<上坪乡团结村3社>，地里的活都是他干
客户家在<曹县庄寨镇白茅屯行政村前白茅自然村47号>，进村第二个路口右转
走访地点为<凤冈县琊川镇大兴村茶园组>，借款人不在家
收货人住<邹平县码头镇小张庄老供销社对面>
""",
    "Hong Kong": """
送货至<香港湾仔轩尼诗道338号北海中心15楼C室>，周一至周五收货
他在<九龙观塘翠屏邨翠榕楼1203室>住了二十年
通讯地址：<新界沙田马鞍山恒安邨恒江楼12楼8室>
公司搬到<香港中环皇后大道中99号中环中心3501-3室>了
地址：<澳门氹仔孙逸仙博士大马路海洋花园海棠苑7楼F座>
""",
    "Taiwan": """
戶籍地址：<臺北市大安區忠孝東路四段216巷33弄12號4樓之2>
请寄<新北市板桥区文化路一段188巷12号5楼>，电话另告
他住在<台中市西屯区台湾大道三段99号12楼之1>
收件地址 <高雄市左營區博愛二路777號8樓> 林小姐
公司登记在<桃園市中壢區中央西路二段30號7樓>
""",
    "industrial park": """
厂址：<东莞市长安镇乌沙社区兴发南路66号誉兴工业园C栋三楼>
发货到<昆山市玉山镇元丰路232号6号厂房西侧>，卸货要叉车
我司位于<武汉东湖新技术开发区光谷大道77号金融港B18栋5层502>
仓库在<佛山市南海区狮山镇官窑永安大道创富产业园12号仓>
经营场所 <厦门火炬高新区软件园三期诚毅大街359号1904-07单元>
""",
    "hospital and dormitory": """
病人现在<市第三人民医院住院部6楼东区28床>，家属陪护
宿舍是<南京邮电大学仙林校区桂苑12栋416>
寄到<西安电子科技大学南校区丁香公寓14号楼3区201室>，写他名字
他住<富士康龙华园区D12宿舍楼5层518>
工地宿舍：<滨江万象城项目部二号生活区B栋207室>
""",
    "spoken": """
我住在<东门大桥旁边的锦绣花园二期三栋五零二>，你到了打我电话
家就在<人民医院后面那个桂花小区八号楼二单元四零一>
我现在住<火车站对面的如家酒店三零八房间>
从地铁口出来走五分钟就是<望湖家园十二栋一单元九零三>
你来<红旗路菜市场楼上六楼>找我就行
""",
    "chat": """
定位不准 我在<碧水云天12-2-901> 到了按门铃
哥 东西寄<长沙岳麓区梅溪湖路龙湖天街3栋2105> 谢了
新家<万科翡翠滨江7号楼1602>，改天来玩
搬家了哈，以后都寄到<青羊区光华村街88号附12号3栋1单元7楼2号>
你把发票寄<福州仓山万达B2座1715>收件人写小陈
""",
    "crossing": """
店在<人民路与解放路交叉口东北角金鼎大厦1楼>
事故发生于车辆行驶至<中原路和桐柏路交叉口向西200米路北>
门店：<郑东新区商务外环路与众意西路交汇处绿地峰会天下9层>
我在<西关十字永昌路步行街入口第二家奶茶店>兼职
上车点：<机场路58号停车场东门>
""",
}
"""Two of the last style are places of meeting and not of a household: they are measured all the
same."""


def marked_lines(styles: Mapping[str, str]) -> Iterator[tuple[str, list[Placed]]]:
    """Yield each text without its marks, and the addresses in it; ``|`` ends a line of it."""
    for style, lines in styles.items():
        for line in lines.strip().splitlines():
            yield marked(line.replace("|", "\n"), style)


def unseen() -> Iterator[tuple[str, list[Placed]]]:
    """Yield the Chinese ones."""
    yield from marked_lines(CHINESE_UNSEEN)


def marked(line: str, style: str) -> tuple[str, list[Placed]]:
    """Return a text without ``<`` and ``>``, and what stood between them."""
    text, places = "", list[tuple[int, int]]()
    for number, piece in enumerate(line.replace(">", "<").split("<")):
        if number % 2:
            places.append((len(text), len(text) + len(piece)))
        text += piece
    return text, [Placed(text, start, end, style) for start, end in places]
