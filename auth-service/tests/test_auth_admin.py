"""What administrators can do, and that nobody else can."""

from uuid import uuid4

from auth_client import ADMIN, AuthClient


async def test_the_first_admin_is_there_from_the_start(auth: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    profile = (await auth.get("/auth/profile", admin)).json()
    assert profile["roles"] == ["admin", "user"]
    assert profile["email_verified"] is True


async def test_an_ordinary_user_may_not_see_or_remove_others(auth: AuthClient) -> None:
    user = (await auth.register()).json()
    token = await auth.access_token()
    for answer in (
        await auth.get("/auth/users", token),
        await auth.delete(f"/auth/users/{user['id']}", token),
        await auth.delete(f"/auth/users/{uuid4()}", token),
    ):
        assert answer.status_code == 403
        assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="admin"'
    assert (await auth.get("/auth/users")).status_code == 401


async def test_an_admin_with_a_narrowed_token_is_no_admin(auth: AuthClient) -> None:
    narrowed = await auth.access_token(**ADMIN, scope="files:read")
    assert (await auth.get("/auth/users", narrowed)).status_code == 403


async def test_users_come_in_pages_and_each_once(auth: AuthClient) -> None:
    for number in range(5):
        await auth.register(email=f"user{number}@example.com")
    admin = await auth.access_token(**ADMIN)
    seen: list[str] = []
    path = "/auth/users?limit=2"
    while True:
        page = (await auth.get(path, admin)).json()
        assert len(page["items"]) <= 2
        seen += [user["email"] for user in page["items"]]
        if page["next_cursor"] is None:
            break
        path = f"/auth/users?limit=2&cursor={page['next_cursor']}"
    assert seen == ["root@example.com", *(f"user{number}@example.com" for number in range(5))]


async def test_a_made_up_cursor_is_refused(auth: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    for cursor in ("x", "AAAA", "WyJhIl0", "%00", "W10"):
        answer = await auth.get(f"/auth/users?cursor={cursor}", admin)
        assert answer.status_code == 422, cursor
        assert answer.json()["type"].endswith(":invalid-cursor")


async def test_removing_an_unknown_user_is_a_404(auth: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    answer = await auth.delete(f"/auth/users/{uuid4()}", admin)
    assert answer.status_code == 404
    assert answer.json()["type"].endswith(":account-not-found")


async def test_the_last_admin_cannot_be_removed(auth: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    own_id = (await auth.get("/auth/profile", admin)).json()["id"]
    answer = await auth.delete(f"/auth/users/{own_id}", admin)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":last-admin")
