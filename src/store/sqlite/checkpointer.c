/* Folds the log back into the database on a thread of its own, so that no commit ever pays for
 * it. PASSIVE alone never resets the log while commits come back to back; so above 16 MB bulk
 * work (and only that) is held back until the log is empty, and above 256 MB the lane is taken
 * for a RESTART. Source of the limits: docs/decisions/store.md. */
#include "base/log.h"
#include "store/sqlite/connection.h"

#define CHECKPOINT_INTERVAL_MS 150
#define LOG_HIGH_PAGES 4096     /* 16 MB: hold back bulk work */
#define LOG_HIGHEST_PAGES 65536 /* 256 MB: take the lane */
#define CHECKPOINT_TRIES 8

static bool checkpoint(struct store_sqlite *store, int mode, int *log_pages, bool *is_clean)
{
    int done = 0;
    *log_pages = 0;
    int code = sqlite3_wal_checkpoint_v2(store->checkpoints.db, NULL, mode, log_pages, &done);
    *is_clean = *log_pages == done;
    bool fails = code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY;
    if (fails != store->checkpoints_fail)
        log_warn(fails ? "store.checkpoints_fail" : "store.checkpoints_succeed_again",
                 "code=%d", code);
    store->checkpoints_fail = fails;
    return !fails;
}

static void run_once(struct store_sqlite *store)
{
    int log_pages;
    bool is_clean;
    if (!checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, &log_pages, &is_clean) ||
        log_pages < LOG_HIGH_PAGES)
        return;
    lane_hold_back(store->lane, STORE_BULK);
    /* Whoever held the lane has committed once it can be entered: then the log can be emptied.
     */
    lane_enter(store->lane, STORE_DIALER);
    lane_leave(store->lane);
    is_clean = false;
    for (int i = 0; i < CHECKPOINT_TRIES && !is_clean; i++)
        if (!checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, &log_pages, &is_clean))
            break;
    lane_hold_back(store->lane, LANE_CLASSES);
    if (is_clean || log_pages < LOG_HIGHEST_PAGES)
        return;
    lane_enter(store->lane, STORE_DIALER);
    (void)checkpoint(store, SQLITE_CHECKPOINT_RESTART, &log_pages, &is_clean);
    lane_leave(store->lane);
    log_info("store.log_restarted", "pages=%d is_clean=%d", log_pages, is_clean);
}

static void *checkpointer_run(void *ptr)
{
    struct store_sqlite *store = ptr;
    char nothing;
    while (!mailbox_take(store->stop, &nothing, CHECKPOINT_INTERVAL_MS))
        run_once(store);
    return NULL;
}

enum status checkpointer_start(struct store_sqlite *store, struct error *err)
{
    enum status status =
        sql_connection_open(&store->checkpoints, store->path, SQLITE_OPEN_READWRITE, err);
    if (status)
        return status;
    sqlite3_busy_timeout(store->checkpoints.db,
                         0); /* it never waits: the next tick tries again */
    store->stop = mailbox_create(1, 1);
    store->has_checkpointer =
        pthread_create(&store->checkpointer, NULL, checkpointer_run, store) == 0;
    if (!store->has_checkpointer)
        return error_set(err, STATUS_UNAVAILABLE, "", "no thread can be started");
    return STATUS_OK;
}

void checkpointer_stop(struct store_sqlite *store)
{
    if (store->has_checkpointer) {
        char stop = 1;
        (void)!mailbox_post(store->stop, &stop);
        pthread_join(store->checkpointer, NULL);
    }
    mailbox_destroy(store->stop);
    if (store->checkpoints.db)
        sql_connection_close(&store->checkpoints);
}
