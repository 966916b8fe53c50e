/* Searching contacts by a filter. Reads are cut into ranges of ids, so that none of them is
 * long: a long read keeps the log from being emptied. */
#include <stdlib.h>

#include "base/random.h"
#include "store/filter_sql.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/contact_rows.h"

#define READ_BUDGET_US 50000
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

static enum status page_sorted(struct paging *p, const struct filter_sql *sql,
                               struct error *err)
{
    const struct contact_search *search = p->search;
    struct contact_found *found = p->found;
    struct buffer text;
    buffer_init(&text, sql->text.len + 2048);
    buffer_text(&text, "SELECT c.id");
    from_put(&text, sql);
    buffer_format(&text, " WHERE c.id>?1 AND c.id<=?2 AND (%s) ORDER BY ", condition(sql));
    for (int32_t i = 0; i < search->sort_count; i++) {
        const struct contact_sort *sort = &search->sorts[i];
        filter_sql_sort(&text, FILTER_SQLITE, sort->column, sort->is_numeric,
                        sort->is_descending);
        buffer_text(&text, ",");
    }
    buffer_format(&text, "c.id%s LIMIT ?3 OFFSET ?4",
                  search->sorts[0].is_descending ? " DESC" : "");
    enum status status = statement_make(p->reader, sql, &text, &p->statement, err);
    buffer_fini(&text);
    if (status)
        return status;
    sqlite3_bind_int64(p->statement, 1, first_key(search->list));
    sqlite3_bind_int64(p->statement, 2, p->last);
    sqlite3_bind_int64(p->statement, 3, search->limit);
    sqlite3_bind_int64(p->statement, 4, search->offset);
    int code;
    while ((code = sqlite3_step(p->statement)) == SQLITE_ROW)
        found->records[found->count++].hot.id.value = sqlite3_column_int64(p->statement, 0);
    found->is_whole = true;
    return sql_connection_status(p->reader, code, err);
}

static enum status sort_check(const struct contact_search *search, const struct list_row *list,
                              struct error *err)
{
    if (search->sort_count && search->after.value)
        return error_set(err, STATUS_INVALID, "after",
                         "pages by key need an index of the column");
    if (!search->sort_count || list->count <= CONTACT_SORT_DIRECT_MAX)
        return STATUS_OK;
    return error_set(
        err, STATUS_UNAVAILABLE, "",
        "a list of %lld contacts is sorted by an index of the column, which is not "
        "there yet: have it built",
        (long long)list->count);
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
    if (!status)
        status = sort_check(search, &list, err);
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
    filter_sql_init(&sql, FILTER_SQLITE, 5, search->filter, search->now);
    status = search->sort_count ? page_sorted(&paging, &sql, err)
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
