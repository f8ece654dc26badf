#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "answer.h"

/* What the compiler and the headers of Python think of the machine, and what a configure script found out about it. */
static PyObject *facts(PyObject *self, PyObject *nothing)
{
    return Py_BuildValue(
        "{s:i,s:i,s:i,s:i,s:i,s:i,s:s,s:s,s:i}",
        "sizeof_long", answer_sizeof_long(), "SIZEOF_LONG", SIZEOF_LONG,
        "sizeof_pointer", (int)sizeof(void *), "SIZEOF_VOID_P", SIZEOF_VOID_P,
        "little_endian", answer_little_endian(), "PY_LITTLE_ENDIAN", PY_LITTLE_ENDIAN,
        "PY_VERSION", PY_VERSION,
        "arithmetic_shift", answer_arithmetic_shift(), "strcoll", answer_strcoll());
}

static PyMethodDef methods[] = {{"facts", facts, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "setuptools_autotools", NULL, 0, methods};

PyMODINIT_FUNC PyInit_setuptools_autotools(void)
{
    return PyModule_Create(&module);
}
