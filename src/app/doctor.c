/* doctor.c -- `cadran doctor`: names what is wrong with this installation, and the mend.
 * Looks, changes nothing; works whether or not a server runs. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/app.h"
#include "app/database.h"
#include "app/options.h"
#include "cli/cli.h"
#include "cli/server_client.h"
#include "world/zone_load.h"

#define DESCRIPTORS_WANTED 8192
#define DISK_WANTED_MB 1024

struct checkup {
    const struct serve_options *options;
    bool is_running, is_json;
    int wrong;
    json_t *findings;
};

/* One finding: `mend` NULL = all is well. */
static void find(struct checkup *checkup, const char *thing, const char *mend, const char *what)
{
    if (mend)
        checkup->wrong++;
    if (!checkup->is_json)
        printf("%-5s  %-18s %s%s%s\n", mend ? "WRONG" : "ok", thing, what,
               mend ? "; mend: " : "", mend ? mend : "");
    json_array_append_new(checkup->findings,
                          json_pack("{s:s,s:b,s:s,s:s*}", "thing", thing, "ok", mend == NULL,
                                    "what", what, "mend", mend));
}

static void check_nginx(struct checkup *checkup)
{
    bool is_there = access("/usr/sbin/nginx", X_OK) == 0 ||
                    access("/usr/bin/nginx", X_OK) == 0 ||
                    access("/usr/local/sbin/nginx", X_OK) == 0;
    find(checkup, "nginx", is_there ? NULL : "install it: apt-get install nginx",
         is_there ? "found" : "not found, and the web side needs it");
}

static void check_zones(struct checkup *checkup)
{
    struct zone_table zones;
    struct error err;
    char what[ERROR_TEXT_MAX];
    if (zone_load(NULL, &zones, &err) != STATUS_OK) {
        find(checkup, "time zones", "install them: apt-get install tzdata", err.text);
        return;
    }
    snprintf(what, sizeof(what), "%zu zones", zones.count);
    find(checkup, "time zones", NULL, what);
    zone_unload(&zones);
}

static void check_descriptors(struct checkup *checkup)
{
    struct rlimit limit;
    char what[64];
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    snprintf(what, sizeof(what), "%llu at most", (unsigned long long)limit.rlim_max);
    find(checkup, "open files",
         limit.rlim_max >= DESCRIPTORS_WANTED ? NULL : "raise the limit: ulimit -Hn 65536",
         what);
}

static void check_data(struct checkup *checkup)
{
    const char *data = checkup->options->data;
    struct stat about;
    struct statvfs disk;
    char what[600];
    if (stat(data, &about) != 0) {
        snprintf(what, sizeof(what), "%.400s is not there yet; the first start makes it", data);
        find(checkup, "data directory", NULL, what);
        return;
    }
    bool is_private = (about.st_mode & 077) == 0;
    bool is_ours = about.st_uid == geteuid() || geteuid() == 0;
    snprintf(what, sizeof(what), "%.400s, mode %03o", data, (unsigned)(about.st_mode & 0777));
    find(checkup, "data directory",
         !is_ours     ? "it belongs to another user: run as that user"
         : is_private ? NULL
                      : "others may read it: chmod 700",
         what);
    if (statvfs(data, &disk) == 0) {
        unsigned long long free_mb =
            (unsigned long long)disk.f_bavail * disk.f_frsize / (1024 * 1024);
        snprintf(what, sizeof(what), "%llu MB free", free_mb);
        find(checkup, "disk", free_mb >= DISK_WANTED_MB ? NULL : "make room on it", what);
    }
}

static void check_database(struct checkup *checkup)
{
    char path[600], about[128];
    struct store_port store;
    struct error err;
    if (checkup->options->database[0]) {
        bool is_well = database_check(checkup->options->database, about, &err) == STATUS_OK;
        find(checkup, "database", is_well ? NULL : "do what it says, or mend the URL",
             is_well ? about : err.text);
        return;
    }
    snprintf(path, sizeof(path), "%.500s/" DATABASE_FILE, checkup->options->data);
    if (access(path, F_OK) != 0 || checkup->is_running)
        return; /* none yet, or in use by the server, which opened it */
    if (database_open("", checkup->options->data, &store, &err) != STATUS_OK) {
        find(checkup, "database", "restore a backup, or run the version that wrote it",
             err.text);
        return;
    }
    store.ops->destroy(store.self);
    find(checkup, "database", NULL, "opens, and its schema is this version's");
}

static void check_port(struct checkup *checkup, const char *thing, const char *address,
                       int port, int type)
{
    char what[64];
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (checkup->is_running || !port || inet_pton(AF_INET, address, &local.sin_addr) != 1)
        return;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    bool is_free = bind(fd, (struct sockaddr *)&local, sizeof(local)) == 0;
    close(fd);
    snprintf(what, sizeof(what), "%s:%d is %s", address, port, is_free ? "free" : "in use");
    find(checkup, thing, is_free ? NULL : "end what uses it, or choose another port", what);
}

static void check_server(struct checkup *checkup)
{
    struct server_answer answer;
    struct error err;
    checkup->is_running =
        server_call(checkup->options->data, "GET", "/health", NULL, &answer, &err) == STATUS_OK;
    json_decref(answer.body);
    find(checkup, "server", NULL, checkup->is_running ? "runs, and answers" : "does not run");
}

int app_doctor(int argc, char **argv)
{
    struct serve_options options;
    struct error err = {0};
    bool wants_help;
    struct checkup checkup = {.options = &options};
    for (int i = 1; i < argc; i++) /* --json is doctor's own; the rest is serve's */
        if (strcmp(argv[i], "--json") == 0) {
            checkup.is_json = true;
            memmove(&argv[i], &argv[i + 1], (size_t)(argc - i) * sizeof(*argv));
            argc--;
        }
    if (options_read(argc, argv, false, &options, &wants_help, &err) != STATUS_OK) {
        cli_fail("doctor", &err);
        return CLI_WRONG_USAGE;
    }
    if (wants_help) {
        puts("usage: cadran doctor [--json] [the options of cadran serve]");
        return CLI_DONE;
    }
    checkup.findings = json_array();
    check_server(&checkup);
    check_nginx(&checkup);
    check_zones(&checkup);
    check_descriptors(&checkup);
    check_data(&checkup);
    check_database(&checkup);
    char address[16];
    int port;
    if (cli_address("--http", options.http, address, &port, &err) == STATUS_OK)
        check_port(&checkup, "HTTP port", address, port, SOCK_STREAM);
    check_port(&checkup, "SIP port", options.sip_address, options.sip_port, SOCK_DGRAM);
    if (checkup.is_json) {
        json_t *all =
            json_pack("{s:i,s:O}", "wrong", checkup.wrong, "findings", checkup.findings);
        char *text = json_dumps(all, JSON_COMPACT);
        puts(text);
        free(text);
        json_decref(all);
    } else {
        printf("%d wrong\n", checkup.wrong);
    }
    json_decref(checkup.findings);
    return checkup.wrong ? CLI_FAILED : CLI_DONE;
}
