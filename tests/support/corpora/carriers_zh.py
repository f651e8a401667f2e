"""Chinese text of lending with personal data in it: templates, development and test kept apart."""

FORMATTED = (
    "客户来电，{zh!}，要求修改还款日。",
    "{zh!}，{zh!}，资料已核对。",
    "贷后备注：{CN_MOBILE_NUMBER!}停机，改打{CN_MOBILE_NUMBER}，接通后表示本周还款。",
    "申请人{CN_RESIDENT_ID!}，预留{CN_MOBILE_NUMBER!}，绑定{CN_BANK_CARD!}。",
    "单位{CN_UNIFIED_SOCIAL_CREDIT_CODE!}，办公{CN_LANDLINE_NUMBER!}",
    "请把材料发到{EMAIL_ADDRESS}，或加{WECHAT_ID!}",
    "{CN_MOBILE_NUMBER}拒接三次",
    "抵押车辆{CN_VEHICLE_PLATE!}，{CN_VIN!}，评估价{amount}元。",
    "还款账户：{CN_BANK_CARD}（借记卡），尾款{amount}元",
    "短信通知已发往{CN_MOBILE_NUMBER}，回执编号{n4}",
    "【催收】{datezh}外呼{CN_MOBILE_NUMBER}，无人接听；{CN_LANDLINE_NUMBER!}为空号",
    "登录来源{IP_ADDRESS}，设备{MAC_ADDRESS}，{datezh}提交申请",
    "共同借款人证件{CN_RESIDENT_ID}，已过人脸识别",
    "第{n}期：{zh!}；第{n}期：{zh!}",
    "坐席：您好。客户：我的号码是{CN_MOBILE_NUMBER}，邮箱{EMAIL_ADDRESS}，谢谢。",
    "|手机|{CN_MOBILE_NUMBER}|卡号|{CN_BANK_CARD}|证件|{CN_RESIDENT_ID}|",
)
FORMATTED_TEST = (
    "回访结果：号码{CN_MOBILE_NUMBER}为本人使用，{zh!}。",
    "补充资料　{zh!}　{zh!}",
    "借款合同附件\n{CN_RESIDENT_ID!}\n{CN_BANK_CARD!}\n{CN_MOBILE_NUMBER!}",
    "代扣失败，卡{CN_BANK_CARD}余额不足，已通知{CN_MOBILE_NUMBER}。",
    "他说换号了，新的是{CN_MOBILE_NUMBER}，旧的不用了",
    "担保企业{CN_UNIFIED_SOCIAL_CREDIT_CODE!}，联系{CN_LANDLINE_NUMBER!}，{n}月底前盖章",
    "紧急联系方式1：{CN_MOBILE_NUMBER}；2：{CN_MOBILE_NUMBER}",
    "质押物：{CN_VEHICLE_PLATE}号小型轿车一辆，{CN_VIN!}",
    "客服记录（{date} {time}）：{zh!}，客户情绪稳定",
    "电子合同已寄{EMAIL_ADDRESS}，请查收；咨询{CN_MOBILE_NUMBER}",
    "核身：{CN_RESIDENT_ID}，一致；{zh!}，一致",
    "附言：{CN_BANK_CARD}转入{amount}元，摘要：还款",
    "您尾款未结，请联系{CN_MOBILE_NUMBER}处理，勿回此信",
    "ID={CN_RESIDENT_ID};TEL={CN_MOBILE_NUMBER};CARD={CN_BANK_CARD}",
    "出境资料 {CN_PASSPORT!} / {CN_HK_MACAU_PERMIT!}",
    "{QQ_NUMBER!}，{WECHAT_ID!}，都加不上",
)
NAMES = (
    "借款人{PERSON}申请展期三个月。",
    "担保人：{PERSON}，与借款人系夫妻关系",
    "今日致电{PERSON}，{CN_MOBILE_NUMBER}无人接听。",
    "{PERSON}表示本月工资未发，承诺{datezh}前还款",
    "联系人{PERSON}（同事），电话{CN_MOBILE_NUMBER}",
    "上门走访，{PERSON}不在家，其母{PERSON}代收通知书。",
    "经办：{PERSON}　复核：{PERSON}",
    "客户{PERSON}，{CN_RESIDENT_ID!}，征信良好",
)
NAMES_TEST = (
    "本人{PERSON}，因资金周转需要，特申请贷款{amount}元。",
    "被告{PERSON}未到庭应诉，法院依法缺席审理。",
    "紧急联系人为{PERSON}，关系：父亲",
    "{PERSON}的手机一直关机，转联系配偶{PERSON}。",
    "收款人户名{PERSON}，卡号{CN_BANK_CARD}",
    "客户经理{PERSON}陪同{PERSON}签署了合同。",
    "{PERSON}、{PERSON}、{PERSON}三人承担连带责任",
    "致{PERSON}先生：您的申请已获批准。",
)
ADDRESSES = (
    "住址：{CN_ADDRESS}",
    "借款人现住{CN_ADDRESS}。",
    "邮寄至{CN_ADDRESS}，{n}日内送达",
    "户籍所在地为{CN_ADDRESS}；婚姻状况：已婚",
)
ADDRESSES_TEST = (
    "居住地址：{CN_ADDRESS_TEST}。",
    "外访人员到达{CN_ADDRESS_TEST}，门锁未开。",
    "收件地址 {CN_ADDRESS_TEST}",
    "客户名下房产位于{CN_ADDRESS_TEST}，无抵押",
)
MIXED = (
    "客户{PERSON}，mobile {CN_MOBILE_NUMBER}，email: {EMAIL_ADDRESS}",
    "Borrower {PERSON_EN} 来电，phone {PHONE_NUMBER}",
    "SSN {US_SSN}，对应身份证{CN_RESIDENT_ID}",
    "IBAN {IBAN_CODE}，国内卡{CN_BANK_CARD}",
)
MIXED_TEST = (
    "VIP客户{PERSON_EN}，联系邮箱{EMAIL_ADDRESS}，card {CREDIT_CARD}",
    "Contact: {PERSON} / {CN_MOBILE_NUMBER} / {EMAIL_ADDRESS}",
    "境外汇款 IBAN {IBAN_CODE}，收款人 {PERSON_EN}",
    "ID card {CN_RESIDENT_ID}, tel {CN_MOBILE_NUMBER}, status 正常",
)
