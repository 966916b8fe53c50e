/* number.h -- telephone numbers as people write them, read by libphonenumber.
 *
 * Text becomes E.164 digits, whether the number can exist, what it is and where. A reader
 * remembers, by (form, length, all digits but the last four), what libphonenumber said, for the
 * countries where a property test proves that this is the same as asking each time: it makes an
 * import ten times faster. Everything else goes to libphonenumber itself.
 *
 * In France's national format the overseas departments come first where the number lies in
 * theirs (0262, 0590, ...: libphonenumber's French plan has them too, wrongly), and their
 * mobile numbers are found though France's plan does not have them.
 *
 * A reader belongs to one thread. Source: docs/decisions/store.md. */
#ifndef CADRAN_WORLD_NUMBER_H
#define CADRAN_WORLD_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "model/zone.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest text that is looked at. */
#define NUMBER_TEXT_MAX 64

enum number_type {
    NUMBER_TYPE_UNKNOWN,
    NUMBER_LANDLINE,
    NUMBER_MOBILE,
    NUMBER_LANDLINE_OR_MOBILE, /* North America does not tell them apart */
    NUMBER_TOLL_FREE,
    NUMBER_PREMIUM,
    NUMBER_SHARED_COST,
    NUMBER_VOIP,
    NUMBER_PERSONAL,
    NUMBER_PAGER,
    NUMBER_COMPANY,
    NUMBER_VOICEMAIL,
};
/* "landline", "mobile", ... */
const char *number_type_name(enum number_type type);

enum number_verdict {
    NUMBER_VALID,
    NUMBER_EMPTY,        /* nothing but spaces */
    NUMBER_NOT_A_NUMBER, /* letters, too long, too short, unknown country code */
    NUMBER_IMPOSSIBLE,   /* looks like one, but no number of that plan is like it */
};

struct number {
    int64_t e164; /* digits; 0 where it is not valid */
    enum number_type type;
    char region[4]; /* "FR"; "001" for networks without a country */
};

struct number_reader;

/* `region` (two capital letters) is where numbers without a country code lie; an unknown one is
 * STATUS_INVALID. */
enum status number_reader_create(const char *region, struct number_reader **reader,
                                 struct error *err);
void number_reader_destroy(struct number_reader *reader);
enum number_verdict number_read(struct number_reader *reader, const char *text, size_t len,
                                struct number *number);
/* The same by libphonenumber alone, without a memo; any thread. */
enum number_verdict number_read_slow(const char *region, const char *text, size_t len,
                                     struct number *number);
/* Whether libphonenumber knows the region. */
bool number_region_exists(const char *region);

#ifdef __cplusplus
}
#endif

#endif
