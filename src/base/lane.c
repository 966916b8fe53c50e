#include "base/lane.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/memory.h"

struct lane {
    pthread_mutex_t lock;
    pthread_cond_t turn[LANE_CLASSES];
    int waiting[LANE_CLASSES];
    int held_back_from;
    bool is_taken;
};

struct lane *lane_create(void)
{
    struct lane *lane = memory_new(1, sizeof(*lane));
    pthread_mutex_init(&lane->lock, NULL);
    for (int i = 0; i < LANE_CLASSES; i++)
        pthread_cond_init(&lane->turn[i], NULL);
    lane->held_back_from = LANE_CLASSES;
    return lane;
}

void lane_destroy(struct lane *lane)
{
    if (!lane)
        return;
    ensure(!lane->is_taken);
    for (int i = 0; i < LANE_CLASSES; i++)
        pthread_cond_destroy(&lane->turn[i]);
    pthread_mutex_destroy(&lane->lock);
    free(lane);
}

/* Whether somebody of a class below `class_index` is waiting who may go. */
static bool is_wanted(const struct lane *lane, int class_index)
{
    for (int i = 0; i < class_index && i < lane->held_back_from; i++)
        if (lane->waiting[i])
            return true;
    return false;
}

/* Wakes one waiter of the lowest class that may go. */
static void pass_on(struct lane *lane)
{
    for (int i = 0; i < LANE_CLASSES && i < lane->held_back_from; i++) {
        if (lane->waiting[i]) {
            pthread_cond_signal(&lane->turn[i]);
            return;
        }
    }
}

void lane_enter(struct lane *lane, int class_index)
{
    ensure(class_index >= 0 && class_index < LANE_CLASSES);
    pthread_mutex_lock(&lane->lock);
    lane->waiting[class_index]++;
    while (lane->is_taken || class_index >= lane->held_back_from ||
           is_wanted(lane, class_index))
        pthread_cond_wait(&lane->turn[class_index], &lane->lock);
    lane->waiting[class_index]--;
    lane->is_taken = true;
    pthread_mutex_unlock(&lane->lock);
}

void lane_leave(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    ensure(lane->is_taken);
    lane->is_taken = false;
    pass_on(lane);
    pthread_mutex_unlock(&lane->lock);
}

bool lane_is_wanted(struct lane *lane, int class_index)
{
    pthread_mutex_lock(&lane->lock);
    bool wanted = is_wanted(lane, class_index);
    pthread_mutex_unlock(&lane->lock);
    return wanted;
}

int lane_waiting(struct lane *lane)
{
    int count = 0;
    pthread_mutex_lock(&lane->lock);
    for (int i = 0; i < LANE_CLASSES; i++)
        count += lane->waiting[i];
    pthread_mutex_unlock(&lane->lock);
    return count;
}

void lane_hold_back(struct lane *lane, int class_index)
{
    pthread_mutex_lock(&lane->lock);
    lane->held_back_from = class_index;
    if (!lane->is_taken)
        pass_on(lane);
    pthread_mutex_unlock(&lane->lock);
}
