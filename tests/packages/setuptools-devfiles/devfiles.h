#define DEVFILES_ANSWER 42
int devfiles_long_bits(void);
