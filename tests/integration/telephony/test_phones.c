/* Agents' phones, with baresip as the phone: registered by digest, rung, answered, heard. */
#include <arpa/inet.h>
#include <dirent.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness.h"

struct baresip {
    struct peer peer;
    char folder[64];
};

static FILE *open_in(const char *folder, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    return file;
}

/* A phone that answers by itself, plays 1,000 Hz and records what it hears. */
static struct baresip baresip_start(uint16_t registrar, const char *user, const char *password,
                                    const char *transport, const char *codec)
{
    struct baresip phone;
    snprintf(phone.folder, sizeof(phone.folder), "/tmp/cadran-phone-XXXXXX");
    assert_non_null(mkdtemp(phone.folder));
    FILE *config = open_in(phone.folder, "config");
    fprintf(
        config,
        "poll_method epoll\nsip_listen 127.0.0.1:%u\naudio_source ausine,1000\n"
        "audio_player aubridge,x\naudio_alert aubridge,y\nausrc_srate 48000\nausrc_channels 2\n"
        "auplay_srate 8000\n"
        "module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule ausine.so\n"
        "module aubridge.so\nmodule sndfile.so\nsnd_path %s\nmodule_tmp account.so\n"
        "module_app menu.so\n",
        free_port(), phone.folder);
    fclose(config);
    FILE *accounts = open_in(phone.folder, "accounts");
    fprintf(accounts,
            "<sip:%s@127.0.0.1:%u;transport=%s>;auth_user=%s;auth_pass=%s;answermode=auto;"
            "regint=60;audio_codecs=%s\n",
            user, registrar, transport, user, password, codec);
    fclose(accounts);
    const char *argv[] = {"baresip", "-s", "-f", phone.folder, NULL};
    phone.peer = peer_start(argv);
    return phone;
}

/* Ends it politely: it un-registers. What it recorded stays until baresip_stop. */
static void baresip_quit(struct baresip *phone)
{
    if (phone->peer.pid > 0)
        kill(phone->peer.pid, SIGTERM);
    peer_wait(&phone->peer);
}

static void baresip_stop(struct baresip *phone)
{
    char path[512];
    peer_kill(&phone->peer);
    DIR *folder = opendir(phone->folder);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        snprintf(path, sizeof(path), "%s/%s", phone->folder, entry->d_name);
        unlink(path);
    }
    closedir(folder);
    rmdir(phone->folder);
}

/* The share of a frequency in the last second of what the phone recorded of its far end. */
static double recorded_share(const struct baresip *phone, double hertz)
{
    char path[512] = "";
    static int16_t samples[8000 * 60];
    DIR *folder = opendir(phone->folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strstr(entry->d_name, "dec.wav"))
            snprintf(path, sizeof(path), "%s/%s", phone->folder, entry->d_name);
    closedir(folder);
    FILE *file = path[0] ? fopen(path, "r") : NULL;
    if (!file)
        return 0;
    fseek(file, 44, SEEK_SET);
    size_t count = fread(samples, sizeof(int16_t), sizeof(samples) / sizeof(int16_t), file);
    fclose(file);
    if (count < 8000)
        return 0;
    double coefficient = 2 * cos(2 * M_PI * hertz / 8000.0), s1 = 0, s2 = 0, total = 1;
    for (size_t i = count - 8000; i < count; i++) {
        double s0 = samples[i] + coefficient * s1 - s2;
        s2 = s1;
        s1 = s0;
        total += (double)samples[i] * samples[i];
    }
    return (s1 * s1 + s2 * s2 - coefficient * s1 * s2) / (total * 8000 / 2);
}

static void phone_config(struct harness *harness, int64_t id, const char *user,
                         const char *password)
{
    struct telephony_command command = {.kind = TELEPHONY_PHONE_SET, .phone = {.id = {id}}};
    snprintf(command.phone.user, sizeof(command.phone.user), "%s", user);
    snprintf(command.phone.password, sizeof(command.phone.password), "%s", password);
    assert_int_equal(harness->port.post(harness->port.self, &command), STATUS_OK);
}

static void await_registration(struct harness *harness, bool is_registered)
{
    struct telephony_event event =
        harness_await(harness, TELEPHONY_PHONE_STATE, (struct leg_id){0});
    assert_int_equal(event.phone.phone.value, 7);
    assert_int_equal(event.phone.is_registered, is_registered);
}

static void agent_and_customer(const char *transport, const char *codec)
{
    struct harness harness;
    struct telephony_options options = harness_options();
    struct party customer;
    party_start(&customer, 0, 440, 0, 0);
    uint16_t carrier_port = free_port();
    struct peer carrier = sipp_start("answer", carrier_port, customer.port, NULL);
    harness_start(&harness, &options);
    phone_config(&harness, 7, "anna", "pa:ss word");
    phone_config(&harness, 7, "anna", "secret7");
    struct baresip phone = baresip_start(telephony_phone_port(harness.telephony), "anna",
                                         "secret7", transport, codec);
    await_registration(&harness, true);

    struct leg_id agent = harness_ring(&harness, 7, 10000);
    harness_await(&harness, TELEPHONY_ANSWERED, agent);
    struct trunk_config trunk = harness_trunk_config(carrier_port);
    harness_trunk(&harness, &trunk);
    struct leg_id call = harness_dial(&harness, 5000);
    harness_await(&harness, TELEPHONY_ANSWERED, call);
    harness_bridge(&harness, agent, call);
    assert_true(party_hears(&customer, 1000));
    usleep(1500000); /* what the phone records needs a second of it */
    harness_hang_up(&harness, call);
    struct telephony_event ended = harness_await(&harness, TELEPHONY_ENDED, call);
    assert_int_equal(ended.ended.packets_lost, 0);
    harness_hang_up(&harness, agent);
    ended = harness_await(&harness, TELEPHONY_ENDED, agent);
    assert_int_equal(ended.ended.outcome, OUTCOME_PERSON);
    assert_true(ended.ended.packets_received > 50);
    assert_int_equal(peer_wait(&carrier), 0);
    baresip_quit(&phone);
    await_registration(&harness, false);
    double share = recorded_share(&phone, 440);
    if (share < 0.8)
        print_error("the phone recorded %.3f of 440 Hz\n", share);
    assert_true(share > 0.8);
    baresip_stop(&phone);
    harness_stop(&harness);
    party_stop(&customer);
}

static void an_agent_with_a_udp_phone_and_a_customer_hear_each_other(void **state)
{
    (void)state;
    agent_and_customer("udp", "pcma");
}

static void an_agent_with_a_tcp_phone_and_a_customer_hear_each_other(void **state)
{
    (void)state;
    agent_and_customer("tcp", "pcmu");
}

static void a_wrong_password_registers_nothing(void **state)
{
    (void)state;
    struct harness harness;
    struct telephony_options options = harness_options();
    struct telephony_event event;
    harness_start(&harness, &options);
    phone_config(&harness, 7, "anna", "secret7");
    struct baresip phone =
        baresip_start(telephony_phone_port(harness.telephony), "anna", "wrong", "udp", "pcmu");
    assert_false(mailbox_take(harness.events, &event, 2000));
    struct leg_id leg = harness_ring(&harness, 7, 1000);
    event = harness_await(&harness, TELEPHONY_ENDED, leg);
    assert_int_equal(event.ended.outcome, OUTCOME_FAILED);
    assert_non_null(strstr(event.ended.reason, "not registered"));
    baresip_stop(&phone);
    harness_stop(&harness);
}

/* Sends a request and returns the status of the answer; 0 = none. */
static int ask(uint16_t port, const char *method, int number)
{
    char text[1024];
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int len = snprintf(text, sizeof(text),
                       "%s sip:anna@127.0.0.1 SIP/2.0\r\n"
                       "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK%s%d;rport\r\n"
                       "From: <sip:anna@127.0.0.1>;tag=1\r\nTo: <sip:anna@127.0.0.1>\r\n"
                       "Call-ID: %s%d\r\nCSeq: 1 %s\r\nContact: <sip:anna@127.0.0.1:9>\r\n"
                       "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                       method, method, number, method, number, method);
    sendto(fd, text, (size_t)len, 0, (struct sockaddr *)&in, sizeof(in));
    int status = 0;
    for (int i = 0; i < 5 && status < 200; i++) {
        struct pollfd poller = {fd, POLLIN, 0};
        if (poll(&poller, 1, 2000) != 1)
            break;
        ssize_t got = recv(fd, text, sizeof(text) - 1, 0);
        text[got > 0 ? got : 0] = '\0';
        sscanf(text, "SIP/2.0 %d", &status);
    }
    close(fd);
    return status;
}

static void strangers_are_refused_and_their_number_is_limited(void **state)
{
    (void)state;
    struct harness harness;
    struct telephony_options options = harness_options();
    options.unauthenticated_max = 20;
    harness_start(&harness, &options);
    phone_config(&harness, 7, "anna", "secret7");
    uint16_t port = telephony_phone_port(harness.telephony);
    assert_int_equal(ask(port, "INVITE", 1), 403);
    assert_int_equal(ask(telephony_trunk_port(harness.telephony), "INVITE", 2), 403);
    for (int i = 0; i < 20; i++)
        assert_int_equal(ask(port, "REGISTER", i), 401);
    assert_int_equal(ask(port, "REGISTER", 21), 503);
    harness_stop(&harness);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agent_with_a_udp_phone_and_a_customer_hear_each_other),
        cmocka_unit_test(an_agent_with_a_tcp_phone_and_a_customer_hear_each_other),
        cmocka_unit_test(a_wrong_password_registers_nothing),
        cmocka_unit_test(strangers_are_refused_and_their_number_is_limited),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
