/* naive.h -- filters once more, written from docs/filters.md alone: simple, slow, and sharing
 * no code with src/filter. */
#ifndef CADRAN_TESTS_PROPERTY_FILTER_NAIVE_H
#define CADRAN_TESTS_PROPERTY_FILTER_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/random.h"

#define NAIVE_COLUMNS 6
#define NAIVE_TEXT 4096
extern const char *const naive_columns[NAIVE_COLUMNS];
extern const char *const naive_types[NAIVE_COLUMNS]; /* NULL: no phone column */

/* Who and what may be named: each by either word. An id is the place here. */
#define NAIVE_NAMED 4
extern const char *const naive_agents[NAIVE_NAMED][2], *const naive_codes[NAIVE_NAMED][2];
/* Sets of zones, and the zones of each. */
#define NAIVE_ZONE_SETS 4
#define NAIVE_ZONES 3
extern const char *const naive_zones[NAIVE_ZONE_SETS][NAIVE_ZONES];

struct naive_value {
    bool is_null;
    char text[NAIVE_TEXT], folded[NAIVE_TEXT];
    bool is_number, is_date;
    double number;
    int64_t us;
};

struct naive_contact {
    struct naive_value columns[NAIVE_COLUMNS];
    int column_count; /* the others are absent */
    char id[64];
    const char *state;
    bool is_callable, is_top_priority;
    int priority, attempts;
    int64_t next_try, last_update, last_attempt;
    const char *last_result; /* NULL: none */
    int64_t numbers[2];
    const char *address_states[2];
    int address_columns[2], address_zones[2]; /* the place in naive_zones */
    int address_count;
    int agent, disposition; /* the place among those who are named; 0: none */
};

struct naive_test {
    int column;        /* -1: `field` */
    const char *field; /* as it is written */
    char kind;         /* t n d w r */
    const char *sign;  /* as Genesys Cloud says it */
    char values[4][NAIVE_TEXT];
    int count;
    bool includes_least, includes_most;
};

struct naive_node {
    char kind; /* t ! & | */
    struct naive_test test;
    struct naive_node *nodes[4];
    int count;
};

void naive_value_set(struct naive_value *value, const char *text);
/* depth -1: one test of a field. */
struct naive_node *naive_draw(struct random *random, int depth);
void naive_free(struct naive_node *node);
bool naive_holds(const struct naive_node *node, const struct naive_contact *contact,
                 int64_t now_us);
/* As a person would write it. */
void naive_text(const struct naive_node *node, struct buffer *out);
/* As Genesys Cloud's client would; NULL where that form cannot say it. */
json_t *naive_form(const struct naive_node *node);
/* A value of the pool that hurts. */
const char *naive_pool(struct random *random);

#endif
