#include <Python.h>
#define KEY_A 30
#define KEY_B 48

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "_keys", NULL, -1, NULL};

PyMODINIT_FUNC PyInit__keys(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "KEY_A", KEY_A);
    PyModule_AddIntConstant(m, "KEY_B", KEY_B);
    return m;
}
