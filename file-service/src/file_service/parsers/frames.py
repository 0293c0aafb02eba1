"""The language between the service and a parser's process: a letter, a length of four bytes, that many bytes.

The service says TASK, then answers each READ by BYTES. The process says what it derives, and at last FACTS or REFUSED.
"""

import struct
from typing import Final

HEAD: Final = struct.Struct(">cI")
RANGE: Final = struct.Struct(">QI")  # the first byte, and how many
LONGEST: Final = 4 * 1024 * 1024

TASK: Final = b"T"  # JSON: parser, content_type, filename, options, scratch, size
BYTES: Final = b"B"  # fewer than were asked for where the file ends

READ: Final = b"R"  # a RANGE
OBJECT: Final = b"O"  # JSON: name, content_type
DATA: Final = b"D"  # of the object that was begun last
CLOSE: Final = b"C"  # that object is whole
PASSAGE: Final = b"P"  # JSON: page, text
FACTS: Final = b"F"  # JSON, and the end of the task
REFUSED: Final = b"X"  # JSON: reason, detail; the end of the task
