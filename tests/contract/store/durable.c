/* What outlives the process: run on back ends that can be opened again. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

static void reopens_with_everything_in_its_place(void **state)
{
    struct fixture *f = *state;
    int64_t id;
    OK(OPS->entity_create(SELF, ENTITY_USER, "Zoé", "{\"k\":1}", NULL, 0, NOW, &id, &f->err));
    uint8_t key[32], again[32];
    OK(OPS->key_get(SELF, "guid", key, &f->err));
    add_contacts(f, 5);
    int64_t pass = start_campaign(f);
    struct claimed claimed = claim_some(f, pass, 1, NOW, 2);
    struct dialer_write intent = intent_for(f, pass, &claimed.candidates[0], 1);
    assert_int_equal(commit_one(f, &intent), WRITE_COMMITTED);
    struct dialer_write defer = write_for(f, DIALER_DEFER, pass, &claimed.candidates[1], 1);
    defer.due_class = DUE_RECALL;
    defer.due_at = NOW;
    assert_int_equal(commit_one(f, &defer), WRITE_COMMITTED);
    factory.close(&f->store);
    factory.open(&f->store);
    struct entity entity;
    OK(OPS->entity_find(SELF, ENTITY_USER, "zoé", &f->arena, &entity, &f->err));
    assert_string_equal(entity.document, "{\"k\":1}");
    OK(OPS->key_get(SELF, "guid", again, &f->err));
    assert_memory_equal(key, again, sizeof(key));
    /* The cursor stands behind the two that were consumed; a build resumes and adds nothing. */
    build_queue(f, pass);
    claimed = claim_some(f, pass, 1, NOW, 9);
    assert_int_equal(claimed.count, 4);
    assert_int_equal(claimed.candidates[0].from, DUE_RECALL);
    assert_int_equal(claimed.candidates[1].contact.id.value, contact_id_of(3).value);
    static struct queue_lane lanes[QUEUE_LANE_MAX];
    size_t count;
    OK(OPS->queue_lanes(SELF, CAMPAIGN, lanes, &count, &f->err));
    assert_int_equal(count, 1);
    assert_int_equal(lanes[0].queued, 5);
}

#define KILL_CONTACTS 400

/* The child: dials one contact after the other, and writes each committed call to the pipe. */
static void dial_until_killed(struct fixture *f, int64_t pass, int fd)
{
    for (;;) {
        struct claimed claimed = claim_some(f, pass, 1, NOW, 4);
        struct dialer_write writes[4];
        enum dialer_result results[4];
        struct dialer_batch batch = {1, f->epoch, claimed.count, writes, results};
        for (int32_t i = 0; i < claimed.count; i++)
            writes[i] = intent_for(f, pass, &claimed.candidates[i], 1);
        if (OPS->commit(SELF, &batch, &f->err))
            _exit(2);
        for (int32_t i = 0; i < claimed.count; i++)
            if (write(fd, &writes[i].call.value, sizeof(int64_t)) != sizeof(int64_t))
                _exit(3);
        if (!claimed.count)
            pause();
    }
}

/* S1, S2, S3: kills a child with SIGKILL amid its commits; what it was answered is there. */
static void an_acknowledged_intent_survives_kill_9(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 6; round++) {
        OK(OPS->contacts_clear(SELF, LIST, &f->err));
        for (int i = 0; i < KILL_CONTACTS; i++) {
            struct contact_write write = contact_of(i + 1, 1);
            OK(OPS->contacts_write(SELF, STORE_BULK, LIST, CONTACT_INSERT, &write, 1, NOW, NULL,
                                   &f->err));
        }
        int64_t pass = start_campaign(f);
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        factory.close(&f->store); /* a database must not be carried over a fork */
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            factory.open(&f->store);
            dial_until_killed(f, pass, ends[1]);
        }
        close(ends[1]);
        int64_t acknowledged[KILL_CONTACTS];
        size_t count = 0;
        while (count < (size_t)(10 + round * 23) &&
               read(ends[0], &acknowledged[count], sizeof(int64_t)) == sizeof(int64_t))
            count++;
        assert_int_equal(count, 10 + round * 23);
        kill(child, SIGKILL);
        while (count < KILL_CONTACTS &&
               read(ends[0], &acknowledged[count], sizeof(int64_t)) == sizeof(int64_t))
            count++;
        close(ends[0]);
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        factory.open(&f->store);
        OK(OPS->epoch_take(SELF, 1, NOW, &f->epoch, &f->err));
        struct attempt_query query = {
            .campaign = CAMPAIGN, .limit = KILL_CONTACTS, .is_newest_first = true};
        struct attempt_record *attempts;
        size_t stored;
        OK(OPS->attempts_list(SELF, &query, &f->arena, &attempts, &stored, &f->err));
        size_t of_pass = 0;
        while (of_pass < stored && attempts[of_pass].pass == pass)
            of_pass++;
        assert_true(of_pass >= count && of_pass % 4 == 0); /* whole batches */
        for (size_t i = 0; i < count; i++)
            assert_int_equal(attempts[of_pass - 1 - i].call.value, acknowledged[i]);
        struct claimed claimed = claim_some(f, pass, 1, NOW, KILL_CONTACTS);
        assert_int_equal(claimed.count, KILL_CONTACTS - (int)of_pass);
        for (int32_t i = 0; i < claimed.count; i++)
            assert_int_not_equal(claimed.candidates[i].contact.pass, pass);
        f->call_last += KILL_CONTACTS;
    }
}

const struct CMUnitTest durable_tests[] = {
    TEST(reopens_with_everything_in_its_place),
    TEST(an_acknowledged_intent_survives_kill_9),
};
const size_t durable_test_count = ARRAY_LEN(durable_tests);
