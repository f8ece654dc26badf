#include <nanobind/nanobind.h>

namespace nb = nanobind;

static nb::dict facts()
{
    const unsigned short one = 1;
    nb::dict found;
    found["sizeof_long"] = sizeof(long);
    found["SIZEOF_LONG"] = SIZEOF_LONG;
    found["sizeof_pointer"] = sizeof(void *);
    found["SIZEOF_VOID_P"] = SIZEOF_VOID_P;
    found["little_endian"] = static_cast<int>(*reinterpret_cast<const unsigned char *>(&one));
    found["PY_LITTLE_ENDIAN"] = PY_LITTLE_ENDIAN;
    found["PY_VERSION"] = PY_VERSION;
    return found;
}

NB_MODULE(skbuild_core_nanobind_stubs, module)
{
    module.def("facts", &facts);
}
