long answer_of_the_other_source(void) { return 42; }
