"""Cleaning: stops the jobs of a sweep, and removes its files from the storage."""

import shutil
from collections.abc import Iterator

from sweepwright.contracts import Workspace

from .api import Api
from .client import Client, PaiError
from .options import PaiOptions, files_storage, sweep_folder, sweep_mount

_FINAL = ("STOPPED", "SUCCEEDED", "FAILED")


def clean_cluster(options: PaiOptions, workspace: Workspace) -> Iterator[str]:
    """Stop all jobs of a sweep, remove its files, and yield a line for each thing done.

    OpenPAI cannot delete jobs, so the names of all jobs stay in its list.
    """
    api = Api(options, workspace.sweep, Client(options))
    try:
        jobs = api.list()
        stopped = 0
        for job in jobs:
            if job["state"] not in (*_FINAL, "STOPPING"):
                api.stop(job["name"])
                stopped += 1
                yield f"stopped the job {job['name']}"
        if stopped:
            yield f"OpenPAI cannot delete jobs: {len(jobs):,} of the sweep stay in its list"
    except PaiError as error:
        raise ConnectionError(str(error)) from error
    finally:
        api.close()
    yield from _remove_files(options, workspace.sweep)


def _remove_files(options: PaiOptions, sweep: str) -> Iterator[str]:
    folder, storage = sweep_folder(options, sweep), files_storage(options)
    if folder is not None and folder.is_dir():
        shutil.rmtree(folder)
        yield f"removed {folder}"
    elif storage is not None and storage.local is None:
        place = sweep_mount(options, sweep)
        yield f"the storage `{storage.name}` is not mounted here: remove {place} in a job"
