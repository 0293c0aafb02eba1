"""What administrators may do: accounts, roles, clients, keys, quotas, jobs, and who did what."""

from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote
from uuid import UUID

from strongroom.client.account_models import (
    AuditEvent,
    Job,
    Key,
    NewClient,
    NewSecret,
    RegisteredClient,
    Role,
    Session,
    User,
)
from strongroom.client.connection import Connection
from strongroom.client.file_models import Usage

Id = UUID | str


class AsyncAdministration:
    """All of it takes the scope `admin`, and raises Forbidden without. Ids of what is not there raise NotFound."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def users(self, q: str = "", *, role: str | None = None, disabled: bool | None = None) -> AsyncIterator[User]:
        """Oldest first; `q` is how the email address begins."""
        return self._connection.pages(User, "/auth/users", {"q": q or None, "role": role, "disabled": disabled})

    async def user(self, user_id: Id) -> User:
        return await self._connection.ask(User, "GET", _user(user_id))

    async def set_roles(self, user_id: Id, roles: Sequence[str]) -> User:
        """Raises Unprocessable (`unknown-role`), Conflict (`last-admin`)."""
        return await self._connection.ask(User, "PUT", f"{_user(user_id)}/roles", json={"roles": list(roles)})

    async def disable(self, user_id: Id) -> User:
        """Signs out everywhere too. Raises Conflict (`last-admin`)."""
        return await self._connection.ask(User, "PATCH", _user(user_id), json={"disabled": True})

    async def enable(self, user_id: Id) -> User:
        return await self._connection.ask(User, "PATCH", _user(user_id), json={"disabled": False})

    async def delete_user(self, user_id: Id) -> None:
        """With all files, for good. Raises Conflict (`last-admin`)."""
        await self._connection.tell("DELETE", _user(user_id))

    def sessions(self, user_id: Id) -> AsyncIterator[Session]:
        """Where somebody is signed in, the newest first."""
        return self._connection.pages(Session, f"{_user(user_id)}/sessions")

    async def end_sessions(self, user_id: Id) -> None:
        await self._connection.tell("DELETE", f"{_user(user_id)}/sessions")

    async def reset_second_factors(self, user_id: Id) -> None:
        """For somebody who lost them all: a password is enough again."""
        await self._connection.tell("DELETE", f"{_user(user_id)}/mfa")

    def clients(self) -> AsyncIterator[RegisteredClient]:
        return self._connection.pages(RegisteredClient, "/auth/clients")

    async def register_client(
        self, name: str, scopes: Sequence[str], *, redirect_uris: Sequence[str] = (), public: bool = False
    ) -> NewClient:
        """A service account, or with `redirect_uris` an app. Its secret is told this once."""
        wanted = {"name": name, "scopes": list(scopes), "redirect_uris": list(redirect_uris), "public": public}
        return await self._connection.ask(NewClient, "POST", "/auth/clients", json=wanted)

    async def delete_client(self, client_id: Id) -> None:
        await self._connection.tell("DELETE", f"/auth/clients/{_id(client_id)}")

    async def renew_client_secret(self, client_id: Id) -> NewSecret:
        """The old one is void at once, with the tokens that were given for it."""
        return await self._connection.ask(NewSecret, "POST", f"/auth/clients/{_id(client_id)}/secret")

    async def keys(self) -> Sequence[Key]:
        """Newest first."""
        return await self._connection.ask_all(Key, "/auth/keys")

    async def rotate_keys(self, *, emergency: bool = False) -> Sequence[Key]:
        """`emergency` is for keys in wrong hands: all tokens become invalid."""
        return await self._connection.ask_all(Key, "/auth/keys/rotate", "POST", json={"emergency": emergency})

    def audit(
        self, *, event: str | None = None, account_id: Id | None = None, actor_id: Id | None = None
    ) -> AsyncIterator[AuditEvent]:
        """Newest first."""
        query = {"event": event, "account_id": _text(account_id), "actor_id": _text(actor_id)}
        return self._connection.pages(AuditEvent, "/auth/audit", query)

    def jobs(self, *, state: str | None = None) -> AsyncIterator[Job]:
        """What the file service has not done yet (`queued`, `picked`) or has given up (`failed`), newest first."""
        return self._connection.pages(Job, "/files/jobs", {"state": state})

    async def retry_job(self, job_id: int) -> None:
        """One that was given up."""
        await self._connection.tell("POST", f"/files/jobs/{job_id:d}/retry")

    async def quota(self, user_id: Id) -> Usage:
        return await self._connection.ask(Usage, "GET", f"/files/usage/{_id(user_id)}")

    async def set_quota(self, user_id: Id, quota: int | None) -> Usage:
        """In bytes; None for the default one."""
        return await self._connection.ask(Usage, "PUT", f"/files/usage/{_id(user_id)}", json={"quota": quota})

    async def roles(self) -> Sequence[Role]:
        return await self._connection.ask_all(Role, "/auth/roles")

    async def put_role(self, name: str, scopes: Sequence[str]) -> Role:
        """Made, or changed for all who have it. Raises Conflict (`built-in-role`)."""
        return await self._connection.ask(Role, "PUT", _role(name), json={"scopes": list(scopes)})

    async def delete_role(self, name: str) -> None:
        """Raises Conflict (`role-in-use`, `built-in-role`)."""
        await self._connection.tell("DELETE", _role(name))


def _id(one: Id) -> UUID:
    return UUID(str(one))


def _text(one: Id | None) -> str | None:
    return None if one is None else str(_id(one))


def _user(user_id: Id) -> str:
    return f"/auth/users/{_id(user_id)}"


def _role(name: str) -> str:
    if name in {"", ".", ".."}:
        raise ValueError("not a name of a role")
    return f"/auth/roles/{quote(name, safe='')}"
