"""A SAML 2.0 identity provider: it says of whoever comes what the address asks it to, signed or spoilt.

    python -m tests.providers.saml --port 9500

GET /metadata, and GET /sso?SAMLRequest=...&email=ana@acme.example: the form that the browser would post to the service,
as JSON. ``twist`` spoils the answer: unsigned, other-key, audience, expired, wrapped (XSW), changed, unasked.
"""

from __future__ import annotations

import argparse
import base64
import json
import uuid
import zlib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

NAMES = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'


def made_key() -> tuple[str, str]:
    """A key and a certificate of it, in PEM."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    now = datetime.now(UTC)
    unsigned = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = unsigned.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = dated.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


KEY, CERTIFICATE = made_key()
OTHER_KEY, OTHER_CERTIFICATE = made_key()


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def assertion(base: str, asked: dict[str, str], said: dict[str, str]) -> str:
    """What is said of the person who comes."""
    now = datetime.now(UTC) - (timedelta(days=2) if said.get("twist") == "expired" else timedelta())
    audience = "https://other.example/metadata" if said.get("twist") == "audience" else asked["issuer"]
    answers = "" if said.get("twist") == "unasked" else f' InResponseTo="{asked["id"]}"'
    attributes = "".join(
        f'<saml:Attribute Name="{name}"><saml:AttributeValue>{escape(said[name])}</saml:AttributeValue></saml:Attribute>'
        for name in ("email", "firstName", "lastName", "email_verified")
        if name in said
    )
    return f"""<saml:Assertion {NAMES} ID="_{uuid.uuid4().hex}" Version="2.0" IssueInstant="{stamp(now)}">
<saml:Issuer>{base}/metadata</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{escape(said["sub"])}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 NotOnOrAfter="{stamp(now + timedelta(minutes=5))}" Recipient="{asked["acs"]}"{answers}/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{stamp(now - timedelta(minutes=5))}" NotOnOrAfter="{stamp(now + timedelta(minutes=5))}">
<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{stamp(now)}" SessionIndex="_1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"""


def response(base: str, asked: dict[str, str], said: dict[str, str]) -> bytes:
    """The whole answer."""
    twist = said.get("twist", "")
    inner = assertion(base, asked, said)
    if twist != "unsigned":
        key, certificate = (OTHER_KEY, OTHER_CERTIFICATE) if twist == "other-key" else (KEY, CERTIFICATE)
        signed = OneLogin_Saml2_Utils.add_sign(inner, key, certificate)
        inner = signed.decode() if isinstance(signed, bytes) else signed
    if twist == "changed":
        inner = inner.replace(said["email"], said["victim"])
    if twist == "wrapped":  # the signed assertion stays, and one beside it says somebody else
        evil = assertion(base, asked, said | {"email": said["victim"], "sub": "evil"})
        inner = evil + inner
    answers = "" if twist == "unasked" else f' InResponseTo="{asked["id"]}"'
    now = stamp(datetime.now(UTC))
    text = f"""<samlp:Response {NAMES} ID="_{uuid.uuid4().hex}" Version="2.0" IssueInstant="{now}" Destination="{asked["acs"]}"{answers}>
<saml:Issuer>{base}/metadata</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{inner}</samlp:Response>"""
    return text.encode()


def metadata(base: str) -> str:
    lines = "".join(CERTIFICATE.splitlines()[1:-1])
    return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{base}/metadata">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{lines}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{base}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        place = urlsplit(self.path)
        base = f"http://{self.headers['Host']}"
        said = {name: values[0] for name, values in parse_qs(place.query).items()}
        if place.path == "/metadata":
            self.answer("application/xml", metadata(base).encode())
        elif place.path == "/sso":
            request = etree.fromstring(zlib.decompress(base64.b64decode(said["SAMLRequest"]), -15))
            issuer = request.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
            asked = {"id": request.get("ID"), "acs": request.get("AssertionConsumerServiceURL"), "issuer": issuer}
            sent = base64.b64encode(response(base, asked, said)).decode()
            form = {"action": asked["acs"], "SAMLResponse": sent, "RelayState": said.get("RelayState", "")}
            self.answer("application/json", json.dumps(form).encode())
        else:
            self.send_error(404)

    def answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler).serve_forever()
