#include <string.h>

#include "job/template.h"
#include "store/import/foreign.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static int32_t integer_of(const json_t *object, const char *name)
{
    return (int32_t)json_integer_value(json_object_get(object, name));
}

static const char *delimiter_of(const json_t *document)
{
    static const char *const known[][2] = {
        {"Comma", ","}, {"Pipe", "|"}, {"Colon", ":"}, {"Tab", "\t"}, {"Semicolon", ";"}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(text_of(document, "delimiter"), known[i][0]) == 0)
            return known[i][1];
    return text_of(document, "delimiterValue");
}

/* Texts live as long as the document; patterns in the arena. */
static void specification_read(const json_t *document, struct arena *arena,
                               struct foreign_file *file)
{
    const json_t *columns = json_object_get(document, "columnInformation");
    const json_t *rules = json_object_get(document, "preprocessingRules");
    *file = (struct foreign_file){
        .is_fixed = strcmp(text_of(document, "format"), "FixedLength") == 0,
        .delimiter = delimiter_of(document),
        .has_header = json_is_true(json_object_get(document, "header")),
        .heading_lines = integer_of(document, "numberOfHeadingLinesSkipped"),
        .trailing_lines = integer_of(document, "numberOfTrailingLinesSkipped"),
    };
    for (size_t i = 0; i < json_array_size(columns) && i < FOREIGN_COLUMN_MAX; i++) {
        const json_t *column = json_array_get(columns, i);
        file->columns[file->column_count++] = (struct foreign_column){
            text_of(column, "columnName"), integer_of(column, "columnNumber"),
            integer_of(column, "startPosition"), integer_of(column, "length")};
    }
    for (size_t i = 0; i < json_array_size(rules) && i < FOREIGN_RULE_MAX; i++) {
        const json_t *rule = json_array_get(rules, i);
        char *pattern = arena_new(arena, 1, 2049);
        if (resource_pattern(text_of(rule, "find"), pattern, 2049))
            file->rules[file->rule_count++] =
                (struct foreign_rule){pattern, text_of(rule, "replaceWith"),
                                      json_is_true(json_object_get(rule, "global")),
                                      json_is_true(json_object_get(rule, "ignoreCase"))};
    }
}

enum status job_input_convert(struct job_run *run, char path[JOB_PATH_SIZE], struct error *err)
{
    char input[JOB_PATH_SIZE];
    struct entity entity;
    struct foreign_file *file;
    int64_t id = json_integer_value(json_object_get(run->task, "fileSpecification"));
    jobs_path(run->jobs, run->record.id, JOB_FILE_INPUT, input);
    if (!id) {
        memcpy(path, input, JOB_PATH_SIZE);
        return STATUS_OK;
    }
    enum status status =
        RUN_STORE(run, entity_get, ENTITY_FILE_SPECIFICATION, id, &run->arena, &entity, err);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_NOT_FOUND, "",
                         "the file specification template was removed");
    json_t *document = status == STATUS_OK ? resource_document(entity.document) : NULL;
    if (status != STATUS_OK || !document)
        return document || status != STATUS_OK
                   ? status
                   : error_set(err, STATUS_UNAVAILABLE, "", "the stored template is damaged");
    file = arena_new(&run->arena, 1, sizeof(*file));
    specification_read(document, &run->arena, file);
    jobs_path(run->jobs, run->record.id, JOB_FILE_CONVERTED, path);
    status = foreign_convert(file, input, path, err);
    json_decref(document);
    return status;
}
