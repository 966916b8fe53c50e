/* nginx_config.h -- the text of nginx's configuration. Pure. Not for other folders. */
#ifndef CADRAN_HTTP_NGINX_CONFIG_H
#define CADRAN_HTTP_NGINX_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"

struct nginx_config {
    const char *prefix; /* absolute: everything nginx writes is below it */
    const char *user;   /* "www-data"; NULL: not root, as whoever starts it */
    const char *http;   /* "127.0.0.1:8080"; NULL: none */
    const char *https;
    const char *certificate, *key;
    const char *web_root; /* NULL: none */
    int64_t upload_max;
    int32_t address_connections_max;
    int32_t workers;
    int32_t worker_connections;
};

/* STATUS_INVALID where a path cannot be written in it. */
enum status nginx_config_write(const struct nginx_config *config, struct buffer *out,
                               struct error *err) MUST_USE;

#endif
