import ctypes

c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
file = c.fopen(b"c.txt", b"w")
c.fputs(b"from C", ctypes.c_void_p(file))
c.puts(b"and on stdout")
