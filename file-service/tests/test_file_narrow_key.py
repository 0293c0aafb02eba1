"""The key of the services: made as MinIO makes keys, or there already."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import pytest
from minio import Minio
from minio.crypto import decrypt
from urllib3 import HTTPResponse

from file_service.storage import narrow_key
from file_service.storage.minio_object_store import connect
from file_service.storage.narrow_key import KeyNotMade, administration, make
from strongroom_embedded.seaweed import EmbeddedSeaweed

_REGION = "us-east-1"


def client(server: EmbeddedSeaweed, access_key: str, secret_key: str) -> Minio:
    return connect(server.endpoint, access_key, secret_key, _REGION)


def test_where_it_is_there_already_that_is_fine(object_server: EmbeddedSeaweed) -> None:
    keys = (object_server.access_key, object_server.secret_key)
    admin = administration(object_server.endpoint, *keys, _REGION)
    assert make(admin, client(object_server, *keys), object_server.bucket, *keys) is False


def test_where_it_is_neither_made_nor_there_it_says_so(object_server: EmbeddedSeaweed) -> None:
    admin = administration(object_server.endpoint, object_server.access_key, object_server.secret_key, _REGION)
    with pytest.raises(KeyNotMade, match="admin request failed"):
        make(admin, client(object_server, "nobody", "knows"), object_server.bucket, "nobody", "knows")


def test_it_is_made_in_the_way_of_minio() -> None:
    with spoken_to() as (port, said):
        admin = administration(f"http://127.0.0.1:{port}", "root", "root-secret", _REGION)
        user = connect(f"http://127.0.0.1:{port}", "services", "their-secret", _REGION)
        assert make(admin, user, "bucket", "services", "their-secret")
    (policy, named), (added, user_named), (set_to, attached) = said
    assert (policy, json.loads(named)) == (
        ("add-canned-policy", {"name": "strongroom-bucket"}),
        narrow_key.policy("bucket"),
    )
    assert added == ("add-user", {"accessKey": "services"})
    told = decrypt(HTTPResponse(BytesIO(user_named), preload_content=False), "root-secret")
    assert json.loads(told) == {"status": "enabled", "secretKey": "their-secret"}
    whom = {"policyName": "strongroom-bucket", "userOrGroup": "services", "isGroup": "false"}
    assert (set_to, attached) == (("set-user-or-group-policy", whom), b"")


Said = list[tuple[tuple[str, dict[str, str]], bytes]]


@contextmanager
def spoken_to() -> Iterator[tuple[int, Said]]:
    """The port of something that agrees to all, and what is said to it: command and query, and the body."""
    said: Said = []

    class Agrees(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said.append(((address.path.removeprefix("/minio/admin/v3/"), dict(parse_qsl(address.query))), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Agrees) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, said
        server.shutdown()
        thread.join()
