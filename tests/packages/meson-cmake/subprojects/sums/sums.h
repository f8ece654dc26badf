unsigned long start(void);
