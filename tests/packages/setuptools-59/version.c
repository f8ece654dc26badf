#include <Python.h>

const char *version_of_headers(void)
{
    return PY_VERSION;
}
