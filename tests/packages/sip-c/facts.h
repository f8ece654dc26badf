#include <Python.h>

/* What the compiler thinks of the machine, and what the headers of Python do. */
static inline PyObject *facts(void)
{
    const unsigned short one = 1;
    return Py_BuildValue(
        "{s:i,s:i,s:i,s:i,s:i,s:i,s:s}",
        "sizeof_long", (int)sizeof(long), "SIZEOF_LONG", SIZEOF_LONG,
        "sizeof_pointer", (int)sizeof(void *), "SIZEOF_VOID_P", SIZEOF_VOID_P,
        "little_endian", (int)*(const unsigned char *)&one, "PY_LITTLE_ENDIAN", PY_LITTLE_ENDIAN,
        "PY_VERSION", PY_VERSION);
}
