/* What ./configure found out. */
int answer_sizeof_long(void);
int answer_little_endian(void);
int answer_strcoll(void);
const char *answer_arithmetic_shift(void);
