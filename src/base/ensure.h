/* ensure.h -- assertions that stay in release builds.
 * ensure() states what must hold whatever a peer, a file or a person does: a false one is a bug
 * of ours, and the process stops with the place and the condition. Never used on input. */
#ifndef CADRAN_BASE_ENSURE_H
#define CADRAN_BASE_ENSURE_H

_Noreturn void ensure_failed(const char *condition, const char *file, int line);

#define ensure(condition)                                                                      \
    ((condition) ? (void)0 : ensure_failed(#condition, __FILE__, __LINE__))

/* A place that is never reached: ensure_never("a command to the store"). */
#define ensure_never(what) ensure_failed("never: " what, __FILE__, __LINE__)

#endif
