/* transfer.c -- `cadran migrate`, `cadran backup`, `cadran restore`: everything a store holds,
 * moved by store/transfer/, counted and compared. A backup runs beside a server; the others
 * want a data directory that nobody uses. */
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/database.h"
#include "app/options.h"
#include "base/log.h"
#include "cli/cli.h"
#include "store/transfer/transfer.h"

struct transfer_options {
    char from[OPTION_SIZE], data[OPTION_SIZE], database[OPTION_SIZE];
    const char *file;
    bool is_json;
};

/* --- Progress: a bar on a terminal, else a line for each table
 * ------------------------------------ */

struct telling {
    bool is_terminal, is_quiet;
    const char *verb;
    int64_t rows; /* of the tables before */
};

#define BAR 30

static void tell(void *context, const struct transfer_table *table, int64_t rows)
{
    struct telling *telling = context;
    if (telling->is_quiet)
        return;
    if (!telling->is_terminal) {
        if (rows && rows >= table->rows)
            fprintf(stderr, "%s %s: %" PRId64 " rows\n", telling->verb, table->name, rows);
        return;
    }
    char bar[BAR + 1];
    int64_t most = table->rows > rows ? table->rows : rows;
    int full = most ? (int)(rows * BAR / most) : BAR;
    for (int i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR] = '\0';
    fprintf(stderr, "\r%s [%s] %-14s %" PRId64 " of %" PRId64 " rows\033[K", telling->verb, bar,
            table->name, rows, most);
    fflush(stderr);
}

static struct telling telling_of(const struct transfer_options *options, const char *verb)
{
    bool is_terminal = isatty(STDERR_FILENO) && !options->is_json;
    return (struct telling){
        .is_terminal = is_terminal, .is_quiet = options->is_json, .verb = verb};
}

static void told(const struct telling *telling)
{
    if (telling->is_terminal)
        fputc('\n', stderr);
}

/* --- The move
 * -------------------------------------------------------------------------------------- */

/* Both are closed. What was written is read again and compared before it counts. */
static enum status carry(const struct transfer_options *options, struct transfer_source *source,
                         struct transfer_sink *sink, struct transfer_digests *moved,
                         struct error *err)
{
    struct transfer_digests *there = calloc(1, sizeof(*there));
    struct telling telling = telling_of(options, "moving");
    if (sink->began_anew && !options->is_json)
        fprintf(stderr, "an earlier run into %s was interrupted: it begins anew\n", sink->name);
    enum status status =
        there ? transfer_run(source, sink, moved, tell, &telling, err)
              : error_set(err, STATUS_UNAVAILABLE, "", "there is not enough memory");
    told(&telling);
    if (!status && sink->read_back) {
        struct transfer_source again;
        telling = telling_of(options, "verifying");
        status = sink->read_back(sink->self, &again, err);
        if (!status) {
            status = transfer_run(&again, NULL, there, tell, &telling, err);
            again.close(again.self);
            told(&telling);
        }
        if (!status)
            status = transfer_compare(moved, there, err);
    }
    if (!status)
        status = sink->finish(sink->self, err);
    free(there);
    return status;
}

static int report(const char *command, const struct transfer_options *options,
                  const struct transfer_digests *moved, const char *into, bool began_anew)
{
    int64_t rows = 0;
    json_t *tables = json_object();
    for (int i = 0; i < moved->count; i++) {
        rows += moved->tables[i].rows;
        json_object_set_new(tables, moved->tables[i].table,
                            json_integer(moved->tables[i].rows));
    }
    if (options->is_json) {
        json_t *all = json_pack("{s:s,s:I,s:b,s:O}", "command", command, "rows",
                                (json_int_t)rows, "beganAnew", began_anew, "tables", tables);
        char *text = json_dumps(all, JSON_COMPACT);
        puts(text);
        free(text);
        json_decref(all);
    } else {
        printf("%s: %" PRId64 " rows of %d tables are in %s%s\n", command, rows, moved->count,
               into, strcmp(command, "backup") == 0 ? "" : ", and were verified row for row");
    }
    json_decref(tables);
    return CLI_DONE;
}

/* The whole of a command: opens the sink, carries, closes both. */
static int
run(const char *command, const struct transfer_options *options, struct transfer_source *source,
    enum status (*sink_open)(const char *where, struct transfer_sink *sink, struct error *err),
    const char *where)
{
    struct error err = {0};
    struct transfer_sink sink;
    struct transfer_digests *moved = calloc(1, sizeof(*moved));
    enum status status = sink_open(where, &sink, &err);
    char into[sizeof(sink.name)] = "";
    bool began_anew = false;
    if (moved && !status) {
        status = carry(options, source, &sink, moved, &err);
        memcpy(into, sink.name, sizeof(into));
        began_anew = sink.began_anew;
        sink.close(sink.self);
    }
    source->close(source->self);
    int code =
        status ? cli_fail(command, &err) : report(command, options, moved, into, began_anew);
    free(moved);
    return code;
}

/* --- The commands
 * ---------------------------------------------------------------------------------- */

static const char migrate_usage[] = "cadran migrate --from DIR --database URL [--json]";
static const char backup_usage[] = "cadran backup FILE [--data DIR] [--database URL] [--json]";
static const char restore_usage[] =
    "cadran restore FILE [--data DIR] [--database URL] [--json]";

static bool read_options(int argc, char **argv, const char *command, bool wants_file,
                         struct transfer_options *options)
{
    static const struct option known[] = {{"from", required_argument, NULL, 'f'},
                                          {"data", required_argument, NULL, 'd'},
                                          {"database", required_argument, NULL, 'u'},
                                          {"json", no_argument, NULL, 'j'},
                                          {0}};
    struct error err;
    int value;
    *options = (struct transfer_options){0};
    snprintf(options->data, sizeof(options->data), "%s", CLI_DATA_DEFAULT);
    opterr = 0;
    optind = 1;
    while ((value = getopt_long(argc, argv, "", known, NULL)) != -1) {
        char *into = value == 'f'   ? options->from
                     : value == 'd' ? options->data
                     : value == 'u' ? options->database
                                    : NULL;
        if (value == '?' || (into && strlen(optarg) >= OPTION_SIZE))
            return false;
        if (into)
            snprintf(into, OPTION_SIZE, "%s", optarg);
        options->is_json |= value == 'j';
    }
    if (wants_file && optind < argc)
        options->file = argv[optind++];
    if (optind != argc || (wants_file && !options->file))
        return false;
    if (database_option_check(options->database, &err) == STATUS_OK)
        return true;
    cli_fail(command, &err);
    return false;
}

static void path_of(const char *data, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%.4000s/" DATABASE_FILE, data);
}

int app_migrate(int argc, char **argv)
{
    struct transfer_options options;
    struct transfer_source source;
    struct error err = {0};
    char real[PATH_MAX], path[PATH_MAX];
    struct stat about;
    int lock;
    if (cli_helps(argc, argv, migrate_usage))
        return CLI_DONE;
    if (!read_options(argc, argv, "migrate", false, &options) || !options.from[0] ||
        !options.database[0])
        return cli_usage(migrate_usage);
    log_set_level(LOG_LEVEL_WARN);
    path_of(options.from, path);
    if (stat(path, &about) != 0) {
        error_set(&err, STATUS_NOT_FOUND, options.from, "there is no database of Cadran in it");
        return cli_fail("migrate", &err);
    }
    /* A server that goes on writing would be left behind. */
    enum status status = database_directory(options.from, real, &lock, &err);
    if (status == STATUS_OK)
        status = transfer_sqlite_source(path, &source, &err);
    if (status != STATUS_OK)
        return cli_fail("migrate", &err);
    int code = run("migrate", &options, &source, transfer_postgres_sink, options.database);
    close(lock);
    if (code == CLI_DONE && !options.is_json)
        printf("start it with: cadran serve --data %s --database URL\n", options.from);
    return code;
}

int app_backup(int argc, char **argv)
{
    struct transfer_options options;
    struct transfer_source source;
    struct error err = {0};
    char path[PATH_MAX];
    if (cli_helps(argc, argv, backup_usage))
        return CLI_DONE;
    if (!read_options(argc, argv, "backup", true, &options) || options.from[0])
        return cli_usage(backup_usage);
    log_set_level(LOG_LEVEL_WARN);
    path_of(options.data, path);
    enum status status = options.database[0]
                             ? transfer_postgres_source(options.database, &source, &err)
                             : transfer_sqlite_source(path, &source, &err);
    if (status != STATUS_OK)
        return cli_fail("backup", &err);
    return run("backup", &options, &source, transfer_file_sink, options.file);
}

/* SQLite's index of numbers does not travel. */
static enum status index_numbers(const char *data, struct error *err)
{
    struct store_port store;
    struct arena arena;
    struct entity_page page;
    struct entity_query query = {.kind = ENTITY_CONTACT_LIST, .limit = 100};
    enum status status = database_open("", data, &store, err);
    if (status != STATUS_OK)
        return status;
    do {
        arena_init(&arena);
        status = store.ops->entity_list(store.self, &query, &arena, &page, err);
        for (int32_t i = 0; status == STATUS_OK && i < page.count; i++)
            status = store.ops->numbers_index(store.self, (struct list_id){page.entities[i].id},
                                              err);
        query.offset += page.count;
        arena_fini(&arena);
    } while (status == STATUS_OK && query.offset < page.total && page.count);
    store.ops->destroy(store.self);
    return status;
}

int app_restore(int argc, char **argv)
{
    struct transfer_options options;
    struct transfer_source source;
    struct error err = {0};
    char path[PATH_MAX], real[PATH_MAX];
    int lock = -1;
    if (cli_helps(argc, argv, restore_usage))
        return CLI_DONE;
    if (!read_options(argc, argv, "restore", true, &options) || options.from[0])
        return cli_usage(restore_usage);
    log_set_level(LOG_LEVEL_WARN);
    if (transfer_file_source(options.file, &source, &err) != STATUS_OK)
        return cli_fail("restore", &err);
    if (options.database[0])
        return run("restore", &options, &source, transfer_postgres_sink, options.database);
    if (database_directory(options.data, real, &lock, &err) != STATUS_OK) {
        source.close(source.self);
        return cli_fail("restore", &err);
    }
    path_of(real, path);
    int code = run("restore", &options, &source, transfer_sqlite_sink, path);
    if (code == CLI_DONE && index_numbers(real, &err) != STATUS_OK)
        code = cli_fail("restore", &err);
    close(lock);
    return code;
}
