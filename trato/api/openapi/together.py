"""The addresses of working together: below every record, and one's own."""

from __future__ import annotations

from trato.engine.objects import Object
from trato.engine.together.centre import STATES
from trato.engine.together.rules import EMOJIS, KINDS, MAILS

from .common import listed, path_part
from .parts import ID, MOMENT, Json, operation, parameter, query, ref, thing

NULL: Json = {"type": "null"}
FLAG: Json = {"type": "boolean"}
NUMBER: Json = {"type": "integer"}
MAYBE_ID: Json = {"type": ["string", "null"], "format": "uuid"}
MAYBE_MOMENT: Json = {"type": ["string", "null"], "format": "date-time"}
PERSON: Json = thing("id name", id=MAYBE_ID)
CLOSED: Json = {"additionalProperties": False}
WISHES: Json = {
    "channels": {
        "type": "object",
        "properties": {
            kind: {"type": "object", "properties": {"app": FLAG, "mail": {"enum": list(MAILS)}}, **CLOSED}
            for kind in KINDS
        },
        **CLOSED,
    },
    "digest_hour": NUMBER | {"minimum": 0, "maximum": 23},
    "digest_weekday": NUMBER | {"minimum": 0, "maximum": 6},
    "quiet_from": {"type": ["string", "null"], "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    "quiet_until": {"type": ["string", "null"], "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    "follow_mention": FLAG,
    "follow_own": FLAG,
    "follow_comment": FLAG,
}
SCHEMAS: Json = {
    "comment": thing(
        "id parent entry author text mentions reactions created_at edited_at deleted",
        "answers not_told",
        parent=MAYBE_ID,
        entry=MAYBE_ID,
        author=PERSON,
        mentions={"type": "array", "items": ID},
        reactions={
            "type": "array",
            "items": thing("emoji users", users={"type": "array", "items": ref("link")}),
        },
        created_at=MOMENT,
        edited_at=MAYBE_MOMENT,
        deleted=FLAG,
        answers={"type": "array", "items": ref("comment")},
        not_told={"type": "array", "items": ref("link")},
    ),
    "comment-new": thing("text", "parent entry", parent=ID, entry=ID) | CLOSED,
    "comment-change": thing("text") | CLOSED,
    "reaction": thing("emoji", "on", emoji={"enum": list(EMOJIS)}, on=FLAG) | CLOSED,
    "following": thing("following", following=FLAG),
    "reminder": thing("id at note", at=MOMENT),
    "reminder-new": thing("at", "note", at=MOMENT) | CLOSED,
    "notification": thing(
        "id kind text object record comment by count at read snoozed_until",
        kind={"enum": list(KINDS)},
        object={"type": ["string", "null"]},
        record={"anyOf": [ref("link"), NULL]},
        comment=MAYBE_ID,
        by=PERSON,
        count=NUMBER,
        at=MOMENT,
        read=FLAG,
        snoozed_until=MAYBE_MOMENT,
    ),
    "notification-change": thing("", "read snoozed_until", read=FLAG, snoozed_until=MAYBE_MOMENT) | CLOSED,
    "notification-settings": {"type": "object", "properties": WISHES, **CLOSED},
}


def of_record(obj: Object) -> Json:
    """Below one record of an object."""
    one, single = str(obj.label), f"/{obj.plural}/{{id}}"
    keyed, at = [parameter("key")], [parameter("id")]
    before = query("before", {"type": "string"}, "Those before this one: “next” of the page before.")
    entry = query("entry", {"type": "string"}, "Those about this write of the record's history.")

    def get(words: str, **more: Json) -> Json:
        return operation(f"{words}: {one}", obj.plural, also=(404,), **more)  # type: ignore[arg-type]

    def write(words: str, **more: object) -> Json:
        return operation(f"{words}: {one}", obj.plural, parameters=keyed, also=(404, 409, 422), **more)  # type: ignore[arg-type]

    comment = {"parameters": [*at, path_part("comment")]}
    return {
        f"{single}/comments": {
            "parameters": at,
            "get": operation(
                f"Comments: {one}",
                obj.plural,
                parameters=[parameter("limit"), before, entry],
                answer=listed(ref("comment")),
                also=(404,),
            ),
            "post": write("Comment", body=ref("comment-new"), answer=ref("comment"), status=201),
        },
        f"{single}/comments/{{comment}}": comment
        | {
            "patch": write("Change a comment", body=ref("comment-change"), answer=ref("comment")),
            "delete": write("Delete a comment", status=204),
        },
        f"{single}/comments/{{comment}}/reactions": comment
        | {"post": write("React to a comment", body=ref("reaction"), answer=ref("comment"))},
        f"{single}/follow": {
            "parameters": at,
            "get": get("Do I follow", answer=ref("following")),
            "put": write("Follow", answer=ref("following")),
            "delete": write("Follow no more", answer=ref("following")),
        },
        f"{single}/reminders": {
            "parameters": at,
            "get": get("My reminders", answer=listed(ref("reminder"))),
            "post": write("Remind me", body=ref("reminder-new"), answer=ref("reminder"), status=201),
        },
        f"{single}/reminders/{{reminder}}": {
            "parameters": [*at, path_part("reminder")],
            "delete": write("Let go of a reminder", status=204),
        },
    }


def own_paths() -> Json:
    """One's own notifications and wishes."""
    tag, keyed = "notifications", [parameter("key")]
    asked = [
        parameter("limit"),
        query("before", {"type": "string"}, "Those before this one: “next” of the page before."),
        query("state", {"enum": list(STATES)}, "Which of them."),
        query("kind", {"enum": list(KINDS)}, "Only of this kind."),
    ]
    page = listed(ref("notification"))
    page = page | {"properties": page["properties"] | {"unread": NUMBER}}
    wishes = ref("notification-settings")
    return {
        "/notifications": {"get": operation("My notifications", tag, parameters=asked, answer=page, also=(404,))},
        "/notifications/read": {
            "post": operation("Mark all as read", tag, parameters=keyed, answer=thing("changed", changed=NUMBER))
        },
        "/notifications/settings": {
            "get": operation("What I am told of, and how", tag, answer=wishes),
            "patch": operation(
                "Change what I am told of", tag, parameters=keyed, body=wishes, answer=wishes, also=(409, 422)
            ),
        },
        "/notifications/{notification}": {
            "parameters": [path_part("notification")],
            "patch": operation(
                "Read, unread or put off",
                tag,
                parameters=keyed,
                body=ref("notification-change"),
                answer=ref("notification"),
                also=(404, 409, 422),
            ),
        },
    }
