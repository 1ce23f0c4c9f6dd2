// Regions: reserved address space cut into blocks, each with a word that says what state it is in. Here is everything
// that the owner of the file handle does to blocks: list, store, forget, close.

#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define REGIONS 4096

static _Atomic(Region *) regions[REGIONS];
static _Atomic uint32_t region_count;
static uint64_t opened;

// Absent address space. It must look the same everywhere, or the kernel cannot merge neighbours into one mapping.
int region_hide(uint8_t *address, size_t length) {
  if (mmap(address, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
    return errno;
  madvise(address, length, MADV_DONTFORK);
  madvise(address, length, MADV_DONTDUMP);
  return 0;
}

/**
 * Makes a hidden block a mapping of its own, to be replaced by another. At the kernel's limit of mappings this is refused,
 * where replacing a part of a mapping would go beyond the limit, and then nothing could be hidden any more.
 */
bool region_split(uint8_t *address) {
  return madvise(address, BLOCK, MADV_DOFORK) == 0;
}

static void *table(size_t bytes) {
  void *memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static void free_tables(Region *region) {
  if (region->words) munmap((void *)region->words, region->blocks * sizeof *region->words);
  if (region->frames) munmap(region->frames, region->blocks * sizeof *region->frames);
  if (region->pins) munmap(region->pins, region->blocks * sizeof *region->pins);
  region->words = NULL;
  region->frames = NULL;
  region->pins = NULL;
}

static void publish(Region *region, uintptr_t base, size_t length) {
  atomic_fetch_add(&region->sequence, 1);
  atomic_store(&region->base, base);
  atomic_store(&region->length, length);
  atomic_fetch_add(&region->sequence, 1);
}

static Region *unused_region(void) {
  uint32_t count = atomic_load(&region_count);
  for (uint32_t i = 0; i < count; i++) {
    Region *region = atomic_load(&regions[i]);
    if (region->references == 0) return region;
  }
  Region *region = count < REGIONS ? calloc(1, sizeof *region) : NULL;
  if (!region) return NULL;
  region->index = count;
  atomic_store(&regions[count], region);
  atomic_store(&region_count, count + 1);
  return region;
}

/** Whether no region is in use, not even by a buffer. */
bool regions_none(void) {
  for (uint32_t i = 0; i < atomic_load(&region_count); i++)
    if (atomic_load(&regions[i])->references > 0) return false;
  return true;
}

/** Reserves address space, half as much again and again when there is not enough, but not below `minimum`. */
Region *region_open(size_t *reserve, size_t minimum, uint32_t channel) {
  uint8_t *memory = MAP_FAILED;
  size_t length = *reserve;
  for (; length >= BLOCK && length >= minimum; length = (length >> 1) & ~(BLOCK - 1)) {
    memory = mmap(NULL, length + BLOCK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) break;
  }
  if (memory == MAP_FAILED) return NULL;
  uintptr_t base = ((uintptr_t)memory + BLOCK - 1) & ~(BLOCK - 1);
  if (base > (uintptr_t)memory) munmap(memory, base - (uintptr_t)memory);
  munmap((void *)(base + length), (uintptr_t)memory + BLOCK - base);
  madvise((void *)base, length, MADV_DONTFORK);
  madvise((void *)base, length, MADV_DONTDUMP);

  pthread_mutex_lock(&shim_mutex);
  Region *region = unused_region();
  if (region) {
    region->blocks = (uint32_t)(length >> BLOCK_SHIFT);
    region->words = table(region->blocks * sizeof *region->words);
    region->frames = table(region->blocks * sizeof *region->frames);
    region->pins = table(region->blocks * sizeof *region->pins);
    if (!region->words || !region->frames || !region->pins) {
      free_tables(region);
      region = NULL;
    }
  }
  if (region) {
    region->id = region->index + (uint64_t)REGIONS * ++opened;
    region->channel = channel;
    region->generation = 0;
    region->end = region->blocks;
    region->last = UINT32_MAX - 8;
    region->streak = 0;
    region->closed = false;
    region->references = 1;
    region->poisoned_count = region->failure_count = region->failures_taken = 0;
    publish(region, base, length);
    *reserve = length;
  } else {
    munmap((void *)base, length);
  }
  pthread_mutex_unlock(&shim_mutex);
  return region;
}

Region *region_by_id(double id) {
  if (!(id >= REGIONS)) return NULL;
  uint32_t index = (uint32_t)((uint64_t)id % REGIONS);
  Region *region = index < atomic_load(&region_count) ? atomic_load(&regions[index]) : NULL;
  return region && region->id == (uint64_t)id && !region->closed ? region : NULL;
}

/** The region that an address lies in. For the handler: no locks. */
Region *region_at(uintptr_t address) {
  uint32_t count = atomic_load(&region_count);
  for (uint32_t i = 0; i < count; i++) {
    Region *region = atomic_load(&regions[i]);
    uint32_t sequence = atomic_load(&region->sequence);
    uintptr_t base = atomic_load(&region->base);
    if (address >= base && address - base < atomic_load(&region->length) && (sequence & 1) == 0 &&
        atomic_load(&region->sequence) == sequence)
      return region;
  }
  return NULL;
}

/** Gives up one reference. The addresses are free for others only when no buffer shows them any more. */
void region_release(Region *region) {
  if (--region->references > 0) return;
  void *base = (void *)atomic_load(&region->base);
  size_t length = atomic_load(&region->length);
  publish(region, 0, 0);
  munmap(base, length);
  free_tables(region);
  free(region->poisoned);
  region->poisoned = NULL;
  region->poisoned_room = 0;
}

/** Takes a block for a change: waits while somebody else does, sets BUSY, and returns the state it was in. */
uint32_t region_claim(Region *region, uint32_t block) {
  Word *word = &region->words[block];
  for (;;) {
    uint32_t state = atomic_load(word);
    if (state == BUSY)
      futex_wait(word, BUSY, -1);
    else if (atomic_compare_exchange_strong(word, &state, BUSY))
      return state;
  }
}

/** Ends a change. */
void region_settle(Region *region, uint32_t block, uint32_t state) {
  atomic_store(&region->words[block], state);
  futex_wake(&region->words[block]);
}

static bool protect(Region *region, uint32_t block, int protection) {
  uint8_t *address = region_address(region, block);
  if (mprotect(address, BLOCK, protection) == 0) return true;
  // Out of mappings: every clean block that leaves gives up to two back.
  clock_evict(16);
  return mprotect(address, BLOCK, protection) == 0;
}

/** Forgets what is in memory of a block; a load that is under way is repeated. */
void region_drop(Region *region, uint32_t block) {
  uint32_t state = atomic_load(&region->words[block]);
  if (state == ABSENT || state == REQ) return;
  if (state == LOADING || state == AHEAD) {
    Ticket *ticket = ticket_of(region, block);
    if (ticket && ticket->phase == SERVING) ticket->stale = true;
    return;
  }
  state = region_claim(region, block);
  switch (state) {
    case CLEAN:
    case AGED:
    case DIRTY:
    case STORED:
      frame_back(region, block);
      state = ABSENT;
      break;
    case POISON:
      if (region_hide(region_address(region, block), BLOCK) != 0) die("no memory mapping left");
      for (uint32_t i = 0; i < region->poisoned_count; i++) {
        if (region->poisoned[i] != block) continue;
        region->poisoned[i] = region->poisoned[--region->poisoned_count];
        break;
      }
      state = ABSENT;
      break;
  }
  region_settle(region, block, state);
}

/** Forgets all changes, stored or not. */
void region_drop_changed(Region *region) {
  for (uint32_t i = 0; i < frames_high(); i++) {
    Frame *frame = &frames[i];
    if (frame->use != PLACED || frame->region != region) continue;
    uint32_t state = atomic_load(&region->words[frame->block]);
    if (state == DIRTY || state == STORED || state == BUSY) {
      uint32_t block = frame->block;
      state = region_claim(region, block);
      if (state == DIRTY || state == STORED) {
        frame_back(region, block);
        state = ABSENT;
      }
      region_settle(region, block, state);
    }
  }
}

/** Forgets failures and the zeros that stand for what could not be loaded. */
void region_drop_poisoned(Region *region) {
  while (region->poisoned_count > 0) region_drop(region, region->poisoned[region->poisoned_count - 1]);
  region->failure_count = region->failures_taken = 0;
}

static int ascending(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a;
  uint32_t right = *(const uint32_t *)b;
  return left < right ? -1 : left > right;
}

/** The changed blocks, ascending. `room` must be at least the number of frames. */
size_t region_dirty(Region *region, uint32_t *blocks, size_t room) {
  size_t count = 0;
  for (uint32_t i = 0; i < frames_high() && count < room; i++) {
    Frame *frame = &frames[i];
    if (frame->use != PLACED || frame->region != region) continue;
    Word *word = &region->words[frame->block];
    while (atomic_load(word) == BUSY) futex_wait(word, BUSY, -1);
    if (atomic_load(word) == DIRTY) blocks[count++] = frame->block;
  }
  qsort(blocks, count, sizeof *blocks, ascending);
  return count;
}

/** DIRTY to STORED. From here on the bytes do not change unless the block gets dirty anew. */
bool region_begin_store(Region *region, uint32_t block) {
  uint32_t state = region_claim(region, block);
  bool ok = state == DIRTY && protect(region, block, PROT_READ);
  region_settle(region, block, ok ? STORED : state);
  return ok;
}

/** The commit is done: what was stored is clean, or dirty again if it failed. */
void region_finish_store(Region *region, bool ok) {
  for (uint32_t i = 0; i < frames_high(); i++) {
    Frame *frame = &frames[i];
    if (frame->use != PLACED || frame->region != region) continue;
    uint32_t state = region_claim(region, frame->block);
    if (state == STORED) {
      // Without access it would be lost to the next commit; without mappings it still is dirty, the handler opens it.
      if (!ok) protect(region, frame->block, PROT_READ | PROT_WRITE);
      state = ok ? CLEAN : DIRTY;
    }
    region_settle(region, frame->block, state);
  }
}

/** Gives access to a block in its frame, as a touch would. False if it is not in memory, or no mapping is left. */
bool region_make_ready(Region *region, uint32_t block, bool write) {
  uint32_t state = region_claim(region, block);
  uint32_t next = state;
  if (state == AGED) next = CLEAN;
  if (write && (state == CLEAN || state == AGED || state == STORED)) next = DIRTY;
  bool ok = next == CLEAN || next == DIRTY || next == STORED;
  if (ok && next != state)
    ok = protect(region, block, next == DIRTY ? PROT_READ | PROT_WRITE : PROT_READ);
  if (ok && next == DIRTY) frame_written(region, block);
  region_settle(region, block, ok ? next : state);
  return ok;
}

/** Zeros in place of a block that could not be loaded, and who waits for it is told. The block's word is BUSY. */
void region_poison(Region *region, uint32_t block, const Failure *failure) {
  if (settings.abort_on_error) die(failure->message);
  if (region->poisoned_count == region->poisoned_room) {
    region->poisoned_room = region->poisoned_room ? region->poisoned_room * 2 : 16;
    region->poisoned = realloc(region->poisoned, region->poisoned_room * sizeof *region->poisoned);
    if (!region->poisoned) die("out of memory");
  }
  region->poisoned[region->poisoned_count++] = block;
  if (region->failure_count < KEPT_FAILURES) {
    Failure *kept = &region->failures[region->failure_count++];
    *kept = *failure;
    kept->block = block;
  }
  atomic_fetch_add(&counters.load_errors, 1);

  // First the termination, then the wake: the other way round it would strike at a random later place.
  guard_terminate(region, block, failure);
  uint8_t *address = region_address(region, block);
  if (!region_split(address)) {
    clock_evict(16);
    region_split(address);
  }
  if (mmap(address, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
      MAP_FAILED)
    die("a block cannot be loaded, and no memory mapping is left to say so");
  madvise(address, BLOCK, MADV_DONTFORK);
  madvise(address, BLOCK, MADV_DONTDUMP);
  region_settle(region, block, POISON);
}

/** What is known of a block's failure; `id` is its region's. */
void region_failure(uint32_t index, uint32_t block, Failure *failure, uint64_t *id) {
  Region *region = atomic_load(&regions[index]);
  *id = region->id;
  *failure = (Failure){block, "LOAD", "the block could not be loaded"};
  for (uint32_t i = 0; i < region->failure_count; i++)
    if (region->failures[i].block == block) *failure = region->failures[i];
}

/** Ends a handle: its blocks leave, whoever waits gets zeros, and the memory goes with the last buffer. */
void region_close(Region *region) {
  region->closed = true;
  Failure failure = {.code = "CLOSED", .message = "the file handle is closed"};
  Ticket *next;
  for (Ticket *ticket = tickets_first(); ticket; ticket = next) {
    next = ticket->next;
    if (ticket->region == region && ticket->phase != ORPHAN) loader_settle_failure(ticket, &failure);
  }
  for (uint32_t i = 0; i < frames_high(); i++) {
    Frame *frame = &frames[i];
    if (frame->use == PLACED && frame->region == region) region_drop(region, frame->block);
  }
  // Groups whose loads ended above are finished by the service thread.
  ring_ring();
  region_release(region);
}
