/* Files that pass between nginx and us by name: bodies it left, and answers it sends. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "http/server.h"

/* nginx names bodies by number, in one directory: nothing else is opened. */
static const char *name_in_spool(const struct http_server *server, const char *path)
{
    size_t len = server->spool ? strlen(server->spool) : 0;
    if (!len || strncmp(path, server->spool, len) != 0 || path[len] != '/')
        return NULL;
    const char *name = path + len + 1;
    return *name && strspn(name, "0123456789") == strlen(name) ? name : NULL;
}

bool body_file_open(struct http_server *server, struct http_request *request)
{
    const char *name = name_in_spool(server, request->head.body_file);
    if (!name)
        return false;
    int fd = open(request->head.body_file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        log_error("http.body_file", "error=%s", strerror(errno));
        return false;
    }
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) ||
        (about.st_uid != server->options.peer && about.st_uid != geteuid())) {
        close(fd);
        return false;
    }
    request->body_fd = fd;
    request->body_file_len = about.st_size;
    return true;
}

enum status http_file_create(struct http_server *server, const char *suffix, int *fd,
                             char name[HTTP_FILE_NAME_SIZE], struct error *err)
{
    if (!server->files)
        return error_set(err, STATUS_UNAVAILABLE, "", "This server hands out no files.");
    unsigned char chance[18];
    char text[40];
    randombytes_buf(chance, sizeof(chance));
    sodium_bin2base64(text, sizeof(text), chance, sizeof(chance),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(name, HTTP_FILE_NAME_SIZE, "f%s%.16s", text, suffix);
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", server->files, name);
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (*fd < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "No file for the answer: %s.",
                         strerror(errno));
    /* nginx's workers read it through their group. */
    if (server->options.socket_group != (gid_t)-1 &&
        (fchown(*fd, (uid_t)-1, server->options.socket_group) != 0 || fchmod(*fd, 0640) != 0))
        log_warn("http.file", "error=%s", strerror(errno));
    return STATUS_OK;
}

#define SWEEP_US (60 * US_PER_S)

void files_sweep(struct http_server *server)
{
    if (!server->files || server->now.us - server->files_swept_at.us < SWEEP_US)
        return;
    server->files_swept_at = server->now;
    DIR *directory = opendir(server->files);
    if (!directory)
        return;
    int64_t oldest_s = instant_wall_now().us / US_PER_S - server->options.files_age_max_s;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        struct stat about;
        if (entry->d_name[0] == '.' ||
            fstatat(dirfd(directory), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISREG(about.st_mode) && about.st_mtime < oldest_s)
            unlinkat(dirfd(directory), entry->d_name, 0);
    }
    closedir(directory);
}
