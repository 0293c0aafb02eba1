"""Thumbnails of pictures and pages: in the format and size that the client wants, upright, and nothing else in them."""

from io import BytesIO
from typing import Any

import httpx2
import pytest
from file_client import FileClient
from pdf_builder import text_document
from PIL import Image

pytestmark = pytest.mark.usefixtures("worker")


def picture(width: int = 800, height: int = 400, kind: str = "JPEG", **more: Any) -> bytes:
    written = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(written, kind, **more)
    return written.getvalue()


async def put(client: FileClient, data: bytes, name: str) -> str:
    file = str((await client.put(name, data)).json()["id"])
    await client.derived(file)
    return file


async def thumbnail(client: FileClient, file: str, accept: str = "image/webp", **params: Any) -> httpx2.Response:
    headers = client.headers | {"Accept": accept}
    return await client.http.get(f"{client.origin}/files/{file}/thumbnail", params=params, headers=headers)


@pytest.mark.parametrize("kind", ["webp", "avif", "jpeg"])
@pytest.mark.parametrize("width", [128, 512])
async def test_it_comes_in_the_format_and_the_width_that_were_asked_for(ada: FileClient, kind: str, width: int) -> None:
    file = await put(ada, picture(), "a.jpg")
    answer = await thumbnail(ada, file, f"image/{kind}", width=width)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"image/{kind}"
    assert Image.open(BytesIO(answer.content)).size == (width, width // 2)
    again = await ada.http.get(
        answer.request.url, headers=ada.headers | {"Accept": f"image/{kind}", "If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_what_a_browser_says_gets_what_it_likes_best(ada: FileClient) -> None:
    file = await put(ada, picture(), "a.jpg")
    for accept, kind in [
        ("image/avif,image/webp,*/*;q=0.8", "image/webp"),
        ("image/avif,image/webp;q=0.9", "image/avif"),
        ("image/jpeg", "image/jpeg"),
        ("*/*", "image/webp"),
    ]:
        assert (await thumbnail(ada, file, accept)).headers["content-type"] == kind, accept
    assert (await thumbnail(ada, file, "text/html")).status_code == 406


async def test_a_small_picture_is_not_made_larger(ada: FileClient) -> None:
    file = await put(ada, picture(200, 100), "a.jpg")
    assert Image.open(BytesIO((await thumbnail(ada, file, width=1024)).content)).size == (200, 100)


@pytest.mark.parametrize("width", [0, 1, 100, 100_000])
async def test_no_other_widths_are_made(ada: FileClient, width: int) -> None:
    file = await put(ada, picture(), "a.jpg")
    answer = await thumbnail(ada, file, width=width)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:strongroom:invalid-width")


async def test_a_file_that_is_no_picture_has_none(ada: FileClient) -> None:
    file = await put(ada, b"words", "a.txt")
    assert (await thumbnail(ada, file)).status_code == 404


async def test_a_broken_picture_is_said_to_be_broken_and_still_served(ada: FileClient) -> None:
    data = picture()[:-500]
    file = await put(ada, data, "a.jpg")
    answer = await thumbnail(ada, file)
    assert (answer.status_code, answer.json()["reason"]) == (422, "broken")
    assert (await ada.get(f"/files/{file}/download")).content == data


async def test_any_page_of_a_pdf_can_be_seen(ada: FileClient) -> None:
    file = await put(ada, text_document("one", "two", "three"), "a.pdf")
    first, last = [(await thumbnail(ada, file, page=page)).content for page in (1, 3)]
    assert Image.open(BytesIO(first)).size == Image.open(BytesIO(last)).size
    assert first != last
    assert (await thumbnail(ada, file, page=4)).status_code == 404
