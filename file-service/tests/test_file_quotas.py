"""What accounts keep is counted to the byte, and never exceeds their quota."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx2
import pytest
from file_client import FileClient
from leftovers import Leftovers
from starlette.types import ASGIApp

from file_service.app import create_app
from file_service.settings import FileSettings
from strongroom.testing import TestIssuer

KIB = 1024


@pytest.fixture
def admin(client_of: Callable[..., FileClient]) -> FileClient:
    return client_of(scope="admin", roles=["admin"])


async def limit(admin: FileClient, client: FileClient, quota: int | None) -> dict[str, int]:
    answer = await admin.http.put(
        f"{admin.origin}/files/usage/{client.account}", json={"quota": quota}, headers=admin.headers
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_usage_counts_versions_and_the_trash_until_it_is_emptied(ada: FileClient, leftovers: Leftovers) -> None:
    first = (await ada.put("a", b"x" * 10)).json()["id"]
    await ada.put("a", b"x" * 5)
    await ada.upload_several(("b", b"x" * 3), ("c", b""))
    assert await ada.usage() == (18, 3)
    await ada.delete(f"/files/{first}")
    assert await ada.usage() == (18, 3)
    assert (await ada.delete("/files/trash")).json() == {"file_count": 1}
    assert await ada.usage() == (3, 2)
    assert len(await leftovers.freed()) == 2
    assert (await ada.delete("/files/trash")).json() == {"file_count": 0}


async def test_copies_and_restored_versions_count(ada: FileClient) -> None:
    file = (await ada.put("a", b"x" * 10)).json()["id"]
    await ada.put("a", b"")
    await ada.post(f"/files/{file}/restore", {"version": 1})
    assert await ada.usage() == (20, 1)
    await ada.post(f"/files/{file}/copy", {"path": "b"})
    assert await ada.usage() == (30, 2)


@pytest.mark.parametrize("way", ["form", "several", "raw", "content", "restore"])
async def test_over_the_quota_nothing_is_taken_in(
    ada: FileClient, admin: FileClient, leftovers: Leftovers, way: str
) -> None:
    file = (await ada.put("a", b"x" * 100)).json()["id"]
    await ada.put("a", b"y")
    await limit(admin, ada, 200)
    before = leftovers.objects()
    body = b"z" * 100
    refused = {
        "form": lambda: ada.upload(body, "n"),
        "several": lambda: ada.upload_several(("n", body[:60]), ("m", body[:40])),
        "raw": lambda: ada.put("n", body),
        "content": lambda: ada.put(file, body, "/files/content/"),
        "restore": lambda: ada.post(f"/files/{file}/restore", {"version": 1}),
    }
    answer = await refused[way]()
    assert answer.status_code == 507
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:problem-type:strongroom:quota-exceeded"
    assert answer.json()["left"] == 99
    assert await leftovers.freed() == before
    assert await ada.usage() == (101, 1)
    assert (await ada.put("n", body[:99])).status_code == 201
    assert await ada.usage() == (200, 2)


async def test_a_copy_over_the_quota_is_refused(ada: FileClient, admin: FileClient, leftovers: Leftovers) -> None:
    file = (await ada.put("a", b"x" * 100)).json()["id"]
    await limit(admin, ada, 199)
    assert (await ada.post(f"/files/{file}/copy", {"path": "b"})).status_code == 507
    assert len(await leftovers.freed()) == 1


async def test_of_fifty_uploads_at_once_exactly_what_fits_is_stored(
    ada: FileClient, admin: FileClient, leftovers: Leftovers
) -> None:
    await limit(admin, ada, 10 * 64 * KIB + 1)
    uploads = [ada.put(f"f{n}", bytes(64 * KIB)) if n % 2 else ada.upload(bytes(64 * KIB), f"f{n}") for n in range(50)]
    answers = await asyncio.gather(*uploads)
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [507] * 40
    assert await ada.usage() == (10 * 64 * KIB, 10)
    assert await leftovers.freed() == await leftovers.rows()
    assert len(await leftovers.rows()) == 10


async def test_what_comes_and_goes_at_once_adds_up(ada: FileClient) -> None:
    async def come_and_go(number: int) -> None:
        file = (await ada.put(f"f{number % 5}", bytes(number))).json()["id"]
        match number % 4:
            case 0:
                await ada.delete(f"/files/{file}", permanent=True)
            case 1:
                await ada.post(f"/files/{file}/copy", {"path": f"copy{number}"})
            case 2:
                await ada.delete(f"/files/{file}")

    await asyncio.gather(*(come_and_go(number) for number in range(60)))
    kept = [file for trashed in (False, True) for file in await everything(ada, trashed=trashed)]
    versions = [
        version["size"]
        for file in kept
        if file["trashed"] is False
        for version in (await ada.get(f"/files/{file['id']}/versions")).json()["items"]
    ]
    await ada.delete("/files/trash")
    assert await ada.usage() == (sum(versions), len([file for file in kept if not file["trashed"]]))


async def everything(client: FileClient, *, trashed: bool) -> list[dict[str, object]]:
    items = (await client.get("/files", limit=1000, trashed=trashed)).json()["items"]
    return [{**item, "trashed": trashed} for item in items]


async def test_only_administrators_see_and_set_others_quotas(ada: FileClient, admin: FileClient) -> None:
    await ada.put("a", b"xyz")
    assert (await ada.get(f"/files/usage/{ada.account}")).status_code == 403
    refused = await ada.http.put(f"{ada.origin}/files/usage/{ada.account}", json={"quota": 1}, headers=ada.headers)
    assert refused.status_code == 403
    default = (await ada.get("/files/usage")).json()["quota"]
    assert await limit(admin, ada, 7) == {"bytes": 3, "count": 1, "quota": 7}
    assert (await ada.get("/files/usage")).json() == {"bytes": 3, "count": 1, "quota": 7}
    assert (await admin.get(f"/files/usage/{ada.account}")).json()["quota"] == 7
    assert (await limit(admin, ada, None))["quota"] == default
    assert (await limit(admin, ada, 0))["bytes"] == 3  # nothing is taken away
    assert (await ada.put("b", b"")).status_code == 201
    assert (await ada.put("c", b"x")).status_code == 507


@pytest.mark.parametrize("quota", [-1, 2**63, "much", 1.5])
async def test_a_nonsensical_quota_is_refused(admin: FileClient, quota: object) -> None:
    url = f"{admin.origin}/files/usage/{uuid4()}"
    assert (await admin.http.put(url, json={"quota": quota}, headers=admin.headers)).status_code == 422


async def test_a_role_may_have_a_limit_of_its_own(
    settings: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient, issuer: TestIssuer
) -> None:
    limits = {"max_file_bytes": 10, "max_file_bytes_by_role": {"guest": 5, "staff": 20}}
    origin = await serve(create_app(settings.model_copy(update=limits)))
    for roles, most in (([], 10), (["user"], 10), (["guest"], 5), (["guest", "staff", "user"], 20)):
        client = FileClient(http, origin, issuer.token(roles=roles))
        assert (await client.put("fits", bytes(most))).status_code == 201
        assert (await client.put("large", bytes(most + 1))).status_code == 413
        assert (await client.upload(bytes(most + 1), "large")).status_code == 413
