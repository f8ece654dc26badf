#include <Python.h>

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "released", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_released(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddStringConstant(m, "opened", OPENED);
    PyModule_AddStringConstant(m, "asked", ASKED);
    return m;
}
