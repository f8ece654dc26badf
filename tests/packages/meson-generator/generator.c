#include <stdio.h>

int answer(void);

int main(void)
{
    return printf("#define ANSWER %d\n", answer()) < 0;
}
