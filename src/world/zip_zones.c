#include "world/zip_zones.h"

#define ZIP_DIGITS 5
#define ZIP_DIGITS_LEAST 3 /* 00501 as a spreadsheet leaves it */

/* The code; -1 where the text is none. */
static int32_t read_code(const char *text, size_t len)
{
    int32_t code = 0;
    size_t digits = 0;
    while (digits < len && text[digits] >= '0' && text[digits] <= '9' && digits <= ZIP_DIGITS)
        code = code * 10 + (text[digits++] - '0');
    if (digits < ZIP_DIGITS_LEAST || digits > ZIP_DIGITS)
        return -1;
    if (digits == len)
        return code;
    if (len != digits + 5 || text[digits] != '-')
        return -1;
    for (size_t i = digits + 1; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return -1;
    return code;
}

int zip_zone_find(const char *text, size_t len)
{
    while (len && *text == ' ')
        text++, len--;
    while (len && text[len - 1] == ' ')
        len--;
    int32_t code = read_code(text, len);
    size_t low = 0, high = zip_run_count;
    if (code < 0)
        return -1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zip_runs[middle].first <= code)
            low = middle;
        else
            high = middle;
    }
    return zip_runs[low].zone;
}

const char *zip_zone_name(int index)
{
    return zip_zone_names[index];
}

void zip_zone_add(const struct zone_table *table, int index, struct zone_set *set)
{
    const struct zone *zone = index >= 0 ? zone_find(table, zip_zone_names[index]) : NULL;
    if (zone)
        zone_set_add(set, (int16_t)(zone - table->zones));
}
