"""Run calls at once or in turn, each in a thread with its own connection."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import connection, transaction

from accounts.exceptions import Refused


def at_once(*calls):
    """Run all calls at the same moment, each in its own thread. Return their results.

    A refusal is returned as a result. Any other exception is raised.
    """
    barrier = threading.Barrier(len(calls))

    def run(call):
        connection.ensure_connection()
        barrier.wait(timeout=30)
        return get_result(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def get_result(call):
    """Return the result of a call, or its refusal, and close the connection of this thread."""
    try:
        return call()
    except Refused as refusal:
        return refusal
    finally:
        connection.close()


def in_turn(first, then, *, roll_back=False):
    """Call `first`, and end its transaction when `then`, in another thread, waits for its locks.

    Return both results.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            result = first()
            later = pool.submit(get_result, then)
            while not is_waited_for():
                assert not wait([later], timeout=0.01).done, "the second call did not wait"
            transaction.set_rollback(roll_back)
        return result, later.result(timeout=30)


def is_waited_for():
    """Return True if another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT FROM pg_locks
            WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
        """)
        return bool(cursor.fetchall())


def refusals(results):
    """Return the types of the refusals among the results."""
    return [type(result) for result in results if isinstance(result, Refused)]
