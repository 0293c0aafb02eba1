"""One call of the command: what was said on the command line and in the environment, and who it speaks for."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strongroom.cli.failures import NotSignedIn, WrongUsage
from strongroom.cli.output import Output
from strongroom.cli.places import Places
from strongroom.cli.profiles import DEFAULT, Profile, Profiles
from strongroom.cli.secret_stores import store_of

if TYPE_CHECKING:
    from strongroom.client import AsyncStrongroom, TokenStore
    from strongroom.token_source import TokenSource

_USUAL_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Invocation:
    """`profile_name` and `given_url` are None where the command line does not say."""

    out: Output
    environment: Mapping[str, str]
    profile_name: str | None = None
    given_url: str | None = None

    @property
    def places(self) -> Places:
        return Places.of(self.environment)

    @property
    def profiles(self) -> Profiles:
        return Profiles(self.places.config / "profiles")

    @property
    def name(self) -> str:
        return self.profile_name or self.environment.get("STRONGROOM_PROFILE") or DEFAULT

    @property
    def url(self) -> str:
        """Of the command line, the environment, the profile, this machine."""
        profile = self.profiles.find(self.name)
        told = self.given_url or self.environment.get("STRONGROOM_URL") or (profile.url if profile else _USUAL_URL)
        return checked_url(told)

    def store(self, profile: Profile) -> "TokenStore":
        return store_of(self.places.config / "secrets", profile)

    def profile(self) -> Profile:
        """The one that is signed in. Raises NotSignedIn, WrongUsage if it is of another address than was given."""
        found = self.profiles.find(self.name)
        if found is None:
            raise NotSignedIn(f"Sign in first: strongroom login{self._chosen()}")
        if self.url != found.url:
            # Tokens are for whom they came from.
            raise WrongUsage(f"The profile {found.name} is of {found.url}; sign in with another --profile")
        return found

    @asynccontextmanager
    async def strongroom(self) -> AsyncIterator["AsyncStrongroom"]:
        from strongroom.client import AsyncStrongroom

        tokens = self._tokens()
        try:
            async with AsyncStrongroom(self.url, tokens) as strongroom:
                yield strongroom
        finally:
            # Those of a program may be others' too, and so stay open; these are not.
            if self._is_program():
                await tokens.aclose()  # type: ignore[attr-defined]

    def _tokens(self) -> "TokenSource":
        """A profile that was named on the command line, or what the environment has, or the profile."""
        if self.profile_name is None:
            if token := self.environment.get("STRONGROOM_TOKEN"):
                from strongroom.cli.given_token import GivenToken

                return GivenToken(token)
            if self._is_program():
                return self._client_credentials()
        from strongroom.client import PersonTokens

        profile = self.profile()
        return PersonTokens(profile.url, self.store(profile), client_id=profile.client_id)

    def _is_program(self) -> bool:
        given = self.environment
        return (
            self.profile_name is None and not given.get("STRONGROOM_TOKEN") and bool(given.get("STRONGROOM_CLIENT_ID"))
        )

    def _client_credentials(self) -> "TokenSource":
        from strongroom.client.connection import http_client
        from strongroom.client_credentials import ClientCredentials

        secret = self.environment.get("STRONGROOM_CLIENT_SECRET")
        if not secret:
            raise WrongUsage("STRONGROOM_CLIENT_ID needs STRONGROOM_CLIENT_SECRET")
        return ClientCredentials(
            f"{self.url}/auth/token",
            self.environment["STRONGROOM_CLIENT_ID"],
            secret,
            http=http_client(self.url, verify=True),
        )

    def _chosen(self) -> str:
        return "" if self.name == DEFAULT else f" --profile {self.name}"


def is_private(url: str) -> bool:
    """By TLS, or because it is this machine."""
    from urllib.parse import urlsplit

    return url.startswith("https://") or urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}


def checked_url(url: str) -> str:
    """Without a slash at its end. Raises WrongUsage."""
    from urllib.parse import urlsplit

    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    plain = url.isascii() and url.isprintable() and not {"@", "?", "#"} & set(url)
    if not (host and plain and url.startswith(("http://", "https://"))):
        raise WrongUsage(f"{url!r} is no address like https://strongroom.example.org")
    return url.rstrip("/")
