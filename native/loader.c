// Loaders: workers whose JavaScript fills frames. Each serves one channel; a region names the channel that serves it.
// A request reaches the worker through a thread-safe function, so that its event loop lives (sockets, termination). Which
// load is handed over is decided only when the worker is ready for it: what somebody waits for goes first.

#include "loader.h"

#include <sys/mman.h>

#define SERVERS 1024

struct Server {
  enum { UNUSED, JOINING, ALIVE, ENDED } use;
  bool stalled;                // it was ready for a load, and there was no frame
  _Atomic int tid;
  uint32_t channel;
  napi_threadsafe_function call;
};

static Server servers[SERVERS];
static _Atomic uint32_t server_count;

const Failure loader_gone = {.code = "LOADER_GONE", .message = "the worker that loads blocks has ended"};
static const Failure down = {.code = "SHUTDOWN", .message = "the process is ending"};
static const Failure closed = {.code = "CLOSED", .message = "the file handle is closed"};
static const Failure silent = {.code = "TIMEOUT", .message = "the block was not loaded within the time limit"};
static const Failure none = {.code = "NO_LOADER", .message = "no worker loads blocks for this file"};
static const Failure full = {.code = "MEMORY",
                             .message = "every frame up to the hard limit is changed or pinned: commit, or raise it"};
static const Failure unmapped = {.code = "MAPPINGS", .message = "no memory mapping left (vm.max_map_count)"};

/** Whether the thread is a loader's. For the handler: no locks. */
bool loader_is(int tid) {
  uint32_t count = atomic_load(&server_count);
  for (uint32_t i = 0; i < count; i++)
    if (atomic_load(&servers[i].tid) == tid) return true;
  return false;
}

/** Whether no loader is serving. */
bool loaders_none(void) {
  for (uint32_t i = 0; i < atomic_load(&server_count); i++)
    if (servers[i].use == ALIVE || servers[i].use == JOINING) return false;
  return true;
}

static Server *server_of(uint32_t channel, bool *ended) {
  *ended = false;
  uint32_t count = atomic_load(&server_count);
  for (uint32_t i = 0; i < count; i++) {
    Server *server = &servers[i];
    if (server->channel != channel) continue;
    if (server->use == ALIVE) return server;
    if (server->use == ENDED) *ended = true;
  }
  return NULL;
}

static void kick(Server *server) {
  napi_call_threadsafe_function(server->call, NULL, napi_tsfn_nonblocking);
}

/** Some frame may be had now: loaders that lacked one try again. */
void loader_frames_came_free(void) {
  uint32_t count = atomic_load(&server_count);
  for (uint32_t i = 0; i < count; i++) {
    Server *server = &servers[i];
    if (server->use != ALIVE || !server->stalled) continue;
    server->stalled = false;
    kick(server);
  }
}

/** Ends a load without data. Who waits for it gets zeros and is told; a load ahead of need is merely forgotten. */
void loader_settle_failure(Ticket *ticket, const Failure *failure) {
  Region *region = ticket->region;
  uint32_t state = region_claim(region, ticket->block);
  if (ticket->phase == SERVING) {
    ticket->phase = ORPHAN;
  } else if (ticket->frame != NO_FRAME) {
    frame_release(ticket->frame);
    ticket->frame = NO_FRAME;
  }
  if (state == AHEAD)
    region_settle(region, ticket->block, ABSENT);
  else
    region_poison(region, ticket->block, failure);
  ticket_close(ticket, failure);
}

static void serve_self_test(Ticket *ticket) {
  ticket->frame = frame_take(true);
  ticket->phase = SERVING;
  ticket->generation = ticket->region->generation;
  if (ticket->frame == NO_FRAME) {
    ticket->phase = QUEUED;
    loader_settle_failure(ticket, &full);
    return;
  }
  frame_open(ticket->frame);
  uint8_t *frame = frame_address(ticket->frame);
  frame[0] = frame[BLOCK - 1] = (uint8_t)(ticket->block + 1);
  loader_finish(ticket);
}

/** Passes a new ticket to its loader, or ends it where there is none any more. */
void loader_dispatch(Ticket *ticket) {
  bool ended;
  if (atomic_load(&shim_down) || ticket->region->closed) {
    loader_settle_failure(ticket, ticket->region->closed ? &closed : &down);
  } else if (ticket->region->channel == SELF_TEST_CHANNEL) {
    serve_self_test(ticket);
  } else {
    Server *server = server_of(ticket->region->channel, &ended);
    if (server)
      kick(server);
    else if (ended)
      loader_settle_failure(ticket, &loader_gone);
  }
}

static bool is_wanted(Ticket *ticket) {
  return ticket->keep || atomic_load(&ticket->region->words[ticket->block]) == LOADING;
}

static Ticket *most_urgent(uint32_t channel) {
  Ticket *ahead = NULL;
  for (Ticket *ticket = tickets_first(); ticket; ticket = ticket->next) {
    if (ticket->phase != QUEUED || ticket->region->channel != channel) continue;
    if (atomic_load(&ticket->region->words[ticket->block]) == LOADING) return ticket;
    if (!ahead) ahead = ticket;
  }
  return ahead;
}

static bool some_load_is_under_way(void) {
  for (Ticket *ticket = tickets_first(); ticket; ticket = ticket->next)
    if (ticket->phase != QUEUED) return true;
  return false;
}

/** The load that the server shall do now, with a frame; NULL if none. */
Ticket *loader_next(Server *server) {
  for (;;) {
    Ticket *ticket = server->use == ALIVE ? most_urgent(server->channel) : NULL;
    if (!ticket) return NULL;
    if (ticket->frame == NO_FRAME) ticket->frame = frame_take(is_wanted(ticket));
    if (ticket->frame != NO_FRAME) {
      ticket->phase = SERVING;
      ticket->server = (uint32_t)(server - servers);
      ticket->generation = ticket->region->generation;
      ticket->stale = false;
      ticket->filled = frame_open(ticket->frame);
      ticket->started = now_ms();
      if (settings.load_timeout > 0) ring_ring();
      return ticket;
    }
    uint32_t ahead = AHEAD;
    if (!is_wanted(ticket) && atomic_compare_exchange_strong(&ticket->region->words[ticket->block], &ahead, BUSY)) {
      region_settle(ticket->region, ticket->block, ABSENT);
      ticket_close(ticket, NULL);
      ring_ring();
    } else if (some_load_is_under_way()) {
      server->stalled = true;
      return NULL;
    } else {
      loader_settle_failure(ticket, &full);
      ring_ring();
    }
  }
}

/** The ticket's frame is filled: it goes to its place, unless what was loaded is out of date. */
void loader_finish(Ticket *ticket) {
  Region *region = ticket->region;
  uint32_t block = ticket->block;
  if (ticket->stale || ticket->generation != region->generation) {
    atomic_fetch_add(&counters.reloads, 1);
    ticket->phase = QUEUED;
    ticket_renew(ticket);
    loader_dispatch(ticket);
    return;
  }
  uint32_t state = region_claim(region, block);
  uint32_t next = state == LOADING || ticket->keep ? CLEAN : AGED;
  int protection = next == CLEAN ? PROT_READ : PROT_NONE;
  bool placed = frame_place(ticket->frame, region, block, protection);
  if (!placed) {
    clock_evict(16);
    placed = frame_place(ticket->frame, region, block, protection);
  }
  if (!placed) {
    region_settle(region, block, state);
    ticket->phase = QUEUED;
    loader_settle_failure(ticket, &unmapped);
    return;
  }
  frames[ticket->frame].ahead = next == AGED;
  region_settle(region, block, next);
  ticket->frame = NO_FRAME;
  atomic_fetch_add(&counters.loads, 1);
  ticket_close(ticket, NULL);
  loader_frames_came_free();
}

// After a load: groups go on, and the service thread fills up the stock of frames.
static void go_on(void) {
  if (groups_wait() && !groups_advance()) ring_ring();
  if (frames_free() < clock_low_water() || tickets_are_short()) ring_ring();
}

static void end_orphan(Ticket *ticket) {
  frame_release(ticket->frame);
  ticket->frame = NO_FRAME;
  ticket_close(ticket, NULL);
}

/** The loader filled `length` bytes of the token's frame, having written at most `touched`; the rest is zeros. */
void loader_complete(double token, size_t length, size_t touched) {
  pthread_mutex_lock(&shim_mutex);
  Ticket *ticket = ticket_by_token(token);
  bool known = ticket && ticket->phase != QUEUED;
  uint32_t frame = known ? ticket->frame : NO_FRAME;
  size_t end = known && ticket->filled > touched ? ticket->filled : touched;
  pthread_mutex_unlock(&shim_mutex);
  if (!known) return;
  // The frame is the loader's until its token is answered, whatever becomes of the load.
  frame_fill(frame, length, end);
  pthread_mutex_lock(&shim_mutex);
  ticket = ticket_by_token(token);
  if (ticket && ticket->phase == SERVING) loader_finish(ticket);
  else if (ticket && ticket->phase == ORPHAN) end_orphan(ticket);
  go_on();
  pthread_mutex_unlock(&shim_mutex);
}

/** The loader could not load. */
void loader_fail(double token, const Failure *failure) {
  pthread_mutex_lock(&shim_mutex);
  Ticket *ticket = ticket_by_token(token);
  if (ticket && ticket->phase == SERVING) {
    ticket->phase = QUEUED;
    loader_settle_failure(ticket, failure);
  } else if (ticket && ticket->phase == ORPHAN) {
    end_orphan(ticket);
  }
  go_on();
  pthread_mutex_unlock(&shim_mutex);
}

/**
 * Ends loads that take longer than the limit, and requests that no loader ever came for. Returns in how many
 * milliseconds to look again, or -1.
 */
int64_t loader_expire(void) {
  int64_t now = now_ms();
  int64_t pause = -1;
  Ticket *next;
  for (Ticket *ticket = tickets_first(); ticket; ticket = next) {
    next = ticket->next;
    bool ended;
    const Failure *failure = NULL;
    int64_t limit = 0;
    if (ticket->phase == SERVING) {
      limit = settings.load_timeout;
      failure = &silent;
    } else if (ticket->phase == QUEUED && !server_of(ticket->region->channel, &ended)) {
      limit = LOADER_START_LIMIT;
      failure = &none;
    }
    if (limit == 0) continue;
    int64_t left = ticket->started + limit - now;
    if (left <= 0)
      loader_settle_failure(ticket, failure);
    else if (pause < 0 || left < pause)
      pause = left;
  }
  return pause;
}

/** Nothing is loaded any more; who waits goes on with zeros. */
void loader_shutdown(void) {
  pthread_mutex_lock(&shim_mutex);
  atomic_store(&shim_down, true);
  Ticket *next;
  for (Ticket *ticket = tickets_first(); ticket; ticket = next) {
    next = ticket->next;
    if (ticket->phase != ORPHAN) loader_settle_failure(ticket, &down);
  }
  ring_ring();
  pthread_mutex_unlock(&shim_mutex);
}

/** A place for a worker that is going to serve a channel; NULL when there are too many. */
Server *loader_reserve(uint32_t channel) {
  pthread_mutex_lock(&shim_mutex);
  Server *server = NULL;
  uint32_t count = atomic_load(&server_count);
  for (uint32_t i = 0; i < count && !server; i++)
    if (servers[i].use == ENDED && servers[i].channel == channel) server = &servers[i];
  if (!server && count < SERVERS) {
    server = &servers[count];
    atomic_store(&server_count, count + 1);
  }
  for (uint32_t i = 0; i < count && !server; i++)
    if (servers[i].use == ENDED) server = &servers[i];
  if (server) {
    server->channel = channel;
    server->use = JOINING;
  }
  pthread_mutex_unlock(&shim_mutex);
  return server;
}

/** The worker serves from now on. What waited for it is handed over. */
void loader_join(Server *server, napi_threadsafe_function call) {
  pthread_mutex_lock(&shim_mutex);
  server->call = call;
  server->use = ALIVE;
  server->stalled = false;
  atomic_store(&server->tid, thread_id());
  for (Ticket *ticket = tickets_first(); ticket; ticket = ticket->next)
    if (ticket->phase == QUEUED && ticket->region->channel == server->channel) kick(server);
  pthread_mutex_unlock(&shim_mutex);
}

/** A worker ends: everything that waits for it, and everything later, fails. NULL if it had ended before. */
napi_threadsafe_function loader_leave(Server *server) {
  napi_threadsafe_function call = NULL;
  pthread_mutex_lock(&shim_mutex);
  if (server->use == ALIVE) {
    call = server->call;
    server->use = ENDED;
    atomic_store(&server->tid, 0);
    Ticket *next;
    for (Ticket *ticket = tickets_first(); ticket; ticket = next) {
      next = ticket->next;
      bool serving = ticket->phase != QUEUED && ticket->server == (uint32_t)(server - servers);
      if (ticket->phase == ORPHAN && serving) {
        end_orphan(ticket);
      } else if (serving || (ticket->phase == QUEUED && ticket->region->channel == server->channel)) {
        ticket->phase = QUEUED;
        loader_settle_failure(ticket, &loader_gone);
      }
    }
    go_on();
  }
  pthread_mutex_unlock(&shim_mutex);
  return call;
}
