#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <sums.h>
#include <zlib.h>

/* What the host's zlib makes of some bytes. */
static PyObject *checksum(PyObject *self, PyObject *arguments)
{
    const char *bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "y#", &bytes, &size))
        return NULL;
    return PyLong_FromUnsignedLong(crc32(start(), (const Bytef *)bytes, (uInt)size));
}

static PyMethodDef methods[] = {{"checksum", checksum, METH_VARARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "meson_cmake", NULL, 0, methods};

PyMODINIT_FUNC PyInit_meson_cmake(void)
{
    return PyModule_Create(&module);
}
