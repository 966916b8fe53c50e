/* contact.h -- what every back end checks about contacts, and how a written contact becomes a
 * hot row. Pure; any thread. */
#ifndef CADRAN_STORE_CONTACT_H
#define CADRAN_STORE_CONTACT_H

#include "port/store.h"

#define CONTACT_EXTERNAL_ID_MAX 256           /* bytes */
#define CONTACT_DATA_MAX (50 * 6 * 512 + 256) /* 50 columns of 512 characters, escaped */

#define CONTACT_EXTRA_MAX (64 * 1024)

/* STATUS_INVALID with path "[index]...." where something is out of range. */
enum status contact_check(const struct contact_write *write, size_t index, struct error *err);
/* Makes `hot` what `write` says. What the dialer knows of an address stays where its column and
 * number do; a new or changed one starts anew. The version grows. True where its next try or
 * its top priority is another: then it is due at another time. */
bool contact_fill(struct contact *hot, const struct contact_write *write, struct wall now);
enum status contact_missing(struct contact_id id, struct error *err);
enum status contact_running(struct contact_id id, size_t index, struct error *err);
enum status contact_exists(const char *external_id, size_t index, struct error *err);
enum status contact_data_stale(struct contact_id id, int32_t stored, int32_t given,
                               struct error *err);

/* STATUS_STALE with path "[index]" where the write means another version. */
enum status contact_version_check(const struct contact_write *write, struct contact_id id,
                                  int32_t stored, size_t index, struct error *err);

#endif
