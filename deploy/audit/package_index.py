"""Asks the index that pip is set to use what it knows of a release: advisories, whether it was yanked, its files."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx2
from locked_packages import Locked

_SIMPLE = "/simple"


class NotTold(Exception):
    """Why the index cannot be asked, or does not say."""


@dataclass(frozen=True, slots=True)
class Known:
    """`advisories` by their ids, with what each is about; None where the index tells none of this release.

    `sha256` are those of the files that it has of the release; `yanked` is the reason, which may be empty.
    """

    advisories: Mapping[str, str] | None
    sha256: frozenset[str]
    yanked: str | None


class PackageIndex:
    """One with the JSON API of Warehouse beside its simple one, at `address`. To be closed by `http`'s owner."""

    def __init__(self, address: str, http: httpx2.AsyncClient) -> None:
        self._projects = f"{address.rstrip('/').removesuffix(_SIMPLE)}/pypi"
        self._http = http

    async def ask(self, locked: Locked) -> Known:
        """Raises NotTold."""
        project = await self._document(f"{locked.name}/json")
        if project is None:
            raise NotTold("the index has no such project")
        files = project.get("releases", {}).get(locked.version, [])
        return Known(
            await self._advisories(project, locked),
            frozenset(file["digests"]["sha256"] for file in files),
            next((file.get("yanked_reason") or "" for file in files if file.get("yanked")), None),
        )

    async def _advisories(self, project: Mapping[str, Any], locked: Locked) -> Mapping[str, str] | None:
        """A project's own document tells of its newest release only."""
        told: Mapping[str, Any] | None = project
        if project["info"]["version"] != locked.version:
            told = await self._document(f"{locked.name}/{locked.version}/json")
        if told is None or "vulnerabilities" not in told:
            return None
        return {one["id"]: _about(one) for one in told["vulnerabilities"] if not one.get("withdrawn")}

    async def _document(self, path: str) -> dict[str, Any] | None:
        """None where there is none. Raises NotTold."""
        try:
            answer = await self._http.get(f"{self._projects}/{path}", headers={"Accept": "application/json"})
            if answer.status_code == HTTPStatus.NOT_FOUND:
                return None
            answer.raise_for_status()
            document = answer.json()
        except httpx2.HTTPStatusError as error:
            raise NotTold(f"the index answered {error.response.status_code}") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise NotTold(f"the index cannot be asked: {type(error).__name__}") from error
        if not isinstance(document, dict) or not isinstance(document.get("info"), dict):
            raise NotTold("the index answered something else")
        return document


def _about(advisory: Mapping[str, Any]) -> str:
    text = advisory.get("summary") or str(advisory.get("details", "")).strip().partition("\n")[0]
    mended = ", ".join(advisory.get("fixed_in") or ())
    return f"{text[:120]}{f' (mended in {mended})' if mended else ''}"


def address_of_index() -> str:
    """That of pip's settings, or pip's own. Raises NotTold."""
    asked = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - our own pip
    settings = dict(line.split("=", 1) for line in listed.stdout.splitlines() if "=" in line)
    for name in (":env:.index-url", "install.index-url", "global.index-url"):
        if name in settings:
            return settings[name].strip("'\"")
    try:
        from pip._internal.models.index import PyPI  # that it knows is nowhere else said
    except ImportError as error:
        raise NotTold("pip does not say which index it uses") from error
    return str(PyPI.simple_url)
