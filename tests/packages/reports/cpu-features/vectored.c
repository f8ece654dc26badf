#include <Python.h>

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "vectored", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_vectored(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "simd", SIMD);
    return m;
}
