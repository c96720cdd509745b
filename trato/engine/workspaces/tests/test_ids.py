"""Record ids are UUIDs of version 7, and rise."""

import threading
import time

from trato.engine.workspaces.ids import uuid7, uuid7s


def test_an_id_is_a_version_7_of_now():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= after + 1


def test_ids_rise_one_by_one_and_many_at_once():
    ids = [uuid7() for _ in range(2000)] + uuid7s(2000) + [uuid7()]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_threads_never_make_the_same_id():
    made: list = []
    threads = [threading.Thread(target=lambda: made.extend(uuid7s(500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4000
