/* suite.h -- the contract of the store's port, as tests that know no back end.
 * A back end gives a factory; every test gets a fresh, empty store from it. */
#ifndef CADRAN_TESTS_CONTRACT_STORE_SUITE_H
#define CADRAN_TESTS_CONTRACT_STORE_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "port/store.h"

struct store_factory {
    const char *name;
    /* An empty store. */
    void (*create)(struct store_port *out);
    /* Closes the store, keeps its data; opens it again. NULL where nothing outlives it. */
    void (*close)(struct store_port *store);
    void (*open)(struct store_port *store);
    void (*destroy)(struct store_port *store);
};
extern const struct store_factory factory;

/* What every test has: a store, an arena, an error. */
struct fixture {
    struct store_port store;
    struct arena arena;
    struct error err;
    int64_t epoch;
    int64_t call_last;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);
/* The operation's status, or the test fails with the store's own sentence. */
#define OK(call) assert_ok(call, &f->err, __FILE__, __LINE__)
void assert_ok(enum status status, const struct error *err, const char *file, int line);
#define OPS (f->store.ops)
#define SELF (f->store.self)

#define CAMPAIGN ((struct campaign_id){7})
#define LIST ((struct list_id){3})
#define DNC ((struct dnc_list_id){5})
#define NOW ((struct wall){INT64_C(1700000000) * US_PER_S})
#define MINUTE (INT64_C(60) * US_PER_S)

/* Contact number i (1..) with one number in column 0, in the zone set. */
struct contact_write contact_of(int i, int32_t zone_set);
int64_t number_of(int i);
/* Writes contacts 1..count in zone set 1; contact i has the sequence i. */
void add_contacts(struct fixture *f, int count);
struct contact_id contact_id_of(int sequence);
/* Takes the cell, draws a pass and builds the queue to its end. */
int64_t start_campaign(struct fixture *f);
void build_queue(struct fixture *f, int64_t pass);
/* Up to `limit` candidates of the zone set from the stored cursor. */
struct claimed claim_some(struct fixture *f, int64_t pass, int32_t zone_set, struct wall now,
                          int32_t limit);
/* A write for the candidate; the caller completes it. */
struct dialer_write write_for(struct fixture *f, enum dialer_write_kind kind, int64_t pass,
                              const struct candidate *candidate, int32_t zone_set);
struct dialer_write intent_for(struct fixture *f, int64_t pass,
                               const struct candidate *candidate, int32_t zone_set);
/* END of that intent: the contact is in `state` after it, not due again. */
struct dialer_write end_for(const struct dialer_write *intent, const struct contact *contact,
                            enum outcome outcome, enum contact_state state);
/* Commits one write; its result. */
enum dialer_result commit_one(struct fixture *f, const struct dialer_write *write);

extern const struct CMUnitTest entity_tests[], contact_tests[], queue_tests[], dialer_tests[],
    durable_tests[], job_tests[], manage_tests[], person_tests[], search_tests[],
    campaign_filter_tests[];
extern const size_t entity_test_count, contact_test_count, queue_test_count, dialer_test_count,
    durable_test_count, job_test_count, manage_test_count, person_test_count, search_test_count,
    campaign_filter_test_count;
#define TEST(function)                                                                         \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

#endif
