/* script.h -- a scenario file, read: one statement a line, words and key=value pairs. */
#ifndef CADRAN_SCENARIO_SCRIPT_H
#define CADRAN_SCENARIO_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#define WORDS_MAX 16
#define WORD_SIZE 64

struct statement {
    int line;
    int word_count;
    char words[WORDS_MAX][WORD_SIZE];
};

struct script {
    struct statement *statements;
    int count;
};

/* Exits with a message when the file cannot be read. */
void script_read(const char *path, struct script *script);
void script_free(struct script *script);
/* The value of key=value, or `otherwise`. */
const char *statement_value(const struct statement *statement, const char *key,
                            const char *otherwise);
/* "30s", "10m", "2h", "250ms" in ms; exits on anything else. */
int64_t script_duration_ms(const struct statement *statement, const char *text);
_Noreturn void script_fail(const struct statement *statement, const char *what);

#endif
