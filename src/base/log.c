#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/instant.h"

#define LINE_MAX_BYTES 1024

static _Atomic int log_level = LOG_LEVEL_INFO;
static _Atomic int log_fd = STDERR_FILENO;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_set_level(enum log_level level)
{
    atomic_store(&log_level, (int)level);
}

void log_set_fd(int fd)
{
    atomic_store(&log_fd, fd);
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
    if ((int)level > atomic_load_explicit(&log_level, memory_order_relaxed))
        return;
    char line[LINE_MAX_BYTES];
    char at[WALL_TEXT_SIZE];
    wall_format(instant_wall_now(), at);
    int head = snprintf(line, sizeof(line), "%s %s %s ", at, level_names[level], event);
    size_t len = (size_t)head;
    va_list args;
    va_start(args, format);
    int body = vsnprintf(line + len, sizeof(line) - len - 1, format, args);
    va_end(args);
    if (body > 0)
        len += (size_t)body < sizeof(line) - len - 1 ? (size_t)body : sizeof(line) - len - 2;
    /* A value that came from outside must not fake a second line. */
    for (size_t i = (size_t)head; i < len; i++)
        if ((unsigned char)line[i] < 0x20)
            line[i] = ' ';
    line[len++] = '\n';
    ssize_t written = write(atomic_load(&log_fd), line, len);
    (void)written; /* there is nowhere left to report a failing log */
}

void log_number(int64_t number, char masked[LOG_NUMBER_SIZE])
{
    snprintf(masked, LOG_NUMBER_SIZE, "...%03d", (int)(llabs(number) % 1000));
}
