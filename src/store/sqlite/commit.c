/* The dialer's group commit: rows for store/dialer.h, and the transaction around them. */
#include "store/sqlite/connection.h"
#include "store/sqlite/contact_rows.h"

enum fact_kind { FACT_END = 1, FACT_WRAPUP = 2 }; /* stored numbers: append only */

static enum status contact_put(void *self, const struct contact *contact, uint32_t addresses,
                               struct error *err)
{
    struct connection *connection = self;
    enum status status =
        sql_run(connection, SQL_STATE_MOVE,
                SQL_VALUES(SQL_INT(contact->id.value), SQL_INT(contact->version),
                           SQL_INT(contact->state), SQL_INT(contact->is_callable),
                           SQL_INT(contact->pass), SQL_INT(contact->next_try.us),
                           SQL_INT(contact_rows_flags(contact)), SQL_INT(contact->reschedules),
                           SQL_INT(contact->disposition.value), SQL_INT(contact->touched_at.us),
                           SQL_INT(contact->counted_from.us)),
                err);
    for (int32_t i = 0; i < contact->address_count && !status; i++) {
        const struct address *address = &contact->addresses[i];
        if (!(addresses & 1u << i))
            continue;
        status = sql_run(
            connection, SQL_ADDRESS_UPDATE,
            SQL_VALUES(SQL_INT(contact->id.value), SQL_INT(i), SQL_INT(address->state),
                       SQL_INT(address->is_callable), SQL_INT(address->attempts),
                       SQL_INT(contact_rows_recalls(address)), SQL_INT(address->last_at.us),
                       SQL_INT(address->last_outcome), SQL_INT(address->last_wrapup.value)),
            err);
    }
    return status;
}

static enum status attempt_get(void *self, struct call_id call, bool *is_ended,
                               struct error *err)
{
    int64_t ended = 0;
    enum status status =
        sql_get(self, SQL_ATTEMPT_HAS, SQL_VALUES(SQL_INT(call.value)), &ended, err);
    *is_ended = ended != 0;
    return status;
}

static enum status attempt_put(void *self, const struct dialer_write *write, int64_t epoch,
                               struct error *err)
{
    return sql_run(self, SQL_ATTEMPT_INSERT,
                   SQL_VALUES(SQL_INT(write->call.value), SQL_INT(write->at.us),
                              SQL_INT(write->campaign.value), SQL_INT(write->contact.value),
                              SQL_INT(write->column), SQL_INT(write->number),
                              SQL_INT(write->mode), SQL_INT(write->agent.value),
                              SQL_INT(write->caller_number), SQL_INT(write->pass),
                              SQL_INT(epoch)),
                   err);
}

static enum status attempts_since(void *self, struct contact_id contact, int64_t number,
                                  struct wall since, int32_t *count, struct error *err)
{
    int64_t found = 0;
    enum sql sql = contact.value ? SQL_ATTEMPTS_OF_CONTACT : SQL_ATTEMPTS_OF_NUMBER;
    int64_t key = contact.value ? contact.value : number;
    enum status status =
        sql_get(self, sql, SQL_VALUES(SQL_INT(key), SQL_INT(since.us)), &found, err);
    *count = found > INT32_MAX ? INT32_MAX : (int32_t)found;
    return status;
}

static enum status was_dialed(void *self, struct contact_id contact, int64_t pass, bool *was,
                              struct error *err)
{
    int64_t one;
    enum status status = sql_get(self, SQL_ATTEMPT_IN_PASS,
                                 SQL_VALUES(SQL_INT(contact.value), SQL_INT(pass)), &one, err);
    *was = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status sqlite_was_used(struct connection *connection, const struct contact *contact,
                            int64_t pass, bool *was, struct error *err)
{
    *was = contact->pass == pass;
    return *was ? STATUS_OK : was_dialed(connection, contact->id, pass, was, err);
}

static enum status fact_put(struct connection *connection, const struct dialer_write *write,
                            enum fact_kind kind, struct error *err)
{
    return sql_run(connection, SQL_FACT_INSERT,
                   SQL_VALUES(SQL_INT(write->call.value), SQL_INT(kind), SQL_INT(write->at.us),
                              SQL_INT(write->outcome), SQL_INT(write->answered_at.us),
                              SQL_INT(write->ended_at.us), SQL_INT(write->sip_status),
                              SQL_INT(write->q850_cause), SQL_INT(write->wrapup.value),
                              SQL_INT(write->agent.value),
                              SQL_TEXT(write->note[0] ? write->note : NULL),
                              SQL_INT(write->change.state)),
                   err);
}

static enum status end_put(void *self, const struct dialer_write *write, struct error *err)
{
    return fact_put(self, write, FACT_END, err);
}

static enum status wrapup_put(void *self, const struct dialer_write *write, struct error *err)
{
    return fact_put(self, write, FACT_WRAPUP, err);
}

static enum status running_read(struct rows *rows, struct running_row *row, struct error *err)
{
    bool has_row = rows_next(rows);
    if (has_row)
        *row = (struct running_row){
            .call = {sqlite3_column_int64(rows->statement, 0)},
            .cell = sqlite3_column_int(rows->statement, 1),
            .campaign = {sqlite3_column_int64(rows->statement, 2)},
            .contact = {sqlite3_column_int64(rows->statement, 3)},
            .pass = sqlite3_column_int64(rows->statement, 4),
            .column = (int16_t)sqlite3_column_int(rows->statement, 5),
            .is_ended = sqlite3_column_int(rows->statement, 6) != 0,
        };
    enum status status = rows_end(rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

static enum status running_get(void *self, struct call_id call, struct running_row *row,
                               struct error *err)
{
    struct rows rows = sql_start(self, SQL_RUNNING_GET, SQL_VALUES(SQL_INT(call.value)));
    return running_read(&rows, row, err);
}

static enum status running_put(void *self, const struct running_row *row, struct error *err)
{
    return sql_run(self, SQL_RUNNING_PUT,
                   SQL_VALUES(SQL_INT(row->call.value), SQL_INT(row->cell),
                              SQL_INT(row->campaign.value), SQL_INT(row->contact.value),
                              SQL_INT(row->pass), SQL_INT(row->column), SQL_INT(row->is_ended)),
                   err);
}

static enum status running_remove(void *self, struct call_id call, struct error *err)
{
    return sql_run(self, SQL_RUNNING_DELETE, SQL_VALUES(SQL_INT(call.value)), err);
}

static enum status due_get(void *self, struct due_row *key, struct error *err)
{
    struct rows rows =
        sql_start(self, SQL_DUE_GET,
                  SQL_VALUES(SQL_INT(key->campaign.value), SQL_INT(key->due_class),
                             SQL_INT(key->zone_set.value), SQL_INT(key->at.us),
                             SQL_INT(key->contact.value)));
    bool has_row = rows_next(&rows);
    if (has_row) {
        key->column = (int16_t)sqlite3_column_int(rows.statement, 0);
        key->pass = sqlite3_column_int64(rows.statement, 1);
        key->is_first = sqlite3_column_int(rows.statement, 2) != 0;
    }
    enum status status = rows_end(&rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

static enum status due_put(void *self, const struct due_row *row, struct error *err)
{
    enum status status =
        sql_run(self, SQL_DUE_PUT,
                SQL_VALUES(SQL_INT(row->campaign.value), SQL_INT(row->due_class),
                           SQL_INT(row->zone_set.value), SQL_INT(row->at.us),
                           SQL_INT(row->contact.value), SQL_INT(row->column),
                           SQL_INT(row->pass), SQL_INT(row->is_first)),
                err);
    if (status)
        return status;
    return sql_run(
        self, SQL_LANE_ADD,
        SQL_VALUES(SQL_INT(row->campaign.value), SQL_INT(row->zone_set.value), SQL_INT(0)),
        err);
}

static enum status due_remove(void *self, const struct due_row *key, struct error *err)
{
    return sql_run(self, SQL_DUE_DELETE,
                   SQL_VALUES(SQL_INT(key->campaign.value), SQL_INT(key->due_class),
                              SQL_INT(key->zone_set.value), SQL_INT(key->at.us),
                              SQL_INT(key->contact.value)),
                   err);
}

static enum status cursor_move(void *self, const struct dialer_write *write, struct error *err)
{
    const struct queue_position *position = &write->position;
    int64_t pass = 0;
    struct rows rows =
        sql_start(self, SQL_BUILD_GET, SQL_VALUES(SQL_INT(write->campaign.value)));
    if (rows_next(&rows))
        pass = sqlite3_column_int64(rows.statement, 1);
    enum status status = rows_end(&rows, err);
    if (status || pass != write->pass || position->rank_len <= 0 ||
        position->rank_len > QUEUE_RANK_MAX)
        return status;
    return sql_run(self, SQL_LANE_MOVE,
                   SQL_VALUES(SQL_INT(write->campaign.value), SQL_INT(write->zone_set.value),
                              SQL_BYTES(position->rank, position->rank_len),
                              SQL_INT(position->contact.value)),
                   err);
}

static enum status count_add(void *self, struct campaign_id campaign, int64_t pass,
                             const char *name, struct error *err)
{
    return sql_run(self, SQL_COUNT_ADD,
                   SQL_VALUES(SQL_INT(campaign.value), SQL_INT(pass), SQL_TEXT(name)), err);
}

static enum status run_put(void *self, const struct campaign_run *run, struct error *err)
{
    return sql_run(
        self, SQL_RUN_PUT,
        SQL_VALUES(SQL_INT(run->campaign.value), SQL_INT(run->status), SQL_INT(run->pass)),
        err);
}

enum status sqlite_state_count(void *self, struct list_id list, enum contact_state from,
                               enum contact_state to, struct error *err)
{
    enum status status = STATUS_OK;
    if (from != CONTACT_WAITING)
        status = sql_run(self, SQL_STATE_COUNT,
                         SQL_VALUES(SQL_INT(list.value), SQL_INT(from), SQL_INT(-1)), err);
    if (!status && to != CONTACT_WAITING)
        status = sql_run(self, SQL_STATE_COUNT,
                         SQL_VALUES(SQL_INT(list.value), SQL_INT(to), SQL_INT(1)), err);
    return status;
}

struct dialer_rows sqlite_rows(struct connection *connection)
{
    return (struct dialer_rows){
        .self = connection,
        .contact_get = sqlite_contact_get_hot,
        .contact_put = contact_put,
        .attempt_get = attempt_get,
        .attempt_put = attempt_put,
        .attempts_since = attempts_since,
        .was_dialed = was_dialed,
        .end_put = end_put,
        .wrapup_put = wrapup_put,
        .running_get = running_get,
        .running_put = running_put,
        .running_remove = running_remove,
        .due_get = due_get,
        .due_put = due_put,
        .due_remove = due_remove,
        .cursor_move = cursor_move,
        .filter_stamp = sqlite_filter_stamp,
        .dnc_has = sqlite_dnc_has_on,
        .dnc_has_contact = sqlite_dnc_has_contact,
        .count = count_add,
        .run_put = run_put,
        .state_count = sqlite_state_count,
    };
}

/* --- The port
 * ------------------------------------------------------------------------------------ */

static enum status epoch_draw(struct connection *writer, int32_t cell, int64_t *epoch,
                              struct error *err)
{
    enum status status =
        sql_get(writer, SQL_SEQUENCE_NEXT, SQL_VALUES(SQL_TEXT("epoch")), epoch, err);
    if (status)
        return status;
    return sql_run(writer, SQL_CELL_PUT, SQL_VALUES(SQL_INT(cell), SQL_INT(*epoch)), err);
}

enum status sqlite_epoch_take(void *self, int32_t cell, struct wall now, int64_t *epoch,
                              struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_DIALER, err);
    if (status)
        return status;
    struct dialer_rows rows = sqlite_rows(&store->writer);
    status = epoch_draw(&store->writer, cell, epoch, err);
    while (!status) {
        struct running_row row;
        struct rows found =
            sql_start(&store->writer, SQL_RUNNING_NEXT, SQL_VALUES(SQL_INT(cell)));
        status = running_read(&found, &row, err);
        if (!status)
            status = dialer_release(&rows, &row, now, err);
    }
    return write_end(store, status == STATUS_NOT_FOUND ? STATUS_OK : status, err);
}

static void answer_all(const struct dialer_batch *batch, enum dialer_result result)
{
    for (int32_t i = 0; i < batch->count; i++)
        batch->results[i] = result;
}

static enum status epoch_check(struct connection *writer, const struct dialer_batch *batch,
                               struct error *err)
{
    int64_t epoch = 0;
    enum status status =
        sql_get(writer, SQL_CELL_GET, SQL_VALUES(SQL_INT(batch->cell)), &epoch, err);
    if (status && status != STATUS_NOT_FOUND)
        return status;
    if (epoch == batch->epoch && epoch != 0)
        return STATUS_OK;
    return error_set(err, STATUS_STALE, "epoch",
                     "another process has taken the cell over: this one must stop dialing");
}

enum status sqlite_commit(void *self, const struct dialer_batch *batch, struct error *err)
{
    struct store_sqlite *store = self;
    answer_all(batch, WRITE_FAILED);
    enum status status = write_begin(store, STORE_DIALER, err);
    if (status)
        return status;
    struct dialer_rows rows = sqlite_rows(&store->writer);
    status = epoch_check(&store->writer, batch, err);
    for (int32_t i = 0; i < batch->count && !status; i++)
        status = dialer_apply(&rows, &batch->writes[i], batch->cell, batch->epoch,
                              &batch->results[i], err);
    status = write_end(store, status, err);
    if (status)
        answer_all(batch, status == STATUS_UNKNOWN ? WRITE_UNKNOWN : WRITE_FAILED);
    return status;
}
