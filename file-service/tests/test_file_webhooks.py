"""Owners make, see, change and remove webhooks; of others' they learn nothing, and of ours no address inside."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from file_client import FileClient
from webhook_rig import Hook, WebhookRig

from strongroom.database import Database

PUBLIC = "https://93.184.215.14/hooks"
Clients = Callable[..., FileClient]


async def test_a_webhook_is_made_shown_changed_and_removed(webhooks: WebhookRig) -> None:
    ada = webhooks.client
    answer = await ada.post("/files/webhooks", {"url": PUBLIC, "types": ["file.*"], "prefix": "a/", "description": "Ü"})
    assert answer.status_code == 201
    made = answer.json()
    assert made.pop("secret").startswith("whsec_")
    assert made == {
        "id": made["id"],
        "url": PUBLIC,
        "types": ["file.*"],
        "prefix": "a/",
        "description": "Ü",
        "enabled": True,
        "disabled_at": None,
        "disabled_reason": None,
        "failing_since": None,
        "created_at": made["created_at"],
    }
    path = f"/files/webhooks/{made['id']}"
    assert (await ada.get(path)).json() == made
    assert (await ada.get("/files/webhooks")).json() == {"items": [made], "next_cursor": None}
    changed = await ada.patch(path, url=f"{PUBLIC}/2", types=[], prefix="")
    assert changed.json() == made | {"url": f"{PUBLIC}/2", "types": [], "prefix": ""}
    assert (await ada.patch(path)).json() == changed.json()
    assert (await ada.delete(path)).status_code == 204
    assert (await ada.get(path)).status_code == 404
    assert (await ada.delete(path)).status_code == 404


async def test_webhooks_are_listed_page_by_page(webhooks: WebhookRig) -> None:
    made = [(await webhooks.hook(PUBLIC)).id for _ in range(5)]
    seen, cursor = [], None
    while True:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await webhooks.client.get("/files/webhooks", **asked)).json()
        seen += [one["id"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == made[::-1]


async def test_strangers_find_nothing(webhooks: WebhookRig, client_of: Clients) -> None:
    hook = await webhooks.hook(PUBLIC)
    delivery = (await hook.test()).json()["id"]
    eve = client_of(sub=str(uuid4()))
    answers = [
        await eve.get(hook.path),
        await eve.patch(hook.path, enabled=False),
        await eve.delete(hook.path),
        await eve.post(f"{hook.path}/secret"),
        await eve.post(f"{hook.path}/test"),
        await eve.get(f"{hook.path}/deliveries"),
        await eve.post(f"{hook.path}/deliveries/{delivery}/redeliver"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem-type:strongroom:webhook-not-found")
    missing = await eve.get(f"/files/webhooks/{uuid4()}")
    assert missing.json() == answers[0].json()
    assert (await eve.get("/files/webhooks")).json()["items"] == []
    assert (await hook.shown())["enabled"]
    other = await Hook.made_by(eve, PUBLIC)
    answer = await eve.post(f"{other.path}/deliveries/{delivery}/redeliver")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem-type:strongroom:delivery-not-found")


async def test_to_read_and_to_write_take_their_scopes(webhooks: WebhookRig, client_of: Clients) -> None:
    hook = await webhooks.hook(PUBLIC)
    reader = client_of(sub=webhooks.client.account, scope="files:read")
    writer = client_of(sub=webhooks.client.account, scope="files:write")
    assert (await reader.get(hook.path)).status_code == 200
    assert (await reader.get(f"{hook.path}/deliveries")).status_code == 200
    for refused in (
        await reader.post("/files/webhooks", {"url": PUBLIC}),
        await reader.patch(hook.path, enabled=False),
        await reader.delete(hook.path),
        await reader.post(f"{hook.path}/secret"),
        await reader.post(f"{hook.path}/test"),
        await writer.get(hook.path),
        await writer.get("/files/webhooks"),
    ):
        assert refused.status_code == 403


async def test_the_secret_is_shown_once_and_lies_sealed(webhooks: WebhookRig, database: Database) -> None:
    hook = await webhooks.hook(PUBLIC)
    assert "secret" not in await hook.shown()
    async with database.reading() as connection:
        (sealed,) = (await connection.exec_driver_sql("select secret from files.webhooks")).one()
    assert len(sealed) == 12 + 32 + 16
    assert hook.secret.encode() not in sealed


async def test_an_account_has_so_many_and_no_more(webhooks: WebhookRig) -> None:
    first = await webhooks.hook(PUBLIC)
    for _ in range(19):
        await webhooks.hook(PUBLIC)
    refused = await webhooks.client.post("/files/webhooks", {"url": PUBLIC})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem-type:strongroom:too-many-webhooks")
    await webhooks.client.delete(first.path)
    await webhooks.hook(PUBLIC)


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("", "url"),
        ("example.com", "url"),
        ("ftp://example.com/", "url"),
        ("file:///etc/passwd", "url"),
        ("https:///path", "url"),
        ("https://user:word@example.com/", "url"),
        ("https://user@example.com/", "url"),
        ("https://example.com/#part", "url"),
        ("https://example.com/#", "url"),
        ("https://example.com:0/", "url"),
        ("https://example.com:65536/", "url"),
        ("https://exa mple.com/", "url"),
        ("https://example.com/\n", "url"),
        ("https://1.2.3.4\\@127.0.0.1/", "url"),
        ("http://[fe80::1%25eth0]/", "url"),
        ("http://127.0.0.1/", "address"),
        ("http://127.1/", "address"),
        ("http://2130706433/", "address"),
        ("http://0x7f.0.0.1/", "address"),
        ("http://127。0。0。1/", "address"),
        ("http://0.0.0.0/", "address"),
        ("http://localhost/", "address"),
        ("http://localhost./", "address"),
        ("http://a.localhost/", "address"),
        ("http://postgres:5432/", "address"),
        ("http://metadata.google.internal/", "address"),
        ("http://169.254.169.254/latest/meta-data", "address"),
        ("http://10.1.2.3/", "address"),
        ("http://100.64.0.1/", "address"),
        ("http://[::1]/", "address"),
        ("http://[::]/", "address"),
        ("http://[::ffff:127.0.0.1]/", "address"),
        ("http://[::127.0.0.1]/", "address"),
        ("http://[64:ff9b::a9fe:a9fe]/", "address"),
        ("http://[2002:7f00:1::]/", "address"),
        ("http://[fd00:ec2::254]/", "address"),
    ],
)
async def test_no_url_leads_inside(webhooks: WebhookRig, url: str, slug: str) -> None:
    answer = await webhooks.client.post("/files/webhooks", {"url": url})
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:problem-type:strongroom:webhook-{slug}-refused")
    hook = await webhooks.hook(PUBLIC)
    assert (await webhooks.client.patch(hook.path, url=url)).status_code == 422
    assert (await hook.shown())["url"] == PUBLIC


@pytest.mark.parametrize("url", ["https://receiver.invalid/hooks", "http://bücher.invalid:8080/ü?a=b"])
async def test_a_name_that_nobody_knows_yet_is_taken(webhooks: WebhookRig, url: str) -> None:
    assert (await (await webhooks.hook(url)).shown())["url"] == url


@pytest.mark.parametrize(
    "wanted",
    [
        {"types": ["file"]},
        {"types": ["*"]},
        {"types": ["File.created"]},
        {"types": ["file.created"] * 51},
        {"types": "file.created"},
        {"prefix": "\0"},
        {"prefix": "a" * 2000},
        {"description": "a\nb"},
        {"secret": "whsec_AAAA"},
        {"url": "https://93.184.215.14/" + "a" * 2000},
    ],
)
async def test_what_cannot_be_meant_is_refused(webhooks: WebhookRig, wanted: dict[str, Any]) -> None:
    assert (await webhooks.client.post("/files/webhooks", {"url": PUBLIC, **wanted})).status_code == 422
    hook = await webhooks.hook(PUBLIC)
    assert (await webhooks.client.patch(hook.path, **wanted)).status_code == 422


@pytest.mark.parametrize("name", ["url", "prefix", "description"])
async def test_halves_of_characters_are_refused(webhooks: WebhookRig, name: str) -> None:
    wanted = json.dumps({"url": PUBLIC, name: f"{PUBLIC}\ud800"}).encode()
    answer = await webhooks.client.send(wanted, kind="application/json", path="/files/webhooks")
    assert answer.status_code == 400


async def test_only_what_is_enabled_resumes(webhooks: WebhookRig) -> None:
    hook = await webhooks.hook(PUBLIC)
    assert (await webhooks.client.patch(hook.path, resume=True)).status_code == 422
    assert (await webhooks.client.patch(hook.path, resume=True, enabled=False)).status_code == 422
