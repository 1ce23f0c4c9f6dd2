// Sleeping on a word and waking its sleepers, by raw system calls: the fault handler can use nothing else.

#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// <linux/futex.h> is not there on every machine that has a compiler (Alpine).
#define WAIT_PRIVATE 128
#define WAKE_PRIVATE 129

/** Sleeps while the word has this value, until a wake, a signal, or the time limit (negative: none). */
void futex_wait(Word *word, uint32_t value, int64_t timeout_ms) {
  struct timespec limit = {timeout_ms / 1000, (timeout_ms % 1000) * 1000000};
  syscall(SYS_futex, word, WAIT_PRIVATE, value, timeout_ms < 0 ? NULL : &limit, NULL, 0);
}

void futex_wake(Word *word) {
  syscall(SYS_futex, word, WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

int thread_id(void) {
  return (int)syscall(SYS_gettid);
}

int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** Ends the process with a message, without stdio: callable from the handler. */
void die(const char *message) {
  ssize_t written = write(2, "zodb native: ", 13);
  written += write(2, message, strlen(message));
  written += write(2, "\n", 1);
  (void)written;
  abort();
}
