"""Makes the key that the services use, which opens one bucket and nothing else."""

from urllib.parse import urlsplit

from minio import Minio
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException, S3Error
from minio.minioadmin import MinioAdmin

_POLICY = "strongroom-{}"
_OF_THE_BUCKET = [
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketLocation",
    "s3:GetLifecycleConfiguration",
]
_OF_OBJECTS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
]


class KeyNotMade(Exception):
    """The store makes no keys in the way MinIO does, and does not know this one."""


def administration(endpoint: str, access_key: str, secret_key: str, region: str) -> MinioAdmin:
    address = urlsplit(endpoint)
    keys = StaticProvider(access_key, secret_key)
    return MinioAdmin(endpoint=address.netloc, credentials=keys, region=region, secure=address.scheme == "https")


def make(admin: MinioAdmin, client: Minio, bucket: str, access_key: str, secret_key: str) -> bool:
    """False where it was there before, in a store that has not MinIO's interface for keys; `client` uses the key.

    Again, it sets the secret and the policy anew. Raises KeyNotMade.
    """
    try:
        admin.policy_add(_POLICY.format(bucket), policy=policy(bucket))
        admin.user_add(access_key, secret_key)
        admin.policy_set(_POLICY.format(bucket), user=access_key)
    except MinioAdminException as refusal:
        try:
            client.bucket_exists(bucket_name=bucket)
        except S3Error as error:
            raise KeyNotMade(f"{refusal}; and with the key: {error.code}") from error
        return False
    return True


def policy(bucket: str) -> dict[str, object]:
    """All that `MinioObjectStore` and `bucket.prepare` do where the bucket and its rule are there."""

    def allowed(actions: list[str], resource: str) -> dict[str, object]:
        return {"Effect": "Allow", "Action": actions, "Resource": [f"arn:aws:s3:::{resource}"]}

    statements = [allowed(_OF_THE_BUCKET, bucket), allowed(_OF_OBJECTS, f"{bucket}/*")]
    return {"Version": "2012-10-17", "Statement": statements}
