/* log.h -- one line per event: time, level, a fixed event name, then key=value.
 * error: a person must act; warn: service is degraded; info: campaign, agent and trunk changes;
 * debug: per call, on demand. Never a secret, never a whole telephone number: log_number masks
 * all but the last three digits. Any thread; a line is one write. */
#ifndef CADRAN_BASE_LOG_H
#define CADRAN_BASE_LOG_H

#include <stdint.h>

#include "base/compiler.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Set once at start, before other threads. Default: info, to standard error. */
void log_set_level(enum log_level level);
void log_set_fd(int fd);

void log_line(enum log_level level, const char *event, const char *format, ...)
    PRINTF_LIKE(3, 4);

#define log_error(event, ...) log_line(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) log_line(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...) log_line(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_line(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

/* "...345" */
#define LOG_NUMBER_SIZE 8
void log_number(int64_t number, char masked[LOG_NUMBER_SIZE]);

#endif
