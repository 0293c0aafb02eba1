"""The profile `tls`: Caddy in front, which says who asked and how."""

import ssl

import httpx2

from compose.installation import Installation


def test_behind_caddy_it_speaks_https(installation: Installation) -> None:
    with installation.behind_caddy() as (url, authority):
        trust = ssl.create_default_context(cadata=authority)
        with httpx2.Client(base_url=url, verify=trust, trust_env=False) as http:
            found = http.get("/.well-known/openid-configuration").json()
            assert found["issuer"] == url
            answer = http.get("/health")
            assert answer.json()["status"] == "ok"
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
