#ifdef CHAINED
int inner_answer(void);
#define ANSWER (inner_answer() + 2)
#else
#define ANSWER 42
#endif

int outer_answer(void)
{
    return ANSWER;
}
