"""64 KiB of the worst text for each pattern, and a network that refuses."""

import socket
import time

import pytest

from gateway.detection.recognisers.base import Recogniser
from gateway.detection.text.view import View
from support.international_findings import ALL, folded, found, named

SIZE = 64 * 1024
# The bound is 250 ms; the slack is for a machine that does other things as well.
SECONDS = 1.5
WORST = (
    "1", "1 ", "0", "00 1", "(", "(0", "+", "+1 ", "@", "a@", "a@b.", "a.", '"@', "张三@", "-@-.",
    "ssn 123456789 ", "call 212-555-0187, ", "phone 1234567, 1234568 and 1234569. ",
    "212-555-0187 x",
    "card 4111 1111 1111 1112 ", "4111", "cvv 123 ", "iban DE89370400440532013001 ", "DE89 ",
    "http://", "http://a))))", "www.a ", "a.com/", "1:", "::", "ab:cd:1::", "ip 11.22.33.44 ",
    "1.2.3.4.",
    "ab:", "12.12345, ", "lat 12.12345 lon 12.12345 ", "1.1 N 1.1 ", "12?12?", "北纬12.3", "北纬",
    "password: ", "password=abc123 ", "密码abc123", "eyJ", "eyJaaaaaaaaaaa.", "user name is a_b ",
    "loan no 12345 ", "customer id a-b-c-d-1-2-3 ", "account number ", "account 1234567 ",
    "1A", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 ", "zip 12345 ", "CA 94105 ",
    "swift DEUTDEF1 ",
    "SW1A 1AA ", "AB 12 34 56 C ", "943 476 5919 ", "dl A1234567 ", "passport 123456789 ",
    "A123456(3) ", "imei 490154203237518 ", "2345 6789 0124 ", "aaaaaaaa-",
)  # fmt: skip


@pytest.mark.parametrize("unit", WORST)
def test_the_worst_text_takes_bounded_time(unit: str) -> None:
    view = folded((unit * (SIZE // len(unit.encode()) + 1))[:SIZE])
    assert len(view.ascii) > SIZE // 4
    slow = [one.name for one in ALL if _seconds(one, view) > SECONDS]
    assert slow == []


def _seconds(recogniser: Recogniser, view: View) -> float:
    start = time.thread_time()
    for _ in recogniser.find(view):
        pass
    return time.thread_time() - start


def test_one_label_before_many_numbers_costs_no_square() -> None:
    text = "ssn " * 8000 + "123456789, " * 3000
    assert len(named(text, "US_SSN")) > 0


def test_a_token_of_many_kilobytes_is_found_whole() -> None:
    token = "eyJ" + "a" * 20_000 + ".eyJ" + "b" * 20_000 + "." + "c" * 20_000
    assert named(f"auth {token}", "SECRET") == [token]


def test_the_network_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    text = "a@example.co.uk https://example.co.uk/x +44 20 7946 0958 10.20.30.40"
    entities = {one.entity for one in found(text)}
    assert {"EMAIL_ADDRESS", "URL", "PHONE_NUMBER", "IP_ADDRESS"} <= entities
