/* compiler.h -- the few compiler attributes the tree uses, under readable names. */
#ifndef CADRAN_BASE_COMPILER_H
#define CADRAN_BASE_COMPILER_H

/* The caller must look at the result. */
#define MUST_USE __attribute__((warn_unused_result))
/* Checked like printf: argument `at` is the format, `first` the first value. */
#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))
/* Marks a parameter or variable that one build does not need. */
#define MAYBE_UNUSED __attribute__((unused))

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
