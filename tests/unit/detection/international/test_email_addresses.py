"""Addresses of RFC 5321, 5322 and 6531, in Chinese, beside Chinese, and what is none."""

import pytest

from support.international_findings import named, score

WHOLE = (
    # RFC 5322, appendix A, and RFC 5321.
    "john.q.public@example.com", "mary@x.test", "jdoe@one.test", "sisters@other.example",
    "pete@silly.example", "very.common@example.com", "x@example.com",
    "disposable.style.email.with+symbol@example.com",
    "other.email-with-hyphen@and.subdomains.example.com", "user.name+tag+sorting@example.com",
    "admin@mailserver1.internal", "example@s.example", '"john doe"@example.org',
    "_______@example.com", "user%example.com@example.org", "user-@example.org", "a@b.co",
    "1234567890@example.com", "jsmith@[192.168.2.1]", "jsmith@[IPv6:2001:db8::1]",
    "o'brien@example.ie", "firstname@corp.local",
    # RFC 6531 and internationalised domains.
    "Pelé@example.com", "δοκιμή@παράδειγμα.δοκιμή", "我買@屋企.香港", "二ノ宮@黒川.日本",
    "li@例子.中国", "张三@qq.com", "李四@例子.公司",
    "user@xn--fsqu00a.xn--0zwm56d", "wang@公司.网络",
)  # fmt: skip
IN_TEXT = (
    ("邮箱john@example.com，电话", "john@example.com"),
    ("请发到john@example.com谢谢", "john@example.com"),
    ("邮箱：张三@qq.com请回复", "张三@qq.com"),
    ("请联系张三@qq.com。", "张三@qq.com"),
    ("发送至li@例子.中国并抄送", "li@例子.中国"),
    ("mailto:a.b@example.com?subject=x", "a.b@example.com"),
    ("<a@example.com>;(b@example.org)", "a@example.com"),
    ("write to a@example.com.", "a@example.com"),
    ("a@example.com, or", "a@example.com"),
    ("mail=a@example.com&x=1", "a@example.com"),
    ("'a@example.com'", "a@example.com"),
    ("EMAIL:A.B@EXAMPLE.COM!", "A.B@EXAMPLE.COM"),
    ("ａ＠example．com", "ａ＠example．com"),
    ("see john@example.com.请回复", "john@example.com"),
    ("to:john@example.com\nmary", "john@example.com"),
)
NONE = (
    "bought 100@3.5", "@app.route", "a @ b.com", "react@18.2.0", "user@", "@example.com", "a@.com",
    "git@github.com:a/b.git", "admin@localhost", "x@-a.b-", "price @ 3.50 each", "a@@b", "v1@2.3.4",
)  # fmt: skip


@pytest.mark.parametrize("address", WHOLE)
def test_an_address_is_found_whole(address: str) -> None:
    assert named(f"to {address} today", "EMAIL_ADDRESS") == [address]
    assert named(address, "EMAIL_ADDRESS") == [address]


@pytest.mark.parametrize(("text", "address"), IN_TEXT)
def test_what_stands_beside_is_no_part_of_it(text: str, address: str) -> None:
    assert named(text, "EMAIL_ADDRESS")[0] == address


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_address_is_not_found(text: str) -> None:
    assert named(text, "EMAIL_ADDRESS") == []


def test_several_addresses_are_found_apart() -> None:
    text = "a@example.com,b@example.com;c@example.com"
    assert named(text, "EMAIL_ADDRESS") == ["a@example.com", "b@example.com", "c@example.com"]


def test_a_domain_of_one_label_is_weak() -> None:
    assert 0 < score("root@mailhost", "EMAIL_ADDRESS") < 0.5


def test_no_label_of_a_domain_begins_with_a_hyphen() -> None:
    assert named("see a@-example.com now", "EMAIL_ADDRESS") == []
    assert named("see a@mail.ex-ample.com now", "EMAIL_ADDRESS") == ["a@mail.ex-ample.com"]
