"""Makes a process in which PDFium gets no memory end as it would on a MemoryError, instead of as if it had crashed."""

import ctypes
import os
import signal

from file_service.parsers.contract import OUT_OF_MEMORY

_Handler = ctypes.CFUNCTYPE(None, ctypes.c_int)
_out_of_memory = _Handler(lambda _: os._exit(OUT_OF_MEMORY))


def end_when_out_of_memory() -> None:
    """PDFium aborts. A handler in Python would be called only after that, hence one in C's own terms."""
    handle = ctypes.CDLL(None).signal
    handle.argtypes = [ctypes.c_int, _Handler]
    handle.restype = ctypes.c_void_p
    handle(signal.SIGABRT, _out_of_memory)
