// The pool of frames: 2 MiB each, written by the loader at the frame's own address, then moved to the block's. With the
// mremap backend pages move and the frame's address stays as an empty mapping; with the memfd backend (Linux before
// 5.7) the block's address becomes a second mapping of the frame.

#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1u
#endif

// 64 GiB: each scattered block costs two kernel mappings, of which a process has 65530 by default.
#define MOST_FRAMES 32768u

Frame *frames;
static uint8_t *pool;
static int pool_file = -1;
static int backend;
static uint32_t capacity, high, warm;
static uint32_t *free_frames, *cold_frames;
// How many bytes at a frame's front may be other than zero. Where they end, nothing has to be cleared for the next block.
static uint32_t *filled;
static uint32_t free_count, cold_count;
// While a frame is being taken, one that an eviction frees is kept, although there are more than the budget allows.
static bool taking;

uint32_t frames_high(void) { return high; }
int frames_backend(void) { return backend; }
size_t frames_warm(void) { return warm; }
uint8_t *frame_address(uint32_t frame) { return pool + ((size_t)frame << BLOCK_SHIFT); }

/** Frames to be had without evicting and without exceeding the budget. */
size_t frames_free(void) {
  return free_count + (settings.budget > warm ? settings.budget - warm : 0);
}

static bool can_move_without_unmapping(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint8_t *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (two == MAP_FAILED) return false;
  two[0] = 42;
  bool ok = mremap(two, page, page, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, two + page) != MAP_FAILED &&
            two[page] == 42 && two[0] == 0;
  munmap(two, 2 * page);
  return ok;
}

static uint8_t *reserve_pool(int file) {
  int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED | MAP_NORESERVE;
  for (capacity = MOST_FRAMES; capacity >= settings.budget; capacity /= 2) {
    size_t length = (size_t)capacity << BLOCK_SHIFT;
    uint8_t *memory = mmap(NULL, length + BLOCK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) continue;
    uint8_t *base = (uint8_t *)(((uintptr_t)memory + BLOCK - 1) & ~(BLOCK - 1));
    if (base > memory) munmap(memory, (size_t)(base - memory));
    munmap(base + length, (size_t)(memory + BLOCK - base));
    if (file < 0 || (ftruncate(file, (off_t)length) == 0 &&
                     mmap(base, length, PROT_READ | PROT_WRITE, flags | MAP_FIXED, file, 0) != MAP_FAILED))
      return base;
    munmap(base, length);
  }
  return NULL;
}

/** Makes the pool at its first use. Returns why it cannot, or NULL. */
const char *frames_start(void) {
  if (pool) return NULL;
  bool move = settings.backend != BACKEND_MEMFD && can_move_without_unmapping();
  if (!move && settings.backend == BACKEND_MREMAP) return "this kernel cannot move pages (mremap DONTUNMAP, Linux 5.7)";
  if (!move) {
    pool_file = (int)syscall(SYS_memfd_create, "zodb-frames", MFD_CLOEXEC);
    if (pool_file < 0) return "no memory file (memfd_create)";
  }
  uint8_t *memory = reserve_pool(pool_file);
  if (!memory) return "no address space for the frames";
  frames = calloc(capacity, sizeof *frames);
  free_frames = calloc(capacity, sizeof *free_frames);
  cold_frames = calloc(capacity, sizeof *cold_frames);
  filled = calloc(capacity, sizeof *filled);
  if (!frames || !free_frames || !cold_frames || !filled) return "no memory for the table of frames";
  size_t length = (size_t)capacity << BLOCK_SHIFT;
  madvise(memory, length, MADV_HUGEPAGE);
  madvise(memory, length, MADV_DONTFORK);
  madvise(memory, length, MADV_DONTDUMP);
  backend = move ? BACKEND_MREMAP : BACKEND_MEMFD;
  pool = memory;
  return NULL;
}

/** Gives the pool back. Nothing may be in it. */
void frames_stop(void) {
  if (!pool) return;
  munmap(pool, (size_t)capacity << BLOCK_SHIFT);
  if (pool_file >= 0) close(pool_file);
  free(frames);
  free(free_frames);
  free(cold_frames);
  free(filled);
  pool = NULL;
  pool_file = -1;
  backend = BACKEND_AUTO;
  capacity = high = warm = free_count = cold_count = 0;
}

static uint32_t warm_up(void) {
  uint32_t frame = cold_count > 0 ? cold_frames[cold_count - 1] : high;
  if (frame >= capacity) return NO_FRAME;
  if (backend == BACKEND_MREMAP && mprotect(frame_address(frame), BLOCK, PROT_READ | PROT_WRITE) != 0) return NO_FRAME;
  if (cold_count > 0)
    cold_count--;
  else
    high++;
  warm++;
  return frame;
}

/** A frame to be filled: a free one, a new one, one taken from a clean block, or (`may_exceed`) one above the budget. */
uint32_t frame_take(bool may_exceed) {
  uint32_t frame = NO_FRAME;
  if (free_count > 0)
    frame = free_frames[--free_count];
  else if (warm < settings.budget)
    frame = warm_up();
  if (frame == NO_FRAME) {
    taking = true;
    clock_evict(1);
    taking = false;
    if (free_count > 0) frame = free_frames[--free_count];
  }
  if (frame == NO_FRAME && may_exceed && warm < settings.hard_limit) {
    frame = warm_up();
    if (frame != NO_FRAME) atomic_fetch_add(&counters.pressure, 1);
  }
  if (frame != NO_FRAME) frames[frame] = (Frame){.use = FILLING};
  return frame;
}

static void cool_down(uint32_t frame) {
  if (backend == BACKEND_MREMAP)
    madvise(frame_address(frame), BLOCK, MADV_DONTNEED);
  else
    fallocate(pool_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)frame << BLOCK_SHIFT, BLOCK);
  frames[frame] = (Frame){.use = COLD};
  filled[frame] = 0;
  cold_frames[cold_count++] = frame;
  warm--;
}

/** Nobody uses the frame. Its memory is kept for the next load unless there is more than the budget allows. */
void frame_release(uint32_t frame) {
  if (warm > settings.budget && !taking) {
    cool_down(frame);
    while (free_count > 0 && warm > settings.budget) cool_down(free_frames[--free_count]);
  } else {
    frames[frame] = (Frame){.use = FREE};
    free_frames[free_count++] = frame;
  }
  loader_frames_came_free();
}

/** The frame may be written anywhere from now on; returns what was filled before, for `frame_fill`. */
uint32_t frame_open(uint32_t frame) {
  uint32_t before = filled[frame];
  filled[frame] = BLOCK;
  return before;
}

/** The frame's first `length` bytes are its content; up to `end` there may be other bytes, which become zeros. */
void frame_fill(uint32_t frame, size_t length, size_t end) {
  if (length < end) memset(frame_address(frame) + length, 0, end - length);
  filled[frame] = (uint32_t)length;
}

/** The block is about to be written. For the handler too: the block's word is BUSY. */
void frame_written(Region *region, uint32_t block) {
  filled[region->frames[block] - 1] = BLOCK;
}

/** Gives memory back after the budget became smaller, as far as clean blocks allow. */
void frames_fit(void) {
  if (warm > settings.budget + free_count) clock_evict(warm - free_count - settings.budget);
  while (free_count > 0 && warm > settings.budget) cool_down(free_frames[--free_count]);
}

static bool move(uint8_t *from, uint8_t *to) {
  return mremap(from, BLOCK, BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) != MAP_FAILED;
}

/** Shows a filled frame at its block's address, in one step: others see no access, or the whole block. */
bool frame_place(uint32_t frame, Region *region, uint32_t block, int protection) {
  uint8_t *slot = frame_address(frame);
  uint8_t *address = region_address(region, block);
  if (backend == BACKEND_MREMAP) {
    if (mprotect(slot, BLOCK, protection) != 0) return false;
    bool moved = move(slot, address);
    mprotect(slot, BLOCK, PROT_READ | PROT_WRITE);
    if (!moved) return false;
  } else {
    if (!region_split(address)) return false;
    if (mmap(address, BLOCK, protection, MAP_SHARED | MAP_FIXED | MAP_POPULATE, pool_file,
             (off_t)frame << BLOCK_SHIFT) == MAP_FAILED)
      return false;
    madvise(address, BLOCK, MADV_DONTFORK);
    madvise(address, BLOCK, MADV_DONTDUMP);
  }
  frames[frame] = (Frame){.use = PLACED, .region = region, .block = block};
  region->frames[block] = frame + 1;
  return true;
}

/** Takes a block's frame back. The block's word is BUSY. */
void frame_back(Region *region, uint32_t block) {
  uint32_t frame = region->frames[block] - 1;
  uint8_t *slot = frame_address(frame);
  uint8_t *address = region_address(region, block);
  // Access goes first: between the move and the hiding a touch would make up a page of zeros. Where the kernel refuses
  // the move, hiding gives the pages back to it, and the frame is merely empty.
  bool moved = backend == BACKEND_MREMAP && mprotect(address, BLOCK, PROT_NONE) == 0 && move(address, slot);
  if (region_hide(address, BLOCK) != 0 && mprotect(address, BLOCK, PROT_NONE) != 0) die("no memory mapping left");
  if (moved && mprotect(slot, BLOCK, PROT_READ | PROT_WRITE) != 0) die("no memory mapping left");
  region->frames[block] = 0;
  frame_release(frame);
}
