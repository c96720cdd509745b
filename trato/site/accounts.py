"""How people come to an account: by invitation or by an administrator, never by signing themselves up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """django-allauth's adapter with the public sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
