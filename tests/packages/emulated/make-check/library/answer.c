#include "library.h"

#include <string.h>
#include <sys/utsname.h>

int library_little(void)
{
    int one = 1;
    return *(char *)&one;
}

int library_machine(char *into, unsigned long size)
{
    struct utsname name;
    if (uname(&name) || strlen(name.machine) >= size)
        return -1;
    strcpy(into, name.machine);
    return 0;
}
