"""An audit finds what is wrong, and never says that something was checked which was not."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from findings import Findings
from locked_packages import Locked, NoLock, locked_in
from package_index import NotTold, PackageIndex, address_of_index
from python_packages import CANARY, audit
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Serve = Callable[..., Awaitable[str]]
Told = dict[str, Any]

ROOT = Path(__file__).parents[3]
HASH = "ab" * 32
LOCKED = [Locked("sound", "2.0", frozenset({HASH}))]
FLAW = {"id": "PYSEC-2026-1", "summary": "It opens every door", "fixed_in": ["2.1"]}


def project(version: str, *flaws: Told, newest: str | None = None, **file: Any) -> Told:
    files = [{"digests": {"sha256": HASH}, "yanked": False, **file}]
    return {"info": {"version": newest or version}, "releases": {version: files}, "vulnerabilities": list(flaws)}


class Index:
    """Answers as Warehouse does: `projects` by name, and `releases` by name and version."""

    def __init__(self) -> None:
        self.projects = {CANARY.name: project(CANARY.version, FLAW), "sound": project("2.0")}
        self.releases: dict[tuple[str, str], Told] = {}
        self.status = 200

    async def project(self, request: Request) -> Response:
        return self._answer(self.projects.get(request.path_params["name"]))

    async def release(self, request: Request) -> Response:
        return self._answer(self.releases.get((request.path_params["name"], request.path_params["version"])))

    def _answer(self, told: Told | None) -> Response:
        return Response(status_code=404) if told is None else JSONResponse(told, self.status)

    @property
    def app(self) -> Starlette:
        routes = [Route("/pypi/{name}/json", self.project), Route("/pypi/{name}/{version}/json", self.release)]
        return Starlette(routes=routes)


@pytest.fixture
def index() -> Index:
    return Index()


@pytest.fixture
async def audited(index: Index, serve: Serve, http: httpx2.AsyncClient) -> Callable[[], Awaitable[Findings]]:
    origin = await serve(index.app)

    async def run() -> Findings:
        return await audit(LOCKED, PackageIndex(f"{origin}/simple/", http))

    return run


async def test_what_is_sound_is_said_to_be_checked(audited: Callable[[], Awaitable[Findings]]) -> None:
    findings = await audited()
    assert (findings.checked, findings.wrong, findings.unknown, findings.exit_code) == (1, [], [], 0)


async def test_a_flaw_is_found(index: Index, audited: Callable[[], Awaitable[Findings]]) -> None:
    index.projects["sound"] = project("2.0", FLAW)
    findings = await audited()
    assert findings.wrong == ["sound 2.0: PYSEC-2026-1: It opens every door (mended in 2.1)"]
    assert findings.exit_code == 1


async def test_a_flaw_that_turned_out_to_be_none_is_not(
    index: Index, audited: Callable[[], Awaitable[Findings]]
) -> None:
    index.projects["sound"] = project("2.0", {**FLAW, "withdrawn": "2026-01-01T00:00:00Z"})
    assert (await audited()).exit_code == 0


async def test_a_release_that_was_taken_back_is_found(index: Index, audited: Callable[[], Awaitable[Findings]]) -> None:
    index.projects["sound"] = project("2.0", yanked=True, yanked_reason="broken")
    assert (await audited()).wrong == ["sound 2.0 was yanked: broken"]


async def test_files_that_are_not_those_that_were_locked_are_found(
    index: Index, audited: Callable[[], Awaitable[Findings]]
) -> None:
    index.projects["sound"] = project("2.0", digests={"sha256": "cd" * 32})
    assert (await audited()).exit_code == 1


async def test_of_an_older_release_its_own_document_tells(
    index: Index, audited: Callable[[], Awaitable[Findings]]
) -> None:
    index.projects["sound"] = project("2.0", newest="3.0")
    findings = await audited()
    assert (findings.checked, findings.exit_code) == (0, 3), "what is told of 3.0 says nothing of 2.0"
    index.releases["sound", "2.0"] = project("2.0", FLAW)
    assert (await audited()).exit_code == 1


async def test_an_index_without_advisories_has_checked_nothing(
    index: Index, audited: Callable[[], Awaitable[Findings]]
) -> None:
    index.projects[CANARY.name] = project(CANARY.version)
    findings = await audited()
    assert (findings.checked, findings.exit_code) == (0, 3)
    assert findings.report("releases") == ["NOT CHECKED: the index carries no advisories: 1 (sound)"]


async def test_an_index_that_does_not_answer_has_checked_nothing(
    index: Index, audited: Callable[[], Awaitable[Findings]]
) -> None:
    index.status = 503
    findings = await audited()
    assert (findings.checked, findings.exit_code) == (0, 3)
    del index.projects[CANARY.name]
    assert (await audited()).exit_code == 3


async def test_a_project_that_the_index_does_not_have_is_not_checked(
    index: Index, audited: Callable[[], Awaitable[Findings]]
) -> None:
    del index.projects["sound"]
    assert (await audited()).exit_code == 3


async def test_nobody_there_is_not_checked(http: httpx2.AsyncClient) -> None:
    findings = await audit(LOCKED, PackageIndex("http://127.0.0.1:9/simple", http))
    assert (findings.checked, findings.exit_code) == (0, 3)


async def test_what_is_no_answer_is_no_answer(serve: Serve, http: httpx2.AsyncClient) -> None:
    async def page(_: Request) -> Response:
        return Response("<!doctype html>")

    origin = await serve(Starlette(routes=[Route("/{path:path}", page)]))
    with pytest.raises(NotTold):
        await PackageIndex(origin, http).ask(LOCKED[0])


def test_nothing_at_all_is_not_clean() -> None:
    assert Findings().exit_code == 3


def test_every_locked_release_is_audited(tmp_path: Path) -> None:
    locked = locked_in(ROOT / "requirements.lock")
    text = (ROOT / "requirements.lock").read_text()
    assert len(locked) == len(re.findall(r"^[a-z0-9]\S*==", text, re.MULTILINE))
    assert all(one.sha256 for one in locked)
    for nonsense in ("sound>=2.0 --hash=sha256:" + HASH, "sound==2.0", "-r other.txt", "git+ssh://x"):
        (tmp_path / "lock").write_text(f"{nonsense}\n")
        with pytest.raises(NoLock):
            locked_in(tmp_path / "lock")


def test_the_index_is_the_one_that_pip_is_set_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    assert address_of_index() == "https://packages.example/simple"
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    assert address_of_index().startswith("https://")
