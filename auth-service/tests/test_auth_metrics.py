"""What the auth service tells Prometheus."""

import httpx2
from auth_client import AuthClient


async def told(auth: AuthClient, http: httpx2.AsyncClient) -> list[str]:
    answer = await http.get(f"{auth.origin}/metrics")
    assert answer.status_code == 200
    return answer.text.splitlines()


async def test_requests_jobs_and_tokens_are_told(auth: AuthClient, http: httpx2.AsyncClient, admin: str) -> None:
    await http.get(f"{auth.origin}/auth/profile", headers={"Authorization": f"Bearer {admin}"})
    await http.get(f"{auth.origin}/auth/profile", headers={"Authorization": "Bearer rubbish"})
    lines = await told(auth, http)
    for line in (
        'strongroom_http_requests_total{method="POST",route="/auth/token",status="2xx"} 1.0',
        'strongroom_http_requests_total{method="GET",route="/auth/profile",status="2xx"} 1.0',
        'strongroom_http_requests_total{method="GET",route="/auth/profile",status="4xx"} 1.0',
        'strongroom_tokens_refused_total{reason="invalid-token"} 1.0',
        "strongroom_database_pool_timeouts_total 0.0",
    ):
        assert line in lines
    assert any(line.startswith('strongroom_job_oldest_due_seconds{name="') for line in lines)


async def test_nothing_is_told_of_anybody(auth: AuthClient, http: httpx2.AsyncClient) -> None:
    await auth.register(name="Ada")
    await http.get(f"{auth.origin}/auth/users/01a20f6c-e4fa-76e3-be63-e0b65c01e5a3?token=hush")
    text = "\n".join(await told(auth, http))
    for private in ("Ada", "@", "01a20f6c", "hush"):
        assert private not in text
    paths = (await http.get(f"{auth.origin}/openapi.json")).json()["paths"]
    assert "/metrics" not in paths
