"""Share links to folders: a zip archive of what is in them at that moment."""

import io
import zipfile
from collections.abc import Callable
from uuid import UUID

import httpx2
import pytest
from file_client import FileClient
from link_visitor import LinkVisitor, Seen, linked_folder

from file_service.archive import service
from file_service.archive.sending import Archive
from file_service.archive.service import Archives

Clients = Callable[..., FileClient]


def unzipped(answer: httpx2.Response) -> dict[str, bytes]:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def test_a_link_to_a_folder_is_a_zip_of_what_is_in_it_then(ada: FileClient, visitor: LinkVisitor) -> None:
    await ada.upload(b"one", path="reports/a.txt")
    await ada.upload(b"not in it", path="reports-old/a.txt")
    link = await linked_folder(ada, "reports/")
    assert (link["folder"], link["file_id"]) == ("reports", None)
    await ada.upload(b"two", path="reports/2026/b.txt")
    answer = await visitor.ask(link["url"])
    assert unzipped(answer) == {"a.txt": b"one", "2026/b.txt": b"two"}
    assert answer.headers["content-disposition"] == 'attachment; filename="reports.zip"'
    head = await visitor.ask(link["url"], "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(answer.content))


async def test_a_folder_with_nothing_in_it_is_a_dead_link(ada: FileClient, visitor: LinkVisitor) -> None:
    file_id = (await ada.upload(b"one", path="reports/a.txt")).json()["id"]
    link = await linked_folder(ada)
    await ada.delete(f"/files/{file_id}")
    assert (await visitor.ask(link["url"])).status_code == 404
    assert (await ada.post("/files/links", {"folder": "reports"})).status_code == 404
    await ada.upload(b"two", path="reports/b.txt")
    assert unzipped(await visitor.ask(link["url"])) == {"b.txt": b"two"}


async def test_a_link_to_a_folder_is_of_ones_own_tree(client_of: Clients, visitor: LinkVisitor) -> None:
    ada, eve = client_of(), client_of()
    await ada.upload(b"secret", path="reports/a.txt")
    assert (await eve.post("/files/links", {"folder": "reports"})).status_code == 404
    await eve.upload(b"mine", path="reports/b.txt")
    assert unzipped(await visitor.ask((await linked_folder(eve))["url"])) == {"b.txt": b"mine"}


async def test_what_is_no_folder_is_refused(ada: FileClient) -> None:
    for folder in ("", "/", "/reports", "../x", "a//b", "a\\b", "a\u0000b", "x" * 1026):
        assert (await ada.post("/files/links", {"folder": folder})).status_code == 422


async def test_a_folder_that_is_emptied_while_somebody_comes_is_a_dead_link(
    ada: FileClient, visitor: LinkVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.upload(b"one", path="reports/a.txt")
    link = await linked_folder(ada)
    of_folder = Archives.of_folder

    async def emptied(archives: Archives, owner: UUID, folder: str) -> Archive:
        await ada.delete("/files/folders/reports")
        return await of_folder(archives, owner, folder)

    monkeypatch.setattr(Archives, "of_folder", emptied)
    answer = await visitor.ask(link["url"])
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem-type:strongroom:dead-link")


async def test_a_folder_with_more_files_than_an_archive_takes_is_not_offered(
    ada: FileClient, visitor: LinkVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_PAGE", 2)
    monkeypatch.setattr(service, "_MOST_FILES", 2)
    for name in "ab":
        await ada.upload(b"x", path=f"reports/{name}")
    link, secret = await linked_folder(ada), await linked_folder(ada, password="let me in")
    assert Seen((await visitor.browse(link["url"])).text).all("a")
    await ada.upload(b"x", path="reports/c")
    page = await visitor.browse(link["url"])
    assert (page.status_code, Seen(page.text).all("a")) == (422, [])
    assert "At most 2 files" in Seen(page.text).text
    answer = await visitor.ask(link["url"])
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:strongroom:too-many-files")
    # Who has not given the password is not told.
    assert (await visitor.browse(secret["url"])).status_code == 200
    opened = await visitor.browse(secret["url"], "POST", form={"password": "let me in"})
    assert opened.status_code == 422
    assert opened.headers["content-type"].startswith("text/html")
