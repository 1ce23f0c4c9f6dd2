// The service thread: takes requests from the ring, opens a ticket for each and passes it to the loader, reads ahead,
// keeps frames in stock. It never runs JavaScript and never waits for a load.

#include "shim.h"

#include <signal.h>

#define TICKETS 1024
// Loads that nobody waits for, under way at once. Few, since what somebody waits for may have to queue behind them.
#define FLYING_AHEAD 8

static Ticket tickets[TICKETS];
static Ticket *first_ticket, *last_ticket, *spare_tickets;
static uint32_t open_tickets;
static double tokens;
static Group *groups;
static _Atomic int service_tid;
static _Atomic bool started;

bool tickets_are_short(void) { return spare_tickets == NULL && open_tickets > 0; }
bool groups_wait(void) { return groups != NULL; }
bool service_is(int tid) { return atomic_load(&service_tid) == tid; }
Ticket *tickets_first(void) { return first_ticket; }

Ticket *ticket_of(Region *region, uint32_t block) {
  for (Ticket *ticket = first_ticket; ticket; ticket = ticket->next)
    if (ticket->region == region && ticket->block == block && ticket->phase != ORPHAN) return ticket;
  return NULL;
}

Ticket *ticket_by_token(double token) {
  if (!(token >= TICKETS)) return NULL;
  Ticket *ticket = &tickets[(uint64_t)token % TICKETS];
  return ticket->token == token ? ticket : NULL;
}

/** A new token: an answer to an older one is not taken for this load's. */
void ticket_renew(Ticket *ticket) {
  ticket->token = (double)(ticket - tickets) + TICKETS * ++tokens;
}

/** Opens a ticket for a block that is LOADING or AHEAD, and passes it to the loader. NULL when there are too many. */
Ticket *ticket_open(Region *region, uint32_t block) {
  if (!spare_tickets && open_tickets == 0)
    for (uint32_t i = 0; i < TICKETS; i++) {
      tickets[i].next = spare_tickets;
      spare_tickets = &tickets[i];
    }
  Ticket *ticket = spare_tickets;
  if (!ticket) return NULL;
  spare_tickets = ticket->next;
  *ticket = (Ticket){.region = region, .block = block, .frame = NO_FRAME, .phase = QUEUED, .started = now_ms()};
  ticket->previous = last_ticket;
  if (last_ticket)
    last_ticket->next = ticket;
  else
    first_ticket = ticket;
  last_ticket = ticket;
  open_tickets++;
  region->references++;
  ticket_renew(ticket);
  return ticket;
}

/** The load is over. Groups that watched it go on. */
void ticket_close(Ticket *ticket, const Failure *failure) {
  for (int i = 0; i < TICKET_GROUPS; i++) {
    Group *group = ticket->groups[i];
    if (!group) continue;
    ticket->groups[i] = NULL;
    group->flying--;
    if (failure && !group->failed) {
      group->failed = true;
      group->failure = *failure;
      group->failure.block = ticket->block;
    }
  }
  if (ticket->phase == ORPHAN && ticket->frame != NO_FRAME) return;
  if (ticket->next)
    ticket->next->previous = ticket->previous;
  else
    last_ticket = ticket->previous;
  if (ticket->previous)
    ticket->previous->next = ticket->next;
  else
    first_ticket = ticket->next;
  ticket->token = 0;
  ticket->next = spare_tickets;
  spare_tickets = ticket;
  open_tickets--;
  region_release(ticket->region);
}

static bool watch(Ticket *ticket, Group *group) {
  for (int i = 0; i < TICKET_GROUPS; i++) {
    if (ticket->groups[i]) continue;
    ticket->groups[i] = group;
    if (group->keep) ticket->keep = true;
    group->flying++;
    return true;
  }
  return false;
}

// Asks for the next block of a group. False when it must be tried again later.
static bool ask(Group *group) {
  Region *region = group->region;
  uint32_t block = group->block;
  uint32_t state = atomic_load(&region->words[block]);
  if (state == POISON) {
    uint64_t id;
    group->failed = true;
    region_failure(region->index, block, &group->failure, &id);
  } else if (state == LOADING || state == AHEAD) {
    Ticket *ticket = ticket_of(region, block);
    if (!ticket || !watch(ticket, group)) return false;
  } else if (state == ABSENT) {
    if (spare_tickets == NULL && open_tickets > 0) return false;
    if (!atomic_compare_exchange_strong(&region->words[block], &state, AHEAD)) return false;
    Ticket *ticket = ticket_open(region, block);
    watch(ticket, group);
    loader_dispatch(ticket);
  } else if (state == REQ || state == BUSY) {
    return false;
  }
  group->block++;
  return true;
}

// Moves all groups on; false when one of them could not be moved and should be tried again soon.
bool groups_advance(void) {
  bool all = true;
  for (Group **link = &groups; *link;) {
    Group *group = *link;
    if (group->region->closed && !group->failed) {
      group->failed = true;
      group->failure = (Failure){group->block, "CLOSED", "the file handle is closed"};
    }
    while (!group->failed && group->block < group->end && group->flying < FLYING_AHEAD)
      if (!ask(group)) {
        all = false;
        break;
      }
    if (group->flying == 0 && (group->failed || group->block >= group->end)) {
      *link = group->next;
      region_release(group->region);
      if (group->finish) {
        group->finish(group);
      } else {
        atomic_store(&group->done, 1);
        futex_wake(&group->done);
      }
    } else {
      link = &group->next;
    }
  }
  return all;
}

/** Hands a group over; it is finished when all its blocks were in memory at some time, or one failed. */
void group_add(Group *group) {
  group->region->references++;
  group->next = groups;
  groups = group;
  ring_ring();
}

/** Loads blocks and waits for them. The mutex must not be held. False with the failure if one fails. */
bool group_wait(Region *region, uint32_t first, uint32_t count, Failure *failure) {
  Group group = {.region = region, .block = first, .end = first + count, .keep = true};
  pthread_mutex_lock(&shim_mutex);
  group_add(&group);
  pthread_mutex_unlock(&shim_mutex);
  while (atomic_load(&group.done) == 0) futex_wait(&group.done, 0, -1);
  // The service thread may still be waking: it holds the mutex until it is done with the group.
  pthread_mutex_lock(&shim_mutex);
  pthread_mutex_unlock(&shim_mutex);
  if (group.failed) *failure = group.failure;
  return !group.failed;
}

static void read_ahead(Region *region, uint32_t block) {
  if (block == region->last) return;
  region->streak = block - region->last <= 2 ? region->streak + 1 : 0;
  region->last = block;
  if (region->streak == 0) return;
  uint32_t most = settings.read_ahead;
  if (most > 2 * region->streak + 2) most = 2 * region->streak + 2;
  if (most > settings.budget / 4) most = (uint32_t)settings.budget / 4;
  for (uint32_t next = block + 1; next <= block + most && next < region->end && next > block; next++) {
    uint32_t state = ABSENT;
    if (atomic_load(&region->words[next]) != ABSENT) continue;
    if (spare_tickets == NULL || open_tickets >= 2 * FLYING_AHEAD) return;
    if (!atomic_compare_exchange_strong(&region->words[next], &state, AHEAD)) continue;
    atomic_fetch_add(&counters.read_aheads, 1);
    loader_dispatch(ticket_open(region, next));
  }
}

// While there is no ticket to spare, the rest of the ring waits.
static void take_requests(void) {
  Notice notice;
  while ((spare_tickets || open_tickets == 0) && ring_pop(&notice)) {
    Region *region = notice.region;
    uint32_t state = REQ;
    if (region->references == 0 || notice.block >= region->blocks) continue;
    if (notice.kind == CRAMPED) {
      clock_evict(16);
      continue;
    }
    if (notice.kind == WANTED && atomic_compare_exchange_strong(&region->words[notice.block], &state, LOADING))
      loader_dispatch(ticket_open(region, notice.block));
    if (!region->closed) read_ahead(region, notice.block);
  }
}

static void *serve(void *unused) {
  (void)unused;
  atomic_store(&service_tid, thread_id());
  for (;;) {
    uint32_t bell = atomic_load(&ring_bell);
    pthread_mutex_lock(&shim_mutex);
    take_requests();
    int64_t pause = loader_expire();
    bool moved = groups_advance();
    size_t water = clock_low_water();
    size_t stock = frames_free();
    if (stock < water) clock_evict(water - stock);
    if (!moved) pause = 1;
    pthread_mutex_unlock(&shim_mutex);
    futex_wait(&ring_bell, bell, pause);
  }
  return NULL;
}

/** Starts the thread. It takes no signals but its own faults, which are errors and are told so by the handler. */
void service_start(void) {
  if (atomic_exchange(&started, true)) return;
  sigset_t all, before;
  sigfillset(&all);
  sigdelset(&all, SIGSEGV);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (pthread_create(&thread, &attributes, serve, NULL) != 0) atomic_store(&started, false);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}
