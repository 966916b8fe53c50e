/* Searching contacts by a filter. Reads are cut into ranges of ids, so that none of them is
 * long: a long snapshot keeps dead rows alive. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "filter/value.h"
#include "store/filter_sql.h"
#include "store/postgres/contact_rows.h"

#define READ_BUDGET_US 50000
#define RANGE_ROWS 20000 /* ids that one statement looks at */
#define SAMPLE_ROWS 500  /* ids of a range of a sample */
#define PIECE_ROWS 200   /* entries of an index that are looked at first */
#define SORT_MS 8000     /* a sorted page that takes longer is refused */
#define PARAMETERS 5     /* of a statement's own */

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

/* $1 list, $2 after, $3 up to, $4 limit, $5 offset; then the filter's; then `last`, where one
 * is given. */
static struct pg_rows made_start(struct pg_connection *reader, const struct buffer *text,
                                 const int64_t own[PARAMETERS], const struct filter_sql *sql,
                                 const char *last)
{
    int count = (int)sql->count + PARAMETERS;
    struct pg_value *values = memory_new((size_t)count + 1, sizeof(*values));
    for (int i = 0; i < PARAMETERS; i++)
        values[i] = PG_INT(own[i]);
    for (size_t i = 0; i < sql->count; i++) {
        const struct filter_sql_value *value = &sql->values[i];
        values[PARAMETERS + i] = (struct pg_value){.type = value->type,
                                                   .integer = value->integer,
                                                   .real = value->real,
                                                   .bytes = value->text};
    }
    if (last)
        values[count++] = PG_TEXT(last);
    struct pg_rows rows = pg_start_made(reader, text->data, values, count);
    free(values);
    return rows;
}

static void from_put(struct buffer *text, const struct filter_sql *sql, bool is_sorted_after)
{
    buffer_text(text, " FROM contact c");
    if (sql->uses_state)
        buffer_text(text, " JOIN contact_state s ON s.list=c.list AND s.id=c.id");
    /* Every parameter is named, whether this statement wants it or not. */
    buffer_format(text, " WHERE c.list=$1 AND %s AND c.id<=$3 AND $4>=0 AND $5>=0 AND (%s)",
                  is_sorted_after ? "$2>0" : "c.id>$2",
                  sql->text.len ? sql->text.data : "true");
}

/* --- Pages ----------------------------------------------------------------------------------
 */

struct paging {
    struct pg_connection *reader;
    const struct contact_search *search;
    struct contact_found *found;
    struct filter_sql sql;
    struct buffer text;
    struct contact_id *ids;
    int64_t last;    /* the list's last id */
    bool is_indexed; /* the first sort column has an index of every contact */
};

static void order_put(struct paging *p)
{
    const struct contact_search *search = p->search;
    buffer_text(&p->text, " ORDER BY ");
    for (int32_t i = 0; i < search->sort_count; i++) {
        const struct contact_sort *sort = &search->sorts[i];
        filter_sql_sort(&p->text, FILTER_POSTGRES, sort->column, sort->is_numeric,
                        sort->is_descending);
        buffer_text(&p->text, ",");
    }
    bool is_down = search->sort_count && search->sorts[0].is_descending;
    buffer_format(&p->text, "c.id%s LIMIT $4 OFFSET $5", is_down ? " DESC" : "");
}

/* One range of ids behind found->at. */
static enum status range_read(struct paging *p, struct error *err)
{
    struct contact_found *found = p->found;
    const struct contact_search *search = p->search;
    int64_t upto = found->at.value + RANGE_ROWS;
    if (upto > p->last)
        upto = p->last;
    int64_t wanted = search->limit - (int64_t)found->count + search->offset - found->passed;
    const int64_t own[PARAMETERS] = {search->list.value, found->at.value, upto, wanted, 0};
    struct pg_rows rows = made_start(p->reader, &p->text, own, &p->sql, NULL);
    while (pg_next(&rows)) {
        found->at.value = pg_int(&rows, 0);
        wanted--;
        if (found->passed < search->offset)
            found->passed++;
        else
            p->ids[found->count++] = found->at;
    }
    if (wanted > 0)
        found->at.value = upto;
    return pg_end(&rows, err);
}

static enum status page_unsorted(struct paging *p, struct error *err)
{
    struct mono began = instant_mono_now();
    struct contact_found *found = p->found;
    size_t limit = (size_t)p->search->limit;
    enum status status = STATUS_OK;
    while (!status && found->count < limit && found->at.value < p->last) {
        status = range_read(p, err);
        if (is_spent(began))
            break;
    }
    found->is_whole = found->count == limit || found->at.value >= p->last;
    return status;
}

static enum status page_sorted(struct paging *p, struct error *err)
{
    const struct contact_search *search = p->search;
    int64_t after = search->after.value ? search->after.value : first_key(search->list);
    const int64_t own[PARAMETERS] = {search->list.value, after, p->last, search->limit,
                                     search->offset};
    struct pg_rows rows = made_start(p->reader, &p->text, own, &p->sql, NULL);
    while (pg_next(&rows))
        p->ids[p->found->count++].value = pg_int(&rows, 0);
    p->found->is_whole = true;
    return pg_end(&rows, err);
}

/* The records in the order of the ids. */
static enum status records_give(struct paging *p, struct arena *arena, struct error *err)
{
    struct contact_found *found = p->found;
    size_t wanted = found->count, loaded = 0;
    struct contact_record *any = arena_new(arena, wanted, sizeof(*any));
    enum status status = pg_records_load(p->reader, p->ids, wanted, arena, any, &loaded, err);
    found->count = 0;
    for (size_t i = 0; i < wanted && !status; i++)
        for (size_t k = 0; k < loaded; k++)
            if (any[k].hot.id.value == p->ids[i].value)
                found->records[found->count++] = any[k];
    return status;
}

static enum status list_get(struct pg_connection *reader, struct list_id list, int64_t *last,
                            int64_t *count, struct error *err)
{
    struct pg_rows rows = pg_start(reader, PG_LIST_GET, PG_VALUES(PG_INT(list.value)));
    bool has_row = pg_next(&rows);
    *last = has_row ? pg_int(&rows, 0) : 0;
    *count = has_row ? pg_int(&rows, 1) : 0;
    return pg_end(&rows, err);
}

static enum status sort_check(struct paging *p, int64_t count, struct error *err)
{
    const struct contact_search *search = p->search;
    int64_t upto = 0;
    if (!search->sort_count)
        return STATUS_OK;
    enum status status =
        pg_get(p->reader, PG_INDEX_GET,
               PG_VALUES(PG_INT(search->list.value), PG_INT(search->sorts[0].column),
                         PG_INT(search->sorts[0].is_numeric)),
               &upto, err);
    if (status && status != STATUS_NOT_FOUND)
        return status;
    p->is_indexed = status == STATUS_OK && upto == p->last;
    if (search->sort_count > 1 && search->after.value)
        return error_set(err, STATUS_INVALID, "after", "pages by key need one sort");
    if (p->is_indexed || count <= CONTACT_SORT_DIRECT_MAX)
        return STATUS_OK;
    return error_set(
        err, STATUS_UNAVAILABLE, "",
        "a list of %lld contacts is sorted by an index of the column, which is not "
        "there yet: have it built",
        (long long)count);
}

/* --- Along an index -------------------------------------------------------------------------
 * Piece after piece of it, each joined to its contacts. A limit in front of the join is what
 * keeps the database on the index. */

struct walk {
    struct paging *p;
    char value[FILTER_SORT_BYTES + 1]; /* the entry behind which the next piece begins */
    int64_t contact;
    int64_t rows; /* of the next piece; where a second column orders ties, whole values */
    bool is_begun, is_over;
};

/* The entries behind the walk's: $1 list, $2 contact; behind the filter's, the value. */
static void entries_text(const struct walk *w, struct buffer *text, const char *down)
{
    const struct contact_sort *sort = &w->p->search->sorts[0];
    buffer_format(text,
                  " FROM column_value WHERE list=$1 AND col=%d AND kind=%d AND $2>=0 AND "
                  "$3>=0 AND $5>=0",
                  sort->column, sort->is_numeric);
    if (w->is_begun)
        buffer_format(text, " AND (value,contact)%s($%d,$2)", sort->is_descending ? "<" : ">",
                      PARAMETERS + (int)w->p->sql.count + 1);
    buffer_format(text, " ORDER BY value%s", down);
}

/* $1 list, $2 contact, $4 rows; then the filter's, then the value. Row 0 is the piece's last
 * entry and how many it has; the others are those that match, in order. */
static void walk_text(const struct walk *w, struct buffer *text)
{
    const struct contact_search *search = w->p->search;
    const struct filter_sql *sql = &w->p->sql;
    const struct contact_sort *sort = &search->sorts[0];
    const char *down = sort->is_descending ? " DESC" : "";
    bool has_ties = search->sort_count > 1;
    buffer_text(text, "WITH v AS MATERIALIZED (SELECT value,contact");
    entries_text(w, text, down);
    if (!has_ties)
        buffer_format(text, ",contact%s", down);
    buffer_format(text,
                  " FETCH FIRST $4 ROWS %s),m AS (SELECT v.contact,row_number() OVER (ORDER BY"
                  " v.value%s,",
                  has_ties ? "WITH TIES" : "ONLY", down);
    for (int32_t i = 1; i < search->sort_count; i++) {
        const struct contact_sort *next = &search->sorts[i];
        filter_sql_sort(text, FILTER_POSTGRES, next->column, next->is_numeric,
                        next->is_descending);
        buffer_text(text, ",");
    }
    buffer_format(text, "v.contact%s) n FROM v", down);
    if (has_ties || sql->text.len)
        buffer_text(text, " JOIN contact c ON c.list=$1 AND c.id=v.contact");
    if (sql->uses_state)
        buffer_text(text, " JOIN contact_state s ON s.list=$1 AND s.id=v.contact");
    buffer_format(
        text,
        " WHERE %s) SELECT contact,NULL,n FROM m UNION ALL SELECT contact,value,0 FROM"
        " (SELECT contact,value FROM v ORDER BY value%s,contact%s LIMIT 1) l UNION ALL"
        " SELECT count(*),NULL,-1 FROM v ORDER BY 3",
        sql->text.len ? sql->text.data : "true", sort->is_descending ? "" : " DESC",
        sort->is_descending ? "" : " DESC");
}

/* Takes the ids that the page wants; `passed` grows up to the offset. */
static void walk_take(struct walk *w, struct pg_rows *rows)
{
    struct contact_found *found = w->p->found;
    const struct contact_search *search = w->p->search;
    int64_t count = pg_next(rows) ? pg_int(rows, 0) : 0;
    w->is_over = count < w->rows;
    if (pg_next(rows) && pg_int(rows, 2) == 0) {
        bool is_down = search->sorts[0].is_descending;
        w->contact = search->sort_count == 1 ? pg_int(rows, 0) : is_down ? 0 : INT64_MAX;
        snprintf(w->value, sizeof(w->value), "%s", pg_text(rows, 1));
        w->is_begun = true;
    }
    while (found->count < (size_t)search->limit && pg_next(rows)) {
        if (found->passed < search->offset)
            found->passed++;
        else
            w->p->ids[found->count++].value = pg_int(rows, 0);
    }
}

static enum status walk_on(struct walk *w, struct error *err)
{
    struct buffer text;
    const int64_t own[PARAMETERS] = {w->p->search->list.value, w->contact, 0, w->rows, 0};
    buffer_init(&text, w->p->sql.text.len + 4096);
    walk_text(w, &text);
    struct pg_rows rows =
        made_start(w->p->reader, &text, own, &w->p->sql, w->is_begun ? w->value : NULL);
    if (rows.result)
        walk_take(w, &rows);
    buffer_fini(&text);
    return pg_end(&rows, err);
}

/* Behind the page's contact, where it has one. */
static enum status walk_begin(struct walk *w, struct error *err)
{
    const struct contact_search *search = w->p->search;
    const struct contact_sort *sort = &search->sorts[0];
    if (!search->after.value)
        return STATUS_OK;
    struct pg_rows rows =
        pg_start(w->p->reader, PG_VALUE_OF,
                 PG_VALUES(PG_INT(search->list.value), PG_INT(sort->column),
                           PG_INT(sort->is_numeric), PG_INT(search->after.value)));
    w->is_begun = pg_next(&rows);
    if (w->is_begun)
        snprintf(w->value, sizeof(w->value), "%s", pg_text(&rows, 0));
    w->contact = search->after.value;
    enum status status = pg_end(&rows, err);
    return status || w->is_begun ? status
                                 : error_set(err, STATUS_NOT_FOUND, "after",
                                             "the contact behind which the page begins is "
                                             "gone: begin again");
}

/* Every entry of one column: the page is a stretch of the index itself. */
static enum status stretch_read(struct walk *w, struct error *err)
{
    struct paging *p = w->p;
    struct buffer text;
    const struct contact_search *search = p->search;
    const char *down = search->sorts[0].is_descending ? " DESC" : "";
    const int64_t own[PARAMETERS] = {search->list.value, w->contact, 0, search->limit,
                                     search->offset};
    buffer_init(&text, 1024);
    buffer_text(&text, "SELECT contact");
    entries_text(w, &text, down);
    buffer_format(&text, ",contact%s LIMIT $4 OFFSET $5", down);
    struct pg_rows rows =
        made_start(p->reader, &text, own, &p->sql, w->is_begun ? w->value : NULL);
    while (pg_next(&rows))
        p->ids[p->found->count++].value = pg_int(&rows, 0);
    buffer_fini(&text);
    return pg_end(&rows, err);
}

static enum status page_indexed(struct paging *p, struct error *err)
{
    struct mono began = instant_mono_now();
    const struct contact_search *search = p->search;
    struct walk walk = {.p = p, .rows = search->limit + search->offset};
    if (walk.rows < PIECE_ROWS)
        walk.rows = PIECE_ROWS;
    enum status status = walk_begin(&walk, err);
    if (!status && search->sort_count == 1 && !p->sql.text.len) {
        walk.is_over = true;
        status = stretch_read(&walk, err);
    }
    while (!status && !walk.is_over && p->found->count < (size_t)search->limit) {
        if (walk.rows > RANGE_ROWS)
            walk.rows = RANGE_ROWS;
        if (instant_mono_now().us - began.us > SORT_MS * US_PER_MS)
            return error_set(err, STATUS_TIMEOUT, "",
                             "this sorted page takes longer than %d s: narrow the filter, or "
                             "ask for an earlier page",
                             SORT_MS / 1000);
        status = walk_on(&walk, err);
        walk.rows *= 2;
    }
    p->found->is_whole = true;
    p->found->passed = 0;
    return status;
}

/* --- Where a page by key begins: behind the contact $2 in the order of the one sort ----------
 */

static void after_put(struct paging *p)
{
    const struct contact_sort *sort = &p->search->sorts[0];
    const char *sign = sort->is_descending ? "<" : ">";
    if (sort->is_numeric)
        buffer_format(&p->text,
                      " AND (coalesce(cadran_number(c.data,%d),'infinity'),c.id)%s((SELECT "
                      "coalesce(cadran_number(o.data,%d),'infinity') FROM contact o WHERE "
                      "o.list=$1 AND o.id=$2),$2)",
                      sort->column, sign, sort->column);
    else
        buffer_format(
            &p->text,
            " AND (cadran_key(c.data,%d) COLLATE \"C\",c.id)%s((SELECT "
            "cadran_key(o.data,%d) FROM contact o WHERE o.list=$1 AND o.id=$2) COLLATE "
            "\"C\",$2)",
            sort->column, sign, sort->column);
}

static enum status page_read(struct paging *p, struct error *err)
{
    if (p->is_indexed)
        return page_indexed(p, err);
    bool is_sorted_after = p->search->sort_count && p->search->after.value;
    buffer_text(&p->text, "SELECT c.id");
    from_put(&p->text, &p->sql, is_sorted_after);
    if (is_sorted_after)
        after_put(p);
    order_put(p);
    return p->search->sort_count ? page_sorted(p, err) : page_unsorted(p, err);
}

enum status postgres_contacts_search(void *self, const struct contact_search *search,
                                     struct arena *arena, struct contact_found *found,
                                     struct error *err)
{
    int64_t last, count;
    memset(found, 0, sizeof(*found));
    if (search->limit < 0 || search->offset < 0 || search->sort_count > CONTACT_SORT_MAX)
        return error_set(err, STATUS_INVALID, "", "the page is out of range");
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    enum status status = list_get(reader, search->list, &last, &count, err);
    struct paging paging = {.reader = reader,
                            .search = search,
                            .found = found,
                            .last = first_key(search->list) + last};
    if (!status)
        status = sort_check(&paging, count, err);
    if (status)
        return pg_read_end(reader, status);
    found->records = arena_new(arena, (size_t)search->limit, sizeof(*found->records));
    found->at.value = first_key(search->list);
    if (search->after.value > found->at.value)
        found->at = search->after;
    paging.ids = memory_new((size_t)search->limit, sizeof(*paging.ids));
    filter_sql_init(&paging.sql, FILTER_POSTGRES, PARAMETERS + 1, search->filter, search->now);
    buffer_init(&paging.text, paging.sql.text.len + 2048);
    status = page_read(&paging, err);
    if (!status)
        status = records_give(&paging, arena, err);
    buffer_fini(&paging.text);
    filter_sql_fini(&paging.sql);
    free(paging.ids);
    return pg_read_end(reader, status);
}

/* --- Counts ---------------------------------------------------------------------------------
 */

struct counting {
    struct pg_connection *reader;
    struct list_id list;
    struct filter_sql sql;
    struct buffer text;
    int64_t last;
};

static enum status counting_begin(struct counting *c, void *self, struct list_id list,
                                  const struct filter *filter, struct wall now,
                                  struct error *err)
{
    int64_t count;
    memset(c, 0, sizeof(*c));
    c->list = list;
    c->reader = pg_read_begin(self, err);
    if (!c->reader)
        return pg_unavailable(err);
    filter_sql_init(&c->sql, FILTER_POSTGRES, PARAMETERS + 1, filter, now);
    buffer_init(&c->text, c->sql.text.len + 1024);
    buffer_format(&c->text, "SELECT count(*),count(*) FILTER (WHERE %s) FROM contact c",
                  c->sql.text.len ? c->sql.text.data : "true");
    if (c->sql.uses_state)
        buffer_text(&c->text, " JOIN contact_state s ON s.list=c.list AND s.id=c.id");
    buffer_text(&c->text, " WHERE c.list=$1 AND c.id>$2 AND c.id<=$3 AND $4>=0 AND $5>=0");
    return list_get(c->reader, list, &c->last, &count, err);
}

static enum status counting_end(struct counting *c, enum status status)
{
    if (!c->reader)
        return status;
    buffer_fini(&c->text);
    filter_sql_fini(&c->sql);
    return pg_read_end(c->reader, status);
}

static enum status range_count(struct counting *c, int64_t after, int64_t upto,
                               struct contact_tally *tally, struct error *err)
{
    const int64_t own[PARAMETERS] = {c->list.value, after, upto, 0, 0};
    struct pg_rows rows = made_start(c->reader, &c->text, own, &c->sql, NULL);
    if (pg_next(&rows)) {
        tally->looked_at += pg_int(&rows, 0);
        tally->matched += pg_int(&rows, 1);
    }
    return pg_end(&rows, err);
}

enum status postgres_contacts_tally(void *self, struct list_id list,
                                    const struct filter *filter, struct wall now,
                                    struct contact_tally *tally, struct error *err)
{
    struct mono began = instant_mono_now();
    struct counting c;
    enum status status = counting_begin(&c, self, list, filter, now, err);
    int64_t last = first_key(list) + c.last;
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

enum status postgres_contacts_sample(void *self, struct list_id list,
                                     const struct filter *filter, struct wall now,
                                     uint64_t seed, int64_t rows, struct contact_tally *tally,
                                     struct error *err)
{
    struct counting c;
    struct random random;
    memset(tally, 0, sizeof(*tally));
    random_init(&random, seed);
    enum status status = counting_begin(&c, self, list, filter, now, err);
    bool takes_all = rows >= c.last;
    for (int64_t at = 0; !status && takes_all && at < c.last; at += RANGE_ROWS)
        status =
            range_count(&c, first_key(list) + at,
                        first_key(list) + (at + RANGE_ROWS < c.last ? at + RANGE_ROWS : c.last),
                        tally, err);
    /* One range in each of as many equal parts of the list, so that none is looked at twice. */
    int64_t ranges = (rows + SAMPLE_ROWS - 1) / SAMPLE_ROWS;
    for (int64_t i = 0; !status && !takes_all && i < ranges; i++) {
        int64_t from = c.last * i / ranges, to = c.last * (i + 1) / ranges;
        int64_t room = to - from > SAMPLE_ROWS ? to - from - SAMPLE_ROWS : 0;
        from += (int64_t)random_below(&random, (uint64_t)room + 1);
        to = from + SAMPLE_ROWS < to ? from + SAMPLE_ROWS : to;
        status = range_count(&c, first_key(list) + from, first_key(list) + to, tally, err);
    }
    tally->is_done = !status && takes_all;
    return counting_end(&c, status);
}
