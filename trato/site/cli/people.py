"""``trato workspace create``, ``user add``, ``user reset-factor`` and ``token create``."""

from __future__ import annotations

import argparse
import secrets
from datetime import timedelta
from zoneinfo import available_timezones

import pycountry
from babel.numbers import list_currencies
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from trato.engine import objects
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces import members
from trato.engine.workspaces.models import User, Workspace

from ..actions import forget_factors, new_person
from ..problem import Problem
from ..queries import role_names, workspace_slugs
from .terminal import put, say

VERBS = ("see", "change", "create", "delete", "import", "export", "share", "*")


def workspace_called(slug: str) -> Workspace:
    """The workspace with this address; raises Problem, naming those there are."""
    workspace = members.workspace_at(slug)
    if workspace is None:
        known = ", ".join(workspace_slugs()) or "none yet"
        raise Problem(f"There is no workspace {slug!r}. Workspaces: {known}.")
    return workspace


def member_called(email: str, workspace: Workspace) -> User:
    """The person with this address, who has to be a member of the workspace; raises Problem."""
    user = members.person_at(email)
    if user is None or workspace not in members.workspaces_of(user.id):
        raise Problem(
            f"{email} is not a member of {workspace.slug!r}. "
            f"Add them first: trato user add {email} --workspace {workspace.slug}"
        )
    return user


def create_workspace(arguments: argparse.Namespace) -> None:
    """Makes an empty workspace, and its administrator if one is named."""
    _check(arguments.language, dict(settings.LANGUAGES), "language", "en, es or ro")
    if arguments.country:
        countries = {country.alpha_2 for country in pycountry.countries}
        _check(arguments.country.upper(), countries, "country", "two letters of ISO 3166, such as ES")
    _check(arguments.currency, list_currencies(), "currency", "three letters of ISO 4217, such as EUR")
    _check(arguments.time_zone, available_timezones(), "time zone", "a name such as Europe/Madrid")
    if arguments.owner:
        _check_email(arguments.owner)
    try:
        workspace = members.create_workspace(
            arguments.name,
            arguments.slug,
            language=arguments.language,
            country=arguments.country.upper(),
            currency=arguments.currency,
            time_zone=arguments.time_zone,
        )
    except (members.Taken, ValueError) as error:
        raise Problem(str(error)) from error
    put(workspace.slug)
    if arguments.owner:
        _join(arguments.owner, workspace, "", "Administrator")


def add_user(arguments: argparse.Namespace) -> None:
    """Makes the person if need be, and a member of the workspace; says the password of a new one."""
    _check_email(arguments.email)
    _join(arguments.email, workspace_called(arguments.workspace), arguments.name, arguments.role)


def reset_factor(arguments: argparse.Namespace) -> None:
    """Takes every second factor from a person, and says how many there were."""
    user = members.person_at(arguments.email)
    if user is None:
        raise Problem(f"There is nobody with the address {arguments.email!r}.")
    say(f"{user.email} has no second factor any more; there were {forget_factors(user.id)}.")


def create_token(arguments: argparse.Namespace) -> None:
    """Prints just the token, so that it can be used in a pipe; it can't be shown again."""
    workspace = workspace_called(arguments.workspace)
    user = member_called(arguments.user, workspace)
    with in_workspace(workspace.id):
        plurals = {thing.plural for thing in objects.all_objects()}
    for scope in arguments.scope:
        plural, _, verb = scope.partition(":")
        if plural not in plurals | {"*"} or verb not in VERBS:
            raise Problem(
                f"{scope!r} is no scope. Give OBJECTS:VERB with objects {', '.join(sorted(plurals))} or *, "
                f"and verb {', '.join(VERBS)}."
            )
    expires = timezone.now() + timedelta(days=arguments.days) if arguments.days else None
    with in_workspace(workspace.id):
        _token, text = members.make_token(workspace, user, arguments.name, arguments.scope, expires)
    put(text)


def _join(email: str, workspace: Workspace, name: str, role: str) -> None:
    user = members.person_at(email)
    roles = role_names(workspace)
    if role not in roles:
        raise Problem(f"{workspace.slug!r} has no role {role!r}. Roles: {', '.join(roles)}.")
    if user is None:
        password = secrets.token_urlsafe(12)
        user = new_person(email, password, name)
        say(f"{user.email} can sign in with this password, and change it in the profile:")
        put(password)
    members.add_member(workspace, user, role)
    say(f"{user.email} is {role} of {workspace.slug}.")


def _check_email(email: str) -> None:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise Problem(f"{email!r} is no e-mail address.") from error


def _check(value: str, known: object, what: str, example: str) -> None:
    if value not in known:  # type: ignore[operator]
        raise Problem(f"{value!r} is no {what}. Give {example}.")
