/* fuzz.h -- what a fuzz target is. */
#ifndef CADRAN_TESTS_FUZZ_HTTP_FUZZ_H
#define CADRAN_TESTS_FUZZ_HTTP_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
