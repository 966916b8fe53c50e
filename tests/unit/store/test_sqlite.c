/* The SQLite store where things go wrong: migrations that differ, files that are not ours, a
 * full disk, a sync that fails, another program's lock; threads side by side. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "store/sqlite/sqlite.h"

#define LIST ((struct list_id){3})
#define NOW ((struct wall){INT64_C(1700000000) * US_PER_S})

/* --- A file system that fails when it is told to: a VFS around SQLite's own
 * ------------------------------ */

static _Atomic int writes_left = INT32_MAX; /* then every write says that the disk is full */
static _Atomic int syncs_left = INT32_MAX;  /* then every sync fails */

struct failing_file {
    sqlite3_file base;
    sqlite3_file *real;
};

#define REAL(file) (((struct failing_file *)(file))->real)

static bool is_spent(_Atomic int *left)
{
    return atomic_load(left) != INT32_MAX && atomic_fetch_sub(left, 1) <= 0;
}

static int file_close(sqlite3_file *file)
{
    return REAL(file)->pMethods ? REAL(file)->pMethods->xClose(REAL(file)) : SQLITE_OK;
}
static int file_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 at)
{
    return REAL(file)->pMethods->xRead(REAL(file), bytes, len, at);
}
static int file_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    if (is_spent(&writes_left))
        return SQLITE_FULL;
    return REAL(file)->pMethods->xWrite(REAL(file), bytes, len, at);
}
static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return REAL(file)->pMethods->xTruncate(REAL(file), size);
}
static int file_sync(sqlite3_file *file, int flags)
{
    if (is_spent(&syncs_left))
        return SQLITE_IOERR_FSYNC;
    return REAL(file)->pMethods->xSync(REAL(file), flags);
}
static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return REAL(file)->pMethods->xFileSize(REAL(file), size);
}
static int file_lock(sqlite3_file *file, int kind)
{
    return REAL(file)->pMethods->xLock(REAL(file), kind);
}
static int file_unlock(sqlite3_file *file, int kind)
{
    return REAL(file)->pMethods->xUnlock(REAL(file), kind);
}
static int file_check(sqlite3_file *file, int *out)
{
    return REAL(file)->pMethods->xCheckReservedLock(REAL(file), out);
}
static int file_control(sqlite3_file *file, int op, void *arg)
{
    return REAL(file)->pMethods->xFileControl(REAL(file), op, arg);
}
static int file_sector(sqlite3_file *file)
{
    return REAL(file)->pMethods->xSectorSize(REAL(file));
}
static int file_device(sqlite3_file *file)
{
    return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file));
}
static int file_map(sqlite3_file *file, int page, int size, int extends, void volatile **out)
{
    return REAL(file)->pMethods->xShmMap(REAL(file), page, size, extends, out);
}
static int file_shm_lock(sqlite3_file *file, int at, int n, int flags)
{
    return REAL(file)->pMethods->xShmLock(REAL(file), at, n, flags);
}
static void file_barrier(sqlite3_file *file)
{
    REAL(file)->pMethods->xShmBarrier(REAL(file));
}
static int file_unmap(sqlite3_file *file, int removes)
{
    return REAL(file)->pMethods->xShmUnmap(REAL(file), removes);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_barrier,
    .xShmUnmap = file_unmap,
};

static sqlite3_vfs *real_vfs, failing_vfs;

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    struct failing_file *failing = (struct failing_file *)file;
    failing->real = (sqlite3_file *)(failing + 1);
    int code = real_vfs->xOpen(real_vfs, name, failing->real, flags, out);
    failing->base.pMethods = code == SQLITE_OK ? &methods : NULL;
    return code;
}

static int register_vfs(void **state)
{
    (void)state;
    log_set_level(LOG_LEVEL_ERROR);
    real_vfs = sqlite3_vfs_find(NULL);
    failing_vfs = *real_vfs;
    failing_vfs.zName = "failing";
    failing_vfs.szOsFile = (int)sizeof(struct failing_file) + real_vfs->szOsFile;
    failing_vfs.xOpen = vfs_open;
    return sqlite3_vfs_register(&failing_vfs, 1);
}

/* --- Fixture
 * ------------------------------------------------------------------------------------------------
 */

struct fixture {
    char folder[64], path[96];
    struct store_port store;
    struct arena arena;
    struct error err;
    int64_t epoch;
};

static int setup(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    arena_init(&f->arena);
    snprintf(f->folder, sizeof(f->folder), "/tmp/cadran-sqlite-XXXXXX");
    if (!mkdtemp(f->folder))
        return 1;
    snprintf(f->path, sizeof(f->path), "%s/cadran.db", f->folder);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const tails[] = {"", "-wal", "-shm"};
    writes_left = syncs_left = INT32_MAX;
    if (f->store.ops)
        f->store.ops->destroy(f->store.self);
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s%s", f->path, tails[i]);
        unlink(name);
    }
    rmdir(f->folder);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static enum status open_store(struct fixture *f)
{
    return store_sqlite_open(f->path, &f->store, &f->err);
}

static void close_store(struct fixture *f)
{
    f->store.ops->destroy(f->store.self);
    f->store = (struct store_port){0};
}

/* Runs SQL on the file, past the store. */
static void change(struct fixture *f, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void add_contacts(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        struct contact_write write = {
            .data = "[]",
            .is_callable = true,
            .address_count = 1,
            .addresses = {{.number = INT64_C(33600000001) + i, .zone_set = {1}}}};
        assert_int_equal(f->store.ops->contacts_write(f->store.self, STORE_BULK, LIST,
                                                      CONTACT_INSERT, &write, 1, NOW, NULL,
                                                      &f->err),
                         STATUS_OK);
    }
}

static struct dialer_write intent_on(struct fixture *f, int sequence)
{
    return (struct dialer_write){
        .kind = DIALER_INTENT,
        .campaign = {7},
        .pass = 1,
        .contact = {(LIST.value << CONTACT_SEQUENCE_BITS) | sequence},
        .at = NOW,
        .call = {(f->epoch << 32) | sequence},
        .from = DUE_FRESH,
        .expected_version = 1,
        .number = INT64_C(33600000000) + sequence,
    };
}

static enum status commit_on(struct fixture *f, int sequence, enum dialer_result *result)
{
    struct dialer_write write = intent_on(f, sequence);
    struct dialer_batch batch = {1, f->epoch, 1, &write, result};
    return f->store.ops->commit(f->store.self, &batch, &f->err);
}

static size_t attempts(struct fixture *f)
{
    struct attempt_query query = {.limit = 1000};
    struct attempt_record *records;
    size_t count;
    assert_int_equal(f->store.ops->attempts_list(f->store.self, &query, &f->arena, &records,
                                                 &count, &f->err),
                     STATUS_OK);
    return count;
}

static void open_for_dialing(struct fixture *f, int contacts)
{
    assert_int_equal(open_store(f), STATUS_OK);
    add_contacts(f, contacts);
    assert_int_equal(f->store.ops->epoch_take(f->store.self, 1, NOW, &f->epoch, &f->err),
                     STATUS_OK);
}

/* --- Opening
 * --------------------------------------------------------------------------------------------------
 */

static void migrates_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(open_store(f), STATUS_OK);
    close_store(f);
    assert_int_equal(open_store(f), STATUS_OK);
}

static void refuses_an_altered_migration(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(open_store(f), STATUS_OK);
    close_store(f);
    change(f, "UPDATE migration SET checksum=checksum+1 WHERE number=1");
    assert_int_equal(open_store(f), STATUS_INVALID);
    assert_non_null(strstr(f->err.text, "has migration 001-base applied in another form"));
    assert_null(f->store.ops);
}

static void refuses_a_newer_database_and_names_it(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(open_store(f), STATUS_OK);
    close_store(f);
    change(f, "INSERT INTO migration VALUES(777,'777-future',1,1)");
    assert_int_equal(open_store(f), STATUS_INVALID);
    assert_non_null(strstr(f->err.text, f->path));
    assert_non_null(strstr(f->err.text, "was written by a newer Cadran (migration 777-future"));
}

static void refuses_another_programs_database(void **state)
{
    struct fixture *f = *state;
    change(f, "CREATE TABLE cookies(a)");
    assert_int_equal(open_store(f), STATUS_INVALID);
    assert_non_null(strstr(f->err.text, "is another program's database"));
}

static void refuses_a_file_that_is_no_database(void **state)
{
    struct fixture *f = *state;
    FILE *file = fopen(f->path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is a text, not a database\n", file);
    fclose(file);
    assert_int_equal(open_store(f), STATUS_INVALID);
    assert_non_null(strstr(f->err.text, "the file is not a database"));
    assert_int_equal(store_sqlite_open("/nonexistent/cadran.db", &f->store, &f->err),
                     STATUS_UNAVAILABLE);
}

/* --- The disk
 * --------------------------------------------------------------------------------------------------
 */

static void a_full_disk_loses_nothing_and_is_over_when_there_is_room(void **state)
{
    struct fixture *f = *state;
    enum dialer_result result;
    open_for_dialing(f, 40);
    assert_int_equal(commit_on(f, 1, &result), STATUS_OK);
    /* The disk fills at the first write of the commit, the second, ... */
    int failed = 0;
    for (int n = 0; n < 30; n++) {
        writes_left = n;
        enum status status = commit_on(f, 2 + n, &result);
        writes_left = INT32_MAX;
        if (status == STATUS_OK) {
            assert_int_equal(result, WRITE_COMMITTED);
            continue;
        }
        failed++;
        assert_int_equal(status, STATUS_UNAVAILABLE);
        assert_int_equal(result, WRITE_FAILED);
        assert_non_null(strstr(f->err.text, "the disk is full"));
        assert_int_equal(commit_on(f, 2 + n, &result),
                         STATUS_OK); /* room again: the same one */
        assert_int_equal(result, WRITE_COMMITTED);
    }
    assert_true(failed > 3);
    close_store(f);
    assert_int_equal(open_store(f), STATUS_OK);
    assert_int_equal(attempts(f), 31);
}

static void a_failed_sync_is_unknown_and_loses_nothing_before_it(void **state)
{
    struct fixture *f = *state;
    enum dialer_result result;
    open_for_dialing(f, 3);
    assert_int_equal(commit_on(f, 1, &result), STATUS_OK);
    syncs_left = 0;
    assert_int_equal(commit_on(f, 2, &result), STATUS_UNKNOWN);
    assert_int_equal(result, WRITE_UNKNOWN);
    assert_non_null(strstr(f->err.text, "it may or may not be there"));
    /* Nothing is written behind a log that may have a hole. */
    assert_int_equal(commit_on(f, 3, &result), STATUS_UNAVAILABLE);
    assert_int_equal(result, WRITE_FAILED);
    assert_non_null(strstr(f->err.text, "is not trusted yet"));
    syncs_left = INT32_MAX;
    assert_int_equal(commit_on(f, 3, &result), STATUS_OK);
    close_store(f);
    assert_int_equal(open_store(f), STATUS_OK);
    size_t count = attempts(f);
    assert_true(count == 2 || count == 3);
}

static void a_batch_that_fails_in_the_middle_writes_nothing(void **state)
{
    struct fixture *f = *state;
    enum dialer_result results[2];
    open_for_dialing(f, 2);
    change(f, "CREATE TRIGGER fail BEFORE INSERT ON attempt WHEN new.number=33600000002"
              " BEGIN SELECT raise(ABORT,'told to'); END");
    struct dialer_write writes[2] = {intent_on(f, 1), intent_on(f, 2)};
    struct dialer_batch batch = {1, f->epoch, 2, writes, results};
    assert_int_not_equal(f->store.ops->commit(f->store.self, &batch, &f->err), STATUS_OK);
    assert_int_equal(results[0], WRITE_FAILED);
    assert_int_equal(results[1], WRITE_FAILED);
    assert_int_equal(attempts(f), 0);
    change(f, "DROP TRIGGER fail");
    assert_int_equal(f->store.ops->commit(f->store.self, &batch, &f->err), STATUS_OK);
    assert_int_equal(attempts(f), 2);
}

static void another_programs_lock_makes_it_unavailable(void **state)
{
    struct fixture *f = *state;
    enum dialer_result result;
    open_for_dialing(f, 1);
    sqlite3 *other;
    assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(commit_on(f, 1, &result), STATUS_UNAVAILABLE);
    assert_non_null(strstr(f->err.text, "another program holds the database"));
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_int_equal(commit_on(f, 1, &result), STATUS_OK);
}

/* --- Threads
 * ----------------------------------------------------------------------------------------------------
 */

struct user {
    struct fixture *f;
    int index;
    _Atomic int *failures;
};

static void *use(void *ptr)
{
    struct user *user = ptr;
    const struct store_port *store = &user->f->store;
    struct error err;
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 60; i++) {
        char name[32];
        struct entity entity;
        int64_t id, count;
        snprintf(name, sizeof(name), "%d-%d", user->index, i);
        bool is_good =
            !store->ops->entity_create(store->self, ENTITY_USER, name, "{}", NULL, 0, NOW, &id,
                                       &err) &&
            !store->ops->entity_get(store->self, ENTITY_USER, id, &arena, &entity, &err) &&
            strcmp(entity.name, name) == 0 &&
            !store->ops->contacts_count(store->self, LIST, &count, &err);
        struct contact_write write = {.data = "[]", .is_callable = true};
        is_good =
            is_good && !store->ops->contacts_write(store->self, STORE_BULK, LIST,
                                                   CONTACT_INSERT, &write, 1, NOW, NULL, &err);
        if (!is_good)
            atomic_fetch_add(user->failures, 1);
    }
    arena_fini(&arena);
    return NULL;
}

static void serves_many_threads(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[6];
    struct user users[6];
    _Atomic int failures = 0;
    open_for_dialing(f, 60);
    for (int i = 0; i < 6; i++) {
        users[i] = (struct user){f, i, &failures};
        assert_int_equal(pthread_create(&threads[i], NULL, use, &users[i]), 0);
    }
    for (int i = 1; i <= 60; i++) {
        enum dialer_result result;
        assert_int_equal(commit_on(f, i, &result), STATUS_OK);
        assert_int_equal(result, WRITE_COMMITTED);
    }
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);
    int64_t count;
    assert_int_equal(f->store.ops->contacts_count(f->store.self, LIST, &count, &f->err),
                     STATUS_OK);
    assert_int_equal(count, 60 + 360);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(migrates_once),
        TEST(refuses_an_altered_migration),
        TEST(refuses_a_newer_database_and_names_it),
        TEST(refuses_another_programs_database),
        TEST(refuses_a_file_that_is_no_database),
        TEST(a_full_disk_loses_nothing_and_is_over_when_there_is_room),
        TEST(a_failed_sync_is_unknown_and_loses_nothing_before_it),
        TEST(a_batch_that_fails_in_the_middle_writes_nothing),
        TEST(another_programs_lock_makes_it_unavailable),
        TEST(serves_many_threads),
    };
    return cmocka_run_group_tests(tests, register_vfs, NULL);
}
