"""The file service's tables as SQLAlchemy sees them. `migrations/` makes them; nothing calls `create_all`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

metadata = MetaData(schema="files")

_moment = DateTime(timezone=True)

# What an account keeps here, and how much it may. Whoever changes a tree locks its owner's row first.
owners = Table(
    "owners",
    metadata,
    Column("owner_id", Uuid, primary_key=True),
    Column("bytes", BigInteger, nullable=False),  # of all versions, in the trash or not
    Column("file_count", BigInteger, nullable=False),
    Column("quota", BigInteger),  # null: the default one
    Column("last_event", BigInteger, nullable=False),  # the number of it; 0 before there was one
    Column("purged_at", _moment),  # since when nothing is kept of them, and nothing may be
)

# What has happened to what an owner has, numbered without a gap from 1 on. The oldest are pruned.
events = Table(
    "events",
    metadata,
    Column("owner_id", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("type", Text, nullable=False),
    Column("path", Text),  # null where it concerns no place in the tree
    Column("previous_path", Text),  # of what was moved
    Column("data", Text, nullable=False),  # JSON, written once and sent as it is
    Column("occurred_at", _moment, nullable=False),  # never earlier than that of the one before
)

# A file is a place in its owner's tree. What its current version holds stands here too, so that lists need no join.
files = Table(
    "files",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("path", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("object_key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("declared_type", Text),
    Column("name_key", Text, nullable=False),  # the last segment of the path, case folded: what names sort by
    Column("words", TSVECTOR, nullable=False),  # of the name and the tags
    Column("tags", ARRAY(Text), nullable=False),
    Column("metadata", JSONB, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("updated_at", _moment, nullable=False),
    Column("trashed_at", _moment),
)

# Every version that a file has had, the current one included.
file_versions = Table(
    "file_versions",
    metadata,
    Column("file_id", ForeignKey("files.files.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("object_key", Text, nullable=False),  # shared by a version and what was restored from it
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("crc32", BigInteger),  # what a zip archive needs before the bytes
    Column("content_type", Text, nullable=False),
    Column("declared_type", Text),
    Column("created_at", _moment, nullable=False),
    Column("verified_at", _moment, nullable=False),  # when the stored bytes were last compared with this
    Column("damaged_at", _moment),  # since when they are others
    Column("missing_at", _moment),  # since when there are none
)

# Whoever knows the token may download, without an account. Of one file, or of a folder as it is at that moment.
links = Table(
    "links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("file_id", ForeignKey("files.files.id", ondelete="CASCADE")),
    Column("folder", Text),
    Column("token_digest", LargeBinary, nullable=False, unique=True),
    Column("password_hash", Text),
    Column("expires_at", _moment),
    Column("max_downloads", Integer),
    Column("downloads", Integer, nullable=False),
    Column("created_at", _moment, nullable=False),
)

# Another account may read a file, or write new versions of it too.
shares = Table(
    "shares",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("file_id", ForeignKey("files.files.id", ondelete="CASCADE"), nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("grantee_id", Uuid, nullable=False),
    Column("may_write", Boolean, nullable=False),
    Column("created_at", _moment, nullable=False),
)

# Uploads over several requests: tus, and those whose client sends the bytes to the store itself. Of tus, `received`
# bytes are stored for sure: those of the parts, then those of the tail.
resumable_uploads = Table(
    "resumable_uploads",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("path", Text),  # null where it is only to be a part of another
    Column("declared_type", Text),
    Column("content_type", Text),  # null until the first bytes are there
    Column("metadata", Text),  # as it was sent
    Column("concat", Text),  # as it was sent: null, `partial`, or `final;` and where its partials are
    Column("partials", ARRAY(Uuid), nullable=False),
    Column("length", BigInteger),  # null until it is announced
    Column("received", BigInteger, nullable=False),
    Column("crc32", BigInteger, nullable=False),
    Column("object_key", Text),  # what is, or will be, the whole
    Column("multipart_id", Text),
    Column("next_part", Integer, nullable=False),  # no number is given out twice
    Column("tail_key", Text),  # an object with what does not fill a part
    Column("tail_size", BigInteger, nullable=False),
    Column("lease_token", Uuid),  # of the one request that may change this
    Column("leased_until", _moment),
    Column("created_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False),
    Column("finished_at", _moment),
    Column("spent_at", _moment),  # since when what it has is in a file
    Column("file_id", Uuid),  # what became of it
    Column("part_size", BigInteger),  # of what its client sends to the store itself; null for tus
)

resumable_parts = Table(
    "resumable_parts",
    metadata,
    Column("upload_id", ForeignKey("files.resumable_uploads.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("etag", Text, nullable=False),
)

# How far the chores have got that go through everything, round by round.
rounds = Table(
    "rounds",
    metadata,
    Column("chore", Text, primary_key=True),
    Column("position", Text, nullable=False),  # empty at the beginning
    Column("turned_at", _moment, nullable=False),
    Column("finished_at", _moment),
)

# What one parser makes of one stored object, which all versions share that hold it.
derivations = Table(
    "derivations",
    metadata,
    Column("object_key", Text, primary_key=True),
    Column("parser", Text, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("filename", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("state", Text, nullable=False),  # waiting, done, failed
    Column("reason", Text),
    Column("detail", Text),
    Column("facts", JSONB),
    Column("created_at", _moment, nullable=False),
    Column("finished_at", _moment),
)

derived_objects = Table(
    "derived_objects",
    metadata,
    Column("source_key", Text, primary_key=True),
    Column("parser", Text, nullable=False),
    Column("name", Text, primary_key=True),
    Column("object_key", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
)

# What an owner's derived objects come to.
derived_usage = Table(
    "derived_usage",
    metadata,
    Column("owner_id", Uuid, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("objects", BigInteger, nullable=False),
)

# The text of an object, in pieces that are small enough to be ranked and quoted.
passages = Table(
    "passages",
    metadata,
    Column("source_key", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("parser", Text, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("page", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("stemmer", Text, nullable=False),  # the text search configuration of its language
    Column("words", TSVECTOR, nullable=False),
)

# The stemmers that an owner's passages were indexed with, and so what is looked for is to be stemmed by.
searched_languages = Table(
    "searched_languages",
    metadata,
    Column("owner_id", Uuid, primary_key=True),
    Column("stemmer", Text, primary_key=True),
)

# What an owner has told to an address, signed, as it happens.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),  # none: all
    Column("prefix", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("previous_secret", LargeBinary),  # sealed; signed with too until then
    Column("previous_until", _moment),
    Column("dispatched", BigInteger, nullable=False),  # the last of its owner's events that was looked at
    Column("failures", Integer, nullable=False),  # attempts in a row
    Column("failing_since", _moment),
    Column("resting_until", _moment),  # nothing is sent before
    Column(
        "due_at", _moment
    ),  # when its deliveries are to be looked at; null: when one of them ends, or a new one comes
    Column("disabled_at", _moment),
    Column("disabled_reason", Text),
    Column("created_at", _moment, nullable=False),
)

# One message to one webhook. Those with the same subject are sent one after the other.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("webhook_id", ForeignKey("files.webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("number", BigInteger, nullable=False),  # of the event; 0 for a test
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting (for another of its subject), due, sending, delivered, failed
    Column("reason", Text),  # why it failed
    Column("due_at", _moment),
    Column("expires_at", _moment, nullable=False),  # it is not tried again after
    Column("turn", Integer, nullable=False),  # how often it was queued
    Column("failures", Integer, nullable=False),  # since it was first queued, or asked for again
    Column("attempts", JSONB, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("ended_at", _moment),
)
