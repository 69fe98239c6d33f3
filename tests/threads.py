"""Calls at once and in turn, each in a thread with its own connection."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import connection, transaction

from accounts.exceptions import Refused


def at_once(*calls):
    """Run every call in its own thread, all let go at the same moment; answer what each gave.

    A refusal is an answer here, any other exception is raised.
    """
    barrier = threading.Barrier(len(calls))

    def run(call):
        connection.ensure_connection()
        barrier.wait(timeout=30)
        return answer_of(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def answer_of(call):
    """What a call gives in a thread of its own."""
    try:
        return call()
    except Refused as refusal:
        return refusal
    finally:
        connection.close()


def in_turn(first, then, *, roll_back=False):
    """Call `first`, and end its transaction only when `then`, in another thread, waits for that.

    PostgreSQL itself tells who waits. Answer what each gave.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            given = first()
            later = pool.submit(answer_of, then)
            while not somebody_waits():
                assert not wait([later], timeout=0.01).done, "the second did not wait"
            transaction.set_rollback(roll_back)
        return given, later.result(timeout=30)


def somebody_waits():
    """Whether another connection waits for a lock that this one has."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT FROM pg_locks
            WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
        """)
        return bool(cursor.fetchall())


def refusals(answers):
    return [type(answer) for answer in answers if isinstance(answer, Refused)]
