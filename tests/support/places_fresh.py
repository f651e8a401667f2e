"""Addresses written by hand after the rules were: ``<`` and ``>`` mark each, ``|`` ends a line.

Owns the second set of styles, Chinese and English, which no rule was made from. Refuses real
households, as the first does.
"""

from collections.abc import Mapping

CHINESE_FRESH: Mapping[str, str] = {
    "delivery": """
外卖送到<金水区农业路68号河南财经政法大学家属院6号楼2单元11号>
包裹已退回，原收件地址<泰安市岱岳区天平街道大河社区45号楼东单元502>
明天上午寄往<义乌国际商贸城四区C12门3楼27街38215店面>
""",
    "court notice": """
被申请人周某，住<江西省上饶市鄱阳县油墩街镇潼滩村委会上潼滩村32号>。
查封登记在其名下的<海口市龙华区滨海大道103号财富广场16层B2房>
送达地点：<云南省曲靖市麒麟区寥廓街道文昌街西苑小区2幢1单元301号>
""",
    "household register": """
常住户口所在地<辽宁省铁岭市昌图县老城镇长青村四组>
住址：<广西百色市右江区四塘镇百兰村那坡屯11号>
从<龙江县白山镇五家子村>迁往<齐齐哈尔市龙沙区江岸街道合意路水岸丽都3号楼2单元0602室>
""",
    "contract": """
乙方住所：<无锡市滨湖区建筑西路599-5号2号楼四楼403-3>，联系人钱进
房屋坐落于<重庆市渝北区龙溪街道新溉大道18号附3号御景江山9幢2单元7-2>，产权面积98平方米
出租方将<南宁市民族大道136号华润大厦A座3005室>出租给承租方
""",
    "rural": """
他家<沂水县高庄镇门楼村3排5号>，院门朝南
客户现居<大方县猫场镇箐口村二组>
养殖场在<正定县新安镇东里双村村北>
""",
    "Hong Kong and Taiwan": """
住<香港新界屯门兆康苑兆贤阁2305室>
请送至<香港铜锣湾告士打道280号世界贸易中心28楼>
通讯处：<台北市中山区南京东路三段168号9楼之5>
现居<臺南市東區崇善路122巷8弄21號>
""",
    "industrial park": """
工厂位于<惠州市仲恺高新区陈江街道东升村委会五一路8号厂房二楼>
收货：<嘉兴经济技术开发区塘汇路853号浙江清华长三角院B座906>
注册地址<中山市火炬开发区濠四村濠四大街18号之三A栋首层>
""",
    "hospital and dormitory": """
我在<中南大学湘雅医院外科楼18楼36床>陪护
寝室搬到<东校区梅园3栋B座412室>
寄<华中科技大学韵苑学生公寓27栋514>
""",
    "spoken": """
他说他住<汽车站旁边的天成佳苑六栋三单元四楼西户>
我家在<实验小学后面的教师新村九号楼三零一>
就在<解放桥头农业银行楼上五零三室>
""",
    "chat": """
到家了吗 我这边是<云锦东方5-1-1803>
地址发你 <宁波鄞州万达公寓1号楼2217> 记得备注
帮我改成<雨花区井湾子街道桃花路58号橘郡3栋904>吧
""",
    "crossing": """
公司在<学院路和文一西路交叉口西溪银座D座1102>
网点地址<太平南路与常府街交汇处东南角1号楼>
""",
    "forms": """
户籍地址|<山西省临汾市尧都区解放西路煤运公司宿舍3号楼2单元5号>|联系电话|待补
家庭住址（详细）：<青海省西宁市城东区八一中路19号3号楼>|邮编：待补
【收货信息】周敏，<河北省保定市莲池区裕华东路阳光佳苑南区11-3-502>
""",
}
ABROAD_FRESH: Mapping[str, str] = {
    "labelled": """
Our new office address is <88 Harrow Crest, Windhoek>.
She has been living at <Lerchenfeldgasse 9/14, 1080 Wien> for years
please forward everything to <Bd. Anspach 41, 1000 Bruxelles, Belgium>
Where is <6 Kestrel Downs, Nelson 7010>? I was told to deliver to <6 Kestrel Downs, Nelson 7010>.
Mail to: <C/ Serrano 55, 2º B|28006 Madrid>
The borrower resides at <Strada Lipscani 27, 030167 București>
I will stay at <Teatergatan 18, Göteborg> until May
My shipping address: <1187 Copper Hollow|Bozeman|MT 59715>
""",
    "unlabelled": """
Invoice to <Drottninggatan 33, 411 14 Göteborg>, thanks
<Obere Bahnhofstr. 12|8640 Rapperswil|Switzerland>
We met at <Via Garibaldi 4, Torino>, then left.
<Piazza del Duomo 1, 50122 Firenze FI>
<Al. Jerozolimskie 65/79, 00-697 Warszawa>
The flat <14 rue des Lilas, 33000 Bordeaux> has been sold to us.
<Nieuwezijds Voorburgwal 147, 1012 RJ Amsterdam>
<Bulevardi 21, 00180 Helsinki, Finland>
<Rua do Ouro 110, 4150-552 Porto>
<Kossuth Lajos utca 12, 6720 Szeged>
""",
    "letters": """
Emil Hansen|<Strandvejen 201, 3. tv.|2900 Hellerup>||Dear Emil,
Anna Nowak|<ul. Mickiewicza 14/3|60-834 Poznań|Poland>|tel. pending
Herrn|Dieter Vogel|<Am Stadtgarten 7|45127 Essen>
Jean-Luc Moreau|<27, avenue de la République|69002 Lyon>||Objet: contract
Ms Ingrid Dahl|<Storgata 44 B|9008 Tromsø|Norway>
Marta Silva|<Avenida da Liberdade, 180, 3º Esq|1250-146 Lisboa>
""",
    "orders and questions": """
Could a courier go to <Kaiserstraße 88, 76133 Karlsruhe> this week?
order #4471: ship to <Plaza Mayor 2, 37002 Salamanca, Spain>, 3 items
pls send it to <58 cedar lane, apt 2>
is <9 Rue Cler, Paris> open on sunday?
Pick up the keys at <31 Fern Street, Lower Hutt 5010> first.
From <Bergstraße 3, 01069 Dresden> to <Havenstraat 17, 1271 AD Huizen> please.
driver, <12 Anchor Way, Hull HU1 3DZ>, second gate
""",
}
