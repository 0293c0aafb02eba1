"""Does to a file, behind the back of the services, what no fault may do to it: to see that it would be noticed."""

import io
from collections.abc import Callable, Mapping

from chaos.installation import ACCESS_KEY, BUCKET, SECRET_KEY, Installation
from chaos.outsider import Outsider
from minio import Minio

from strongroom_embedded.settings import LOOPBACK


def lose(place: Installation, file_id: str) -> None:
    with Outsider(place.postgres.dsn()) as outsider:
        outsider.execute("delete from files.files where id = $1", file_id)


def give_away(place: Installation, file_id: str) -> None:
    with Outsider(place.postgres.dsn()) as outsider:
        outsider.execute(
            "update files.files set owner_id = "
            "(select owner_id from files.owners where owner_id <> files.owner_id order by owner_id desc limit 1) "
            "where id = $1",
            file_id,
        )


def spoil(place: Installation, file_id: str) -> None:
    """Other bytes, and as many."""
    with Outsider(place.postgres.dsn()) as outsider:
        [(key, size)] = outsider.execute("select object_key, size from files.files where id = $1", file_id)
    endpoint = f"{LOOPBACK}:{place.stores['objects'].line.port}"
    store = Minio(endpoint=endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY, secure=False, region="us-east-1")
    store.put_object(bucket_name=BUCKET, object_name=key, data=io.BytesIO(bytes(size)), length=size)


SABOTAGES: Mapping[str, tuple[Callable[[Installation, str], None], str]] = {
    "is lost": (lose, "promised"),
    "is somebody else's": (give_away, "nobody made"),
    "has other bytes": (spoil, "wrong bytes"),
}
