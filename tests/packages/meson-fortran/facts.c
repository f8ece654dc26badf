#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* What the compiler thinks of the machine, and what the headers of Python do. */
static PyObject *facts(PyObject *self, PyObject *nothing)
{
    const unsigned short one = 1;
    return Py_BuildValue(
        "{s:i,s:i,s:i,s:i,s:i,s:i,s:s}",
        "sizeof_long", (int)sizeof(long), "SIZEOF_LONG", SIZEOF_LONG,
        "sizeof_pointer", (int)sizeof(void *), "SIZEOF_VOID_P", SIZEOF_VOID_P,
        "little_endian", (int)*(const unsigned char *)&one, "PY_LITTLE_ENDIAN", PY_LITTLE_ENDIAN,
        "PY_VERSION", PY_VERSION);
}

static PyMethodDef methods[] = {{"facts", facts, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_facts", NULL, 0, methods};

PyMODINIT_FUNC PyInit__facts(void)
{
    return PyModule_Create(&module);
}
