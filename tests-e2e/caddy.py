"""Caddy in front of everything: TLS of its own authority, and a path prefix that it takes away."""

import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_CADDY = Path(sys.executable).with_name("caddy")
_START_SECONDS = 20
_CONFIGURATION = """{{
	admin off
	persist_config off
	auto_https disable_redirects
	servers {{
		protocols h1 h2
	}}
}}
https://127.0.0.1:{port} {{
	tls "{folder}/leaf.pem" "{folder}/leaf.key"
	handle_path {prefix}/* {{
		reverse_proxy 127.0.0.1:{behind} {{
			{more}
		}}
	}}
}}
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """`file` is what clients believe, for those that want a file."""

    file: Path

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


@contextmanager
def caddy(folder: Path, *, port: int, behind: int, prefix: str, tells_prefix: bool) -> Iterator[Authority]:
    """Listens on `port`. Without `tells_prefix` it only says what Caddy says by itself: address, host and scheme."""
    authority = _certify(folder)
    more = f"header_up X-Forwarded-Prefix {prefix}" if tells_prefix else ""
    config = folder / "Caddyfile"
    config.write_text(_CONFIGURATION.format(port=port, folder=folder, prefix=prefix, behind=behind, more=more))
    home = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(
            [_CADDY, "run", "--adapter", "caddyfile", "--config", config], env=home, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + _START_SECONDS
        while not _listens(port):
            assert process.poll() is None, (folder / "caddy.log").read_text()
            assert time.monotonic() < until, "Caddy did not start"
            time.sleep(0.02)  # nobody tells when it listens
        yield authority
    finally:
        process.terminate()
        process.wait(timeout=30)


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _certify(folder: Path) -> Authority:
    """A certificate for 127.0.0.1, and the authority that has signed it."""
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests of this run")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    known_by = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    authority = (
        _certificate(name, name, root)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(known_by, critical=False)
        .sign(root, hashes.SHA256())
    )
    leaf = (
        _certificate(x509.Name([]), name, key)
        .add_extension(here, critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known_by), critical=False)
        .sign(root, hashes.SHA256())
    )
    (folder / "leaf.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    (folder / "leaf.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    file = folder / "authority.pem"
    file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return Authority(file)


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
