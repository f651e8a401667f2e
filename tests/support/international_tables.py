"""What the generators of international numbers draw from: forms, areas, names of nobody.

Forms of accounts: the IBAN registry of ISO 13616 (``#`` a digit, ``@`` a letter). First digits of
ZIP codes by state: United States Postal Service. Domains are those kept for examples (RFC 2606) and
large mail hosts; the local parts are invented.
"""

IBAN_FORMS = (
    ("DE", "#" * 18),
    ("GB", "@@@@" + "#" * 14),
    ("FR", "#" * 10 + "#" * 11 + "##"),
    ("NL", "@@@@" + "#" * 10),
    ("ES", "#" * 20),
    ("IT", "@" + "#" * 22),
    ("CH", "#" * 17),
    ("BE", "#" * 12),
    ("NO", "#" * 11),
    ("SE", "#" * 20),
    ("PL", "#" * 24),
    ("AE", "#" * 19),
    ("SA", "##" + "#" * 18),
    ("TR", "#" * 22),
    ("MT", "@@@@" + "#" * 23),
)
BIC_BANKS = (
    ("DEUT", "DE"),
    ("ABNA", "NL"),
    ("BARC", "GB"),
    ("CHAS", "US"),
    ("BOFA", "US"),
    ("BKCH", "CN"),
    ("ICBK", "CN"),
    ("HSBC", "HK"),
    ("BNPA", "FR"),
    ("UBSW", "CH"),
)
UK_AREAS = ("B", "BS", "CB", "CF", "E", "EH", "G", "GU", "L", "LS", "M", "N", "NE", "SW", "YO")
ZIP_OF_STATE = (
    ("CA", "941"),
    ("NY", "100"),
    ("TX", "750"),
    ("FL", "331"),
    ("IL", "606"),
    ("MA", "021"),
    ("WA", "981"),
    ("CO", "802"),
    ("GA", "303"),
    ("OH", "432"),
)
LOCAL_PARTS = (
    "john.smith",
    "mary_jones",
    "li.wei",
    "zhangsan",
    "a.b.carter",
    "o-brien",
    "wang_fang",
    "jdoe",
    "susan",
    "k.mueller",
)
DOMAINS = (
    "example.com",
    "example.co.uk",
    "mail.example.org",
    "corp.internal",
    "firma.example",
    "qq.com",
    "163.com",
    "sub.host-7.net",
    "bank.com.cn",
    "lender.io",
)
