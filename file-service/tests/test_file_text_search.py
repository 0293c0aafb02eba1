"""Words are found inside files: in any form, in several languages, ranked, and quoted where they stand."""

from collections.abc import Callable
from io import BytesIO

import pytest
from file_client import FileClient
from pptx import Presentation

pytestmark = pytest.mark.usefixtures("worker")

ENGLISH = (
    "The keepers of the lighthouse were running down the stairs when the storm began. "
    "Nobody had expected such waves in the middle of the summer, and the boats were not ready."
)
GERMAN = (
    "Die Häuser am Hafen sind alt und schön. Wer im Sommer durch die Straßen geht, hört die Möwen schreien "
    "und sieht die Fischer, wie sie ihre Netze flicken und von vergangenen Stürmen erzählen."
)


async def put(client: FileClient, text: str, path: str) -> str:
    file = (await client.upload(text.encode(), path, "text/plain", path=path)).json()["id"]
    await client.derived(file)
    return str(file)


async def found(client: FileClient, q: str, **params: object) -> list[str]:
    return [one["path"] for one in (await client.get("/files", q=q, **params)).json()["items"]]


async def test_words_inside_are_found_in_their_other_forms(ada: FileClient) -> None:
    await put(ada, ENGLISH, "a.txt")
    await put(ada, GERMAN, "b.txt")
    assert await found(ada, "lighthouse") == ["a.txt"]
    assert await found(ada, "lighth") == ["a.txt"]
    assert await found(ada, "run") == ["a.txt"]
    assert await found(ada, "haus strasse") == ["b.txt"]
    assert await found(ada, "HÄUSER") == ["b.txt"]
    assert await found(ada, "lighthouse haus") == []
    assert await found(ada, "zeppelin") == []


async def test_what_is_found_is_quoted_and_marked(ada: FileClient) -> None:
    await put(ada, ENGLISH.replace("storm", "a < b & storm"), "a.txt")
    (item,) = (await ada.get("/files", q="storms")).json()["items"]
    assert "a &lt; b &amp; <mark>storm</mark>" in item["snippet"]
    assert item["page"] == 1


async def test_what_has_it_in_its_name_comes_first_and_pages_go_on(ada: FileClient) -> None:
    for number in range(5):
        await put(ada, "A boat. " + "Nothing of interest here. " * (number + 1), f"{number}.txt")
    await put(ada, "Nothing at all.", "boat.txt")
    paths = await ada.paths(q="boat", limit=2)
    assert paths[0] == "boat.txt"
    assert sorted(paths) == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt", "boat.txt"]
    assert sorted(await ada.paths(q="boat", sort="size", limit=2)) == sorted(paths)


async def test_only_the_current_version_of_what_is_in_the_tree_is_found(ada: FileClient) -> None:
    file = await put(ada, "An elephant.", "a.txt")
    await put(ada, "A tiger.", "a.txt")
    assert await found(ada, "elephant") == []
    assert await found(ada, "tiger") == ["a.txt"]
    assert (await ada.post(f"/files/{file}/restore", {"version": 1})).status_code == 200
    assert await found(ada, "elephant") == ["a.txt"]
    await ada.delete(f"/files/{file}")
    assert await found(ada, "elephant") == []
    assert await found(ada, "elephant", trashed=True) == ["a.txt"]


async def test_nobody_finds_what_is_in_the_files_of_others(
    ada: FileClient, client_of: Callable[..., FileClient]
) -> None:
    await put(ada, "An elephant.", "a.txt")
    assert await found(client_of(), "elephant") == []


@pytest.mark.parametrize("q", ["'", "a' | 'b", "!elephant", "elephant & !b", ":*", "elephant:", "()", "\\"])
async def test_a_search_is_words_and_no_query_language(ada: FileClient, q: str) -> None:
    await put(ada, "An elephant.", "a.txt")
    assert (await ada.get("/files", q=q)).status_code == 200


async def test_sorting_by_relevance_wants_something_to_look_for(ada: FileClient) -> None:
    answer = await ada.get("/files", sort="-relevance")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "nothing-to-rank")


async def test_the_text_of_a_file_can_be_read(ada: FileClient) -> None:
    file = await put(ada, GERMAN, "a.txt")
    told = (await ada.get(f"/files/{file}/text")).json()
    assert (told["text"], told["language"], told["truncated"]) == (f"{GERMAN}\n", "de", False)
    plain = await ada.http.get(f"{ada.origin}/files/{file}/text", headers=ada.headers | {"Accept": "text/plain"})
    assert (plain.text, plain.headers["content-type"]) == (told["text"], "text/plain; charset=utf-8")
    assert (await ada.get(f"/files/{file}/text", page=2)).status_code == 404
    picture = await ada.http.get(f"{ada.origin}/files/{file}/text", headers=ada.headers | {"Accept": "image/png"})
    assert (picture.status_code, picture.json()["type"]) == (406, "urn:problem-type:strongroom:not-acceptable")


async def test_a_word_that_is_everywhere_hides_no_file_that_has_another_too(ada: FileClient) -> None:
    for number in range(3):
        await put(ada, "The tiger and the tiger. " * 1_500, f"{number}.txt")
    await put(ada, "The zebra.", "z.txt")
    assert await found(ada, "the zebra") == ["z.txt"]
    assert await found(ada, "zebra the", sort="name") == ["z.txt"]


async def test_words_may_stand_far_apart(ada: FileClient) -> None:
    await put(ada, f"An elephant. {'Nothing here. ' * 2_000} A tiger.", "a.txt")
    assert await found(ada, "elephant tiger") == ["a.txt"]


async def test_slides_are_pages(ada: FileClient) -> None:
    deck = Presentation()
    for text in ("elephants", "tigers"):
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = text
    written = BytesIO()
    deck.save(written)
    file = (await ada.put("a.pptx", written.getvalue())).json()["id"]
    await ada.derived(file)
    (item,) = (await ada.get("/files", q="tigers")).json()["items"]
    assert item["page"] == 2
    told = (await ada.get(f"/files/{file}/text", page=2)).json()
    assert (told["text"].strip(), told["page_count"]) == ("tigers", 2)
