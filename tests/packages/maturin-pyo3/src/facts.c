/* What C thinks of the machine: compiled by a build script, for the machine that the crate is for. */
int c_sizeof_long(void) { return (int)sizeof(long); }
int c_sizeof_pointer(void) { return (int)sizeof(void *); }
int c_little_endian(void) { return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__; }
