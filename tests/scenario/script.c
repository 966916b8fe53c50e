#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void script_read(const char *path, struct script *script)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
    char line[512];
    script->statements = NULL;
    script->count = 0;
    for (int number = 1; fgets(line, sizeof(line), file); number++) {
        char *comment = strchr(line, '#');
        if (comment)
            *comment = '\0';
        struct statement statement = {.line = number};
        char *rest = NULL;
        for (char *word = strtok_r(line, " \t\n", &rest);
             word && statement.word_count < WORDS_MAX; word = strtok_r(NULL, " \t\n", &rest))
            snprintf(statement.words[statement.word_count++], WORD_SIZE, "%s", word);
        if (!statement.word_count)
            continue;
        script->statements =
            realloc(script->statements, (size_t)(script->count + 1) * sizeof(struct statement));
        script->statements[script->count++] = statement;
    }
    fclose(file);
}

void script_free(struct script *script)
{
    free(script->statements);
}

const char *statement_value(const struct statement *statement, const char *key,
                            const char *otherwise)
{
    size_t len = strlen(key);
    for (int i = 1; i < statement->word_count; i++)
        if (strncmp(statement->words[i], key, len) == 0 && statement->words[i][len] == '=')
            return statement->words[i] + len + 1;
    return otherwise;
}

int64_t script_duration_ms(const struct statement *statement, const char *text)
{
    char *unit;
    double value = strtod(text, &unit);
    if (strcmp(unit, "ms") == 0)
        return (int64_t)value;
    if (strcmp(unit, "s") == 0)
        return (int64_t)(value * 1000);
    if (strcmp(unit, "m") == 0)
        return (int64_t)(value * 60000);
    if (strcmp(unit, "h") == 0)
        return (int64_t)(value * 3600000);
    if (strcmp(text, "0") == 0)
        return 0;
    script_fail(statement, "a duration is a number with ms, s, m or h");
}

_Noreturn void script_fail(const struct statement *statement, const char *what)
{
    fprintf(stderr, "line %d: \"%s ...\": %s\n", statement->line, statement->words[0], what);
    exit(2);
}
