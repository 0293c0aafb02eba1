"""Signs addresses under which clients reach the store, by AWS Signature Version 4. No network is involved."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlsplit

from minio import Minio

_SIGNED_HEADERS = "content-length;host"


class MinioPublicUrls:
    """Implements PublicUrls. The `signer` is for the address that clients use, which stands in the signature.

    The SDK signs no header but `Host`. With such an address of a part, anybody could fill the store with parts of
    5 GiB; so what the SDK has made is signed once more together with the length.
    """

    def __init__(self, signer: Minio, bucket: str, secret_key: str) -> None:
        self._signer = signer
        self._bucket = bucket
        self._secret_key = secret_key

    def part(self, key: str, upload_id: str, number: int, *, size: int, since: datetime, until: datetime) -> str:
        query = {"partNumber": str(number), "uploadId": upload_id}
        return self._with_length(self._signed("PUT", key, query, since, until), size)

    def object(self, key: str, *, headers: Mapping[str, str], since: datetime, until: datetime) -> str:
        query = {f"response-{name.lower()}": value for name, value in headers.items()}
        return self._signed("GET", key, query, since, until)

    def _signed(self, method: str, key: str, query: dict[str, str], since: datetime, until: datetime) -> str:
        return self._signer.get_presigned_url(
            method,
            bucket_name=self._bucket,
            object_name=key,
            expires=until - since,
            request_date=since,
            extra_query_params=dict(query),
        )

    def _with_length(self, url: str, length: int) -> str:
        address = urlsplit(url)
        query = dict(parse_qsl(address.query, keep_blank_values=True)) | {"X-Amz-SignedHeaders": _SIGNED_HEADERS}
        del query["X-Amz-Signature"]
        canonical_query = "&".join(f"{_encoded(name)}={_encoded(query[name])}" for name in sorted(query))
        headers = f"content-length:{length}\nhost:{address.netloc}\n"
        request = "\n".join(("PUT", address.path, canonical_query, headers, _SIGNED_HEADERS, "UNSIGNED-PAYLOAD"))
        scope = query["X-Amz-Credential"].partition("/")[2]
        text = "\n".join((query["X-Amz-Algorithm"], query["X-Amz-Date"], scope, sha256(request.encode()).hexdigest()))
        signature = hmac.new(self._key(scope), text.encode(), sha256).hexdigest()
        return address._replace(query=f"{canonical_query}&X-Amz-Signature={signature}").geturl()

    def _key(self, scope: str) -> bytes:
        key = f"AWS4{self._secret_key}".encode()
        for step in scope.split("/"):
            key = hmac.new(key, step.encode(), sha256).digest()
        return key


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
