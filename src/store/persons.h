/* persons.h -- what every back end checks about consents. Pure; any thread. */
#ifndef CADRAN_STORE_PERSONS_H
#define CADRAN_STORE_PERSONS_H

#include "port/store.h"

#define CONSENT_SCOPE_MAX 128 /* bytes */
#define CONSENT_TEXT_MAX 4096 /* bytes, of the source, the words and the proof */

/* STATUS_INVALID with path "[index].field" where something is out of range. */
enum status consents_check(const struct consent *consents, size_t count, struct error *err);

#endif
