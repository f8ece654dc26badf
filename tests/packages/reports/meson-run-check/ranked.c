#include <Python.h>

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "ranked", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_ranked(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "wide", WIDE);
    return m;
}
