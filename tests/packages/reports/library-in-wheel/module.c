#include <Python.h>
int outer_answer(void);
#define ANSWER outer_answer()

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "_module", NULL, -1, NULL};

PyMODINIT_FUNC PyInit__module(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "answer", ANSWER);
    return m;
}
