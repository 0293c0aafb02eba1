"""A real SeaweedFS, spoken to through the SDK that the file service uses too."""

import io
import os
import signal
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from minio import Minio, S3Error

from strongroom_embedded.seaweed import EmbeddedSeaweed

BUCKET = "strongroom"


def client(store: EmbeddedSeaweed, access_key: str | None = "access", secret_key: str | None = "secret") -> Minio:
    return Minio(
        endpoint=urlsplit(store.endpoint).netloc,
        access_key=access_key,
        secret_key=secret_key,
        secure=False,
        region="us-east-1",
    )


def put(store: EmbeddedSeaweed, name: str, content: bytes) -> None:
    client(store).put_object(bucket_name=BUCKET, object_name=name, data=io.BytesIO(content), length=len(content))


def get(store: EmbeddedSeaweed, name: str) -> bytes:
    response = client(store).get_object(bucket_name=BUCKET, object_name=name)
    try:
        return bytes(response.read())
    finally:
        response.close()
        response.release_conn()


def refusal(stranger: Minio) -> str | None:
    with pytest.raises(S3Error) as refused:
        stranger.put_object(bucket_name=BUCKET, object_name="mine", data=io.BytesIO(b"x"), length=1)
    assert refused.value.response.status == 403
    return refused.value.code


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSeaweed]:
    with EmbeddedSeaweed(tmp_path_factory.mktemp("store") / "objects", "access", "secret", BUCKET) as store:
        yield store


def test_the_bucket_is_there_at_once(store: EmbeddedSeaweed) -> None:
    assert client(store).bucket_exists(bucket_name=BUCKET)
    put(store, "hello", b"world")
    assert get(store, "hello") == b"world"


def test_a_stranger_is_refused(store: EmbeddedSeaweed) -> None:
    assert refusal(client(store, None, None)) == "AccessDenied"


def test_a_wrong_key_is_refused(store: EmbeddedSeaweed) -> None:
    assert refusal(client(store, "access", "guess")) == "SignatureDoesNotMatch"
    assert refusal(client(store, "guess", "secret")) == "InvalidAccessKeyId"


def test_a_mistyped_bucket_is_not_made(store: EmbeddedSeaweed) -> None:
    with pytest.raises(S3Error, match="NoSuchBucket"):
        client(store).put_object(bucket_name="typo", object_name="x", data=io.BytesIO(b"x"), length=1)


def listening(store: EmbeddedSeaweed) -> list[tuple[str, int]]:
    assert store.child is not None
    connections = psutil.Process(store.child.pid).net_connections("inet")
    return [(c.laddr.ip, c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN]


def test_it_listens_on_loopback_alone(store: EmbeddedSeaweed) -> None:
    assert {host for host, _ in listening(store)} == {"127.0.0.1"}


def answer(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status != 200
        return response.read()
    except (HTTPException, ConnectionResetError):  # a gRPC port
        return b""
    finally:
        connection.close()


def test_no_other_door_serves_objects_without_a_key(store: EmbeddedSeaweed) -> None:
    put(store, "secret.txt", b"for my eyes only")
    s3 = urlsplit(store.endpoint).port
    for _, port in listening(store):
        if port != s3:
            assert b"for my eyes only" not in answer(port, f"/buckets/{BUCKET}/secret.txt")


def test_it_keeps_files_open_in_its_directory_alone(store: EmbeddedSeaweed) -> None:
    assert store.child is not None
    process = psutil.Process(store.child.pid)
    written = {Path(file.path) for file in process.open_files() if file.mode != "r"}
    ours = Path(process.cwd()).parent
    assert written
    assert {path for path in written if not path.is_relative_to(ours)} == set()


def test_objects_outlive_a_kill_and_a_change_of_ports(tmp_path: Path) -> None:
    large = os.urandom(9 * 1024 * 1024)  # more than one chunk
    with EmbeddedSeaweed(tmp_path / "objects", "access", "secret", BUCKET) as store:
        before = store.endpoint
        put(store, "large", large)
        assert store.child is not None
        os.kill(store.child.pid, signal.SIGKILL)
        assert store.child.wait(timeout=20)
    with EmbeddedSeaweed(tmp_path / "objects", "access", "secret", BUCKET) as store:
        assert store.endpoint != before
        assert get(store, "large") == large
        put(store, "another", b"new")
    with EmbeddedSeaweed(tmp_path / "objects", "access", "secret", BUCKET) as store:
        names = [found.object_name for found in client(store).list_objects(bucket_name=BUCKET)]
        assert names == ["another", "large"]


def test_any_directory_will_do(tmp_path: Path) -> None:
    directory = tmp_path / "a, b; ü" / ("long" * 50)
    with EmbeddedSeaweed(directory, "access", "secret", BUCKET) as store:
        put(store, "kept", b"here")
    assert list(directory.glob("*.dat"))


def test_new_keys_replace_the_old_ones(tmp_path: Path) -> None:
    with EmbeddedSeaweed(tmp_path / "objects", "access", "secret", BUCKET) as store:
        put(store, "kept", b"same")
    with EmbeddedSeaweed(tmp_path / "objects", "fresh", "keys", BUCKET) as store:
        assert client(store, "fresh", "keys").stat_object(bucket_name=BUCKET, object_name="kept").size == 4
        assert refusal(client(store)) == "InvalidAccessKeyId"


def test_a_kill_leaves_no_sockets_for_good(tmp_path: Path) -> None:
    with EmbeddedSeaweed(tmp_path / "objects", "access", "secret", BUCKET) as store:
        port = urlsplit(store.endpoint).port
        assert store.child is not None
        os.kill(store.child.pid, signal.SIGKILL)
        assert store.child.wait(timeout=20)
        another = EmbeddedSeaweed(tmp_path / "objects", "access", "secret", BUCKET)
        another.launch()
        assert list(Path("/tmp").glob(f"seaweedfs-*-{port}.sock")) == []
        another.stop()
