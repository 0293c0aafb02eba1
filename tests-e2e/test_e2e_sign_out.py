"""Signing out is refused by every replica of every service within two seconds, though none of them asks."""

import httpx2
from app_client import PASSWORD, App
from bench.sign_out import PROMISED, seconds_until_refused
from second_file_service import origin_of, second_file_service
from stack import Stack


def test_signing_out_reaches_two_file_services_and_the_gateway_in_time(embedded: Stack) -> None:
    with second_file_service(embedded) as second, App(embedded.url) as app, App(embedded.url) as elsewhere:
        origins = [origin_of(embedded, "file_service"), second, embedded.url]
        app.sign_up()
        elsewhere.sign_in(app.email, PASSWORD)
        for origin in origins:
            assert app.http.get(f"{origin}/files").status_code == 200
        (ended,) = [one for one in app.http.get("/auth/sessions").json() if one["current"]]
        assert elsewhere.http.delete(f"/auth/sessions/{ended['id']}").status_code == 204
        with httpx2.Client(trust_env=False) as http:
            refused = seconds_until_refused(http, origins, app.tokens["access_token"])
        assert max(refused.values()) < PROMISED
        for origin in origins:  # the person's other session goes on
            assert elsewhere.http.get(f"{origin}/files").status_code == 200
