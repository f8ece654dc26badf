int shared_answer(void);
