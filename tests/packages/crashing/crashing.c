#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <signal.h>

/* What a misaligned access does on many machines: it imports, and dies when it is used. */
static PyObject *use(PyObject *self, PyObject *nothing)
{
    raise(SIGBUS);
    Py_RETURN_NONE;
}

static PyObject *answer(PyObject *self, PyObject *nothing)
{
    return PyLong_FromLong(42);
}

static PyMethodDef methods[] = {{"use", use, METH_NOARGS, NULL}, {"answer", answer, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "crashing", NULL, 0, methods};

PyMODINIT_FUNC PyInit_crashing(void)
{
    return PyModule_Create(&module);
}
