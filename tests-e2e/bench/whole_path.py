"""256 MiB through client, gateway, file service and S3 server, against the same bytes straight to that S3 server."""

import json
from urllib.parse import urlsplit
from uuid import uuid4

from app_client import App
from bench.content import LARGE, MIB, digest
from bench.load import carry, head
from bench.memory import Watch
from bench.report import Figure, ratio
from bench.rounds import rounds
from bench.transfer import Exchange
from minio import Minio
from stack import Stack

_ROUNDS = 5
_BUDGET = 45.0
_BOUNDARY = "4f6b1d"
_BEFORE = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
)
_AFTER = f"\r\n--{_BOUNDARY}--\r\n"
_SHA256 = digest(LARGE)


def whole_path(stack: Stack) -> list[Figure]:
    store = StraightStore(stack)
    processes = {name: stack.service(name) for name in ("file_service", "gateway")}
    with App(stack.url) as app, Watch(processes) as watch:
        app.sign_up()
        through = ThroughEverything(app)
        ups = rounds({"straight": store.put, "form": through.form, "raw": through.raw}, _ROUNDS, seconds=_BUDGET)
        downs = rounds({"straight": store.get, "through": through.download}, _ROUNDS, seconds=_BUDGET)
    return [
        ratio("256 MiB up as a form, to a straight PUT", ups["form"], ups["straight"], "MiB/s", 0.45),
        ratio("256 MiB up as a bare body, to a straight PUT", ups["raw"], ups["straight"], "MiB/s", 0.45),
        ratio("256 MiB down, to a straight GET", downs["through"], downs["straight"], "MiB/s", 0.35),
        Figure("memory of the file service meanwhile, at most", watch.peaks["file_service"], "MiB", 150, floor=False),
        Figure("memory of the gateway meanwhile, at most", watch.peaks["gateway"], "MiB", 100, floor=False),
    ]


class StraightStore:
    """The S3 server of a stack, used as its file service does. Methods answer MiB a second."""

    def __init__(self, stack: Stack) -> None:
        settings = stack.service("file_service").environ()
        address = urlsplit(settings["STRONGROOM_S3_ENDPOINT"])
        self._bucket = settings["STRONGROOM_S3_BUCKET"]
        self._port = address.port or 80
        self._minio = Minio(
            endpoint=address.netloc,
            access_key=settings["STRONGROOM_S3_ACCESS_KEY"],
            secret_key=settings["STRONGROOM_S3_SECRET_KEY"],
            secure=False,
            region="us-east-1",
        )
        self._key = ""

    def put(self) -> float:
        self._key = f"bench/{uuid4()}"
        request = head("PUT", self._signed("PUT"), self._port, Content_Length=LARGE)
        return _speed(carry(self._port, [Exchange(request, 200, LARGE // MIB)]).seconds)

    def get(self) -> float:
        return _speed(carry(self._port, [Exchange(head("GET", self._signed("GET"), self._port), 200)]).seconds)

    def _signed(self, method: str) -> str:
        url = urlsplit(self._minio.get_presigned_url(method, bucket_name=self._bucket, object_name=self._key))
        return f"{url.path}?{url.query}"


class ThroughEverything:
    """The files of one person. Methods answer MiB a second."""

    def __init__(self, app: App) -> None:
        self._port = app.http.base_url.port or 80
        self._authorization = app.http.headers["Authorization"]
        self._file = ""

    def form(self) -> float:
        length = len(_BEFORE) + LARGE + len(_AFTER)
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        request = self._head("POST", "/files/upload", Content_Length=length, Content_Type=kind)
        return self._stored(Exchange(request, 201, LARGE // MIB, _BEFORE, _AFTER))

    def raw(self) -> float:
        request = self._head("PUT", f"/files/raw/{uuid4()}", Content_Length=LARGE)
        return self._stored(Exchange(request, 201, LARGE // MIB))

    def download(self) -> float:
        request = self._head("GET", f"/files/{self._file}/download")
        return _speed(carry(self._port, [Exchange(request, 200)]).seconds)

    def _stored(self, exchange: Exchange) -> float:
        carried = carry(self._port, [exchange])
        file = json.loads(carried.answer)
        assert (file["size"], file["sha256"]) == (LARGE, _SHA256)
        self._file = file["id"]
        return _speed(carried.seconds)

    def _head(self, method: str, target: str, **fields: str | int) -> str:
        return head(method, target, self._port, Authorization=self._authorization, **fields)


def _speed(seconds: float) -> float:
    return LARGE / MIB / seconds
