// Page faults as a way to load blocks of a file. A region is reserved address space cut into blocks of 2 MiB. A block's
// memory is a frame of a process-wide pool; frames move in and out of place. The first touch of an absent block raises
// SIGSEGV; the handler (fault.c) asks the service thread (service.c) and sleeps on the block's word; a loader, which is
// JavaScript in a worker (loader.c), fills a frame; the frame is moved into place and the sleeper goes on.
//
// Who may do what: every change of a block's word is a compare-and-swap, and BUSY belongs to whoever set it. Everything
// else (frames, tickets, regions' lists) belongs to `shim_mutex`, which the handler never takes, and which is never held
// while JavaScript runs or a load goes on.

#ifndef SHIM_H
#define SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_SHIFT 21
#define BLOCK ((size_t)1 << BLOCK_SHIFT)
#define NO_FRAME UINT32_MAX

enum State {
  ABSENT,   // only in the database
  REQ,      // wanted by a touch, not yet seen by the service thread
  LOADING,  // being filled, somebody waits for it
  AHEAD,    // being filled, nobody waits for it yet
  CLEAN,    // as in the database
  AGED,     // in its frame, without access: shortly not used, or read ahead
  DIRTY,    // changed
  STORED,   // handed to the storage, commit pending
  POISON,   // its load failed: zeros, and the transaction must not commit
  BUSY,     // changing
};

typedef _Atomic uint32_t Word;

typedef struct Failure {
  uint32_t block;
  char code[40];
  char message[400];
} Failure;

// The first ones are kept: they are the causes.
#define KEPT_FAILURES 8

// Never freed, only used again: the handler may look at one at any time.
typedef struct Region {
  _Atomic uint32_t sequence;  // odd while base and length change
  _Atomic uintptr_t base;
  _Atomic size_t length;      // 0: no such region
  uint64_t id;                // unique in the process
  uint32_t index;
  uint32_t channel;           // which loader serves it
  uint32_t blocks;
  Word *words;                // one a block
  uint32_t *frames;           // one a block: its frame + 1
  uint16_t *pins;             // one a block
  double generation;
  uint32_t end;               // read-ahead stays below this block
  uint32_t last, streak;      // the last block touched, and how many followed each other
  bool closed;
  uint32_t references;        // open handle, buffers, tickets
  uint32_t *poisoned;
  uint32_t poisoned_count, poisoned_room;
  Failure failures[KEPT_FAILURES];
  uint32_t failure_count;     // kept since the last discard
  uint32_t failures_taken;
} Region;

// A caller that wants a run of blocks: load, pin (it sleeps on `done`) or prefetch (`finish` is called).
typedef struct Group {
  struct Group *next;
  Region *region;
  uint32_t block, end;        // not yet asked for
  uint32_t flying;
  bool keep;                  // placed with access, not aged
  bool failed;
  Failure failure;
  Word done;
  void (*finish)(struct Group *group);
  void *data;
} Group;

#define TICKET_GROUPS 4

enum Phase { QUEUED, SERVING, ORPHAN };

// One load on its way. ORPHAN: nobody waits any more, but the loader still holds the frame.
typedef struct Ticket {
  struct Ticket *next, *previous;
  double token;               // what the loader knows it by; new for each try
  Region *region;
  uint32_t block;
  uint32_t frame;
  uint32_t server;            // the one that took it
  uint32_t filled;            // bytes of its frame that were in use before
  double generation;
  int64_t started;            // ms
  enum Phase phase;
  bool keep;
  bool stale;                 // invalidated while it was loading
  Group *groups[TICKET_GROUPS];
} Ticket;

typedef struct Settings {
  size_t budget;              // frames
  size_t hard_limit;          // frames
  uint32_t read_ahead;        // blocks at most
  uint32_t load_timeout;      // ms, 0: none
  bool abort_on_error;
  int backend;                // BACKEND_*
  bool configured;
} Settings;

enum { BACKEND_AUTO, BACKEND_MREMAP, BACKEND_MEMFD };

typedef struct Counters {
  _Atomic uint64_t read_faults, write_faults, loads, read_aheads, evictions, aged, touched_again, load_errors, pressure,
      reloads, waiting;
} Counters;

extern pthread_mutex_t shim_mutex;
extern Settings settings;
extern Counters counters;
extern _Atomic bool shim_down;  // after shutdown nothing is loaded any more

int thread_id(void);
int64_t now_ms(void);
void die(const char *message) __attribute__((noreturn));

// futex.c
void futex_wait(Word *word, uint32_t value, int64_t timeout_ms);
void futex_wake(Word *word);

// region.c
Region *region_open(size_t *reserve, size_t minimum, uint32_t channel);
Region *region_by_id(double id);
bool regions_none(void);
Region *region_at(uintptr_t address);
void region_close(Region *region);
void region_release(Region *region);
void region_drop(Region *region, uint32_t block);
void region_drop_changed(Region *region);
void region_drop_poisoned(Region *region);
size_t region_dirty(Region *region, uint32_t *blocks, size_t room);
bool region_begin_store(Region *region, uint32_t block);
void region_finish_store(Region *region, bool ok);
bool region_make_ready(Region *region, uint32_t block, bool write);
static inline uint8_t *region_address(Region *region, uint32_t block) {
  return (uint8_t *)atomic_load(&region->base) + ((size_t)block << BLOCK_SHIFT);
}
uint32_t region_claim(Region *region, uint32_t block);
void region_settle(Region *region, uint32_t block, uint32_t state);
bool region_split(uint8_t *address);
int region_hide(uint8_t *address, size_t length);
void region_poison(Region *region, uint32_t block, const Failure *failure);
void region_failure(uint32_t index, uint32_t block, Failure *failure, uint64_t *id);

// frames.c
typedef struct Frame {
  enum { COLD, FREE, FILLING, PLACED } use;
  Region *region;
  uint32_t block;
  bool ahead;                 // loaded ahead of need, and the clock's hand has not passed since
} Frame;
extern Frame *frames;
const char *frames_start(void);
void frames_fit(void);
void frames_stop(void);
int frames_backend(void);
uint32_t frames_high(void);
size_t frames_free(void);
size_t frames_warm(void);
uint32_t frame_take(bool may_exceed);
void frame_release(uint32_t frame);
uint8_t *frame_address(uint32_t frame);
uint32_t frame_open(uint32_t frame);
void frame_fill(uint32_t frame, size_t length, size_t end);
void frame_written(Region *region, uint32_t block);
bool frame_place(uint32_t frame, Region *region, uint32_t block, int protection);
void frame_back(Region *region, uint32_t block);

// clock.c
size_t clock_evict(size_t wanted);
size_t clock_low_water(void);

// fault.c
void fault_install(void);
bool fault_installed(void);
extern _Atomic int fault_escape_thread;

// ring.c
typedef struct Notice {
  enum Kind {
    WANTED,                   // the block is REQ
    TOUCHED,                  // an aged block was used again, or one ahead is waited for: a hint to read on
    CRAMPED,                  // there is no memory mapping left: clean blocks must go
  } kind;
  Region *region;
  uint32_t block;
} Notice;
extern Word ring_bell;
bool ring_push(enum Kind kind, Region *region, uint32_t block);
bool ring_pop(Notice *notice);
void ring_ring(void);

// service.c
void service_start(void);
bool service_is(int tid);
Ticket *ticket_open(Region *region, uint32_t block);
Ticket *ticket_of(Region *region, uint32_t block);
Ticket *ticket_by_token(double token);
Ticket *tickets_first(void);
void ticket_renew(Ticket *ticket);
void ticket_close(Ticket *ticket, const Failure *failure);
bool tickets_are_short(void);
bool groups_advance(void);
bool groups_wait(void);
void group_add(Group *group);
bool group_wait(Region *region, uint32_t first, uint32_t count, Failure *failure);

// loader.c
enum { LOADER_START_LIMIT = 10000 };  // ms that a touch waits for a channel's first loader
#define SELF_TEST_CHANNEL UINT32_MAX
bool loader_is(int tid);
bool loaders_none(void);
void loader_dispatch(Ticket *ticket);
void loader_frames_came_free(void);
void loader_complete(double token, size_t length, size_t touched);
void loader_fail(double token, const Failure *failure);
void loader_settle_failure(Ticket *ticket, const Failure *failure);
int64_t loader_expire(void);
void loader_shutdown(void);

// guard.c
typedef struct Guarded Guarded;
Guarded *guard_of(int tid);
void guard_waits(Guarded *guarded, Region *region, uint32_t block);
void guard_saw_poison(Guarded *guarded, Region *region, uint32_t block);
void guard_terminate(Region *region, uint32_t block, const Failure *failure);
bool guard_can_terminate(void);

// selftest.c
const char *self_test(void);
bool self_test_again(void);

#endif
