#include <Python.h>

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "shellprobed", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_shellprobed(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "wide", WIDE);
    return m;
}
