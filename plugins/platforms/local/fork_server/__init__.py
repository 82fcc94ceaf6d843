"""The fork server: a fresh interpreter from which trials start in milliseconds.

Run as ``python <this folder> <socket> <settings>``; standard library alone, Python 3.11 or
newer, and nothing of the application is imported, so any interpreter can serve. ::

    driver ══ root        exec'ed, preloads, forks keepers, outlives nothing
                ├─ keeper     runs one job at a time; ends all of it before it says so
                │    ├─ leader    a process of the job, first of its own session
                │    └─ leader
                └─ keeper

Keepers and root are subreapers: a descendant whose parents died, whatever group or session
it hides in, becomes the child of its keeper, and of root if the keeper died too. So "every
process of the job" is simply "every child, until there is none". Each layer dies with the
one above it: root watches the driver, and the kernel kills the rest (``PR_SET_PDEATHSIG``).
Elsewhere than on Linux there are neither subreapers nor that signal; there a job is its
process groups.
"""
