int answer_little_endian(void);
int answer_written(void);
