#include "answer.h"

int answer_little_endian(void)
{
    const unsigned short one = 1;
    return *(const unsigned char *)&one;
}
