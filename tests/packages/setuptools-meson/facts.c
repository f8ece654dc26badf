#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "answer.h"
#include "told.h"

/* What the compiler and the headers of Python think of the machine, and what Meson does. */
static PyObject *facts(PyObject *self, PyObject *nothing)
{
    return Py_BuildValue(
        "{s:i,s:i,s:i,s:i,s:i,s:i,s:s,s:i,s:i}",
        "sizeof_long", MESON_SIZEOF_LONG, "SIZEOF_LONG", SIZEOF_LONG,
        "sizeof_pointer", (int)sizeof(void *), "SIZEOF_VOID_P", SIZEOF_VOID_P,
        "little_endian", answer_little_endian(), "PY_LITTLE_ENDIAN", PY_LITTLE_ENDIAN,
        "PY_VERSION", PY_VERSION,
        "written", answer_written(), "endianness_agrees", (int)(answer_little_endian() == MESON_LITTLE_ENDIAN));
}

static PyMethodDef methods[] = {{"facts", facts, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "setuptools_meson", NULL, 0, methods};

PyMODINIT_FUNC PyInit_setuptools_meson(void)
{
    return PyModule_Create(&module);
}
