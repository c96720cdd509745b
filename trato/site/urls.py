"""Every address of the site: health, accounts, the API, and the pages."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from trato.web.pages import address
from trato.web.pages.errors import not_found

from .health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", include("trato.api.urls")),
    # Addresses are names to sign in with: nobody takes one without proof, so these pages are ours.
    path("accounts/email/", address.change),
    path("accounts/email/confirm/", address.confirm),
    re_path("^accounts/confirm-email/", not_found),
    # One page has all second factors.
    path("accounts/2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index")),
    path("accounts/", include("allauth.urls")),
    path("", include("trato.web.urls")),
]

handler400 = "trato.web.pages.errors.bad_request"
handler403 = "trato.web.pages.errors.forbidden"
handler404 = "trato.web.pages.errors.not_found"
handler429 = "trato.web.pages.errors.too_many"
handler500 = "trato.web.pages.errors.broken"
