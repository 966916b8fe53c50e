/* The functions that filters and sorts call from SQL: the same C that filter_matches uses. */
#include <string.h>

#include "filter/value.h"
#include "store/sqlite/connection.h"

#define FLAGS (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)

static size_t column_get(sqlite3_value **values, char text[FILTER_COLUMN_BYTES])
{
    const char *data = (const char *)sqlite3_value_text(values[0]);
    if (!data)
        return 0;
    return filter_column_text(data, (size_t)sqlite3_value_bytes(values[0]),
                              sqlite3_value_int(values[1]), text, FILTER_COLUMN_BYTES);
}

static void text_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    char text[FILTER_COLUMN_BYTES], folded[FILTER_COLUMN_BYTES];
    size_t len = filter_fold(text, column_get(values, text), folded);
    sqlite3_result_text(context, folded, (int)len, SQLITE_TRANSIENT);
}

static void key_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    char text[FILTER_COLUMN_BYTES], folded[FILTER_COLUMN_BYTES];
    size_t len = filter_fold(text, column_get(values, text), folded);
    sqlite3_result_text(context, folded, (int)filter_sort_len(folded, len), SQLITE_TRANSIENT);
}

static void number_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    char text[FILTER_COLUMN_BYTES];
    double number;
    if (filter_number(text, column_get(values, text), &number))
        sqlite3_result_double(context, number);
}

static void date_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    char text[FILTER_COLUMN_BYTES];
    struct wall at;
    if (filter_date(text, column_get(values, text), &at))
        sqlite3_result_int64(context, at.us);
}

static void fold_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    char folded[FILTER_COLUMN_BYTES];
    const char *text = (const char *)sqlite3_value_text(values[0]);
    size_t len = text ? (size_t)sqlite3_value_bytes(values[0]) : 0;
    if (len > sizeof(folded))
        len = sizeof(folded);
    sqlite3_result_text(context, folded, text ? (int)filter_fold(text, len, folded) : 0,
                        SQLITE_TRANSIENT);
}

int sql_functions_register(sqlite3 *db)
{
    static const struct {
        const char *name;
        int count;
        void (*run)(sqlite3_context *context, int count, sqlite3_value **values);
    } functions[] = {
        {"cadran_text", 2, text_of},     {"cadran_key", 2, key_of},
        {"cadran_number", 2, number_of}, {"cadran_date", 2, date_of},
        {"cadran_fold", 1, fold_of},
    };
    int code = SQLITE_OK;
    for (size_t i = 0; i < ARRAY_LEN(functions) && code == SQLITE_OK; i++)
        code = sqlite3_create_function_v2(db, functions[i].name, functions[i].count, FLAGS,
                                          NULL, functions[i].run, NULL, NULL, NULL);
    return code;
}
