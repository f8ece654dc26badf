#include <stdio.h>

int main(int count, char **arguments)
{
    FILE *file = count == 2 ? fopen(arguments[1], "w") : NULL;
    return !file || fputs("int answer_written(void) { return 42; }\n", file) < 0 || fclose(file);
}
