#include "http/nginx_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* "/push.sock" */
#define SOCKET_NAME_MAX 11
#define WEB_DEPTH_MAX 8

static enum status failed(struct error *err, const char *path)
{
    return error_set(err, STATUS_UNAVAILABLE, "", "Cannot make %.200s: %s.", path,
                     strerror(errno));
}

/* The unprivileged user that nginx's workers become. */
static enum status user_choose(struct nginx_folder *folder, struct error *err)
{
    static const char *const names[] = {"www-data", "nginx", "nobody"};
    folder->uid = geteuid();
    folder->gid = (gid_t)-1;
    if (geteuid() != 0)
        return STATUS_OK;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct passwd entry;
        struct passwd *found = NULL;
        char text[2048];
        if (getpwnam_r(names[i], &entry, text, sizeof(text), &found) != 0 || !found)
            continue;
        folder->uid = found->pw_uid;
        folder->gid = found->pw_gid;
        snprintf(folder->user, sizeof(folder->user), "%s", names[i]);
        return STATUS_OK;
    }
    return error_set(err, STATUS_UNAVAILABLE, "",
                     "nginx's workers need an unprivileged user: make one called www-data.");
}

/* A directory with this mode and group, made or put right. */
static enum status folder_put(const char *path, mode_t mode, uid_t uid, gid_t gid,
                              struct error *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return failed(err, path);
    struct stat about;
    if (lstat(path, &about) != 0 || !S_ISDIR(about.st_mode))
        return error_set(err, STATUS_UNAVAILABLE, "", "%.200s is not a directory.", path);
    if (gid != (gid_t)-1 && chown(path, uid, gid) != 0)
        return failed(err, path);
    return chmod(path, mode) == 0 ? STATUS_OK : failed(err, path);
}

static int entry_remove(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    if (remove(path) != 0)
        log_warn("nginx.folder", "error=%s", strerror(errno));
    return 0;
}

/* As root, DATA/front is a link to the folder under /var/tmp: so that the folder of a process
 * that was killed is found again, and removed. */
static void stale_remove(const char *link)
{
    static const char prefix[] = "/var/tmp/cadran-";
    char path[64];
    struct stat about;
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    if (len <= 0)
        return;
    path[len] = '\0';
    bool is_ours = strncmp(path, prefix, sizeof(prefix) - 1) == 0 &&
                   !strchr(path + sizeof(prefix) - 1, '/') && lstat(path, &about) == 0 &&
                   S_ISDIR(about.st_mode) && about.st_uid == geteuid();
    if (is_ours)
        nftw(path, entry_remove, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    unlink(link);
}

static enum status path_choose(struct nginx_folder *folder, const char *data, struct error *err)
{
    char *absolute = realpath(data, NULL);
    if (!absolute)
        return failed(err, data);
    bool fits =
        strlen(absolute) + strlen("/front") + SOCKET_NAME_MAX < sizeof(folder->api_socket);
    if (geteuid() != 0 && fits) {
        snprintf(folder->path, sizeof(folder->path), "%s/front", absolute);
        free(absolute);
        return folder_put(folder->path, 0700, 0, (gid_t)-1, err);
    }
    snprintf(folder->link, sizeof(folder->link), "%s/front", absolute);
    free(absolute);
    stale_remove(folder->link);
    snprintf(folder->path, sizeof(folder->path), "/var/tmp/cadran-XXXXXX");
    if (!mkdtemp(folder->path)) {
        folder->path[0] = '\0';
        return failed(err, "a directory in /var/tmp");
    }
    folder->is_ours = 1;
    if (symlink(folder->path, folder->link) != 0)
        log_warn("nginx.folder", "link=front error=%s", strerror(errno));
    return folder_put(folder->path, folder->gid == (gid_t)-1 ? 0700 : 0710, 0, folder->gid,
                      err);
}

static enum status file_copy(const char *from, const char *to, struct error *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    char bytes[65536];
    ssize_t got = in >= 0 && out >= 0 ? 1 : -1;
    while (got > 0) {
        got = read(in, bytes, sizeof(bytes));
        if (got > 0 && write(out, bytes, (size_t)got) != got)
            got = -1;
    }
    /* Umask may have taken the group's right to read. */
    bool is_right = got == 0 && fchmod(out, 0644) == 0;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return is_right ? STATUS_OK : failed(err, to);
}

static enum status tree_copy(const char *from, const char *to, int depth, struct error *err)
{
    DIR *directory = opendir(from);
    if (!directory || (mkdir(to, 0755) != 0 && errno != EEXIST) || chmod(to, 0755) != 0) {
        if (directory)
            closedir(directory);
        return failed(err, from);
    }
    enum status status = STATUS_OK;
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(directory)) != NULL;) {
        char source[NGINX_PATH_SIZE];
        char target[NGINX_PATH_SIZE];
        struct stat about;
        if (entry->d_name[0] == '.')
            continue;
        int a = snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
        int b = snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
        if (a >= (int)sizeof(source) || b >= (int)sizeof(target) || stat(source, &about) != 0)
            continue;
        if (S_ISREG(about.st_mode))
            status = file_copy(source, target, err);
        else if (S_ISDIR(about.st_mode) && depth < WEB_DEPTH_MAX)
            status = tree_copy(source, target, depth + 1, err);
    }
    closedir(directory);
    return status;
}

static enum status web_put(struct nginx_folder *folder, const char *web_root, struct error *err)
{
    char *absolute = realpath(web_root, NULL);
    if (!absolute)
        return error_set(err, STATUS_INVALID, "", "The web application is not at %.200s.",
                         web_root);
    enum status status = STATUS_OK;
    if (folder->gid == (gid_t)-1) {
        snprintf(folder->web, sizeof(folder->web), "%s", absolute);
    } else {
        snprintf(folder->web, sizeof(folder->web), "%s/web", folder->path);
        status = tree_copy(absolute, folder->web, 0, err);
    }
    free(absolute);
    return status;
}

enum status nginx_folder_make(struct nginx_folder *folder, const char *data,
                              const char *web_root, struct error *err)
{
    enum status status = user_choose(folder, err);
    if (status == STATUS_OK)
        status = path_choose(folder, data, err);
    if (status != STATUS_OK)
        return status;
    /* path_choose has seen to it that these fit. */
    snprintf(folder->api_socket, sizeof(folder->api_socket), "%.96s/api.sock", folder->path);
    snprintf(folder->push_socket, sizeof(folder->push_socket), "%.96s/push.sock", folder->path);
    snprintf(folder->spool, sizeof(folder->spool), "%s/spool", folder->path);
    snprintf(folder->files, sizeof(folder->files), "%s/files", folder->path);
    char temporary[NGINX_PATH_SIZE];
    snprintf(temporary, sizeof(temporary), "%s/temp", folder->path);
    /* Bodies that a killed nginx left behind. */
    nftw(folder->spool, entry_remove, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    /* Workers write the spool and temp; files they only read. */
    status = folder_put(folder->spool, 0700, folder->uid, folder->gid, err);
    if (status == STATUS_OK)
        status = folder_put(temporary, 0700, folder->uid, folder->gid, err);
    if (status == STATUS_OK)
        status = folder_put(folder->files, folder->gid == (gid_t)-1 ? 0700 : 0710, 0,
                            folder->gid, err);
    if (status == STATUS_OK && web_root)
        status = web_put(folder, web_root, err);
    return status;
}

void nginx_folder_remove(struct nginx_folder *folder)
{
    if (!folder->path[0])
        return;
    if (folder->is_ours) {
        nftw(folder->path, entry_remove, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
        unlink(folder->link);
    } else {
        nftw(folder->spool, entry_remove, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
        unlink(folder->api_socket);
        unlink(folder->push_socket);
    }
    folder->path[0] = '\0';
}

enum status nginx_folder_write(const struct nginx_folder *folder, const char *name,
                               const char *text, size_t len, struct error *err)
{
    char path[NGINX_PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failed(err, path);
    bool is_whole = write(fd, text, len) == (ssize_t)len;
    close(fd);
    return is_whole ? STATUS_OK : failed(err, path);
}

void nginx_folder_log_tail(const struct nginx_folder *folder, char *text, size_t size)
{
    char path[NGINX_PATH_SIZE];
    char line[1024];
    snprintf(path, sizeof(path), "%s/error.log", folder->path);
    snprintf(text, size, "it left no log");
    FILE *log = fopen(path, "re");
    while (log && fgets(line, sizeof(line), log)) {
        line[strcspn(line, "\n")] = '\0';
        snprintf(text, size, "%s", line);
    }
    if (log)
        fclose(log);
}
