#define PY_SSIZE_T_CLEAN
#include <Python.h>

void write_total(int count, const double *numbers, char *text);

/* What the compiler thinks of the machine, what the headers of Python do, and what Fortran computes. */
static PyObject *facts(PyObject *self, PyObject *nothing)
{
    const unsigned short one = 1;
    const double numbers[] = {1.5, 2, 0.25};
    char text[9];
    write_total(3, numbers, text);
    return Py_BuildValue(
        "{s:i,s:i,s:i,s:i,s:i,s:i,s:s,s:s}",
        "sizeof_long", (int)sizeof(long), "SIZEOF_LONG", SIZEOF_LONG,
        "sizeof_pointer", (int)sizeof(void *), "SIZEOF_VOID_P", SIZEOF_VOID_P,
        "little_endian", (int)*(const unsigned char *)&one, "PY_LITTLE_ENDIAN", PY_LITTLE_ENDIAN,
        "PY_VERSION", PY_VERSION,
        "total", text);
}

static PyMethodDef methods[] = {{"facts", facts, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "skbuild_core_fortran", NULL, 0, methods};

PyMODINIT_FUNC PyInit_skbuild_core_fortran(void)
{
    return PyModule_Create(&module);
}
