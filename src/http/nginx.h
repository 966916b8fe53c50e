/* nginx.h -- our own nginx: configured, started unprivileged, watched, stopped with us.
 *
 * It is the front: TLS, HTTP/2, limits, uploads to disk, ranges, static files. It has a
 * directory of its own (configuration, sockets, temporary files) and touches no other nginx of
 * the machine.
 *
 *   as a plain user   the directory is DATA/front, mode 0700; everything runs as that user
 *   as root           a directory under /var/tmp, reachable for the group of nginx's workers
 *                     alone, who run as www-data, nginx or nobody; DATA stays owner-only. The
 *                     web root is copied there, since an unprivileged worker cannot be expected
 *                     to reach it. Removed at the stop.
 *
 * The listening sockets are ours and inherited by nginx: port 0 is a free one with no race, and
 * a restart of nginx refuses no connection. If we die, the kernel ends nginx too.
 *
 * Life: nginx_prepare (directory, ports) -> http_server_start on its sockets -> nginx_start ->
 * nginx_stop. One thread calls them; a watcher thread restarts nginx when it ends. */
#ifndef CADRAN_HTTP_NGINX_H
#define CADRAN_HTTP_NGINX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

struct nginx;

struct nginx_options {
    const char *data;        /* the data directory; exists */
    const char *http;        /* "127.0.0.1:8080", "[::1]:0"; NULL: no plain HTTP */
    const char *https;       /* NULL: no TLS */
    const char *certificate; /* PEM files for https */
    const char *key;
    const char *web_root; /* built assets with index.html; NULL: none are served */
    int64_t upload_max;   /* bytes of an uploaded file; 0 = 2 GB */
    int32_t
        address_connections_max; /* of one address; 0 = 4,000: a call centre is one address */
    const char *program;         /* NULL: "nginx" of PATH, or /usr/sbin/nginx */
};

/* Makes the directory and binds the ports. */
enum status nginx_prepare(const struct nginx_options *options, struct nginx **nginx,
                          struct error *err) MUST_USE;
/* Writes the configuration, starts nginx, and waits until it answers. */
enum status nginx_start(struct nginx *nginx, struct error *err) MUST_USE;
/* Ends nginx (first kindly), removes what was made. NULL and not yet started are accepted. */
void nginx_stop(struct nginx *nginx);

/* For http_options; owned by nginx, valid after nginx_prepare. */
const char *nginx_api_socket(const struct nginx *nginx);
const char *nginx_push_socket(const struct nginx *nginx);
const char *nginx_spool(const struct nginx *nginx);
const char *nginx_files(const struct nginx *nginx);
/* Who nginx's workers are. */
uid_t nginx_uid(const struct nginx *nginx);
gid_t nginx_gid(const struct nginx *nginx); /* (gid_t)-1: no group needs access */
/* "127.0.0.1:43117": where it listens; "" where it does not. */
const char *nginx_http_address(const struct nginx *nginx);
const char *nginx_https_address(const struct nginx *nginx);
/* nginx's main process, for tests; it changes when it is restarted. */
pid_t nginx_pid(struct nginx *nginx);

#endif
