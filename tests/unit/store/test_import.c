/* Import: what is read, what is refused and with which words. Each case is a small file. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/random.h"
#include "store/import/foreign.h"
#include "store/import/import.h"
#include "store/memory/memory.h"
#include "world/zone_load.h"

#define LIST ((struct list_id){3})

struct fixture {
    struct store_port store;
    struct zone_table zones;
    struct arena arena;
    struct error err;
    char folder[64], path[96], refused_path[96];
    struct import_order order;
    struct import_progress progress;
};

static const struct import_column columns[] = {
    {"Nom", false, NULL}, {"Mobile", true, NULL}, {"Fixe", true, NULL}, {"Ville", false, NULL}};

static int setup(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    store_memory_create(&f->store);
    arena_init(&f->arena);
    snprintf(f->folder, sizeof(f->folder), "/tmp/cadran-import-XXXXXX");
    if (!mkdtemp(f->folder) || zone_load(NULL, &f->zones, &f->err))
        return 1;
    snprintf(f->path, sizeof(f->path), "%s/in.csv", f->folder);
    snprintf(f->refused_path, sizeof(f->refused_path), "%s/refused.csv", f->folder);
    f->order = (struct import_order){
        .path = f->path,
        .refused_path = f->refused_path,
        .list = LIST,
        .region = "FR",
        .columns = columns,
        .column_count = (int32_t)ARRAY_LEN(columns),
    };
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    f->store.ops->destroy(f->store.self);
    zone_unload(&f->zones);
    arena_fini(&f->arena);
    unlink(f->path);
    unlink(f->refused_path);
    rmdir(f->folder);
    free(f);
    return 0;
}

static void put_file(struct fixture *f, const void *bytes, size_t len)
{
    FILE *file = fopen(f->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static enum status run_bytes(struct fixture *f, const void *bytes, size_t len)
{
    put_file(f, bytes, len);
    return import_run(&f->store, &f->zones, &f->order, &f->progress, &f->err);
}

static enum status run(struct fixture *f, const char *text)
{
    return run_bytes(f, text, strlen(text));
}

static void expect_ok(struct fixture *f, const char *text, int64_t written, int64_t refused)
{
    enum status status = run(f, text);
    if (status)
        print_error("%s\n", f->err.text);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(f->progress.rows_written, written);
    assert_int_equal(f->progress.rows_refused, refused);
    assert_int_equal(f->progress.rows_read, written + refused);
    assert_int_equal(f->progress.bytes_total, strlen(text));
}

/* The refused rows' file holds `line`. */
static void expect_refused(struct fixture *f, const char *line)
{
    static char text[65536];
    FILE *file = fopen(f->refused_path, "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    if (!strstr(text, line))
        print_error("wanted: %s\ngot:\n%s", line, text);
    assert_non_null(strstr(text, line));
}

static struct contact_record contact(struct fixture *f, int sequence)
{
    struct contact_record record;
    struct contact_id id = {(LIST.value << CONTACT_SEQUENCE_BITS) | sequence};
    assert_int_equal(f->store.ops->contact_get(f->store.self, id, &f->arena, &record, &f->err),
                     STATUS_OK);
    return record;
}

/* The zones of a set, by its id. */
static const struct zone_set *set_of(struct fixture *f, struct zone_set_id id)
{
    struct zone_set *sets;
    size_t count = 0;
    assert_int_equal(f->store.ops->zone_sets_list(f->store.self, &f->zones, &f->arena, &sets,
                                                  &count, &f->err),
                     STATUS_OK);
    for (size_t i = 0; i < count; i++)
        if (sets[i].id.value == id.value)
            return &sets[i];
    fail_msg("no zone set %d", (int)id.value);
    return NULL;
}

/* A number says where it was given out, a ZIP code where its owner lives: both must be open. */
static void a_zip_codes_zone_joins_the_numbers_own(void **state)
{
    struct fixture *f = *state;
    f->order.region = "US";
    f->order.zip_column = 4; /* Ville */
    expect_ok(f,
              "nom,mobile,ville\n"
              "A,212 555 0123,90210\n" /* New York's number in California */
              "B,212 555 0124,10001\n" /* at home */
              "C,212 555 0125,unknown\n"
              "D,212 555 0126,90211-0001\n",
              4, 0);
    const struct zone_set *away = set_of(f, contact(f, 1).hot.addresses[0].zone_set);
    assert_int_equal(away->count, 2);
    assert_string_equal(f->zones.zones[away->zones[0]].name, "America/Los_Angeles");
    assert_string_equal(f->zones.zones[away->zones[1]].name, "America/New_York");
    for (int i = 2; i <= 3; i++) {
        const struct zone_set *home = set_of(f, contact(f, i).hot.addresses[0].zone_set);
        assert_int_equal(home->count, 1);
        assert_string_equal(f->zones.zones[home->zones[0]].name, "America/New_York");
    }
    assert_int_equal(contact(f, 4).hot.addresses[0].zone_set.value, away->id.value);
}

static void a_named_zone_goes_before_the_numbers_own(void **state)
{
    struct fixture *f = *state;
    struct import_column named_columns[4];
    memcpy(named_columns, f->order.columns, sizeof(named_columns));
    for (int i = 0; i < 4; i++)
        if (named_columns[i].is_phone)
            named_columns[i].zone_column = "ville";
    f->order.columns = named_columns;
    expect_ok(f,
              "nom,mobile,ville\n"
              "A,06 12 34 56 78,Indian/Reunion\n"
              "B,06 12 34 56 79,\n"
              "C,06 12 34 56 70,Lyon\n",
              2, 1);
    expect_refused(f, "4,\"ville\",\"this is not a time zone, such as Europe/Paris\",\"Lyon\"");
    struct zone_set_id named = contact(f, 1).hot.addresses[0].zone_set;
    struct zone_set_id own = contact(f, 2).hot.addresses[0].zone_set;
    struct zone_set *sets;
    size_t count = 0;
    assert_int_equal(f->store.ops->zone_sets_list(f->store.self, &f->zones, &f->arena, &sets,
                                                  &count, &f->err),
                     STATUS_OK);
    bool is_found = false;
    for (size_t i = 0; i < count; i++)
        if (sets[i].id.value == named.value) {
            assert_int_equal(sets[i].count, 1);
            assert_string_equal(f->zones.zones[sets[i].zones[0]].name, "Indian/Reunion");
            is_found = true;
        }
    assert_true(is_found);
    assert_int_not_equal(named.value, own.value);
}

static void matches_columns_by_name_and_normalises_numbers(void **state)
{
    struct fixture *f = *state;
    expect_ok(f,
              "ville,Autre,NOM , mobile,fixe\r\n"
              "Lyon,x,\"Durand, \"\"Jo\"\"\",06 12 34 56 78,0262 20 12 34\r\n"
              "\"Le\nHavre\",,Élan,+1 212-555-2368,\r\n",
              2, 0);
    struct contact_record first = contact(f, 1), second = contact(f, 2);
    assert_string_equal(first.data, "[\"Durand, \\\"Jo\\\"\",\"06 12 34 56 78\","
                                    "\"0262 20 12 34\",\"Lyon\"]");
    assert_int_equal(first.hot.address_count, 2);
    assert_int_equal(first.hot.addresses[0].column, 1);
    assert_int_equal(first.hot.addresses[0].number, 33612345678);
    assert_int_equal(first.hot.addresses[1].number, 262262201234);
    assert_int_not_equal(first.hot.addresses[0].zone_set.value, 0);
    assert_int_not_equal(first.hot.addresses[0].zone_set.value,
                         first.hot.addresses[1].zone_set.value);
    assert_string_equal(second.data, "[\"Élan\",\"+1 212-555-2368\",\"\",\"Le\\nHavre\"]");
    assert_int_equal(second.hot.address_count, 1);
}

static void finds_the_delimiter(void **state)
{
    struct fixture *f = *state;
    expect_ok(f, "Nom;Mobile;\"a,b\"\nA;0612345678;x\n", 1, 0);
    expect_ok(f, "Nom\tMobile\nA\t0612345679\n", 1, 0);
    expect_ok(f, "Mobile\n0612345670\n\n\n0612345671", 2, 0);
}

static void reads_utf8_with_a_mark_and_windows_1252(void **state)
{
    struct fixture *f = *state;
    expect_ok(f, "\xEF\xBB\xBFMobile,Nom\n0612345678,\xC3\x89lan\n", 1, 0);
    expect_ok(f, "Mobile,Nom\n0612345679,\xC9lan \x80\n", 1, 0);
    assert_string_equal(contact(f, 1).data, "[\"Élan\",\"0612345678\",\"\",\"\"]");
    assert_string_equal(contact(f, 2).data, "[\"Élan €\",\"0612345679\",\"\",\"\"]");
}

static void a_few_broken_bytes_in_utf8_cost_their_rows_only(void **state)
{
    struct fixture *f = *state;
    expect_ok(f, "Mobile,Nom\n0612345678,éééééé\n0612345679,\xFFx\n0612345670,ok\n", 2, 1);
    expect_refused(f, "3,\"\",\"the row has bytes that are not UTF-8\",\"\"");
}

static void refuses_a_file_that_is_no_csv(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {
        {"", 0, " is empty"},
        {"\xEF\xBB\xBF", 3, " is empty"},
        {"\n\n", 2, " is empty"},
        {"\xFF\xFEM\0o\0", 6, " is UTF-16: save it as CSV UTF-8 and send it again"},
        {"\0M\0o\0b\0i\0l\0e", 12, " is UTF-16: save it as CSV UTF-8 and send it again"},
        {"PK\3\4xxxxxxx", 11, " is a workbook or an archive: save the sheet as CSV UTF-8"},
        {"\x7f"
         "ELF\0\0\0\0\0\0\0x\0\0\0\0\0\0\0\0\0\0\0x",
         24, " is not a text file"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(run_bytes(f, cases[i].bytes, cases[i].len), STATUS_INVALID);
        if (!strstr(f->err.text, cases[i].text))
            print_error("%zu: %s\n", i, f->err.text);
        assert_non_null(strstr(f->err.text, cases[i].text));
    }
    unlink(f->path);
    assert_int_equal(import_run(&f->store, &f->zones, &f->order, &f->progress, &f->err),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(f->err.text, "does not exist"));
    f->order.path = "/tmp";
    assert_int_equal(import_run(&f->store, &f->zones, &f->order, &f->progress, &f->err),
                     STATUS_INVALID);
    assert_string_equal(f->err.text, "/tmp is not a file");
}

static void refuses_a_header_that_cannot_serve(void **state)
{
    struct fixture *f = *state;
    static char many[1024] = "c0", name[256] = "Mobile,";
    for (int i = 1; i <= 50; i++)
        snprintf(many + strlen(many), 16, ",c%d", i);
    memset(name + 7, 'x', 129);
    const struct {
        const char *text, *reason;
    } cases[] = {
        {"Nom,Ville\na,b\n", "no phone column is in the header: \"Mobile\" is missing"},
        {"Mobile,Nom,mobile\n", "columns 1 and 3 have the same name \"mobile\""},
        {many, "the file has more than 50 columns"},
        {name, "the name of column 2 has more than 128 characters"},
        {"Mobile,\"Nom\n0612345678,x\n",
         "the header cannot be read: the quotes are not closed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(run(f, cases[i].text), STATUS_INVALID);
        assert_string_equal(f->err.path, "line 1");
        if (!strstr(f->err.text, cases[i].reason))
            print_error("%zu: %s\n", i, f->err.text);
        assert_non_null(strstr(f->err.text, cases[i].reason));
    }
    f->order.id_column = "Id";
    assert_int_equal(run(f, "Mobile\n0612345678\n"), STATUS_INVALID);
    assert_string_equal(f->err.text, "the id column \"Id\" is not in the header");
    f->order.id_column = NULL;
    f->order.columns = columns;
    f->order.column_count = 1;
    assert_int_equal(run(f, "Nom\nx\n"), STATUS_INVALID);
    assert_string_equal(f->err.text, "the list has no phone column");
    f->order.column_count = 0;
    assert_int_equal(run(f, "Nom\nx\n"), STATUS_INVALID);
    assert_string_equal(f->err.text, "a list has 1 to 50 columns");
    f->order.column_count = 4;
    f->order.replaces = true;
    assert_int_equal(run(f, "Nom\nx\n"), STATUS_INVALID);
    assert_string_equal(f->err.text, "an id column is needed to tell duplicates by it");
    f->order.replaces = false;
    f->order.region = "XX";
    assert_int_equal(run(f, "Mobile\n0612345678\n"), STATUS_INVALID);
    int64_t count;
    assert_int_equal(f->store.ops->contacts_count(f->store.self, LIST, &count, &f->err),
                     STATUS_OK);
    assert_int_equal(count, 0);
}

static void refuses_rows_and_names_line_column_reason_and_value(void **state)
{
    struct fixture *f = *state;
    static char text[4096];
    int len = snprintf(text, sizeof(text),
                       "Nom,Mobile,Fixe\n"
                       "a,inconnu,\n"            /* 2 */
                       "b,0000000000,\n"         /* 3 */
                       "c,,\n"                   /* 4 */
                       "d,0612345678\n"          /* 5 */
                       "e,0612345678,,\n"        /* 6 */
                       "\"f\"x,0612345678,\n"    /* 7 */
                       "\"multi\nline\",=1+1,\n" /* 8, 9 */
                       "g,inconnu,0142685300\n"  /* 10: good */
                       "");
    len += snprintf(text + len, sizeof(text) - (size_t)len, "%0513d,0612345678,\n", 7); /* 11 */
    snprintf(text + len, sizeof(text) - (size_t)len, "h,0612345678,\"cut");             /* 12 */
    expect_ok(f, text, 1, 9);
    assert_int_equal(f->progress.numbers_invalid, 1);
    expect_refused(f, "line,column,reason,value\r\n"
                      "2,\"Mobile\",\"this is not a phone number\",\"inconnu\"\r\n"
                      "3,\"Mobile\",\"no such phone number can exist\",\"0000000000\"\r\n"
                      "4,\"Mobile\",\"the row has no phone number\",\"\"\r\n"
                      "5,\"\",\"the row has 2 values, the header has 3\",\"\"\r\n"
                      "6,\"\",\"the row has 4 values, the header has 3\",\"\"\r\n"
                      "7,\"\",\"there is text between closing quotes and the next delimiter\","
                      "\"\"\r\n"
                      "8,\"Mobile\",\"this is not a phone number\",\"'=1+1\"\r\n"
                      "11,\"Nom\",\"the value has more than 512 characters\",\"0000");
    expect_refused(f,
                   "12,\"\",\"the quotes are not closed: the row, or the file, is cut short\"");
    assert_int_equal(contact(f, 1).hot.addresses[0].number, 0);
    assert_int_equal(contact(f, 1).hot.addresses[1].number, 33142685300);
}

static void refuses_nul_bytes_and_rows_without_end(void **state)
{
    struct fixture *f = *state;
    size_t size = CSV_ROW_MAX + 4096, at;
    char *text = memory_new(size, 1);
    at = (size_t)snprintf(text, size, "Mobile,Nom\n0612345671,a?b\n0612345672,\"");
    *strchr(text, '?') = '\0';
    memset(text + at, 'x', CSV_ROW_MAX + 10);
    at += CSV_ROW_MAX + 10;
    at += (size_t)snprintf(text + at, size - at, "\"\n0612345673,ok\n");
    assert_int_equal(run_bytes(f, text, at), STATUS_OK);
    assert_int_equal(f->progress.rows_written, 1);
    expect_refused(f, "2,\"\",\"the row has a NUL byte\",\"\"");
    expect_refused(f,
                   "3,\"\",\"the quotes are not closed: the row, or the file, is cut short\"");
    assert_int_equal(contact(f, 1).hot.addresses[0].number, 33612345673);
    at = (size_t)snprintf(text, size, "Mobile,Nom\n0612345674,");
    memset(text + at, 'x', CSV_ROW_MAX + 10);
    at += CSV_ROW_MAX + 10;
    at += (size_t)snprintf(text + at, size - at, "\n0612345675,ok\n");
    assert_int_equal(run_bytes(f, text, at), STATUS_OK);
    assert_int_equal(f->progress.rows_written, 1);
    expect_refused(f, "2,\"\",\"the row has more than 262144 bytes\",\"\"");
    text[0] = '\0';
    at = (size_t)snprintf(text, size, "Mobile,Nom\n");
    for (int i = 0; i < CSV_FIELD_MAX + 1; i++)
        at += (size_t)snprintf(text + at, size - at, "%d,", i);
    at += (size_t)snprintf(text + at, size - at, "\n");
    assert_int_equal(run_bytes(f, text, at), STATUS_OK);
    expect_refused(f, "2,\"\",\"the row has more than 200 values\",\"\"");
    free(text);
}

static void a_line_of_any_length_is_one_refused_row(void **state)
{
    struct fixture *f = *state;
    /* Lengths around the buffer's, so that CR LF is torn by its edge. */
    for (int extra = 0; extra < 6; extra++) {
        size_t size = 3 * CSV_ROW_MAX, at;
        char *text = memory_new(size + 200, 1);
        at = (size_t)snprintf(text, size, "Mobile,Nom\r\n");
        memset(text + at, 'x', size - (size_t)extra);
        at += size - (size_t)extra;
        at += (size_t)snprintf(text + at, 100, "\r\n0612345678,ok\r\n06,bad\r\n");
        assert_int_equal(run_bytes(f, text, at), STATUS_OK);
        assert_int_equal(f->progress.rows_written, 1);
        assert_int_equal(f->progress.rows_refused, 2);
        expect_refused(f, "2,\"\",\"the row has more than 262144 bytes\",\"\"");
        expect_refused(f, "4,\"Mobile\",");
        free(text);
    }
}

static int64_t own_contact(void *context, const char *text)
{
    (void)context;
    return strcmp(text, "own-1") == 0 ? (LIST.value << CONTACT_SEQUENCE_BITS) | 1 : 0;
}

static int64_t own_wrapup(void *context, const char *text)
{
    (void)context;
    return strcmp(text, "code-7") == 0 ? 7 : 0;
}

static const char exported[] =
    "inin-outbound-id,Nom,Mobile,Fixe,Ville,ContactCallable,ContactableByVoice,"
    "ContactableBySms,ContactableByEmail,ZipCodeAutomaticTimeZone,"
    "CallRecordLastAttempt-Mobile,CallRecordLastResult-Mobile,"
    "CallRecordLastAgentWrapup-Mobile,SmsLastAttempt-Mobile,SmsLastResult-Mobile,"
    "Callable-Mobile,ContactableByVoice-Mobile,ContactableBySms-Mobile,"
    "AutomaticTimeZone-Mobile\r\n"
    "own-1,Anne,0612345678,,,0,0,1,1,,2026-03-01T10:00:00.000Z,ININ-OUTBOUND-BUSY,code-7,,,"
    "0,0,0,\r\n"
    "theirs,Bob,,,,1,1,0,1,,,,,,,1,1,1,\r\n";

static void takes_an_exports_ids_and_system_columns(void **state)
{
    struct fixture *f = *state;
    f->order.contact_id = own_contact;
    f->order.wrapup_id = own_wrapup;
    expect_ok(f, "Nom,Mobile\nOld,0612345678\n", 1, 0);
    expect_ok(f, exported, 2, 0);
    struct contact_record record = contact(f, 1);
    assert_string_equal(record.data, "[\"Anne\",\"0612345678\",\"\",\"\"]");
    assert_null(record.external_id);
    assert_false(record.hot.is_callable);
    assert_false(record.hot.addresses[0].is_callable);
    assert_int_equal(record.hot.addresses[0].last_outcome, OUTCOME_BUSY);
    assert_int_equal(record.hot.addresses[0].last_wrapup.value, 7);
    assert_int_equal(record.hot.addresses[0].last_at.us, INT64_C(1772359200000000));
    assert_string_equal(
        record.extra,
        "{\"contactableStatus\":{\"Sms\":{\"contactable\":true,\"columnStatus\":"
        "{\"Mobile\":{\"contactable\":false}}},\"Email\":{\"contactable\":true}}}");
    record = contact(f, 2);
    assert_string_equal(record.external_id, "theirs");
    assert_int_equal(record.hot.address_count, 0);
    assert_true(record.hot.is_callable);
    /* With clearSystemData the columns are passed over, and what is known is forgotten. */
    f->order.clears_system_data = true;
    expect_ok(f, exported, 2, 0);
    record = contact(f, 1);
    assert_true(record.hot.is_callable);
    assert_true(record.hot.addresses[0].is_callable);
    assert_int_equal(record.hot.addresses[0].last_outcome, OUTCOME_NONE);
    f->order.clears_system_data = false;
    expect_ok(f, "inin-outbound-id,Nom,Mobile,ContactCallable\nX,a,0612345678,perhaps\n", 0, 1);
    expect_refused(f, "2,\"ContactCallable\",\"this is neither 1 nor 0\",\"perhaps\"");
}

static void an_ordinary_file_leaves_marks_alone(void **state)
{
    struct fixture *f = *state;
    f->order.id_column = "Id";
    f->order.duplicates = IMPORT_DUPLICATES_BY_ID;
    f->order.replaces = true;
    expect_ok(f, "Id,Nom,Mobile\nA,x,0612345678\n", 1, 0);
    struct contact_write write = {
        .external_id = "A", .data = "[\"x\",\"\",\"\",\"\"]", .priority = 255};
    assert_int_equal(f->store.ops->contacts_write(f->store.self, STORE_API, LIST,
                                                  CONTACT_UPSERT, &write, 1, (struct wall){1},
                                                  NULL, &f->err),
                     STATUS_OK);
    expect_ok(f, "Id,Nom,Mobile\nA,y,0612345678\n", 1, 0);
    struct contact_record record = contact(f, 1);
    assert_string_equal(record.data, "[\"y\",\"0612345678\",\"\",\"\"]");
    assert_false(record.hot.is_callable);
    assert_int_equal(record.hot.priority, 255);
}

static bool stop_after_first(void *context, const struct import_progress *progress)
{
    (void)progress;
    return ++*(int *)context < 1;
}

static char *whole_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = memory_new(1 << 20, 1);
    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

/* As after a kill: the rows and the refusals of what was not committed are read again. */
static void a_job_goes_on_behind_its_last_transaction(void **state)
{
    struct fixture *f = *state;
    char *text = memory_new(1 << 16, 1), *refused = NULL;
    size_t len = (size_t)snprintf(text, 1 << 16, "Nom,Mobile\n");
    for (int i = 0; i < 1500; i++)
        len +=
            (size_t)snprintf(text + len, 64, i % 10 ? "n%d,06123%05d\n" : "n%d,bad%d\n", i, i);
    struct job_record job = {.kind = JOB_CONTACTS_IMPORT};
    assert_int_equal(
        f->store.ops->job_create(f->store.self, &job, (struct wall){1}, &f->order.job, &f->err),
        STATUS_OK);
    f->order.duplicates = IMPORT_DUPLICATES_BY_NUMBER;
    f->order.on_progress = stop_after_first;
    int batches = 0; /* one is written, then it stops */
    f->order.context = &batches;
    assert_int_equal(run_bytes(f, text, len), STATUS_CONFLICT);
    assert_int_equal(
        f->store.ops->job_get(f->store.self, f->order.job, &f->arena, &job, &f->err),
        STATUS_OK);
    struct import_place place;
    assert_true(import_place_read(job.place, &place));
    assert_int_equal(place.rows_written, job.done);
    assert_true(job.done > 0 && job.done < 1350);
    f->order.on_progress = NULL;
    f->order.place = &place;
    assert_int_equal(import_run(&f->store, &f->zones, &f->order, &f->progress, &f->err),
                     STATUS_OK);
    assert_int_equal(f->progress.rows_written, 1350);
    assert_int_equal(f->progress.rows_refused, 150);
    assert_int_equal(f->progress.rows_read, 1500);
    int64_t count;
    assert_int_equal(f->store.ops->contacts_count(f->store.self, LIST, &count, &f->err),
                     STATUS_OK);
    assert_int_equal(count, 1350);
    refused = whole_file(f->refused_path);
    int lines = 0;
    for (const char *at = refused; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 151);
    free(refused);
    free(text);
}

static void tells_duplicates_by_number(void **state)
{
    struct fixture *f = *state;
    f->order.duplicates = IMPORT_DUPLICATES_BY_NUMBER;
    expect_ok(f,
              "Mobile,Fixe\n0612345678,0142685300\n+33 6 12 34 56 78,\n0612345679,0142685300\n",
              2, 1);
    expect_refused(f, "3,\"Mobile\",\"the list has a contact with this number already\","
                      "\"'+33 6 12 34 56 78\"");
    expect_ok(f, "Mobile,Fixe\n0612345679,\n0612345670,\n", 1, 1); /* against the list */
    f->order.duplicates = IMPORT_DUPLICATES_KEPT;
    expect_ok(f, "Mobile,Fixe\n0612345679,\n0612345679,\n", 2, 0);
}

static void tells_duplicates_by_id_or_replaces(void **state)
{
    struct fixture *f = *state;
    static char longer[512] = "Mobile,Id\n0612345678,";
    f->order.duplicates = IMPORT_DUPLICATES_BY_ID;
    f->order.id_column = "Id";
    expect_ok(f, "Mobile,Id,Nom\n0612345678, A ,a\n0612345679,A,b\n0612345670,,c\n", 1, 2);
    expect_refused(f, "3,\"Id\",\"the id stands in an earlier row already\",\"A\"");
    expect_refused(f, "4,\"Id\",\"the id is empty\",\"\"");
    expect_ok(f, "Mobile,Id,Nom\n0612345678,A,z\n0612345679,B,b\n", 1, 1);
    expect_refused(f, "2,\"Id\",\"the list has a contact with this id already\",\"A\"");
    f->order.replaces = true;
    expect_ok(f, "Mobile,Id,Nom\n0612345671,A,first\n0612345672,A,last\n", 2, 0);
    struct contact_record record;
    assert_int_equal(
        f->store.ops->contact_find(f->store.self, LIST, "A", &f->arena, &record, &f->err),
        STATUS_OK);
    assert_string_equal(record.data, "[\"last\",\"0612345672\",\"\",\"\"]");
    memset(longer + strlen(longer), 'i', 257);
    expect_ok(f, longer, 0, 1);
    expect_refused(f, "2,\"Id\",\"the id has more than 256 bytes\",");
}

static void refuses_the_row_of_a_contact_that_is_being_called(void **state)
{
    struct fixture *f = *state;
    const struct store_ops *ops = f->store.ops;
    f->order.id_column = "Id";
    f->order.replaces = true;
    expect_ok(f, "Mobile,Id\n0612345678,A\n", 1, 0);
    int64_t epoch;
    struct contact hot = contact(f, 1).hot;
    struct dialer_write intent = {
        .kind = DIALER_INTENT,
        .campaign = {1},
        .pass = 1,
        .contact = hot.id,
        .at = {5},
        .call = {1},
        .from = DUE_FRESH,
        .expected_version = hot.version,
        .number = hot.addresses[0].number,
        .column = hot.addresses[0].column,
    };
    enum dialer_result result;
    assert_int_equal(ops->epoch_take(f->store.self, 1, (struct wall){1}, &epoch, &f->err),
                     STATUS_OK);
    struct dialer_batch batch = {1, epoch, 1, &intent, &result};
    assert_int_equal(ops->commit(f->store.self, &batch, &f->err), STATUS_OK);
    assert_int_equal(result, WRITE_COMMITTED);
    expect_ok(f, "Mobile,Id\n0612345670,B\n0612345671,A\n0612345672,C\n", 2, 1);
    expect_refused(f,
                   "3,\"Id\",\"contact 12884901889 is being called: try again after the call\","
                   "\"A\"");
}

static bool cancel_after_first(void *context, const struct import_progress *progress)
{
    int *calls = context;
    assert_true(progress->rows_read > 0);
    return ++*calls > 1;
}

static void stops_when_it_is_cancelled(void **state)
{
    struct fixture *f = *state;
    static char text[400000] = "Mobile\n";
    size_t at = strlen(text);
    for (int i = 0; i < 20000; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "06%08d\n", i + 10000000);
    int calls = 1;
    f->order.on_progress = cancel_after_first;
    f->order.context = &calls;
    expect_ok(f, text, 20000, 0);
    assert_true(calls > 20);
    calls = 0;
    assert_int_equal(run(f, text), STATUS_CONFLICT);
    assert_string_equal(f->err.text, "the import was cancelled");
    assert_int_equal(calls, 1);
    int64_t count;
    assert_int_equal(f->store.ops->contacts_count(f->store.self, LIST, &count, &f->err),
                     STATUS_OK);
    assert_int_equal(count, 20000 + f->progress.rows_written);
    assert_true(f->progress.rows_written < 1000);
}

static bool count_valid(void *context, const struct csv_row *row, bool is_valid)
{
    *(int *)context += is_valid ? row->count : 0;
    return true;
}

static void a_survey_says_what_a_file_looks_like_and_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct import_survey survey;
    static const char text[] = "Nom;Mobile;Ville;Score\nAnn\xE9;0612345678;Lyon;12,5\n"
                               "Bob;nobody;Metz;3,25\nCy;0612345679;Nice;1.5\n";
    int values = 0;
    put_file(f, text, sizeof(text) - 1);
    assert_int_equal(import_survey(&f->store, &f->zones, &f->order, count_valid, &values,
                                   &f->arena, &survey, &f->err),
                     STATUS_OK);
    assert_true(survey.is_windows_1252);
    assert_int_equal(survey.delimiter, ';');
    assert_int_equal(survey.decimal, ',');
    assert_true(survey.has_header);
    assert_int_equal(survey.column_count, 4);
    assert_string_equal(survey.columns[3], "Score");
    assert_int_equal(survey.progress.rows_read, 3);
    assert_int_equal(survey.progress.rows_written, 2);
    assert_int_equal(survey.progress.rows_refused, 1);
    assert_int_equal(values, 8);
    expect_refused(f, "3,\"Mobile\",\"this is not a phone number\",\"nobody\"");
    int64_t count;
    assert_int_equal(f->store.ops->contacts_count(f->store.self, LIST, &count, &f->err),
                     STATUS_OK);
    assert_int_equal(count, 0);
    put_file(f, "0612345678,Anne\n", 16);
    assert_int_equal(
        import_survey(&f->store, &f->zones, &f->order, NULL, NULL, &f->arena, &survey, &f->err),
        STATUS_INVALID);
    assert_false(survey.has_header);
}

/* Who lives in Lyon. */
static bool is_of_lyon(void *context, const struct filter_contact *asked)
{
    int *count = context;
    *count += 1;
    assert_int_equal(asked->hot->state, CONTACT_WAITING);
    assert_true(asked->hot->is_callable);
    assert_int_equal(asked->hot->addresses[0].attempts, 0);
    assert_int_equal(asked->updated_at.us, 7);
    return strstr(asked->data, "\"Lyon\"") != NULL;
}

static void a_survey_passes_over_rows_that_are_not_meant(void **state)
{
    struct fixture *f = *state;
    struct import_survey survey;
    int asked = 0;
    f->order.is_meant = is_of_lyon;
    f->order.context = &asked;
    f->order.now.us = 7;
    f->order.duplicates = IMPORT_DUPLICATES_BY_NUMBER;
    static const char text[] = "Nom,Mobile,Ville\nA,0612345678,Metz\nB,0612345678,Lyon\n"
                               "C,0612345678,Lyon\nD,x,Lyon\nE,0612345679,Nice\n";
    put_file(f, text, sizeof(text) - 1);
    assert_int_equal(
        import_survey(&f->store, &f->zones, &f->order, NULL, NULL, &f->arena, &survey, &f->err),
        STATUS_OK);
    assert_int_equal(asked, 4); /* all but D, which has no number */
    assert_int_equal(survey.progress.rows_read, 5);
    assert_int_equal(survey.progress.rows_filtered, 2);
    assert_int_equal(survey.progress.rows_refused, 2);
    assert_int_equal(survey.progress.rows_written, 1);
    expect_refused(f, "4,\"Mobile\",\"the list has a contact with this number already\"");
    expect_refused(f, "5,\"Mobile\",\"this is not a phone number\",\"x\"");
}

static void takes_how_long_each_contact_is_kept(void **state)
{
    struct fixture *f = *state;
    struct contact_record *records = NULL;
    size_t count = 0;
    f->order.now.us = INT64_C(1795521600000000); /* 2026-11-24T12:00:00Z */
    f->order.zone = zone_find(&f->zones, "Europe/Paris");
    f->order.retention_type = "Garde";
    f->order.retention_days = "Jours";
    f->order.retention_date = "Jusque";
    expect_ok(f,
              "Nom,Mobile,Garde,Jours,Jusque\nA,0612345601,Never,,\nB,0612345602,today,,\n"
              "C,0612345603,RetentionDays,10,\nD,0612345604,,3,\n"
              "E,0612345605,,,2026-12-01T08:00:00Z\nF,0612345606,,,\n"
              "G,0612345607,RetentionDays,,\nH,0612345608,,0,\nI,0612345609,Ever,,\n"
              "J,0612345610,,,demain\n",
              6, 4);
    static const int64_t ends_s[] = {0, 11 * 3600, 10 * 86400, 3 * 86400, 590400, 0};
    const struct contact_query query = {.list = LIST, .limit = 20};
    assert_int_equal(f->store.ops->contacts_list(f->store.self, &query, &f->arena, &records,
                                                 &count, &f->err),
                     STATUS_OK);
    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(records[i].expires_at.us,
                         ends_s[i] ? f->order.now.us + ends_s[i] * US_PER_S : 0);
    expect_refused(f, "8,\"Jours\",\"it is kept for days, and how many is not said\"");
    expect_refused(f, "9,\"Jours\",\"this is not a number of days from 1 to 3650\",\"0\"");
    expect_refused(f, "10,\"Garde\",\"a contact is kept by Never, Today or RetentionDays\"");
    expect_refused(f, "11,\"Jusque\",\"this is not a date like 2026-11-24T09:30:00Z\"");
    f->order.retention_days = "Nulle part";
    assert_int_equal(run(f, "Nom,Mobile,Garde,Jusque\nA,0612345699,,\n"), STATUS_INVALID);
    assert_string_equal(f->err.text,
                        "the retention column \"Nulle part\" is not in the header");
}

static void expect_converted(struct fixture *f, const struct foreign_file *file,
                             const char *text, size_t len, const char *wanted)
{
    char to[128];
    snprintf(to, sizeof(to), "%s/out.csv", f->folder);
    put_file(f, text, len);
    if (foreign_convert(file, f->path, to, &f->err) != STATUS_OK)
        fail_msg("%s: %s", f->err.path, f->err.text);
    char *made = whole_file(to);
    assert_string_equal(made, wanted);
    free(made);
    unlink(to);
}

static void converts_files_of_fixed_length(void **state)
{
    struct fixture *f = *state;
    struct foreign_file file = {.is_fixed = true,
                                .delimiter = ",",
                                .heading_lines = 2,
                                .trailing_lines = 1,
                                .column_count = 2,
                                .columns = {{"Nom", 0, 4, 6}, {"Mobile", 0, 10, 10}}};
    static const char text[] = "title\r\n----\r\n0001Zo\xE9   0612345678\r\n"
                               "0002B, \"c\"0612345679\r\n0003Cy\r\nTOTAL 2\r\n";
    expect_converted(f, &file, text, sizeof(text) - 1,
                     "Nom,Mobile\r\nZo\xC3\xA9,0612345678\r\n\"B, \"\"c\"\"\",0612345679\r\n"
                     "Cy,\r\n");
    file.trailing_lines = 0;
    file.heading_lines = 3;
    expect_converted(f, &file, text, sizeof(text) - 1,
                     "Nom,Mobile\r\n\"B, \"\"c\"\"\",0612345679\r\nCy,\r\nL 2,\r\n");
}

static void converts_delimited_files_and_replaces_texts(void **state)
{
    struct fixture *f = *state;
    struct foreign_file file = {.delimiter = "||",
                                .has_header = true,
                                .column_count = 2,
                                .columns = {{"Mobile", 1, 0, 0}, {"Nom", 0, 0, 0}},
                                .rule_count = 3,
                                .rules = {{"([0-9]{2})\\.", "$1", true, false},
                                          {"^monsieur ", "M. ", false, true},
                                          {"x*$", "", false, false}}};
    static const char text[] = "a||b\nMONSIEUR \"Ben\"||06.12.34.56.78xx\n"
                               "\"An||ne\"\"s\"||0612345679||more\nalone\n";
    expect_converted(f, &file, text, sizeof(text) - 1,
                     "Mobile,Nom\r\n0612345678,\"M. \"\"Ben\"\"\"\r\n"
                     "0612345679,\"An||ne\"\"s\"\r\n,alone\r\n");
    /* Without columns of its own the file's header serves, and every value. */
    file.column_count = 0;
    file.rule_count = 1;
    file.rules[0] = (struct foreign_rule){"-", "+", false, false};
    expect_converted(f, &file, "a-b-c||d\n", 9, "a+b-c,d\r\n");
    file.rule_count = 0;
    expect_converted(f, &file,
                     "\xEF\xBB\xBF"
                     "a||b\n1||2\n",
                     12, "a,b\r\n1,2\r\n");
}

static void refuses_a_foreign_line_that_has_no_bounds(void **state)
{
    struct fixture *f = *state;
    char to[128];
    struct foreign_file file = {
        .delimiter = "|", .rule_count = 1, .rules = {{"x", "$$$$$$", true, false}}};
    snprintf(to, sizeof(to), "%s/out.csv", f->folder);
    char *text = memory_new(FOREIGN_LINE_MAX + 10, 1);
    memset(text, 'x', FOREIGN_LINE_MAX + 2);
    text[1] = '\n';
    put_file(f, text, FOREIGN_LINE_MAX / 2);
    assert_int_equal(foreign_convert(&file, f->path, to, &f->err), STATUS_INVALID);
    assert_string_equal(f->err.path, "line 2");
    assert_non_null(strstr(f->err.text, "once texts are replaced"));
    put_file(f, text, FOREIGN_LINE_MAX + 5);
    file.rule_count = 0;
    text[FOREIGN_LINE_MAX + 2] = 'x';
    put_file(f, text, FOREIGN_LINE_MAX + 3);
    assert_int_equal(foreign_convert(&file, f->path, to, &f->err), STATUS_INVALID);
    assert_string_equal(f->err.path, "line 2");
    put_file(f, "a\0b\n", 4);
    assert_int_equal(foreign_convert(&file, f->path, to, &f->err), STATUS_INVALID);
    unlink(to);
    free(text);
}

/* Whatever the bytes are, each row is written or refused, and every write is a contact. */
static void survives_files_of_random_bytes(void **state)
{
    struct fixture *f = *state;
    static const char bytes[] = ",,,\n\n\r\"\";0612345678a\xC3\xA9\xFF \t\0";
    struct random random;
    random_init(&random, 31);
    int64_t written = 0;
    for (int round = 0; round < 400; round++) {
        char text[600] = "Mobile,Nom\n";
        size_t len = strlen(text), end = len + random_below(&random, 580);
        while (len < end)
            text[len++] = bytes[random_below(&random, sizeof(bytes))];
        enum status status = run_bytes(f, text, len);
        assert_true(status == STATUS_OK || status == STATUS_INVALID);
        assert_int_equal(f->progress.rows_read,
                         f->progress.rows_written + f->progress.rows_refused);
        written += f->progress.rows_written;
    }
    int64_t count;
    assert_int_equal(f->store.ops->contacts_count(f->store.self, LIST, &count, &f->err),
                     STATUS_OK);
    assert_int_equal(count, written);
}

static void says_when_the_refused_file_cannot_be_written(void **state)
{
    struct fixture *f = *state;
    f->order.refused_path = "/nonexistent/refused.csv";
    assert_int_equal(run(f, "Mobile\nx\n"), STATUS_UNAVAILABLE);
    assert_non_null(strstr(f->err.text, "/nonexistent/refused.csv cannot be written"));
    f->order.refused_path = "/dev/full";
    assert_int_equal(run(f, "Mobile\nx\n"), STATUS_UNAVAILABLE);
    assert_string_equal(f->err.text,
                        "the file of refused rows cannot be written: is the disk full?");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_zip_codes_zone_joins_the_numbers_own),
        TEST(a_named_zone_goes_before_the_numbers_own),
        TEST(matches_columns_by_name_and_normalises_numbers),
        TEST(finds_the_delimiter),
        TEST(reads_utf8_with_a_mark_and_windows_1252),
        TEST(a_few_broken_bytes_in_utf8_cost_their_rows_only),
        TEST(refuses_a_file_that_is_no_csv),
        TEST(refuses_a_header_that_cannot_serve),
        TEST(refuses_rows_and_names_line_column_reason_and_value),
        TEST(refuses_nul_bytes_and_rows_without_end),
        TEST(tells_duplicates_by_number),
        TEST(tells_duplicates_by_id_or_replaces),
        TEST(refuses_the_row_of_a_contact_that_is_being_called),
        TEST(stops_when_it_is_cancelled),
        TEST(survives_files_of_random_bytes),
        TEST(a_line_of_any_length_is_one_refused_row),
        TEST(takes_an_exports_ids_and_system_columns),
        TEST(an_ordinary_file_leaves_marks_alone),
        TEST(a_job_goes_on_behind_its_last_transaction),
        TEST(a_survey_says_what_a_file_looks_like_and_writes_nothing),
        TEST(a_survey_passes_over_rows_that_are_not_meant),
        TEST(takes_how_long_each_contact_is_kept),
        TEST(converts_files_of_fixed_length),
        TEST(converts_delimited_files_and_replaces_texts),
        TEST(refuses_a_foreign_line_that_has_no_bounds),
        TEST(says_when_the_refused_file_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
