"""Prepares the bucket before the service starts."""

from minio import Minio
from minio.commonconfig import ENABLED, Filter
from minio.error import S3Error
from minio.lifecycleconfig import AbortIncompleteMultipartUpload, LifecycleConfig, Rule
from minio.xml import marshal

_DAYS_BEFORE_ABORT = 8  # more than a resumable upload lives


def prepare(client: Minio, bucket: str) -> None:
    """Makes the bucket if it is missing, with a rule that clears away what a crash left of multipart uploads.

    Where both are there, nothing is written: a key that may do no more than the services need can look.
    """
    try:
        if not client.bucket_exists(bucket_name=bucket):
            client.make_bucket(bucket_name=bucket)
    except S3Error as error:
        if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            raise
    rule = Rule(
        ENABLED,
        rule_filter=Filter(prefix=""),
        rule_id="abort-incomplete-uploads",
        abort_incomplete_multipart_upload=AbortIncompleteMultipartUpload(days_after_initiation=_DAYS_BEFORE_ABORT),
    )
    wanted = LifecycleConfig([rule])
    if not _same(client.get_bucket_lifecycle(bucket_name=bucket), wanted):
        client.set_bucket_lifecycle(bucket_name=bucket, config=wanted)


def _same(found: LifecycleConfig | None, wanted: LifecycleConfig) -> bool:
    return found is not None and bool(marshal(found) == marshal(wanted))
