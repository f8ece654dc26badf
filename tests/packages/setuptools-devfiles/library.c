#include "devfiles.h"

int devfiles_long_bits(void)
{
    return 8 * (int) sizeof(long);
}
