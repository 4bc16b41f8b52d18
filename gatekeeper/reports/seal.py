"""The signature on a report (PAdES-B-B): whoever has the file can see that nothing in it was changed or added.

Done by the worker and the command line alone; the web server never opens the key. ``scripts/verify-report`` checks it.
"""

from __future__ import annotations

import io

from gatekeeper.ledger.certificate import Certificate
from gatekeeper.reports.payload import Payload

FIELD = "GateKeeper"
"""The name of the signature's field, which is not visible on paper."""


def sealed(pdf: bytes, payload: Payload, *, by: Certificate, name: str) -> bytes:
    """``pdf`` with a signature over the whole file; ``name`` is who signs. Its reason names the payload's digest.

    The signature allows no change after it. Only the signer's own certificate goes into the file: every byte of it
    is then covered by the signature or compared by whoever checks it.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # a second that only signing takes
    from pyhanko.sign import fields, signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    opened = signers.SimpleSigner.load_pkcs12_data(by.data, other_certs=[], passphrase=by.password)
    signer = signers.SimpleSigner(
        signing_cert=opened.signing_cert, signing_key=opened.signing_key, cert_registry=SimpleCertificateStore()
    )
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        name=name,
        reason=f"payload SHA256 {payload.digest}",
    )
    out = io.BytesIO()
    writer = signers.PdfSigner(about, signer, new_field_spec=fields.SigFieldSpec(FIELD))
    writer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()
