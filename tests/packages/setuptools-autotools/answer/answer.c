#include "config.h"
#include "answer.h"
#include <stdlib.h>
#include <string.h>

int answer_sizeof_long(void) { return SIZEOF_LONG; }

int answer_little_endian(void)
{
#ifdef WORDS_BIGENDIAN
    return 0;
#else
    return 1;
#endif
}

int answer_strcoll(void)
{
#ifdef HAVE_STRCOLL
    return strcoll("a", "b") < 0;
#else
    return -1;
#endif
}

const char *answer_arithmetic_shift(void)
{
    /* Where configure thinks that malloc(0) fails, this is rpl_malloc, which nobody has. */
    char *copy = malloc(sizeof ARITHMETIC_SHIFT);
    return copy ? strcpy(copy, ARITHMETIC_SHIFT) : "";
}
