// Load errors as exceptions. A thread that waits for a block cannot be made to throw from inside a signal handler, but
// its V8 can be told to stop at the next check, and guard() turns that into an exception. So each guarded thread is
// kept in a table by its thread id, with its isolate and the block it waits for.

#include "guard.h"

#include <dlfcn.h>

#define GUARDS 256

struct Guarded {
  _Atomic int tid;             // 0: free
  _Atomic(void *) isolate;
  _Atomic uint64_t waits_for;  // key of a block, 0: none
  _Atomic uint64_t failed;
  bool terminated;             // these two under shim_mutex
  Failure failure;             // of `failed`; its message is empty if the thread came late
  int depth;
};

static Guarded guards[GUARDS];
static _Atomic int high;  // entries ever used: the handler looks no further
static pthread_once_t looked_up = PTHREAD_ONCE_INIT;
static void *(*current_isolate)(void);
static void (*terminate_execution)(void *isolate);
static void (*cancel_terminate_execution)(void *isolate);

static void look_up(void) {
  *(void **)&current_isolate = dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv");
  *(void **)&terminate_execution = dlsym(RTLD_DEFAULT, "_ZN2v87Isolate18TerminateExecutionEv");
  *(void **)&cancel_terminate_execution = dlsym(RTLD_DEFAULT, "_ZN2v87Isolate24CancelTerminateExecutionEv");
}

/** Whether this Node shows the V8 functions that stop a script. Without them only the end of a guard throws. */
bool guard_can_terminate(void) {
  pthread_once(&looked_up, look_up);
  return current_isolate && terminate_execution && cancel_terminate_execution;
}

static uint64_t key_of(Region *region, uint32_t block) {
  return region ? ((uint64_t)(region->index + 1) << 32) | block : 0;
}

/** The entry of a guarded thread. For the handler: no locks. */
Guarded *guard_of(int tid) {
  int used = atomic_load(&high);
  for (int i = 0; i < used; i++)
    if (atomic_load_explicit(&guards[i].tid, memory_order_relaxed) == tid) return &guards[i];
  return NULL;
}

void guard_waits(Guarded *guarded, Region *region, uint32_t block) {
  atomic_store(&guarded->waits_for, key_of(region, block));
}

// The first failure is the cause; JavaScript may run into others before it stops.
static bool note(Guarded *guarded, uint64_t key) {
  uint64_t none = 0;
  return atomic_compare_exchange_strong(&guarded->failed, &none, key);
}

/** The thread came too late to be terminated before the zeros were there: the end of its guard tells. */
void guard_saw_poison(Guarded *guarded, Region *region, uint32_t block) {
  note(guarded, key_of(region, block));
}

/** Marks and stops every guarded thread that waits for the block. It must not be awake yet. */
void guard_terminate(Region *region, uint32_t block, const Failure *failure) {
  uint64_t key = key_of(region, block);
  int used = atomic_load(&high);
  for (int i = 0; i < used; i++) {
    Guarded *guarded = &guards[i];
    if (atomic_load(&guarded->tid) == 0 || atomic_load(&guarded->waits_for) != key) continue;
    if (note(guarded, key)) guarded->failure = *failure;
    if (guard_can_terminate()) {
      guarded->terminated = true;
      terminate_execution(atomic_load(&guarded->isolate));
    }
  }
}

/** Enters a guard on this thread; NULL when too many threads are guarded (then failures only doom). */
Guarded *guard_enter(void) {
  int tid = thread_id();
  Guarded *guarded = guard_of(tid);
  for (int i = 0; i < GUARDS && !guarded; i++) {
    int nobody = 0;
    if (!atomic_compare_exchange_strong(&guards[i].tid, &nobody, tid)) continue;
    int used = atomic_load(&high);
    while (used <= i && !atomic_compare_exchange_weak(&high, &used, i + 1)) continue;
    guarded = &guards[i];
    guarded->depth = 0;
    guarded->terminated = false;
    atomic_store(&guarded->failed, 0);
    atomic_store(&guarded->waits_for, 0);
    atomic_store(&guarded->isolate, guard_can_terminate() ? current_isolate() : NULL);
  }
  if (guarded) guarded->depth++;
  return guarded;
}

/** Leaves a guard; whether a load failed under it, and which. The isolate may run JavaScript again afterwards. */
bool guard_leave(Guarded *guarded, Failure *failure, uint64_t *region_id) {
  if (!guarded) return false;
  // Whoever stops this thread holds the mutex: after it, the stop has come or will not come.
  pthread_mutex_lock(&shim_mutex);
  uint64_t failed = atomic_exchange(&guarded->failed, 0);
  if (guarded->terminated) {
    guarded->terminated = false;
    cancel_terminate_execution(atomic_load(&guarded->isolate));
  }
  if (failed != 0) {
    region_failure((uint32_t)(failed >> 32) - 1, (uint32_t)failed, failure, region_id);
    if (guarded->failure.message[0] != 0) *failure = guarded->failure;
    failure->block = (uint32_t)failed;
    guarded->failure.message[0] = 0;
  }
  pthread_mutex_unlock(&shim_mutex);
  if (--guarded->depth == 0) atomic_store(&guarded->tid, 0);
  return failed != 0;
}
