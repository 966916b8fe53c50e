#include "store/queue.h"

#include <string.h>

void queue_rank(struct contact_id contact, int32_t priority, struct queue_position *position)
{
    memset(position, 0, sizeof(*position));
    uint32_t inverted = (uint32_t)(INT16_MAX - priority) & 0xFFFF;
    uint32_t sequence = (uint32_t)contact.value;
    position->rank_len = 6;
    position->rank[0] = (uint8_t)(inverted >> 8);
    position->rank[1] = (uint8_t)inverted;
    for (int i = 0; i < 4; i++)
        position->rank[2 + i] = (uint8_t)(sequence >> (24 - 8 * i));
    position->contact = contact;
}

int queue_compare(const struct queue_position *a, const struct queue_position *b)
{
    int32_t shorter = a->rank_len < b->rank_len ? a->rank_len : b->rank_len;
    int order = shorter > 0 ? memcmp(a->rank, b->rank, (size_t)shorter) : 0;
    if (order)
        return order;
    if (a->rank_len != b->rank_len)
        return a->rank_len < b->rank_len ? -1 : 1;
    return (a->contact.value > b->contact.value) - (a->contact.value < b->contact.value);
}

static bool is_ordered(const struct queue_order *order, int16_t column)
{
    for (int32_t i = 0; i < order->column_count; i++)
        if (order->columns[i] == column)
            return true;
    return false;
}

int32_t queue_zones(const struct contact *contact, const struct queue_order *order,
                    struct zone_set_id zones[ADDRESS_MAX])
{
    int32_t count = 0;
    for (int32_t i = 0; i < contact->address_count; i++) {
        const struct address *address = &contact->addresses[i];
        if (!address->number || !address->is_callable || !is_ordered(order, address->column))
            continue;
        int32_t j = 0;
        while (j < count && zones[j].value != address->zone_set.value)
            j++;
        if (j == count)
            zones[count++] = address->zone_set;
    }
    if (!count)
        zones[count++] = (struct zone_set_id){0};
    return count;
}

bool queue_order_equals(const struct queue_order *a, const struct queue_order *b)
{
    return a->list.value == b->list.value && a->pass == b->pass &&
           a->column_count == b->column_count &&
           memcmp(a->columns, b->columns, (size_t)a->column_count * sizeof(a->columns[0])) == 0;
}
