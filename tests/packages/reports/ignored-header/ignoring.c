#include <Python.h>
#include "generated.h"

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "ignoring", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_ignoring(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "answer", ANSWER);
    return m;
}
