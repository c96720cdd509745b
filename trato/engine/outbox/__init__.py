"""Mails to people outside: written in the transaction of what they tell of, sent by a job, shown at most once.

A mail that left and was not noted as sent goes again under the same Message-ID, which mail programs show once.
"""

from .listing import cancel, is_lately, listed, of_record, retry, sweep
from .wording import written
from .writing import put

__all__ = ["cancel", "is_lately", "listed", "of_record", "put", "retry", "sweep", "written"]
