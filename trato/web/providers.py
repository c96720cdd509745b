"""What a provider says of itself when an administrator sets a sign-in up: its discovery document, or its metadata."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography import x509
from django.utils.translation import gettext as _
from lxml.etree import LxmlError
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from trato.engine.outbound import Session
from trato.engine.values import Problem, Refused

WELL_KNOWN = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def _fetched(address: str, field: str) -> requests.Response:
    try:
        with Session() as session:
            answer = session.get(address)
            if answer.status_code == 200:
                return answer
    except requests.RequestException:
        pass
    words = _("This address does not answer, or is not one that Trato calls: it has to be https and on the Internet.")
    raise Refused([Problem(field, "away", words)])


def openid(issuer: str) -> str:
    """The issuer at an address, as it names itself (OpenID Connect Discovery, 4.3); raises Refused."""
    issuer = issuer.strip().removesuffix(WELL_KNOWN)
    answer = _fetched(issuer.rstrip("/") + WELL_KNOWN, "issuer")
    try:
        said: Any = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict) or not all(urlsplit(str(said.get(name))).hostname for name in ENDPOINTS):
        raise Refused([Problem("issuer", "discovery", _("There is no provider of OpenID Connect at this address."))])
    if str(said.get("issuer")).rstrip("/") != issuer.rstrip("/"):
        words = _("The provider there calls itself %(issuer)s; write that address.") % {"issuer": said.get("issuer")}
        raise Refused([Problem("issuer", "issuer", words)])
    return issuer.rstrip("/")


def saml(metadata: str) -> tuple[str, dict[str, str]]:
    """The issuer of a provider's metadata, given as XML or by address, and ``sso_url`` and ``certificate``; raises
    Refused.
    """
    text = metadata.strip()
    if not text.startswith("<"):
        text = _fetched(text, "metadata").text
    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(text.encode()).get("idp", {})
    except (OneLogin_Saml2_Error, LxmlError, ValueError, TypeError, AttributeError, IndexError):
        found = {}
    certificate = found.get("x509cert") or next(iter(found.get("x509certMulti", {}).get("signing", [])), "")
    address = found.get("singleSignOnService", {}).get("url", "")
    pem = f"-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"
    try:
        x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        certificate = ""
    if not found.get("entityId") or not certificate or urlsplit(address).scheme not in ("https", "http"):
        words = _("This is no metadata of a SAML provider with an address to sign in at and a certificate.")
        raise Refused([Problem("metadata", "metadata", words)])
    return found["entityId"], {"sso_url": address, "certificate": certificate}
