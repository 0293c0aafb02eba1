"""Prepares the bucket before the service starts."""

from minio import Minio
from minio.commonconfig import ENABLED, Filter
from minio.error import S3Error
from minio.lifecycleconfig import AbortIncompleteMultipartUpload, LifecycleConfig, Rule

_DAYS_BEFORE_ABORT = 8  # more than a resumable upload lives
# Its name says all that it is, since stores give it back in words of their own.
_RULE = f"abort-uploads-after-{_DAYS_BEFORE_ABORT}-days"


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
        rule_id=_RULE,
        abort_incomplete_multipart_upload=AbortIncompleteMultipartUpload(days_after_initiation=_DAYS_BEFORE_ABORT),
    )
    found = client.get_bucket_lifecycle(bucket_name=bucket)
    if found is None or all(one.rule_id != _RULE for one in found.rules):
        client.set_bucket_lifecycle(bucket_name=bucket, config=LifecycleConfig([rule]))
