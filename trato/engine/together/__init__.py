"""Working together on records: comments with reactions, mentions, following, reminders, and being told of all that.

What happened is gathered from the history (``gathering``) and told once (``telling``); mails leave through an outbox
(``letters``). Titles are never kept with a notification: they are read when it is shown, with the rights of then.
"""
