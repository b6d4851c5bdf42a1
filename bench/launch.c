/*
 * Runs a command and writes one line to file descriptor 3 when it has ended: user and system CPU
 * microseconds, peak RSS in KiB, wall-clock microseconds, and the raw wait status.
 *
 * A process starts its life with the peak RSS of the one that forked it, so that a small program
 * started from Python seems to need what Python needs.  This launcher is too small to matter, and
 * its own cost is not in the child's figures.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long long time_us(struct timeval t) { return (long long)t.tv_sec * 1000000 + t.tv_usec; }

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: launch COMMAND [ARGS] 3>FILE\n");
        return 2;
    }
    long long start = wall_us();
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return 2;
    }
    if (child == 0) {
        close(3);
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child) {
        perror("wait4");
        return 2;
    }
    dprintf(3, "%lld %lld %ld %lld %d\n", time_us(usage.ru_utime), time_us(usage.ru_stime),
            usage.ru_maxrss, wall_us() - start, status);
    return 0;
}
