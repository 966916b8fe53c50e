#include "http/nginx.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/ensure.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/nginx_config.h"
#include "http/nginx_folder.h"

#define ADDRESS_SIZE 64
#define CONFIG_MAX (256 * 1024)
#define READY_TIMEOUT_MS 10000
#define RESTART_WAIT_LEAST_MS 100
#define RESTART_WAIT_MOST_MS 5000
#define QUIT_WAIT_MS 2500
#define UPLOAD_MAX_DEFAULT (INT64_C(2) * 1024 * 1024 * 1024)

struct nginx {
    struct nginx_folder folder;
    char http[ADDRESS_SIZE], https[ADDRESS_SIZE];
    int listeners[2]; /* -1: none */
    char *certificate, *key, *program;
    int64_t upload_max;
    int32_t address_connections_max;
    pthread_t watcher;
    bool has_watcher;
    int wake;       /* eventfd: stop */
    int started[2]; /* pipe: the watcher says how the first start went */
    atomic_int pid;
};

/* --- Listening sockets ----------------------------------------------------------------------
 */

/* "[::1]:80" -> "::1" and "80". */
static bool address_split(const char *text, char host[ADDRESS_SIZE], char port[8])
{
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || strlen(colon + 1) == 0 || strlen(colon + 1) > 5 ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    size_t len = (size_t)(colon - text);
    if (text[0] == '[' && colon[-1] == ']') {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= ADDRESS_SIZE)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

static void address_name(int fd, char text[ADDRESS_SIZE])
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    char host[48] = "";
    char port[8] = "";
    ensure(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    ensure(getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
                       NI_NUMERICHOST | NI_NUMERICSERV) == 0);
    snprintf(text, ADDRESS_SIZE, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
             port);
}

static enum status listener_open(const char *text, int *listener, char name[ADDRESS_SIZE],
                                 struct error *err)
{
    char host[ADDRESS_SIZE];
    char port[8];
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    if (!address_split(text, host, port) || getaddrinfo(host, port, &hints, &found) != 0)
        return error_set(err, STATUS_INVALID, "",
                         "%s is not an address to listen on: write ADDRESS:PORT.", text);
    /* nginx leaves an inherited socket as it is: a worker that came too late for a connection
     * would wait in accept, and every connection that it holds with it. */
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    bool is_bound = fd >= 0 &&
                    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
                    (found->ai_family != AF_INET6 ||
                     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == 0) &&
                    bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 4096) == 0;
    int reason = errno;
    freeaddrinfo(found);
    if (!is_bound) {
        if (fd >= 0)
            close(fd);
        return error_set(err, STATUS_UNAVAILABLE, "",
                         "Cannot listen on %s: %s. Choose another with --http.", text,
                         strerror(reason));
    }
    *listener = fd;
    address_name(fd, name);
    return STATUS_OK;
}

/* --- The process ----------------------------------------------------------------------------
 */

/* Runs in the child: only calls that are safe between fork and exec. */
static void child_run(const struct nginx *nginx, char *const argv[], char *const envp[])
{
    /* Its own group: a terminal's Ctrl-C is for us, and workers can be reached without it. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < 32; number++)
        signal(number, SIG_DFL);
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        _exit(126);
    for (int i = 0; i < 2; i++) {
        if (nginx->listeners[i] >= 0)
            fcntl(nginx->listeners[i], F_SETFD, 0);
    }
    execvpe(argv[0], argv, envp);
    _exit(127);
}

static pid_t process_start(const struct nginx *nginx)
{
    char config[NGINX_PATH_SIZE];
    char log[NGINX_PATH_SIZE];
    char inherited[64] = "NGINX=";
    snprintf(config, sizeof(config), "%s/nginx.conf", nginx->folder.path);
    snprintf(log, sizeof(log), "%s/error.log", nginx->folder.path);
    size_t len = strlen(inherited);
    for (int i = 0; i < 2; i++) {
        if (nginx->listeners[i] >= 0)
            len += (size_t)snprintf(inherited + len, sizeof(inherited) - len, "%d;",
                                    nginx->listeners[i]);
    }
    char path[] = "PATH=/usr/sbin:/usr/local/sbin:/usr/bin:/bin:/usr/local/bin";
    char *argv[] = {
        nginx->program, "-p", (char *)nginx->folder.path, "-c", config, "-e", log, NULL};
    char *envp[] = {inherited, path, NULL};
    pid_t pid = fork();
    if (pid == 0)
        child_run(nginx, argv, envp);
    return pid;
}

/* Asks /_ready through the port. The socket listens already, so this waits for nginx to accept
 * and needs no polling. */
static bool is_answering(const struct nginx *nginx, int timeout_ms)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    int listener = nginx->listeners[0] >= 0 ? nginx->listeners[0] : nginx->listeners[1];
    if (getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        return false;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval wait = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    static const char question[] = "GET /_ready HTTP/1.0\r\n\r\n";
    char answer[16];
    /* A TLS port answers a plain request with 400: it answers. */
    bool is_ready = fd >= 0 &&
                    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
                    connect(fd, (struct sockaddr *)&address, len) == 0 &&
                    send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL) > 0 &&
                    recv(fd, answer, sizeof(answer), MSG_WAITALL) > 0;
    if (fd >= 0)
        close(fd);
    return is_ready;
}

static bool is_woken(const struct nginx *nginx, int timeout_ms)
{
    struct pollfd poller = {.fd = nginx->wake, .events = POLLIN};
    return poll(&poller, 1, timeout_ms) > 0;
}

/* Waits for the process or the stop. True: the process has ended. */
static bool process_wait(const struct nginx *nginx, pid_t pid, int timeout_ms, bool may_wake)
{
    int pidfd = pidfd_open(pid, 0);
    struct pollfd pollers[2] = {{.fd = pidfd, .events = POLLIN},
                                {.fd = may_wake ? nginx->wake : -1, .events = POLLIN}};
    while (poll(pollers, 2, timeout_ms) < 0 && errno == EINTR)
        ;
    bool has_ended = pollers[0].revents != 0;
    if (pidfd >= 0)
        close(pidfd);
    return has_ended;
}

static void process_end(struct nginx *nginx, pid_t pid)
{
    static const int signals[] = {SIGQUIT, SIGTERM, SIGKILL};
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        kill(pid, signals[i]);
        if (process_wait(nginx, pid, i == 0 ? QUIT_WAIT_MS : 1000, false))
            break;
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    kill(-pid, SIGKILL); /* workers of a main process that had to be killed */
    atomic_store(&nginx->pid, 0);
}

/* The child dies with the thread that forked it (PR_SET_PDEATHSIG), so this thread does. */
static void *watcher_main(void *argument)
{
    struct nginx *nginx = argument;
    int wait_ms = RESTART_WAIT_LEAST_MS;
    for (bool is_first = true;; is_first = false) {
        pid_t pid = process_start(nginx);
        struct mono started_at = instant_mono_now();
        atomic_store(&nginx->pid, (int)pid);
        if (is_first) {
            ssize_t told = write(nginx->started[1], &pid, sizeof(pid));
            ensure(told == (ssize_t)sizeof(pid));
        }
        if (pid > 0 && !process_wait(nginx, pid, -1, true)) {
            process_end(nginx, pid);
            return NULL;
        }
        int how = 0;
        if (pid > 0)
            while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
                ;
        atomic_store(&nginx->pid, 0);
        if (pid > 0)
            kill(-pid, SIGQUIT); /* its workers live on and serve: let them finish and go */
        log_error("nginx.ended", "status=%d restart_ms=%d log=%s/error.log", how, wait_ms,
                  nginx->folder.path);
        if (is_woken(nginx, wait_ms))
            return NULL;
        bool was_long = instant_mono_now().us - started_at.us > 30 * US_PER_S;
        wait_ms = was_long ? RESTART_WAIT_LEAST_MS : wait_ms * 2;
        if (wait_ms > RESTART_WAIT_MOST_MS)
            wait_ms = RESTART_WAIT_MOST_MS;
    }
}

/* --- Life -----------------------------------------------------------------------------------
 */

static char *copy(const char *text)
{
    return text ? memory_text(text, strlen(text)) : NULL;
}

static char *program_find(const char *wanted)
{
    if (wanted)
        return copy(wanted);
    return copy(access("/usr/sbin/nginx", X_OK) == 0 ? "/usr/sbin/nginx" : "nginx");
}

static enum status listeners_open(struct nginx *nginx, const struct nginx_options *options,
                                  struct error *err)
{
    enum status status = STATUS_OK;
    if (!options->http && !options->https)
        return error_set(err, STATUS_INVALID, "", "No address to listen on was given.");
    if (options->https && (!options->certificate || !options->key))
        return error_set(err, STATUS_INVALID, "", "HTTPS needs a certificate and its key.");
    if (options->http)
        status = listener_open(options->http, &nginx->listeners[0], nginx->http, err);
    if (status == STATUS_OK && options->https)
        status = listener_open(options->https, &nginx->listeners[1], nginx->https, err);
    return status;
}

enum status nginx_prepare(const struct nginx_options *options, struct nginx **result,
                          struct error *err)
{
    *result = NULL;
    struct nginx *nginx = memory_new(1, sizeof(*nginx));
    nginx->listeners[0] = nginx->listeners[1] = -1;
    nginx->started[0] = nginx->started[1] = -1;
    nginx->wake = eventfd(0, EFD_CLOEXEC);
    nginx->program = program_find(options->program);
    nginx->certificate = options->certificate ? realpath(options->certificate, NULL) : NULL;
    nginx->key = options->key ? realpath(options->key, NULL) : NULL;
    nginx->upload_max = options->upload_max ? options->upload_max : UPLOAD_MAX_DEFAULT;
    nginx->address_connections_max =
        options->address_connections_max ? options->address_connections_max : 4000;
    enum status status = STATUS_OK;
    if ((options->certificate && !nginx->certificate) || (options->key && !nginx->key))
        status = error_set(err, STATUS_INVALID, "", "The certificate or its key is not there.");
    if (status == STATUS_OK)
        status = listeners_open(nginx, options, err);
    if (status == STATUS_OK)
        status = nginx_folder_make(&nginx->folder, options->data, options->web_root, err);
    if (status != STATUS_OK) {
        nginx_stop(nginx);
        return status;
    }
    *result = nginx;
    return STATUS_OK;
}

static int32_t connections_allowed(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY ||
        limit.rlim_max > 32768)
        return 16384;
    return (int32_t)(limit.rlim_max / 2);
}

static enum status config_write(struct nginx *nginx, struct error *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const struct nginx_config config = {
        .prefix = nginx->folder.path,
        .user = nginx->folder.user[0] ? nginx->folder.user : NULL,
        .http = nginx->http[0] ? nginx->http : NULL,
        .https = nginx->https[0] ? nginx->https : NULL,
        .certificate = nginx->certificate,
        .key = nginx->key,
        .web_root = nginx->folder.web[0] ? nginx->folder.web : NULL,
        .upload_max = nginx->upload_max,
        .address_connections_max = nginx->address_connections_max,
        .workers = cores < 1 ? 1 : (cores > 4 ? 4 : (int32_t)cores),
        .worker_connections = connections_allowed(),
    };
    struct buffer text;
    buffer_init(&text, CONFIG_MAX);
    enum status status = nginx_config_write(&config, &text, err);
    if (status == STATUS_OK)
        status = nginx_folder_write(&nginx->folder, "nginx.conf", text.data, text.len, err);
    buffer_fini(&text);
    return status;
}

static enum status start_wait(struct nginx *nginx, struct error *err)
{
    pid_t pid = -1;
    ssize_t got = read(nginx->started[0], &pid, sizeof(pid));
    struct mono give_up = {instant_mono_now().us + READY_TIMEOUT_MS * US_PER_MS};
    while (got == (ssize_t)sizeof(pid) && pid > 0 && instant_mono_now().us < give_up.us) {
        if (is_answering(nginx, 200))
            return STATUS_OK;
        if (atomic_load(&nginx->pid) != (int)pid)
            break; /* it ended at once: the reason is in its log */
    }
    char reason[ERROR_TEXT_MAX / 2];
    nginx_folder_log_tail(&nginx->folder, reason, sizeof(reason));
    return error_set(
        err, STATUS_UNAVAILABLE, "",
        "nginx does not start (%s): %s. Install the nginx package, or see its log.",
        nginx->program, reason);
}

enum status nginx_start(struct nginx *nginx, struct error *err)
{
    enum status status = config_write(nginx, err);
    if (status != STATUS_OK)
        return status;
    if (pipe2(nginx->started, O_CLOEXEC) != 0 ||
        pthread_create(&nginx->watcher, NULL, watcher_main, nginx) != 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "No thread to watch nginx: %s.",
                         strerror(errno));
    nginx->has_watcher = true;
    return start_wait(nginx, err);
}

void nginx_stop(struct nginx *nginx)
{
    if (!nginx)
        return;
    if (nginx->has_watcher) {
        uint64_t one = 1;
        ensure(write(nginx->wake, &one, sizeof(one)) == (ssize_t)sizeof(one));
        pthread_join(nginx->watcher, NULL);
    }
    const int fds[] = {nginx->listeners[0], nginx->listeners[1], nginx->wake, nginx->started[0],
                       nginx->started[1]};
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    nginx_folder_remove(&nginx->folder);
    free(nginx->certificate);
    free(nginx->key);
    free(nginx->program);
    free(nginx);
}

const char *nginx_api_socket(const struct nginx *nginx)
{
    return nginx->folder.api_socket;
}

const char *nginx_push_socket(const struct nginx *nginx)
{
    return nginx->folder.push_socket;
}

const char *nginx_spool(const struct nginx *nginx)
{
    return nginx->folder.spool;
}

const char *nginx_files(const struct nginx *nginx)
{
    return nginx->folder.files;
}

uid_t nginx_uid(const struct nginx *nginx)
{
    return nginx->folder.uid;
}

gid_t nginx_gid(const struct nginx *nginx)
{
    return nginx->folder.gid;
}

const char *nginx_http_address(const struct nginx *nginx)
{
    return nginx->http;
}

const char *nginx_https_address(const struct nginx *nginx)
{
    return nginx->https;
}

pid_t nginx_pid(struct nginx *nginx)
{
    return (pid_t)atomic_load(&nginx->pid);
}
