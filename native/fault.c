// The SIGSEGV handler. It runs in whatever code touched a block, so it may use nothing but atomics and a few system
// calls: no locks, no memory allocation, no thread-local variables, no stdio.

#include "shim.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

// The action before ours at the first installation (V8's, for WebAssembly), and at the latest.
static struct sigaction first_previous, previous;
static _Atomic bool installed;
// Threads that are passing a signal on: whoever was put in front of us later may pass it back to us.
#define PASSING 64
static _Atomic int passing[PASSING];

static void on_fault(int number, siginfo_t *info, void *context);

/** Puts our handler in front, unless it is there. */
void fault_install(void) {
  struct sigaction current;
  if (sigaction(SIGSEGV, NULL, &current) != 0) return;
  if ((current.sa_flags & SA_SIGINFO) && current.sa_sigaction == on_fault) return;
  if (!atomic_exchange(&installed, true)) first_previous = current;
  previous = current;
  struct sigaction ours = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&ours.sa_mask);
  sigaction(SIGSEGV, &ours, NULL);
}

bool fault_installed(void) {
  struct sigaction current;
  return sigaction(SIGSEGV, NULL, &current) == 0 && (current.sa_flags & SA_SIGINFO) &&
         current.sa_sigaction == on_fault;
}

static bool is_write(void *context) {
#if defined(__x86_64__)
  return (((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR] & 2) != 0;
#elif defined(__aarch64__)
  // Records follow each other in the reserved area: magic, size, data. The exception syndrome is ESR_MAGIC.
  uint8_t *at = ((ucontext_t *)context)->uc_mcontext.__reserved;
  for (;;) {
    uint32_t head[2];
    memcpy(head, at, sizeof head);
    if (head[0] == 0 || head[1] == 0) return false;
    if (head[0] == 0x45535201u) {
      uint64_t syndrome;
      memcpy(&syndrome, at + sizeof head, sizeof syndrome);
      return (syndrome & (1u << 6)) != 0;
    }
    at += head[1];
  }
#else
#error "reads cannot be told from writes on this processor"
#endif
}

static void call(const struct sigaction *action, int number, siginfo_t *info, void *context) {
  if (action->sa_flags & SA_SIGINFO) {
    action->sa_sigaction(number, info, context);
  } else if (action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN) {
    // Repeating the instruction ends the process as it would have without us; a sent signal has none to repeat.
    sigaction(SIGSEGV, action, NULL);
    if (info->si_code <= 0 && action->sa_handler == SIG_DFL) syscall(SYS_tgkill, getpid(), thread_id(), SIGSEGV);
  } else {
    action->sa_handler(number);
  }
}

static void pass_on(int number, siginfo_t *info, void *context) {
  int tid = thread_id();
  for (int i = 0; i < PASSING; i++) {
    if (atomic_load(&passing[i]) != tid) continue;
    call(&first_previous, number, info, context);
    return;
  }
  int mine = -1;
  for (int i = 0; i < PASSING && mine < 0; i++) {
    int nobody = 0;
    if (atomic_compare_exchange_strong(&passing[i], &nobody, tid)) mine = i;
  }
  call(&previous, number, info, context);
  if (mine >= 0) atomic_store(&passing[mine], 0);
}

static void pause_1ms(void) {
  Word never = 0;
  futex_wait(&never, 0, 1);
}

static void resolve(Region *region, uint32_t block, bool write, int tid) {
  if (service_is(tid) || loader_is(tid)) die("a loader touched a block that is not loaded");
  Word *word = &region->words[block];
  Guarded *guarded = guard_of(tid);
  if (guarded) guard_waits(guarded, region, block);
  bool waited = false;
  int cramped = 0;
  for (;;) {
    uint32_t state = atomic_load(word);
    if (state == ABSENT) {
      if (!atomic_compare_exchange_strong(word, &state, REQ)) continue;
      atomic_fetch_add(write ? &counters.write_faults : &counters.read_faults, 1);
      while (!ring_push(WANTED, region, block)) pause_1ms();
    } else if (state == AHEAD) {
      // Somebody waits from now on. The notice keeps the read-ahead going.
      if (atomic_compare_exchange_strong(word, &state, LOADING)) ring_push(TOUCHED, region, block);
    } else if (state == REQ || state == LOADING) {
      waited = true;
      atomic_fetch_add(&counters.waiting, 1);
      futex_wait(word, state, -1);
      atomic_fetch_sub(&counters.waiting, 1);
    } else if (state == BUSY) {
      waited = true;
      futex_wait(word, BUSY, -1);
    } else if (state == AGED || (write && (state == CLEAN || state == STORED))) {
      if (!atomic_compare_exchange_strong(word, &state, BUSY)) continue;
      if (mprotect(region_address(region, block), BLOCK, write ? PROT_READ | PROT_WRITE : PROT_READ) != 0) {
        // No mapping left. The service thread evicts, for which this block must not stay BUSY.
        region_settle(region, block, state);
        if (++cramped == 2000) die("no memory mapping left (vm.max_map_count)");
        ring_push(CRAMPED, region, block);
        pause_1ms();
        continue;
      }
      if (write) frame_written(region, block);
      region_settle(region, block, write ? DIRTY : state == AGED ? CLEAN : state);
      if (state == AGED) {
        atomic_fetch_add(&counters.touched_again, 1);
        ring_push(TOUCHED, region, block);
      }
      break;
    } else if (state == POISON) {
      if (guarded && waited) guard_saw_poison(guarded, region, block);
      break;
    } else {
      break;
    }
  }
  if (guarded) guard_waits(guarded, NULL, 0);
}

// A machine that reports writes as reads would fault forever: the self-test leaves by a jump after many rounds.
_Atomic int fault_escape_thread;
static _Atomic int rounds;
extern sigjmp_buf fault_escape;

static void on_fault(int number, siginfo_t *info, void *context) {
  int error = errno;
  uintptr_t address = (uintptr_t)info->si_addr;
  Region *region = info->si_code == SEGV_ACCERR ? region_at(address) : NULL;
  if (region) {
    int tid = thread_id();
    if (atomic_load(&fault_escape_thread) == tid && atomic_fetch_add(&rounds, 1) > 64) siglongjmp(fault_escape, 1);
    resolve(region, (uint32_t)((address - atomic_load(&region->base)) >> BLOCK_SHIFT), is_write(context), tid);
  } else {
    pass_on(number, info, context);
  }
  errno = error;
}
