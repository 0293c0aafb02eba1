"""Nothing is sent to an address that is not everybody's, whatever it is called and however it is written."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address

import pytest

from file_service.webhooks.addresses import Destinations, NameUnknown, ResolverBusy, SystemResolver, is_public
from file_service.webhooks.errors import AddressRefused, UrlRefused
from file_service.webhooks.targets import parse


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:10::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%1",
        "2a00:1450::1%1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.215.14",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450:4001::1",
    ],
)
def test_others_are(address: str) -> None:
    assert is_public(ip_address(address))


def knowing(*addresses: str) -> Destinations:
    async def resolve(_: str) -> Sequence[str]:
        return addresses

    return Destinations(resolve)


async def test_a_name_with_one_private_address_is_refused_whole() -> None:
    assert await knowing("8.8.8.8", "2606:4700::1111", "8.8.8.8").addresses("a.example") == [
        ip_address("8.8.8.8"),
        ip_address("2606:4700::1111"),
    ]
    for private in ("127.0.0.1", "fe80::1%2", "::ffff:10.0.0.1", "nonsense"):
        with pytest.raises(NameUnknown):
            await knowing("8.8.8.8", private).addresses("a.example")


async def test_names_inside_are_not_even_looked_up() -> None:
    for name in ("localhost", "LOCALHOST.".lower(), "x.local", "x.internal", "minio", "a.localhost."):
        with pytest.raises(AddressRefused):
            await knowing("8.8.8.8").addresses(name)


@pytest.mark.parametrize("error", [OSError(), UnicodeError()])
async def test_a_name_that_nobody_knows_is_told_apart(error: Exception) -> None:
    async def resolve(_: str) -> Sequence[str]:
        raise error

    with pytest.raises(NameUnknown):
        await Destinations(resolve).addresses("a.example")
    with pytest.raises(NameUnknown):
        await knowing().addresses("a.example")


@pytest.mark.parametrize("name", ["minio.strongroom", "minio.strongroom.", "postgres.project_inside"])
async def test_names_are_looked_up_as_they_are_and_nothing_is_put_behind_them(name: str) -> None:
    asked: list[str] = []

    async def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return ["8.8.8.8"]

    await Destinations(resolve).addresses(name)
    assert asked == [f"{name.rstrip('.')}."]


async def test_the_answer_does_not_tell_whether_there_is_such_a_name_inside() -> None:
    with pytest.raises(NameUnknown) as there:
        await knowing("10.0.0.1").addresses("postgres.project_inside")
    with pytest.raises(NameUnknown) as not_there:
        await knowing().addresses("nobody.project_inside")
    assert repr(there.value) == repr(not_there.value)


@pytest.mark.parametrize("address", ["127.1", "2130706433", "0x7f.0.0.1", "::ffff:127.0.0.1"])
async def test_addresses_are_not_looked_up(address: str) -> None:
    with pytest.raises(AddressRefused):
        await knowing("8.8.8.8").addresses(address)


async def test_addresses_in_a_private_network_may_have_names_that_it_completes() -> None:
    asked: list[str] = []

    async def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return ["10.0.0.1"]

    assert await Destinations(resolve, private=True).addresses("receiver") == [ip_address("10.0.0.1")]
    assert asked == ["receiver"]


async def test_a_resolver_whose_threads_are_all_taken_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    freed = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        freed.wait(20)
        return []

    resolver = SystemResolver(at_once=1)
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await resolver("slow.example.")
        with pytest.raises(ResolverBusy):
            await resolver("good.example.")
        freed.set()
        async with asyncio.timeout(20):
            while not await answers(resolver):
                pass
    finally:
        freed.set()
        resolver.close()


async def answers(resolver: SystemResolver) -> bool:
    with suppress(ResolverBusy):
        return await resolver("good.example.") == []
    await asyncio.sleep(0)
    return False


def test_names_are_looked_up_in_ascii() -> None:
    assert parse("https://Bücher.example:8443/ü").host == "xn--bcher-kva.example"
    assert parse("http://[2606:4700::1111]/").host == "2606:4700::1111"


@pytest.mark.parametrize(
    "url", ["https://пример%00.example/", "https://%31/", "https://a_b%2f.example/", "https://[v1.x]/"]
)
def test_hosts_with_anything_else_are_refused(url: str) -> None:
    with pytest.raises(UrlRefused) as refusal:
        parse(url)
    assert url not in str(refusal.value)
