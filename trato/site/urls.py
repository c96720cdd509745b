"""Every address of the site: health, accounts, the API, and the pages."""

from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.providers.saml import views as saml
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from trato.web.pages import address, company
from trato.web.pages.errors import not_found
from trato.web.panels import module_endpoints

from .health import healthz, readyz
from .sign_on import begun_here, guarded

OIDC = r"^accounts/oidc/(?P<provider_id>[0-9a-f]{32})"
SAML = r"^accounts/saml/(?P<organization_slug>[0-9a-f]{32})"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", include("trato.api.urls")),
    *module_endpoints(),
    # Addresses are names to sign in with: nobody takes one without proof, so these pages are ours.
    path("accounts/email/", address.change),
    path("accounts/email/confirm/", address.confirm),
    re_path("^accounts/confirm-email/", not_found),
    # Through a company's own sign-in, for the workspace of that id; nothing else of django-allauth's is open.
    re_path(rf"{OIDC}/login/$", guarded(begun_here(oidc.login)), name="openid_connect_login"),
    re_path(rf"{OIDC}/login/callback/$", guarded(oidc.callback), name="openid_connect_callback"),
    re_path(rf"{SAML}/login/$", guarded(begun_here(saml.login)), name="saml_login"),
    re_path(rf"{SAML}/acs/$", csrf_exempt(guarded(saml.acs)), name="saml_acs"),
    re_path(rf"{SAML}/acs/finish/$", guarded(saml.finish_acs), name="saml_finish_acs"),
    re_path(rf"{SAML}/metadata/$", guarded(saml.metadata), name="saml_metadata"),
    re_path("^accounts/(?:oidc|saml|3rdparty)/", not_found),
    path("accounts/company/", company.page),
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
