/* Searching contacts by a filter. Reads are cut into ranges of ids, so that none of them is
 * long: a long read keeps the log from being emptied. */
#include <stdlib.h>

#include "base/random.h"
#include "store/filter_sql.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/contact_rows.h"

#define READ_BUDGET_US 50000
#define SORT_MS 8000
#define RANGE_ROWS 4000 /* ids that one statement looks at */
#define SAMPLE_ROWS 500 /* ids of a range of a sample */

static bool is_spent(struct mono began)
{
    return instant_mono_now().us - began.us > READ_BUDGET_US;
}

static int64_t first_key(struct list_id list)
{
    return list.value << CONTACT_SEQUENCE_BITS;
}

/* --- Statements made for a filter -----------------------------------------------------------
 */

static enum status statement_make(struct connection *reader, const struct filter_sql *sql,
                                  const struct buffer *text, sqlite3_stmt **statement,
                                  struct error *err)
{
    int code = sqlite3_prepare_v2(reader->db, text->data, (int)text->len, statement, NULL);
    for (size_t i = 0; i < sql->count && code == SQLITE_OK; i++) {
        const struct filter_sql_value *value = &sql->values[i];
        int at = sql->first + (int)i;
        if (value->type == 't')
            code =
                sqlite3_bind_text(*statement, at, value->text, (int)value->len, SQLITE_STATIC);
        else if (value->type == 'r')
            code = sqlite3_bind_double(*statement, at, value->real);
        else
            code = sqlite3_bind_int64(*statement, at, value->integer);
    }
    return sql_connection_status(reader, code, err);
}

static void from_put(struct buffer *text, const struct filter_sql *sql)
{
    buffer_text(text, " FROM contact c");
    if (sql->uses_state)
        buffer_text(text, " JOIN contact_state s ON s.id=c.id");
}

static const char *condition(const struct filter_sql *sql)
{
    return sql->text.len ? sql->text.data : "1";
}

/* --- Pages in the order of the list ---------------------------------------------------------
 */

struct paging {
    struct connection *reader;
    sqlite3_stmt *statement; /* ?1 after, ?2 up to, ?3 limit */
    const struct contact_search *search;
    struct contact_found *found;
    int64_t last; /* the list's last id */
};

/* One range of ids behind found->at. */
static enum status range_read(struct paging *p, struct error *err)
{
    struct contact_found *found = p->found;
    const struct contact_search *search = p->search;
    int64_t upto = found->at.value + RANGE_ROWS;
    if (upto > p->last)
        upto = p->last;
    int64_t wanted = search->limit - (int64_t)found->count + search->offset - found->passed;
    sqlite3_bind_int64(p->statement, 1, found->at.value);
    sqlite3_bind_int64(p->statement, 2, upto);
    sqlite3_bind_int64(p->statement, 3, wanted);
    int code;
    while ((code = sqlite3_step(p->statement)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(p->statement, 0);
        wanted--;
        found->at.value = id;
        if (found->passed < search->offset)
            found->passed++;
        else
            found->records[found->count++].hot.id.value = id;
    }
    enum status status = sql_connection_status(p->reader, code, err);
    sqlite3_reset(p->statement);
    if (wanted > 0)
        found->at.value = upto;
    return status;
}

static enum status page_unsorted(struct paging *p, const struct filter_sql *sql,
                                 struct error *err)
{
    struct mono began = instant_mono_now();
    struct buffer text;
    buffer_init(&text, sql->text.len + 512);
    buffer_text(&text, "SELECT c.id");
    from_put(&text, sql);
    buffer_format(&text, " WHERE c.id>?1 AND c.id<=?2 AND (%s) ORDER BY c.id LIMIT ?3",
                  condition(sql));
    enum status status = statement_make(p->reader, sql, &text, &p->statement, err);
    buffer_fini(&text);
    struct contact_found *found = p->found;
    size_t limit = (size_t)p->search->limit;
    while (!status && found->count < limit && found->at.value < p->last) {
        status = range_read(p, err);
        if (is_spent(began))
            break;
    }
    found->is_whole = found->count == limit || found->at.value >= p->last;
    return status;
}

/* --- Sorted pages ---------------------------------------------------------------------------
 */

/* A sort or a walk along an index cannot be cut: it is stopped. */
static int is_late(void *deadline)
{
    return instant_mono_now().us > ((const struct mono *)deadline)->us;
}

/* The first sort column's index, where every contact is in it. */
static enum status index_find(struct paging *p, const struct list_row *list, bool *has_index,
                              struct error *err)
{
    const struct contact_sort *sort = &p->search->sorts[0];
    int64_t upto = 0;
    enum status status = sql_get(
        p->reader, SQL_INDEX_GET,
        SQL_VALUES(SQL_INT(list->id.value), SQL_INT(sort->column), SQL_INT(sort->is_numeric)),
        &upto, err);
    *has_index = status == STATUS_OK && upto == list->last;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void order_put(struct buffer *text, const struct contact_search *search, int32_t from,
                      const char *id)
{
    for (int32_t i = from; i < search->sort_count; i++) {
        const struct contact_sort *sort = &search->sorts[i];
        filter_sql_sort(text, FILTER_SQLITE, sort->column, sort->is_numeric,
                        sort->is_descending);
        buffer_text(text, ",");
    }
    buffer_format(text, "%s%s LIMIT ?3 OFFSET ?4", id,
                  search->sorts[0].is_descending ? " DESC" : "");
}

/* Along the index of the first column: ?1 its kind, ?2 the list; ?5 and ?6 the value and the
 * contact behind which the page is. */
static void indexed_text(struct buffer *text, const struct paging *p,
                         const struct filter_sql *sql)
{
    const struct contact_sort *sort = &p->search->sorts[0];
    bool is_bare = !sql->text.len && p->search->sort_count == 1;
    buffer_text(text, "SELECT v.contact FROM column_value v");
    if (!is_bare)
        buffer_text(text, " CROSS JOIN contact c ON c.id=v.contact");
    if (sql->uses_state)
        buffer_text(text, " CROSS JOIN contact_state s ON s.id=v.contact");
    buffer_format(text, " WHERE v.list=?2 AND v.col=%d AND v.kind=?1 AND (%s)", sort->column,
                  condition(sql));
    if (p->search->after.value)
        buffer_format(text, " AND (v.value,v.contact)%s(?5,?6)",
                      sort->is_descending ? "<" : ">");
    buffer_format(text, " ORDER BY v.value%s,", sort->is_descending ? " DESC" : "");
    order_put(text, p->search, 1, "v.contact");
}

static void direct_text(struct buffer *text, const struct paging *p,
                        const struct filter_sql *sql)
{
    buffer_text(text, "SELECT c.id");
    from_put(text, sql);
    buffer_format(text, " WHERE c.id>?1 AND c.id<=?2 AND (%s) ORDER BY ", condition(sql));
    order_put(text, p->search, 0, "c.id");
}

/* Binds where a page by key begins: the value of the contact before it. */
static enum status after_bind(struct paging *p, struct error *err)
{
    const struct contact_sort *sort = &p->search->sorts[0];
    if (!p->search->after.value)
        return STATUS_OK;
    struct rows rows = sql_start(p->reader, SQL_VALUE_OF,
                                 SQL_VALUES(SQL_INT(p->search->after.value),
                                            SQL_INT(sort->column), SQL_INT(sort->is_numeric)));
    bool has_row = rows_next(&rows);
    if (has_row)
        sqlite3_bind_value(p->statement, 5, sqlite3_column_value(rows.statement, 0));
    sqlite3_bind_int64(p->statement, 6, p->search->after.value);
    enum status status = rows_end(&rows, err);
    return status || has_row ? status
                             : error_set(err, STATUS_NOT_FOUND, "after",
                                         "the contact behind which the page begins is gone: "
                                         "begin again");
}

static enum status sort_check(const struct contact_search *search, const struct list_row *list,
                              bool has_index, struct error *err)
{
    if (search->after.value && (!has_index || search->sort_count > 1))
        return error_set(err, STATUS_INVALID, "after",
                         "pages by key need one sort, and an index of its column");
    if (has_index || list->count <= CONTACT_SORT_DIRECT_MAX)
        return STATUS_OK;
    return error_set(
        err, STATUS_UNAVAILABLE, "",
        "a list of %lld contacts is sorted by an index of the column, which is not "
        "there yet: have it built",
        (long long)list->count);
}

static enum status sorted_run(struct paging *p, bool has_index, struct error *err)
{
    struct mono deadline = {instant_mono_now().us + SORT_MS * US_PER_MS};
    int64_t list = p->search->list.value;
    sqlite3_bind_int64(p->statement, 1,
                       has_index ? p->search->sorts[0].is_numeric : first_key(p->search->list));
    sqlite3_bind_int64(p->statement, 2, has_index ? list : p->last);
    sqlite3_bind_int64(p->statement, 3, p->search->limit);
    sqlite3_bind_int64(p->statement, 4, p->search->offset);
    enum status status = after_bind(p, err);
    int code = SQLITE_DONE;
    sqlite3_progress_handler(p->reader->db, 10000, is_late, &deadline);
    while (!status && (code = sqlite3_step(p->statement)) == SQLITE_ROW)
        p->found->records[p->found->count++].hot.id.value =
            sqlite3_column_int64(p->statement, 0);
    sqlite3_progress_handler(p->reader->db, 0, NULL, NULL);
    p->found->is_whole = true;
    if (!status && code == SQLITE_INTERRUPT)
        return error_set(err, STATUS_TIMEOUT, "",
                         "this sorted page takes longer than %d s: narrow the filter, or ask "
                         "for an earlier page",
                         SORT_MS / 1000);
    return status ? status : sql_connection_status(p->reader, code, err);
}

static enum status page_sorted(struct paging *p, const struct filter_sql *sql,
                               const struct list_row *list, struct error *err)
{
    struct buffer text;
    bool has_index = false;
    enum status status = index_find(p, list, &has_index, err);
    if (!status)
        status = sort_check(p->search, list, has_index, err);
    if (status)
        return status;
    buffer_init(&text, sql->text.len + 4096);
    if (has_index)
        indexed_text(&text, p, sql);
    else
        direct_text(&text, p, sql);
    status = statement_make(p->reader, sql, &text, &p->statement, err);
    buffer_fini(&text);
    return status ? status : sorted_run(p, has_index, err);
}

enum status sqlite_contacts_search(void *self, const struct contact_search *search,
                                   struct arena *arena, struct contact_found *found,
                                   struct error *err)
{
    struct list_row list;
    memset(found, 0, sizeof(*found));
    if (search->limit < 0 || search->offset < 0 || search->sort_count > CONTACT_SORT_MAX)
        return error_set(err, STATUS_INVALID, "", "the page is out of range");
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    enum status status = list_row_get(reader, search->list, &list, err);
    if (status)
        return read_end(reader, status);
    struct paging paging = {
        .reader = reader,
        .search = search,
        .found = found,
        .last = first_key(search->list) + list.last,
    };
    found->records = arena_new(arena, (size_t)search->limit, sizeof(*found->records));
    found->at.value = first_key(search->list);
    if (search->after.value > found->at.value)
        found->at = search->after;
    struct filter_sql sql;
    filter_sql_init(&sql, FILTER_SQLITE, 7, search->filter, search->now);
    status = search->sort_count ? page_sorted(&paging, &sql, &list, err)
                                : page_unsorted(&paging, &sql, err);
    sqlite3_finalize(paging.statement);
    filter_sql_fini(&sql);
    for (size_t i = 0; i < found->count && !status; i++)
        status =
            sqlite_record_get(reader, found->records[i].hot.id, arena, &found->records[i], err);
    return read_end(reader, status);
}

/* --- Counts ---------------------------------------------------------------------------------
 */

struct counting {
    struct connection *reader;
    struct filter_sql sql;
    sqlite3_stmt *statement; /* ?1 after, ?2 up to */
    struct list_row list;
};

static enum status counting_begin(struct counting *c, void *self, struct list_id list,
                                  const struct filter *filter, struct wall now,
                                  struct error *err)
{
    c->statement = NULL;
    c->reader = read_begin(self, err);
    if (!c->reader)
        return STATUS_UNAVAILABLE;
    filter_sql_init(&c->sql, FILTER_SQLITE, 3, filter, now);
    enum status status = list_row_get(c->reader, list, &c->list, err);
    if (status)
        return status;
    struct buffer text;
    buffer_init(&text, c->sql.text.len + 512);
    buffer_format(&text, "SELECT count(*),count(*) FILTER (WHERE %s)", condition(&c->sql));
    from_put(&text, &c->sql);
    buffer_text(&text, " WHERE c.id>?1 AND c.id<=?2");
    status = statement_make(c->reader, &c->sql, &text, &c->statement, err);
    buffer_fini(&text);
    return status;
}

static enum status counting_end(struct counting *c, enum status status)
{
    if (!c->reader)
        return status;
    sqlite3_finalize(c->statement);
    filter_sql_fini(&c->sql);
    return read_end(c->reader, status);
}

static enum status range_count(struct counting *c, int64_t after, int64_t upto,
                               struct contact_tally *tally, struct error *err)
{
    sqlite3_bind_int64(c->statement, 1, after);
    sqlite3_bind_int64(c->statement, 2, upto);
    int code = sqlite3_step(c->statement);
    if (code == SQLITE_ROW) {
        tally->looked_at += sqlite3_column_int64(c->statement, 0);
        tally->matched += sqlite3_column_int64(c->statement, 1);
    }
    enum status status = sql_connection_status(c->reader, code, err);
    sqlite3_reset(c->statement);
    return status;
}

enum status sqlite_contacts_tally(void *self, struct list_id list, const struct filter *filter,
                                  struct wall now, struct contact_tally *tally,
                                  struct error *err)
{
    struct mono began = instant_mono_now();
    struct counting c;
    enum status status = counting_begin(&c, self, list, filter, now, err);
    int64_t last = status ? 0 : first_key(list) + c.list.last;
    if (tally->at.value < first_key(list))
        tally->at.value = first_key(list);
    while (!status && tally->at.value < last && !is_spent(began)) {
        int64_t upto = tally->at.value + RANGE_ROWS;
        upto = upto < last ? upto : last;
        status = range_count(&c, tally->at.value, upto, tally, err);
        tally->at.value = upto;
    }
    tally->is_done = !status && tally->at.value >= last;
    return counting_end(&c, status);
}

enum status sqlite_contacts_sample(void *self, struct list_id list, const struct filter *filter,
                                   struct wall now, uint64_t seed, int64_t rows,
                                   struct contact_tally *tally, struct error *err)
{
    struct counting c;
    struct random random;
    memset(tally, 0, sizeof(*tally));
    random_init(&random, seed);
    enum status status = counting_begin(&c, self, list, filter, now, err);
    int64_t last = status ? 0 : c.list.last;
    bool takes_all = rows >= last;
    for (int64_t at = 0; !status && takes_all && at < last; at += RANGE_ROWS)
        status = range_count(
            &c, first_key(list) + at,
            first_key(list) + (at + RANGE_ROWS < last ? at + RANGE_ROWS : last), tally, err);
    /* One range in each of as many equal parts of the list, so that none is looked at twice. */
    int64_t ranges = (rows + SAMPLE_ROWS - 1) / SAMPLE_ROWS;
    for (int64_t i = 0; !status && !takes_all && i < ranges; i++) {
        int64_t from = last * i / ranges, to = last * (i + 1) / ranges;
        int64_t room = to - from > SAMPLE_ROWS ? to - from - SAMPLE_ROWS : 0;
        from += (int64_t)random_below(&random, (uint64_t)room + 1);
        to = from + SAMPLE_ROWS < to ? from + SAMPLE_ROWS : to;
        status = range_count(&c, first_key(list) + from, first_key(list) + to, tally, err);
    }
    tally->is_done = !status && takes_all;
    return counting_end(&c, status);
}
