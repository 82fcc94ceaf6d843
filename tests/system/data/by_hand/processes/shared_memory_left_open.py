from multiprocessing import shared_memory

memory = shared_memory.SharedMemory(create=True, size=16)
memory.buf[:4] = b"kept"
memory.unlink()
