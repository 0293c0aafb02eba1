"""Runs the server with two keys: its own, from the files that MinIO takes it from, and one that opens a bucket only."""

import json
import os
from pathlib import Path

_KEYS = Path("/tmp/keys.json")


def identity(name: str, access_key: str, secret_key: str, actions: list[str]) -> dict[str, object]:
    return {
        "name": name,
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": actions,
    }


def main() -> None:
    user, password = (Path(os.environ[f"MINIO_ROOT_{what}_FILE"]).read_text() for what in ("USER", "PASSWORD"))
    narrow = [f"{action}:strongroom" for action in ("Read", "Write", "List")]
    _KEYS.write_text(
        json.dumps(
            {
                "identities": [
                    identity("root", user, password, ["Admin", "Read", "Write", "List"]),
                    identity("services", "compose-test", "compose-test-secret", narrow),
                ]
            }
        )
    )
    words = ["-dir=/data", "-ip=127.0.0.1", "-ip.bind=0.0.0.0", "-s3.port=9000", f"-s3.config={_KEYS}"]
    rest = ["-disableHttp", "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    quiet = ["-s3.autoCreateBucket=false", "-master.telemetry=false", "-volume.preStopSeconds=0"]
    os.execvp("weed", ["weed", "-logtostderr=true", "mini", *words, *rest, *quiet])


if __name__ == "__main__":
    main()
