"""Arrow on a diet: it allocates as the rest of the process does and runs on one thread, so that limits hold."""

import pyarrow as pa

pa.set_memory_pool(pa.system_memory_pool())  # others keep what was freed, and reserve more than they were asked for
pa.set_cpu_count(1)
pa.set_io_thread_count(1)
