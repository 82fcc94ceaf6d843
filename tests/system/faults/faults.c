/*
 * Makes chosen system calls fail, or kills the process at them (a library for LD_PRELOAD).
 *
 * FAULTS     one rule or several, separated by ';', each  process,call,path,first,times,action
 *              process  driver, server (any process of a fork server) or any
 *              call     name of an interposed function below, such as fsync
 *              path     text that the path of the file contains; empty for any call
 *              first    number of the first matching call that the rule concerns, from 1;
 *                       each process counts its own calls, and a fork goes on counting
 *              times    how many calls it concerns; 0 for all that follow
 *              action   the errno to fail with, as a number, or kill; with a log, a rule of
 *                       limited times kills only one process, the first that comes to it
 *
 * FAULTS_LOG file to which each call that a rule concerned is appended, one per line
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define MAX_RULES 16

struct rule {
    char call[32], path[256];
    long first, times, seen;
    int action; /* an errno; 0 kills */
};

static struct rule rules[MAX_RULES];
static int rule_count = -1;

/* Tells whether this is a process of a fork server, which its command line shows. */
static int in_server(void) {
    char line[4096];
    int file = syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC, 0);
    long size = file < 0 ? 0 : syscall(SYS_read, file, line, sizeof line);
    if (file >= 0) syscall(SYS_close, file);
    return size > 0 && memmem(line, size, "fork_server", 11) != NULL;
}

static void read_rules(void) {
    const char *given = getenv("FAULTS");
    if (!given) return; /* a fork of this process may yet be given some */
    rule_count = 0;
    char text[8192], *rest = text, *one;
    snprintf(text, sizeof text, "%s", given);
    const char *here = in_server() ? "server" : "driver";
    while ((one = strsep(&rest, ";")) && rule_count < MAX_RULES) {
        char *fields[6];
        int count = 0;
        while (count < 6 && one) fields[count++] = strsep(&one, ",");
        if (count < 6 || (strcmp(fields[0], "any") && strcmp(fields[0], here))) continue;
        struct rule *rule = &rules[rule_count++];
        snprintf(rule->call, sizeof rule->call, "%s", fields[1]);
        snprintf(rule->path, sizeof rule->path, "%s", fields[2]);
        rule->first = atol(fields[3]);
        rule->times = atol(fields[4]);
        rule->action = strcmp(fields[5], "kill") ? atoi(fields[5]) : 0;
        rule->seen = 0;
    }
}

static void note(const char *call, const char *path) {
    const char *log = getenv("FAULTS_LOG");
    if (!log) return;
    char line[PATH_MAX + 64];
    int size = snprintf(line, sizeof line, "%d %s %s\n", getpid(), call, path);
    int file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return;
    syscall(SYS_write, file, line, size);
    syscall(SYS_close, file);
}

/* Tells whether no process has been killed yet: the first one creates the log. */
static int is_first_kill(void) {
    const char *log = getenv("FAULTS_LOG");
    if (!log) return 1;
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int file = syscall(SYS_openat, AT_FDCWD, log, flags, 0666);
    if (file >= 0) syscall(SYS_close, file);
    return file >= 0;
}

/* Returns 1, with errno set, if a call is to fail. */
static int fails(const char *call, const char *path) {
    if (rule_count < 0) read_rules();
    for (int i = 0; i < rule_count; i++) {
        struct rule *rule = &rules[i];
        if (strcmp(rule->call, call) || !strstr(path, rule->path)) continue;
        long number = ++rule->seen;
        if (number < rule->first || (rule->times && number >= rule->first + rule->times)) continue;
        if (!rule->action && rule->times && !is_first_kill()) continue;
        note(call, path);
        if (!rule->action) syscall(SYS_kill, getpid(), SIGKILL);
        errno = rule->action;
        return 1;
    }
    return 0;
}

static int fails_for(const char *call, int descriptor) {
    if (rule_count < 0) read_rules();
    if (rule_count <= 0) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size < 0 ? 0 : size] = 0;
    return fails(call, path);
}

/* Defines a function that fails by a rule, and otherwise calls the one that it hides. */
#define INTERPOSE(result, name, parameters, arguments, check) \
    result name parameters {                                  \
        static result(*real) parameters;                      \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name); \
        return check ? -1 : real arguments;                   \
    }

INTERPOSE(ssize_t, write, (int d, const void *b, size_t n), (d, b, n), fails_for("write", d))
INTERPOSE(ssize_t, pwrite, (int d, const void *b, size_t n, off_t o), (d, b, n, o), fails_for("write", d))
INTERPOSE(ssize_t, pwrite64, (int d, const void *b, size_t n, off64_t o), (d, b, n, o), fails_for("write", d))
INTERPOSE(int, fsync, (int d), (d), fails_for("fsync", d))
INTERPOSE(int, fdatasync, (int d), (d), fails_for("fsync", d))
INTERPOSE(int, ftruncate, (int d, off_t n), (d, n), fails_for("ftruncate", d))
INTERPOSE(int, ftruncate64, (int d, off64_t n), (d, n), fails_for("ftruncate", d))
INTERPOSE(int, flock, (int d, int how), (d, how), fails_for("flock", d))
INTERPOSE(ssize_t, sendmsg, (int d, const struct msghdr *m, int f), (d, m, f), fails_for("sendmsg", d))
INTERPOSE(ssize_t, send, (int d, const void *b, size_t n, int f), (d, b, n, f), fails_for("send", d))
INTERPOSE(int, mkdir, (const char *p, mode_t m), (p, m), fails("mkdir", p))
INTERPOSE(int, mkfifo, (const char *p, mode_t m), (p, m), fails("mkfifo", p))
INTERPOSE(int, unlink, (const char *p), (p), fails("unlink", p))
INTERPOSE(int, rename, (const char *p, const char *q), (p, q), fails("rename", p))
INTERPOSE(int, epoll_ctl, (int d, int o, int w, struct epoll_event *e), (d, o, w, e), fails("epoll_ctl", ""))
INTERPOSE(int, socketpair, (int a, int b, int c, int d[2]), (a, b, c, d), fails("socketpair", ""))
INTERPOSE(int, pipe, (int d[2]), (d), fails("pipe", ""))
INTERPOSE(int, pipe2, (int d[2], int f), (d, f), fails("pipe", ""))
INTERPOSE(pid_t, fork, (void), (), fails("fork", ""))

/* The mode is read even where the caller gave none; then the kernel ignores it. */
#define INTERPOSE_OPEN(name)                                   \
    int name(const char *path, int flags, ...) {               \
        static int (*real)(const char *, int, ...);            \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name);  \
        va_list rest;                                          \
        va_start(rest, flags);                                 \
        mode_t mode = va_arg(rest, mode_t);                    \
        va_end(rest);                                          \
        return fails("open", path) ? -1 : real(path, flags, mode); \
    }

INTERPOSE_OPEN(open)
INTERPOSE_OPEN(open64)
