"""kill -9 of the worker in the middle of reading a mailbox: no mail is lost, and none is dealt with twice."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cast import assemble

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

SENDERS, EACH = 40, 2
WORKER = """
import sys
import django
django.setup()
from trato.engine.inbox import jobs
jobs.read(*sys.argv[1:])
"""


@pytest.fixture
def mailbox(dovecot):
    """A mailbox for leads to which every sender has written two mails."""
    from trato.engine.inbox import Mailbox, mailboxes
    from trato.engine.postgres.scope import in_workspace
    from trato.engine.workspaces.actors import actor_for_user

    cast, user = assemble(), f"killed{time.time_ns()}"
    given = {"address": "sales@acme.example", "user": user, "folder": "INBOX", "is_on": True, "takes_answers": True}
    server = {"host": dovecot.host, "port": dovecot.port, "security": "none", "password": dovecot.password}
    with in_workspace(cast.acme.id):
        actor = actor_for_user(cast.owner, cast.acme)
        made = mailboxes.save(actor, Mailbox(), given | server | {"purposes": ["leads"]})
    for number in range(SENDERS * EACH):
        sender = f"n{number % SENDERS}@casa.example"
        dovecot.deliver(user, f"From: {sender}\nSubject: {number}\nMessage-ID: <{number}@x>\n\nHello\n".encode())
    return made


def worker(mailbox):
    """Another process that reads it, as a worker does."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "trato.site.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRATO_INTERNAL_HOSTS": mailbox.host,
    }
    command = [sys.executable, "-c", WORKER, str(mailbox.workspace_id), str(mailbox.id)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)


def standing(mailbox):
    """How many mails are kept, the states they have, how many leads and notes there are, and senders with a lead."""
    from trato.engine.inbox import IncomingMail
    from trato.engine.models import Key
    from trato.engine.postgres.scope import in_workspace
    from trato.modules.people.models import Note
    from trato.modules.sales.models import Lead

    with in_workspace(mailbox.workspace_id):
        states = set(IncomingMail.objects.values_list("state", flat=True))
        keys = Key.objects.filter(object="leads", key__startswith="email:").values("key").distinct().count()
        return IncomingMail.objects.count(), states, Lead.objects.count(), Note.objects.count(), keys


def test_a_killed_worker(mailbox):
    for enough in (10, 35, 60):
        process, end = worker(mailbox), time.monotonic() + 60
        while standing(mailbox)[0] < enough:
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert standing(mailbox)[0] < SENDERS * EACH, "it was killed in the middle"
    last = worker(mailbox)
    assert last.wait(60) == 0, last.stderr.read().decode()
    assert standing(mailbox) == (SENDERS * EACH, {"taken"}, SENDERS, SENDERS * (EACH - 1), SENDERS)
