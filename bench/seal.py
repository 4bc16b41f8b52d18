"""T4: 5,000 byte flips of a signed report and every known attack, all to be refused by ``scripts/verify-report``.

Half of the flips lie anywhere, half where the signature stands and behind it, where others look less closely: beside
are ``pdfsig`` and pyHanko, on a part of the same flips (accepted: the signature is still called valid and whole).
Planted fault: a verifier that never compares the digest of the file must miss some.
"""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature

from gatekeeper.ledger import certificate
from gatekeeper.reports import payload, pdf, seal
from tests.reports import attacks, paper

ADDRESS = "https://gate.example/v/0192f0c1-2345-7890-abcd-0123456789ab"
SEED, BESIDE = 1, 200


def signed(folder: Path) -> tuple[bytes, str]:
    """(a signed report with 50 exceptions, the fingerprint of its certificate)."""
    file = folder / "report.p12"
    certificate.create(file, name="gate.example", at=datetime.now(UTC))
    by, made = certificate.read(file, None), paper.report(folder, visits=50)
    said = payload.of(made, address=ADDRESS)
    return seal.sealed(pdf.render(made, address=ADDRESS), said, by=by, name="青溪镇"), by.fingerprint


def accepted(files: Iterable[bytes], takes: Callable[[bytes], bool]) -> int:
    return sum(takes(data) for data in files)


def by_pdfsig(data: bytes, file: Path) -> bool:
    file.write_bytes(data)
    told = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, check=False, timeout=60).stdout
    return b"Signature is Valid" in told and b"Total document signed" in told


def by_pyhanko(data: bytes) -> bool:
    try:
        (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
        status = validate_pdf_signature(signature)
        return bool(status.intact and status.valid and status.coverage.name == "ENTIRE_FILE")
    except Exception:  # whatever it raises over a broken file, it did not take it
        return False


def main(count: int = 5000) -> int:
    """1 when one changed file was taken, the sound one was not, or the planted fault was not seen."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        sound, known = signed(Path(folder))
        own = accepted(attacks.flips(sound, count, SEED), lambda data: attacks.refused(data, known) is None)
        careless = attacks.script(skips_digest=True)
        missed = accepted(attacks.flips(sound, count, SEED), lambda data: not attacks.refused(data, known, careless))
        tried = dict(attacks.all_of(sound))
        taken = [name for name, data in tried.items() if attacks.refused(data, known) is None]
        file = Path(folder) / "changed.pdf"
        result = {
            "id": "T4", "bytes": len(sound), "flips": count, "seed": SEED, "flips_accepted": own,
            "attacks": len(tried), "attacks_accepted": taken, "sound_accepted": not attacks.refused(sound, known),
            "beside_flips": BESIDE,
            "pdfsig_accepted": accepted(attacks.flips(sound, BESIDE, SEED), lambda data: by_pdfsig(data, file)),
            "pyhanko_accepted": accepted(attacks.flips(sound, BESIDE, SEED), by_pyhanko),
            "pdfsig_takes_the_sound": by_pdfsig(sound, file), "pyhanko_takes_the_sound": by_pyhanko(sound),
            "pdfsig_attacks_accepted": sum(by_pdfsig(data, file) for data in tried.values()),
            "pyhanko_attacks_accepted": sum(by_pyhanko(data) for data in tried.values()),
            "planted_fault_missed": missed,
        }  # fmt: skip
    result["planted_fault_caught"] = missed > 0
    result["pass"] = own == 0 and not taken and result["sound_accepted"] and missed > 0
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
