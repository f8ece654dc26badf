#include <Python.h>
#include "answer.h"

/* What a program said that ran on the host while this was built. */
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "autoconf_run", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_autoconf_run(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module) {
        PyModule_AddStringConstant(module, "machine", MACHINE);
        PyModule_AddIntConstant(module, "pointer", POINTER);
        PyModule_AddIntConstant(module, "little", LITTLE);
    }
    return module;
}
