/* lane.h -- a lock whose waiters have classes: the lower class goes first, always.
 *
 * Made for the one writer of a database: a dialer's commit must not queue behind an import. The
 * holder is never interrupted; a holder of a high class gives the lane back after a few ms of
 * time and enters again, behind everyone of a lower class. Within a class there is no order.
 * A class can be held back: its waiters stay out until it is let go. Any thread. */
#ifndef CADRAN_BASE_LANE_H
#define CADRAN_BASE_LANE_H

#include <stdbool.h>

#define LANE_CLASSES 4

struct lane;

struct lane *lane_create(void);
/* NULL is accepted; nobody may hold it or wait for it. */
void lane_destroy(struct lane *lane);
/* Waits for the lane; 0 <= class < LANE_CLASSES, 0 first. Not recursive. */
void lane_enter(struct lane *lane, int class_index);
void lane_leave(struct lane *lane);
/* Whether a lower class than `class_index` waits now: the holder may cut its work short. */
bool lane_is_wanted(struct lane *lane, int class_index);
/* How many threads wait. */
int lane_waiting(struct lane *lane);
/* Keeps classes from `class_index` upwards out, or (LANE_CLASSES) nobody. A holder stays. */
void lane_hold_back(struct lane *lane, int class_index);

#endif
