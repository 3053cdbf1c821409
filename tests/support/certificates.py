"""An authority of a test's own, and certificates for servers on the loopback and their clients."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from libs.runtime.clock import utc_now

_LIFE = timedelta(days=1)


class Authority:
    """Its own certificate is in `file`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.file = folder, folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("an authority of tests")
        basic = x509.BasicConstraints(ca=True, path_length=0)
        self._write(self.file, self._signed(self._name, self._key.public_key(), basic))

    def issue(self, name: str, host: str = "localhost") -> tuple[Path, Path]:
        """Certificate and key of somebody on this machine, as PEM; `host` is the name by which a server is called."""
        key = ec.generate_private_key(ec.SECP256R1())
        cert, key_file = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        self._write(
            cert, self._signed(_name(name), key.public_key(), x509.BasicConstraints(ca=False, path_length=None), host)
        )
        key_file.touch(mode=0o600)
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return cert, key_file

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, basic: x509.BasicConstraints, host: str = "localhost"
    ) -> x509.Certificate:
        here = [x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))]
        now = utc_now()
        builder = x509.CertificateBuilder(self._name, name, key, x509.random_serial_number(), now - _LIFE, now + _LIFE)
        builder = builder.add_extension(x509.SubjectAlternativeName(here), critical=False)
        builder = builder.add_extension(basic, critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _write(self, path: Path, certificate: x509.Certificate) -> None:
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
