from cffi import FFI

ffi = FFI()
ffi.cdef("int fact(int); const char *version(void);")
ffi.set_source(
    "setuptools_cffi._facts",
    """
    static int fact(int number)
    {
        const unsigned short one = 1;
        const int facts[] = {sizeof(long), SIZEOF_LONG, sizeof(void *), SIZEOF_VOID_P,
                             *(const unsigned char *)&one, PY_LITTLE_ENDIAN};
        return facts[number];
    }
    static const char *version(void) { return PY_VERSION; }
    """,
)
