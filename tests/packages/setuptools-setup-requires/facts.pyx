cdef extern from "Python.h":
    const int SIZEOF_LONG
    const int SIZEOF_VOID_P
    const int PY_LITTLE_ENDIAN
    const char *PY_VERSION


def facts():
    cdef unsigned short one = 1
    return {
        "sizeof_long": sizeof(long),
        "SIZEOF_LONG": SIZEOF_LONG,
        "sizeof_pointer": sizeof(void *),
        "SIZEOF_VOID_P": SIZEOF_VOID_P,
        "little_endian": (<unsigned char *>&one)[0],
        "PY_LITTLE_ENDIAN": PY_LITTLE_ENDIAN,
        "PY_VERSION": PY_VERSION.decode(),
    }
