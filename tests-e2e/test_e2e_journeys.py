"""The main job, as a client app does it through the gateway."""

import os
from hashlib import sha256
from uuid import uuid4

import httpx2
import pytest
from app_client import App


def test_register_sign_in_upload_list_download_delete(url: str) -> None:
    with App(url) as app:
        user = app.sign_up()
        assert app.http.get("/auth/profile").json() == user

        content = os.urandom(3_000_000)
        uploaded = app.send(content, "holiday.jpg", path="pictures/holiday.jpg")
        assert uploaded.status_code == 201
        file = uploaded.json()
        assert file["path"] == "pictures/holiday.jpg"
        assert file["content_type"] == "image/jpeg"
        assert file["sha256"] == sha256(content).hexdigest()

        assert app.listing() == [file]
        described = app.http.get(f"/files/{file['id']}").json()
        assert [one["name"] for one in described.pop("derived")] == ["image"]
        assert described == file
        assert b"".join(app.download(file["id"])) == content

        assert app.http.delete(f"/files/{file['id']}").status_code == 204
        assert app.listing() == []


def test_several_files_at_once(app: App) -> None:
    parts = [("files", (f"{number}.txt", b"x" * number)) for number in range(5)]
    answer = app.http.post("/files/upload/multiple", files=parts)
    assert answer.status_code == 201
    assert answer.json()["file_count"] == 5
    assert sorted(file["size"] for file in app.listing()) == [0, 1, 2, 3, 4]


def test_a_refresh_token_carries_on(app: App) -> None:
    answer = app.http.post(
        "/auth/token", data={"grant_type": "refresh_token", "refresh_token": app.tokens["refresh_token"]}
    )
    assert answer.status_code == 200
    app.use(answer.json())
    assert app.http.get("/files").status_code == 200


def test_others_see_nothing_of_it(app: App, url: str) -> None:
    file_id = app.upload(b"secret")["id"]
    with App(url) as eve:
        eve.sign_up()
        for address in (f"/files/{file_id}", f"/files/{file_id}/download", f"/files/{uuid4()}"):
            assert eve.http.get(address).status_code == 404
        assert eve.http.delete(f"/files/{file_id}", params={"permanent": True}).status_code == 404
        assert eve.listing() == []


def test_an_admin_sees_and_removes_accounts_and_nobody_else_does(app: App, admin: App) -> None:
    own_id = app.http.get("/auth/profile").json()["id"]
    assert app.http.get("/auth/users").status_code == 403
    assert app.http.delete(f"/auth/users/{own_id}").status_code == 403
    assert admin.http.get("/auth/users", params={"limit": 1}).json()["items"]
    assert admin.http.delete(f"/auth/users/{own_id}").status_code == 204
    assert app.http.get("/auth/profile").status_code == 401


def test_health_names_every_service(url: str) -> None:
    answer = httpx2.get(f"{url}/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "services": {"gateway": "ok", "auth": "ok", "files": "ok"}}


def test_one_document_describes_all_services(url: str) -> None:
    document = httpx2.get(f"{url}/openapi.json").json()
    assert {"/auth/register", "/auth/token", "/files/upload", "/files/{file_id}/download"} <= document["paths"].keys()
    page = httpx2.get(f"{url}/docs")
    assert page.status_code == 200
    assert "://" not in page.text.replace('xmlns="http://', "")


@pytest.mark.parametrize("address", ["/nowhere", "/console/x", "/authx", "/filesystem", "/files/../auth/users"])
def test_what_is_not_there_is_a_problem_document(url: str, address: str) -> None:
    answer = httpx2.get(url + address)
    assert answer.status_code in {401, 404}
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.headers.get_list("x-request-id")) == 1
