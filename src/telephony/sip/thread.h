/* thread.h -- the SIP thread from outside: telephony.c starts it, posts to it and stops it. */
#ifndef CADRAN_TELEPHONY_SIP_THREAD_H
#define CADRAN_TELEPHONY_SIP_THREAD_H

#include "telephony/media/media.h"
#include "telephony/telephony.h"

struct sip_thread;
struct sip_thread *sip_thread_create(const struct telephony_options *options,
                                     struct telephony_sink sink);
/* Binds and runs; `media` stays the caller's and outlives it. */
enum status sip_thread_start(struct sip_thread *sip, struct media *media,
                             struct error *err) MUST_USE;
/* Hangs everything up and joins; at most 5 s. */
void sip_thread_stop(struct sip_thread *sip);
/* After sip_thread_stop, or instead of a start. */
void sip_thread_destroy(struct sip_thread *sip);
/* Any thread. False = full. */
bool sip_thread_post(struct sip_thread *sip, const struct telephony_command *command) MUST_USE;
uint16_t sip_thread_phone_port(const struct sip_thread *sip);
uint16_t sip_thread_trunk_port(const struct sip_thread *sip);

#endif
