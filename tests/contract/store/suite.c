#include "suite.h"

#include <stdlib.h>

int fixture_setup(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    arena_init(&f->arena);
    factory.create(&f->store);
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    factory.destroy(&f->store);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

void assert_ok(enum status status, const struct error *err, const char *file, int line)
{
    if (status == STATUS_OK)
        return;
    print_error("%s: %s: %s\n", status_name(status), err->path, err->text);
    _fail(file, line);
}

int64_t number_of(int i)
{
    return INT64_C(33100000000) + i;
}

struct contact_id contact_id_of(int sequence)
{
    return (struct contact_id){(LIST.value << CONTACT_SEQUENCE_BITS) | sequence};
}

struct contact_write contact_of(int i, int32_t zone_set)
{
    struct contact_write write = {
        .data = "[\"+33 1\",\"Jean\"]",
        .is_callable = true,
        .address_count = 1,
    };
    write.addresses[0] =
        (struct contact_address){.column = 0, .number = number_of(i), .zone_set = {zone_set}};
    return write;
}

void add_contacts(struct fixture *f, int count)
{
    for (int i = 1; i <= count; i++) {
        struct contact_write write = contact_of(i, 1);
        struct contact_id id;
        OK(OPS->contacts_write(SELF, STORE_API, LIST, CONTACT_INSERT, &write, 1, NOW, &id,
                               &f->err));
        assert_int_equal(id.value, contact_id_of(i).value);
    }
}

void build_queue(struct fixture *f, int64_t pass)
{
    struct queue_order order = {.campaign = CAMPAIGN,
                                .list = LIST,
                                .pass = pass,
                                .column_count = 2,
                                .columns = {0, 1},
                                .now = NOW};
    struct queue_build build = {0};
    for (int i = 0; i < 10000 && !build.is_done; i++)
        OK(OPS->queue_build(SELF, &order, &build, &f->err));
    assert_true(build.is_done);
}

int64_t start_campaign(struct fixture *f)
{
    int64_t pass;
    OK(OPS->epoch_take(SELF, 1, NOW, &f->epoch, &f->err));
    OK(OPS->pass_draw(SELF, &pass, &f->err));
    build_queue(f, pass);
    return pass;
}

struct claimed claim_some(struct fixture *f, int64_t pass, int32_t zone_set, struct wall now,
                          int32_t limit)
{
    struct claim claim = {
        .campaign = CAMPAIGN,
        .list = LIST,
        .pass = pass,
        .zone_set = {zone_set},
        .after = {.rank_len = -1},
        .now = now,
        .fresh_limit = limit,
        .due_limit = limit,
    };
    struct claimed claimed;
    OK(OPS->claim(SELF, &claim, 1, &f->arena, &claimed, &f->err));
    return claimed;
}

struct dialer_write write_for(struct fixture *f, enum dialer_write_kind kind, int64_t pass,
                              const struct candidate *candidate, int32_t zone_set)
{
    (void)f;
    return (struct dialer_write){
        .kind = kind,
        .campaign = CAMPAIGN,
        .pass = pass,
        .contact = candidate->contact.id,
        .at = NOW,
        .zone_set = {zone_set},
        .from = candidate->from,
        .position = candidate->position,
        .due_from = candidate->due_at,
        .due_column = -1,
        .change =
            {
                .state = candidate->contact.state,
                .is_callable = candidate->contact.is_callable,
                .address_index = -1,
                .next_index = -1,
            },
    };
}

struct dialer_write intent_for(struct fixture *f, int64_t pass,
                               const struct candidate *candidate, int32_t zone_set)
{
    struct dialer_write write = write_for(f, DIALER_INTENT, pass, candidate, zone_set);
    write.call.value = (f->epoch << 32) | ++f->call_last;
    write.expected_version = candidate->contact.version;
    write.filter_stamp = candidate->filter_stamp;
    write.number = candidate->contact.addresses[0].number;
    write.column = candidate->contact.addresses[0].column;
    write.mode = MODE_PROGRESSIVE;
    return write;
}

struct dialer_write end_for(const struct dialer_write *intent, const struct contact *contact,
                            enum outcome outcome, enum contact_state state)
{
    struct dialer_write write = *intent;
    write.kind = DIALER_END;
    write.outcome = outcome;
    write.ended_at = (struct wall){intent->at.us + MINUTE};
    write.sip_status = 486;
    write.q850_cause = 17;
    write.change = (struct contact_change){
        .state = state,
        .is_callable = true,
        .address_index = 0,
        .address = contact->addresses[0],
        .next_index = -1,
    };
    write.change.address.attempts++;
    write.change.address.last_outcome = outcome;
    return write;
}

enum dialer_result commit_one(struct fixture *f, const struct dialer_write *write)
{
    enum dialer_result result = WRITE_FAILED;
    struct dialer_batch batch = {
        .cell = 1, .epoch = f->epoch, .count = 1, .writes = write, .results = &result};
    OK(OPS->commit(SELF, &batch, &f->err));
    return result;
}

static size_t append(struct CMUnitTest *all, size_t count, const struct CMUnitTest *tests,
                     size_t added)
{
    memcpy(&all[count], tests, added * sizeof(*tests));
    return count + added;
}

int main(void)
{
    static struct CMUnitTest all[256];
    size_t count = append(all, 0, entity_tests, entity_test_count);
    count = append(all, count, contact_tests, contact_test_count);
    count = append(all, count, queue_tests, queue_test_count);
    count = append(all, count, dialer_tests, dialer_test_count);
    count = append(all, count, job_tests, job_test_count);
    count = append(all, count, search_tests, search_test_count);
    count = append(all, count, campaign_filter_tests, campaign_filter_test_count);
    count = append(all, count, manage_tests, manage_test_count);
    count = append(all, count, person_tests, person_test_count);
    if (factory.open)
        count = append(all, count, durable_tests, durable_test_count);
    return _cmocka_run_group_tests(factory.name, all, count, NULL, NULL);
}
