"""Sealing PDFs: a PAdES signature (ETSI EN 319 142-1, baseline B-B) with the workspace's certificate over the whole
file, after which no change goes unnoticed; and pages put behind a PDF whose own bytes stay as they are.
"""

from __future__ import annotations

from io import BytesIO

from asn1crypto import keys, pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ..workspaces.actors import Actor
from . import certificates

FIELD, NAME = "Seal", generic.pdf_name


def attach(document: bytes, after: bytes) -> bytes:
    """The PDF ``document`` with the pages of ``after`` behind its own. The result begins with the bytes of
    ``document``, so that whoever has it can still make sure what it was.
    """
    writer = IncrementalPdfFileWriter(BytesIO(document))
    source = PdfFileReader(BytesIO(after))
    for number in range(int(source.root["/Pages"]["/Count"])):
        drawing = writer.import_page_as_xobject(source, number)
        shown = writer.add_object(generic.StreamObject(stream_data=b"/Page Do"))
        resources = generic.DictionaryObject({NAME("/XObject"): generic.DictionaryObject({NAME("/Page"): drawing})})
        writer.insert_page(PageObject(shown, drawing.get_object()["/BBox"], resources))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def seal(document: bytes, actor: Actor, *, reason: str = "") -> bytes:
    """The PDF with the workspace's seal, after which nothing may be added to it either (inside ``in_workspace``)."""
    kept = certificates.opened(certificates.current(actor.workspace))
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(_inside(kept.certificate)),
        signing_key=keys.PrivateKeyInfo.load(_inside(kept.key)),
        cert_registry=SimpleCertificateStore.from_certs(x509.Certificate.load(_inside(one)) for one in kept.others),
    )
    said = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        name=actor.workspace.name,
        reason=reason or None,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    out = BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(document)), said, signer=signer, output=out)
    return out.getvalue()


def _inside(text: bytes) -> bytes:
    """What a PEM text holds."""
    return bytes(pem.unarmor(text)[2])
