"""IP, MAC and web addresses, coordinates, keys: what is found and what is not.

Addresses: RFC 5737 and RFC 3849 (documentation), RFC 5952 sections 1 to 5 (forms of version 6),
RFC 3986 section 1.1.2 (URLs), RFC 7042 (MAC addresses for documentation), EIP-55 (CRYPTO).
"""

import pytest

from support.international_findings import found, named, score

ETHER = "0x52908400098527886E0F7030069857D2E4169EE7"
FOUND = (
    ("IP_ADDRESS", "from 192.0.2.10 again", "192.0.2.10"),
    ("IP_ADDRESS", "at 198.51.100.23:8080.", "198.51.100.23"),
    ("IP_ADDRESS", "203.0.113.0/24", "203.0.113.0"),
    ("IP_ADDRESS", "登录IP：203.0.113.77，", "203.0.113.77"),
    ("IP_ADDRESS", "客户203.0.113.77登录", "203.0.113.77"),
    ("IP_ADDRESS", "ip 8.8.8.8", "8.8.8.8"),
    ("IP_ADDRESS", "2001:db8:0:0:1:0:0:1", "2001:db8:0:0:1:0:0:1"),
    ("IP_ADDRESS", "2001:0db8:0:0:1:0:0:1", "2001:0db8:0:0:1:0:0:1"),
    ("IP_ADDRESS", "2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
    ("IP_ADDRESS", "2001:DB8::AAAA:0:0:1", "2001:DB8::AAAA:0:0:1"),
    ("IP_ADDRESS", "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("IP_ADDRESS", "2001:db8::aaaa", "2001:db8::aaaa"),
    ("IP_ADDRESS", "[2001:db8::1]:80", "2001:db8::1"),
    ("IP_ADDRESS", "2001:db8:122:344::192.0.2.33", "2001:db8:122:344::192.0.2.33"),
    ("IP_ADDRESS", "地址：2001:db8::7，", "2001:db8::7"),
    ("MAC_ADDRESS", "mac 00:00:5E:00:53:AF", "00:00:5E:00:53:AF"),
    ("MAC_ADDRESS", "00-00-5e-00-53-af", "00-00-5e-00-53-af"),
    ("MAC_ADDRESS", "0000.5e00.53af", "0000.5e00.53af"),
    ("MAC_ADDRESS", "物理地址00:00:5E:00:53:01已登记", "00:00:5E:00:53:01"),
    ("URL", "see http://www.example.com/a/b?c=d#e.", "http://www.example.com/a/b?c=d#e"),
    ("URL", "ftp://ftp.is.co.za/rfc/rfc1808.txt", "ftp://ftp.is.co.za/rfc/rfc1808.txt"),
    ("URL", "网址https://example.com/张三", "https://example.com/"),
    ("URL", "（www.example.com）", "www.example.com"),
    ("URL", "go to example.com/u/jdoe, please", "example.com/u/jdoe"),
    ("URL", "(https://example.com/a_(b))", "https://example.com/a_(b)"),
    ("COORDINATES", "at 51.50735, -0.12776 now", "51.50735, -0.12776"),
    ("COORDINATES", "51.5074° N, 0.1278° W", "51.5074° N, 0.1278° W"),
    ("COORDINATES", "坐标39.908823,116.397470", "39.908823,116.397470"),
    ("COORDINATES", "北纬39度54分26秒", "北纬39度54分26秒"),
    ("COORDINATES", "东经116.397428，北纬39.90923", "东经116.397428，北纬39.90923"),
    ("COORDINATES", "40°26′46″N 79°58′56″W", "40°26′46″N 79°58′56″W"),
    ("COORDINATES", "纬度：39.9088", "39.9088"),
    ("SECRET", "password: hunter2!", "hunter2!"),
    ("SECRET", "密码Abc12345已改", "Abc12345"),
    ("SECRET", "token=3f9a7c1b2d", "3f9a7c1b2d"),
    ("SECRET", "验证码 482913", "482913"),
    ("SECRET", "key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("USER_NAME", "用户名：zhangwei88", "zhangwei88"),
    ("USER_NAME", "username: j_smith", "j_smith"),
    ("CRYPTO", "to 0x52908400098527886E0F7030069857D2E4169EE7", ETHER),
)  # fmt: skip
NONE = (
    ("IP_ADDRESS", "version 192.0.2.10"),
    ("IP_ADDRESS", "v1.2.3.4 and 1.2.3.4"),
    ("IP_ADDRESS", "256.1.2.300"),
    ("IP_ADDRESS", "1.192.0.2.10"),
    ("IP_ADDRESS", "127.0.0.1 ::1 0.0.0.0 255.255.255.0"),
    ("IP_ADDRESS", "login from 0:0:0:0:0:0:0:1 or 0:0:0:0:0:0:0:0"),
    ("IP_ADDRESS", "10:30:00 and std::abc and a::b"),
    ("IP_ADDRESS", "2001:db8::1::2"),
    ("MAC_ADDRESS", "00:00:00:00:00:00 ff:ff:ff:ff:ff:ff"),
    ("MAC_ADDRESS", "00:00:5E:00:53:AF:12:34"),
    ("URL", "foo.py os.path self.name e.g. this.that"),
    ("URL", "http://localhost:8080/ http://www.w3.org/2000/svg"),
    ("URL", "a@example.com/x"),
    ("COORDINATES", "0.1234, 0.5678"),
    ("COORDINATES", "91.12345, 181.12345"),
    ("COORDINATES", "12.12345, 13.12345, 14.12345"),
    ("SECRET", "password = get_password()"),
    ("SECRET", "password: required"),
    ("SECRET", "password=self.config.Secret1 or token=$TOKEN_1"),
    ("SECRET", "密码错误"),
    ("USER_NAME", "username: string"),
)


@pytest.mark.parametrize(("entity", "text", "value"), FOUND)
def test_it_is_found(entity: str, text: str, value: str) -> None:
    assert value in named(text, entity)


@pytest.mark.parametrize(("entity", "text"), NONE)
def test_it_is_not_found(entity: str, text: str) -> None:
    assert named(text, entity) == []


def test_a_label_makes_a_short_address_likely() -> None:
    assert score("1.2.3.4", "IP_ADDRESS") < 0.5 < score("IP 1.2.3.4", "IP_ADDRESS")


def test_no_reason_repeats_a_secret() -> None:
    assert all("hunter2" not in one.why for one in found("password: hunter2!", 0.0))
