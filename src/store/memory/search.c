/* Searching contacts: each is asked. */
#include <stdlib.h>

#include "filter/value.h"
#include "store/memory/rows.h"

/* --- Sorting --------------------------------------------------------------------------------
 */

struct sort_key {
    bool is_missing; /* no number: behind all */
    double number;
    char text[FILTER_SORT_BYTES];
    size_t len;
};

struct sorted {
    const struct memory_contact *contact;
    struct sort_key keys[CONTACT_SORT_MAX];
    const struct contact_search *search;
};

static void key_fill(const struct memory_contact *contact, const struct contact_sort *sort,
                     struct sort_key *key)
{
    char text[FILTER_COLUMN_BYTES], folded[FILTER_COLUMN_BYTES];
    size_t len = filter_column_text(contact->data, strlen(contact->data), sort->column, text,
                                    sizeof(text));
    if (sort->is_numeric) {
        key->is_missing = !filter_number(text, len, &key->number);
        return;
    }
    len = filter_fold(text, len, folded);
    key->len = filter_sort_len(folded, len);
    memcpy(key->text, folded, key->len);
}

static int key_compare(const struct sort_key *a, const struct sort_key *b, bool is_numeric)
{
    if (is_numeric) {
        if (a->is_missing || b->is_missing)
            return a->is_missing - b->is_missing;
        return (a->number > b->number) - (a->number < b->number);
    }
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int sorted_compare(const void *left, const void *right)
{
    const struct sorted *a = left, *b = right;
    const struct contact_search *search = a->search;
    for (int32_t i = 0; i < search->sort_count; i++) {
        const struct contact_sort *sort = &search->sorts[i];
        int order = key_compare(&a->keys[i], &b->keys[i], sort->is_numeric);
        if (order)
            return sort->is_descending ? -order : order;
    }
    int64_t one = a->contact->hot.id.value, other = b->contact->hot.id.value;
    int order = (one > other) - (one < other);
    return search->sorts[0].is_descending ? -order : order;
}

static void page_sorted(struct store_memory *store, const struct memory_list *list,
                        const struct contact_search *search, struct arena *arena,
                        struct contact_found *found)
{
    struct sorted *all = memory_new(list->present, sizeof(*all));
    size_t count = 0;
    for (size_t i = 0; i < list->contacts.count; i++) {
        const struct memory_contact *contact = list->contacts.items[i];
        if (!contact || !memory_contact_passes(store, contact, search->filter, search->now))
            continue;
        all[count] = (struct sorted){.contact = contact, .search = search};
        for (int32_t k = 0; k < search->sort_count; k++)
            key_fill(contact, &search->sorts[k], &all[count].keys[k]);
        count++;
    }
    qsort(all, count, sizeof(*all), sorted_compare);
    size_t from = 0;
    while (search->after.value && from < count &&
           all[from++].contact->hot.id.value != search->after.value)
        ;
    for (size_t i = from + (size_t)search->offset;
         i < count && found->count < (size_t)search->limit; i++)
        memory_record_give(store, all[i].contact, arena, &found->records[found->count++]);
    free(all);
}

enum status memory_contacts_search(void *self, const struct contact_search *search,
                                   struct arena *arena, struct contact_found *found,
                                   struct error *err)
{
    const struct memory_list *list = memory_list_find(self, search->list, false);
    memset(found, 0, sizeof(*found));
    if (search->limit < 0 || search->offset < 0 || search->sort_count > CONTACT_SORT_MAX)
        return error_set(err, STATUS_INVALID, "", "the page is out of range");
    found->records = arena_new(arena, (size_t)search->limit, sizeof(*found->records));
    found->is_whole = true;
    if (list && search->sort_count) {
        page_sorted(self, list, search, arena, found);
        return STATUS_OK;
    }
    for (size_t i = 0; list && i < list->contacts.count; i++) {
        const struct memory_contact *contact = list->contacts.items[i];
        if (found->count == (size_t)search->limit)
            break;
        if (!contact || contact->hot.id.value <= search->after.value ||
            !memory_contact_passes(self, contact, search->filter, search->now))
            continue;
        found->at = contact->hot.id;
        if (found->passed < search->offset)
            found->passed++;
        else
            memory_record_give(self, contact, arena, &found->records[found->count++]);
    }
    return STATUS_OK;
}

/* --- Counts ---------------------------------------------------------------------------------
 */

#define TALLY_PIECE 1000 /* small, so that callers meet many pieces */

enum status memory_contacts_tally(void *self, struct list_id id, const struct filter *filter,
                                  struct wall now, struct contact_tally *tally,
                                  struct error *err)
{
    (void)err;
    const struct memory_list *list = memory_list_find(self, id, false);
    size_t at = (uint32_t)tally->at.value, count = list ? list->contacts.count : 0;
    for (size_t i = 0; i < TALLY_PIECE && at < count; i++, at++) {
        const struct memory_contact *contact = list->contacts.items[at];
        tally->looked_at += contact != NULL;
        tally->matched += contact && memory_contact_passes(self, contact, filter, now);
    }
    tally->at.value = (id.value << CONTACT_SEQUENCE_BITS) | (int64_t)at;
    tally->is_done = at >= count;
    return STATUS_OK;
}

/* Everything: no list in memory is large. */
enum status memory_contacts_sample(void *self, struct list_id list, const struct filter *filter,
                                   struct wall now, uint64_t seed, int64_t rows,
                                   struct contact_tally *tally, struct error *err)
{
    (void)seed;
    (void)rows;
    memset(tally, 0, sizeof(*tally));
    enum status status = STATUS_OK;
    while (!status && !tally->is_done)
        status = memory_contacts_tally(self, list, filter, now, tally, err);
    return status;
}

/* Sorts look at every contact: there is nothing to keep. */
enum status memory_column_index(void *self, struct list_id id, int16_t column, bool is_numeric,
                                struct column_index *progress, struct error *err)
{
    (void)column;
    (void)is_numeric;
    (void)err;
    const struct memory_list *list = memory_list_find(self, id, false);
    int64_t present = list ? (int64_t)list->present : 0;
    *progress = (struct column_index){present, present, true};
    return STATUS_OK;
}

/* Sorts need none here. */
enum status memory_column_index_get(void *self, struct list_id list, int16_t column,
                                    bool is_numeric, struct column_index *progress,
                                    struct error *err)
{
    return memory_column_index(self, list, column, is_numeric, progress, err);
}
