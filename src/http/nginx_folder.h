/* nginx_folder.h -- the directory that nginx and we share. Not for other folders. */
#ifndef CADRAN_HTTP_NGINX_FOLDER_H
#define CADRAN_HTTP_NGINX_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"

#define NGINX_PATH_SIZE 4096

struct nginx_folder {
    char path[NGINX_PATH_SIZE - 64];
    char api_socket[108], push_socket[108]; /* sun_path */
    char spool[NGINX_PATH_SIZE], files[NGINX_PATH_SIZE],
        web[NGINX_PATH_SIZE];   /* web "": none */
    char link[NGINX_PATH_SIZE]; /* DATA/front, where the folder is elsewhere */
    char user[32];              /* nginx's workers; "": as we are */
    uid_t uid;
    gid_t gid;   /* (gid_t)-1: no group needs access */
    int is_ours; /* made by mkdtemp: removed whole at the end */
};

enum status nginx_folder_make(struct nginx_folder *folder, const char *data,
                              const char *web_root, struct error *err) MUST_USE;
/* Removes sockets, temporary files and what was copied. Never the data directory. */
void nginx_folder_remove(struct nginx_folder *folder);
enum status nginx_folder_write(const struct nginx_folder *folder, const char *name,
                               const char *text, size_t len, struct error *err) MUST_USE;
/* The last line of nginx's error log. */
void nginx_folder_log_tail(const struct nginx_folder *folder, char *text, size_t size);

#endif
