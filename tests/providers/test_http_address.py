"""Server-side request forgery: where a provider's address may not lead, when it is saved and when it is used."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from providers.contracts import Call
from providers.errors import Unavailable
from providers.http import BadBaseUrl, Http, Resolve, check_base_url
from tests.providers.scripted_server import answer, serving

HOSTS = ["erp-production.alreaaiaa.com"]
LIVE = "https://erp-production.alreaaiaa.com/api/v1"
DISGUISES = {
    "http://127.0.0.1": "host_not_allowed",
    "https://127.0.0.1/api": "host_not_allowed",
    "http://localhost:8900": "host_not_allowed",
    "https://localhost./x": "host_not_allowed",
    "https://LOCALHOST": "host_not_allowed",
    "http://[::1]/": "host_not_allowed",
    "https://[::1]": "host_not_allowed",
    "https://[::ffff:127.0.0.1]": "host_not_allowed",
    "https://[0:0:0:0:0:ffff:7f00:1]": "host_not_allowed",
    "https://[::]": "host_not_allowed",
    "https://0x7f000001": "host_not_allowed",
    "https://0x7f.0.0.1": "host_not_allowed",
    "https://2130706433": "host_not_allowed",
    "https://017700000001": "host_not_allowed",
    "https://127.1": "host_not_allowed",
    "https://0": "host_not_allowed",
    "https://169.254.169.254/latest/meta-data": "host_not_allowed",
    "https://93.184.216.34": "host_not_allowed",
    "https://１２７.0.0.1": "not_a_url",
    "https://ⓛocalhost": "not_a_url",
    "https://evil.example.com": "host_not_allowed",
    "https://erp-production.alreaaiaa.com.evil.example.com": "host_not_allowed",
    "https://evil.example.com%2ferp-production.alreaaiaa.com": "host_not_allowed",
    "https://erp-production.alreaaiaa.com@evil.example.com": "has_credentials",
    "https://user:password@erp-production.alreaaiaa.com": "has_credentials",
    r"https://evil.example.com\@erp-production.alreaaiaa.com": "not_a_url",
    "http://erp-production.alreaaiaa.com": "not_https",
    "https://erp-production.alreaaiaa.com:22": "bad_port",
    "https://erp-production.alreaaiaa.com:8443": "bad_port",
    "https://erp-production.alreaaiaa.com:0": "bad_port",
    "https://erp-production.alreaaiaa.com:99999": "not_a_url",
    "https://erp-production.alreaaiaa.com:": "bad_port",
    "https://erp-production.alreaaiaa.com./api": "host_not_allowed",
    f"{LIVE}?next=http://127.0.0.1": "has_query",
    f"{LIVE}?": "has_query",
    f"{LIVE}#": "has_query",
    f"{LIVE}/../admin": "has_query",
    f"{LIVE}/%2e%2e/admin": "has_query",
    f"{LIVE} ": "not_a_url",
    "https://erp-production.alreaaiaa.com\r\nHost: evil": "not_a_url",
    "https:\t//erp-production.alreaaiaa.com": "not_a_url",
    "file:///etc/passwd": "not_a_url",
    "ftp://erp-production.alreaaiaa.com": "not_a_url",
    "gopher://erp-production.alreaaiaa.com": "not_a_url",
    "//erp-production.alreaaiaa.com": "not_a_url",
    "https://": "host_not_allowed",
    "https://[": "not_a_url",
    "": "not_a_url",
    "https://" + "a" * 600 + ".com": "not_a_url",
}
PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "10.0.0.5",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "not an address",
]


def public(host: str) -> Sequence[str]:
    return ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]


def leading_to(*addresses: str) -> Resolve:
    return lambda host: list(addresses)


@pytest.mark.parametrize("url", DISGUISES)
def test_it_refuses_every_disguise_when_an_account_is_saved(url: str) -> None:
    with pytest.raises(BadBaseUrl) as raised:
        check_base_url(url, hosts=HOSTS, allow_loopback=False, resolve=public)
    assert raised.value.code == DISGUISES[url]
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    "url", [LIVE, LIVE + "/", "https://ERP-Production.alreaaiaa.com:443", LIVE.upper().replace("HTTPS", "https")]
)
def test_it_accepts_the_documented_host(url: str) -> None:
    check_base_url(url, hosts=HOSTS, allow_loopback=False, resolve=public)
    check_base_url(url, hosts=HOSTS, allow_loopback=True, resolve=public)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8900/alreaaiaa/api/v1", "http://localhost:8900", "http://[::1]:1", "https://localhost"]
)
def test_it_accepts_loopback_only_where_the_flag_allows_it(url: str) -> None:
    check_base_url(url, hosts=HOSTS, allow_loopback=True)
    with pytest.raises(BadBaseUrl):
        check_base_url(url, hosts=HOSTS, allow_loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2",
        "http://127.1",
        "http://0x7f000001",
        "http://localhost.",
        "http://10.0.0.1",
        "http://[::ffff:127.0.0.1]",
    ],
)
def test_the_flag_allows_loopback_by_its_usual_names_alone(url: str) -> None:
    with pytest.raises(BadBaseUrl):
        check_base_url(url, hosts=HOSTS, allow_loopback=True)


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("flag", [True, False])
def test_it_refuses_a_listed_name_that_leads_inside(address: str, flag: bool) -> None:
    for resolve in (leading_to(address), leading_to("93.184.216.34", address)):
        with pytest.raises(BadBaseUrl) as raised:
            check_base_url(LIVE, hosts=HOSTS, allow_loopback=flag, resolve=resolve)
        assert raised.value.code == "private_address"


def test_a_name_that_does_not_resolve_yet_may_be_saved() -> None:
    def unknown(host: str) -> Sequence[str]:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    check_base_url(LIVE, hosts=HOSTS, allow_loopback=False, resolve=unknown)


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("flag", [True, False])
def test_it_connects_to_no_inner_address_when_it_sends(address: str, flag: bool) -> None:
    calls: list[Call] = []
    http = Http(LIVE, allow_loopback=flag, journal=calls.append, resolve=leading_to(address))
    with pytest.raises(Unavailable) as raised:
        http.write("POST", "/use", body=b"{}", headers={})
    assert raised.value.code == "blocked_address"
    assert not calls[0].bytes_left


def test_a_name_that_moves_inside_between_saving_and_sending_is_caught() -> None:
    with serving(answer({})) as server:
        answers = iter([["93.184.216.34"], ["127.0.0.1"]])

        def rebinding(host: str) -> Sequence[str]:
            return next(answers)

        check_base_url(LIVE, hosts=HOSTS, allow_loopback=False, resolve=rebinding)
        http = Http(LIVE, allow_loopback=False, journal=lambda call: None, resolve=rebinding)
        with pytest.raises(Unavailable) as raised:
            http.write("POST", "/use", body=b"{}", headers={})
    assert raised.value.code == "blocked_address"
    assert server.connections == 0


def test_it_connects_to_the_address_it_checked_and_asks_no_second_time() -> None:
    with serving(answer({})) as server:
        answers = iter([["127.0.0.1"]])
        url = f"http://localhost:{server.port}"
        http = Http(url, allow_loopback=True, journal=lambda call: None, resolve=lambda host: next(answers))
        assert http.write("POST", "/use", body=b"{}", headers={}).status == 200
    assert server.header("Host") == f"localhost:{server.port}"


def test_it_tries_the_next_address_when_one_does_not_answer() -> None:
    with serving(answer({})) as server:
        url = f"http://localhost:{server.port}"
        http = Http(url, allow_loopback=True, journal=lambda call: None, resolve=leading_to("127.0.0.9", "127.0.0.1"))
        assert http.read("GET", "/", headers={}).status == 200


def test_localhost_that_leads_elsewhere_is_caught() -> None:
    http = Http("http://localhost:1", allow_loopback=True, journal=lambda call: None, resolve=public)
    with pytest.raises(Unavailable) as raised:
        http.read("GET", "/", headers={})
    assert raised.value.code == "blocked_address"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "http://erp-production.alreaaiaa.com", "https://0x7f000001", "https://a@b.example.com"],
)
def test_the_layer_itself_is_not_built_on_a_bad_address(url: str) -> None:
    with pytest.raises(BadBaseUrl):
        Http(url, allow_loopback=False, journal=lambda call: None)
