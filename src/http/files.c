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

#define PATH_SIZE 4096

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

/* An unguessable name in the folder of files, and its path. */
static enum status name_draw(const struct http_server *server, const char *suffix,
                             char name[HTTP_FILE_NAME_SIZE], char path[PATH_SIZE],
                             struct error *err)
{
    if (!server || !server->files)
        return error_set(err, STATUS_UNAVAILABLE, "", "This server hands out no files.");
    unsigned char chance[18];
    char text[40];
    randombytes_buf(chance, sizeof(chance));
    sodium_bin2base64(text, sizeof(text), chance, sizeof(chance),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(name, HTTP_FILE_NAME_SIZE, "f%s%.16s", text, suffix);
    snprintf(path, PATH_SIZE, "%s/%s", server->files, name);
    return STATUS_OK;
}

/* nginx's workers read it through their group. */
static void group_give(const struct http_server *server, int fd)
{
    if (server->options.socket_group != (gid_t)-1 &&
        (fchown(fd, (uid_t)-1, server->options.socket_group) != 0 || fchmod(fd, 0640) != 0))
        log_warn("http.file", "error=%s", strerror(errno));
}

enum status http_file_create(struct http_server *server, const char *suffix, int *fd,
                             char name[HTTP_FILE_NAME_SIZE], struct error *err)
{
    char path[PATH_SIZE];
    enum status status = name_draw(server, suffix, name, path, err);
    if (status != STATUS_OK)
        return status;
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (*fd < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "No file for the answer: %s.",
                         strerror(errno));
    group_give(server, *fd);
    return STATUS_OK;
}

/* Across file systems. */
static enum status file_copy(const struct http_server *server, int from, const char *path,
                             struct error *err)
{
    char bytes[65536];
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    ssize_t len = to < 0 ? -1 : 1;
    while (len > 0 && (len = read(from, bytes, sizeof(bytes))) > 0)
        if (write(to, bytes, (size_t)len) != len)
            len = -1;
    if (to >= 0) {
        group_give(server, to);
        close(to);
    }
    if (len == 0)
        return STATUS_OK;
    unlink(path);
    return error_set(err, STATUS_UNAVAILABLE, "", "There is no room on disk for the file.");
}

enum status http_file_link(struct http_server *server, const char *from, const char *suffix,
                           char name[HTTP_FILE_NAME_SIZE], struct error *err)
{
    char path[PATH_SIZE];
    enum status status = name_draw(server, suffix, name, path, err);
    if (status != STATUS_OK)
        return status;
    int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return error_set(err, STATUS_NOT_FOUND, "", "The file is no longer there.");
    group_give(server, fd);
    /* Old files are swept: this one is asked for now. */
    if (futimens(fd, NULL) != 0)
        log_warn("http.file", "error=%s", strerror(errno));
    if (link(from, path) != 0)
        status = file_copy(server, fd, path, err);
    close(fd);
    return status;
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
