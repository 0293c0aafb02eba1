"""Makes one bucket on an S3 server, with requests signed by AWS Signature Version 4."""

import hashlib
import hmac
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException

_REGION = "us-east-1"
_EMPTY = hashlib.sha256(b"").hexdigest()


def ensure_bucket(host: str, port: int, bucket: str, access_key: str, secret_key: str) -> bool:
    """Whether the bucket is there now. False while the server does not answer, or not yet as it should: ask again."""
    if _status("HEAD", host, port, bucket, access_key, secret_key) == 200:
        return True
    return _status("PUT", host, port, bucket, access_key, secret_key) == 200


def _status(method: str, host: str, port: int, bucket: str, access_key: str, secret_key: str) -> int | None:
    connection = HTTPConnection(host, port, timeout=5)
    headers = _signed_headers(method, f"/{bucket}", f"{host}:{port}", access_key, secret_key)
    try:
        connection.request(method, f"/{bucket}", headers=headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _signed_headers(method: str, path: str, host: str, access_key: str, secret_key: str) -> dict[str, str]:
    """The names and their order are those of the specification's "Create a signed AWS API request"."""
    now = datetime.now(UTC)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"{method}\n{path}\n\n{lines}\n{names}\n{_EMPTY}"
    scope = f"{day}/{_REGION}/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret_key}".encode()
    for part in (day, _REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
    authorization = f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers | {"authorization": authorization}
