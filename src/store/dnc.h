/* dnc.h -- what every back end checks about do-not-contact entries. Pure; any thread. */
#ifndef CADRAN_STORE_DNC_H
#define CADRAN_STORE_DNC_H

#include "port/store.h"

/* STATUS_INVALID with path "[i]" where a value is empty or longer than DNC_VALUE_MAX. */
enum status dnc_values_check(const char *const *values, size_t count, struct error *err);

#endif
