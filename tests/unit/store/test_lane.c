/* The lane: a lower class always goes first; a class held back stays out. And one value for
 * each thread. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/lane.h"
#include "base/per_thread.h"

struct waiter {
    struct lane *lane;
    int class_index;
    int *order; /* written by the holder of the lane */
    int *at;
};

static void *wait_in_lane(void *ptr)
{
    struct waiter *waiter = ptr;
    lane_enter(waiter->lane, waiter->class_index);
    waiter->order[(*waiter->at)++] = waiter->class_index;
    lane_leave(waiter->lane);
    return NULL;
}

static void lets_the_lower_class_go_first(void **state)
{
    (void)state;
    static const int classes[] = {2, 1, 2, 0, 1, 0};
    struct lane *lane = lane_create();
    pthread_t threads[ARRAY_LEN(classes)];
    struct waiter waiters[ARRAY_LEN(classes)];
    int order[ARRAY_LEN(classes)], at = 0;
    lane_enter(lane, 2);
    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        waiters[i] = (struct waiter){lane, classes[i], order, &at};
        assert_int_equal(pthread_create(&threads[i], NULL, wait_in_lane, &waiters[i]), 0);
    }

    while (lane_waiting(lane) < (int)ARRAY_LEN(classes))
        sched_yield();
    assert_true(lane_is_wanted(lane, 2));
    assert_true(lane_is_wanted(lane, 1));
    assert_false(lane_is_wanted(lane, 0));
    lane_leave(lane);
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 1; i < ARRAY_LEN(classes); i++)
        assert_true(order[i - 1] <= order[i]);
    lane_destroy(lane);
}

static void keeps_a_class_out_while_it_is_held_back(void **state)
{
    (void)state;
    struct lane *lane = lane_create();
    int order[2], at = 0;
    struct waiter bulk = {lane, 2, order, &at}, dialer = {lane, 0, order, &at};
    pthread_t first, second;
    lane_hold_back(lane, 2);
    assert_int_equal(pthread_create(&first, NULL, wait_in_lane, &bulk), 0);
    while (lane_waiting(lane) < 1)
        sched_yield();
    assert_int_equal(pthread_create(&second, NULL, wait_in_lane, &dialer), 0);
    pthread_join(second, NULL);
    lane_enter(lane, 1);
    assert_int_equal(at, 1);
    lane_leave(lane);
    lane_hold_back(lane, LANE_CLASSES);
    pthread_join(first, NULL);
    assert_int_equal(order[0], 0);
    assert_int_equal(order[1], 2);
    lane_destroy(lane);
}

struct shared {
    struct lane *lane;
    int64_t
        value; /* guarded by the lane: a second holder would be seen, by TSan at the latest */
    bool is_held;
};

static void *count_up(void *ptr)
{
    struct shared *shared = ptr;
    for (int i = 0; i < 20000; i++) {
        lane_enter(shared->lane, i % 3);
        if (shared->is_held)
            abort();
        shared->is_held = true;
        shared->value++;
        shared->is_held = false;
        lane_leave(shared->lane);
    }
    return NULL;
}

static void is_held_by_one_at_a_time(void **state)
{
    (void)state;
    struct shared shared = {.lane = lane_create()};
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, &shared), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(shared.value, 80000);
    lane_destroy(shared.lane);
}

struct values {
    _Atomic int made, closed;
    struct per_thread *set;
    _Atomic int failures;
};

static void *make_value(void *context)
{
    struct values *values = context;
    atomic_fetch_add(&values->made, 1);
    return context;
}

static void close_value(void *context, void *value)
{
    struct values *values = context;
    (void)value;
    atomic_fetch_add(&values->closed, 1);
}

static void *ask_twice(void *ptr)
{
    struct values *values = ptr;
    void *first = per_thread_get(values->set);
    if (!first || per_thread_get(values->set) != first)
        atomic_fetch_add(&values->failures, 1);
    return NULL;
}

static void closes_a_value_when_its_thread_ends(void **state)
{
    (void)state;
    struct values values = {0};
    values.set = per_thread_create(2, make_value, close_value, &values);
    for (int round = 0; round < 5; round++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, ask_twice, &values), 0);
        pthread_join(thread, NULL);
    }
    assert_int_equal(values.failures, 0);
    assert_int_equal(values.made, 5);
    assert_int_equal(values.closed, 5);
    assert_non_null(per_thread_get(values.set));
    per_thread_destroy(values.set);
    assert_int_equal(values.closed, 6);
}

static void has_a_limit(void **state)
{
    (void)state;
    struct values values = {0};
    values.set = per_thread_create(1, make_value, close_value, &values);
    assert_non_null(per_thread_get(values.set));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_twice, &values), 0);
    pthread_join(thread, NULL);
    assert_int_equal(values.failures, 1);
    assert_int_equal(values.made, values.closed + 1);
    per_thread_destroy(values.set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_the_lower_class_go_first),
        cmocka_unit_test(keeps_a_class_out_while_it_is_held_back),
        cmocka_unit_test(is_held_by_one_at_a_time),
        cmocka_unit_test(closes_a_value_when_its_thread_ends),
        cmocka_unit_test(has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
