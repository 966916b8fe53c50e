#include "world/number.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/memory.h"
#include "base/table.h"

/* A reader forgets everything when its memo is this large: a hostile file cannot grow it. */
#define MEMO_MAX ((size_t)1 << 20)

/* Country codes for which the last four digits never change the verdict, with their national
 * form. Proven by tests/unit/world against this machine's libphonenumber; +44, +49, +43, +46,
 * +48, +61, +86, +352 differ and are not here. */
static const int32_t fast_codes[] = {1, 31, 32, 33, 34, 39, 41, 262, 590, 594, 596};

/* Shorter international numbers are not served: among Italy's short ones four digits are not
 * the end of a block. */
#define FAST_DIGITS_MIN 11

enum form { FORM_NATIONAL = 1, FORM_INTERNATIONAL = 2 };

/* What the memo keeps, packed into a pointer: never 0, so that NULL means unknown. */
struct verdict {
    uint8_t verdict; /* enum number_verdict + 1 */
    uint8_t type;    /* enum number_type */
    uint8_t is_slow; /* the rule below does not give libphonenumber's digits */
    char region[3];
    uint16_t country; /* national form: what stands before the digits without their 0 */
};
_Static_assert(sizeof(struct verdict) <= sizeof(void *), "a verdict fits into a pointer");

struct number_reader {
    char region[4];
    struct table memo;
};

enum status number_reader_create(const char *region, struct number_reader **reader,
                                 struct error *err)
{
    *reader = NULL;
    if (strlen(region) != 2 || !number_region_exists(region))
        return error_set(err, STATUS_INVALID, "region",
                         "\"%.8s\" is no region: two capital letters, as in FR", region);
    *reader = memory_new(1, sizeof(**reader));
    memcpy((*reader)->region, region, 3);
    table_init(&(*reader)->memo);
    return STATUS_OK;
}

void number_reader_destroy(struct number_reader *reader)
{
    if (!reader)
        return;
    table_fini(&reader->memo);
    free(reader);
}

const char *number_type_name(enum number_type type)
{
    static const char *const names[] = {
        [NUMBER_TYPE_UNKNOWN] = "unknown",
        [NUMBER_LANDLINE] = "landline",
        [NUMBER_MOBILE] = "mobile",
        [NUMBER_LANDLINE_OR_MOBILE] = "landline_or_mobile",
        [NUMBER_TOLL_FREE] = "toll_free",
        [NUMBER_PREMIUM] = "premium",
        [NUMBER_SHARED_COST] = "shared_cost",
        [NUMBER_VOIP] = "voip",
        [NUMBER_PERSONAL] = "personal",
        [NUMBER_PAGER] = "pager",
        [NUMBER_COMPANY] = "company",
        [NUMBER_VOICEMAIL] = "voicemail",
    };
    return (size_t)type < ARRAY_LEN(names) ? names[type] : "unknown";
}

/* Plain digits of a text: spaces, dots and hyphens taken out. -1 where there is anything else.
 */
static int strip(const char *text, size_t len, char digits[20], bool *has_plus)
{
    int count = 0;
    *has_plus = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c >= '0' && c <= '9') {
            if (count == 19)
                return -1;
            digits[count++] = c;
        } else if (c == '+' && count == 0 && !*has_plus) {
            *has_plus = true;
        } else if (c != ' ' && c != '.' && c != '-') {
            return -1;
        }
    }
    return count;
}

static bool is_fast_code(const char *digits, int count)
{
    int32_t value = 0;
    for (int len = 1; len <= 3 && len <= count; len++) {
        value = value * 10 + (digits[len - 1] - '0');
        for (size_t i = 0; i < ARRAY_LEN(fast_codes); i++)
            if (fast_codes[i] == value)
                return true;
    }
    return false;
}

/* Digits and form, where the text is of a form that the memo serves. */
static bool recognise(const struct number_reader *reader, const char *text, size_t len,
                      char digits[20], int *count, enum form *form)
{
    bool has_plus;
    *count = strip(text, len, digits, &has_plus);
    if (*count < 8)
        return false;
    if (!has_plus && digits[0] == '0' && digits[1] == '0') {
        /* 00 is the international prefix in every region that is used as a default here. */
        if (strcmp(reader->region, "FR") != 0)
            return false;
        memmove(digits, digits + 2, (size_t)(*count -= 2));
        has_plus = true;
    }
    *form = has_plus ? FORM_INTERNATIONAL : FORM_NATIONAL;
    if (has_plus)
        return *count >= FAST_DIGITS_MIN && *count <= 15 && is_fast_code(digits, *count);
    return strcmp(reader->region, "FR") == 0 && *count == 10 && digits[0] == '0' &&
           digits[1] != '0';
}

static int64_t value_of(const char *digits, int count)
{
    int64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

#define NATIONAL_SCALE INT64_C(1000000000) /* nine digits behind the 0 */

static int64_t e164_of(const struct verdict *verdict, enum form form, const char *digits,
                       int count)
{
    int64_t value = value_of(digits, count);
    return form == FORM_NATIONAL ? verdict->country * NATIONAL_SCALE + value : value;
}

/* Asks libphonenumber, and remembers where the rule gives the same digits. */
static enum number_verdict learn(struct number_reader *reader, int64_t key, enum form form,
                                 const char *digits, int count, const char *text, size_t len,
                                 struct number *number)
{
    enum number_verdict answer = number_read_slow(reader->region, text, len, number);
    struct verdict verdict = {
        .verdict = (uint8_t)(answer + 1),
        .type = (uint8_t)number->type,
    };
    memcpy(verdict.region, number->region, sizeof(verdict.region));
    if (answer == NUMBER_VALID) {
        int64_t country = number->e164 / NATIONAL_SCALE;
        verdict.country = (uint16_t)(country > 0 && country < 1000 ? country : 0);
        verdict.is_slow = e164_of(&verdict, form, digits, count) != number->e164;
    }
    if (reader->memo.count >= MEMO_MAX)
        table_fini(&reader->memo);
    void *packed = NULL;
    memcpy(&packed, &verdict, sizeof(verdict));
    table_put(&reader->memo, key, packed);
    return answer;
}

enum number_verdict number_read(struct number_reader *reader, const char *text, size_t len,
                                struct number *number)
{
    char digits[20];
    int count;
    enum form form;
    if (!recognise(reader, text, len, digits, &count, &form))
        return number_read_slow(reader->region, text, len, number);
    int64_t key = (value_of(digits, count - 4) * 32 + count) * 4 + (int64_t)form;
    void *packed = table_get(&reader->memo, key);
    if (!packed)
        return learn(reader, key, form, digits, count, text, len, number);
    struct verdict verdict;
    memcpy(&verdict, &packed, sizeof(verdict));
    if (verdict.is_slow)
        return number_read_slow(reader->region, text, len, number);
    memset(number, 0, sizeof(*number));
    enum number_verdict answer = (enum number_verdict)(verdict.verdict - 1);
    if (answer == NUMBER_VALID) {
        number->e164 = e164_of(&verdict, form, digits, count);
        number->type = (enum number_type)verdict.type;
        memcpy(number->region, verdict.region, sizeof(verdict.region));
    }
    return answer;
}
