#include <Python.h>

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "wordy", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_wordy(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "long_size", LONG_SIZE);
    PyModule_AddIntConstant(m, "pointer_size", POINTER_SIZE);
    PyModule_AddIntConstant(m, "size_t_size", SIZE_T_SIZE);
    PyModule_AddIntConstant(m, "long_bits", LONG_BITS);
    PyModule_AddIntConstant(m, "wide", WIDE);
    return m;
}
