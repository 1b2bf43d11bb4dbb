"""HTTPS for phones on the committee's own network: a certificate authority of this installation and nobody else's.

Cameras, service workers and WebCrypto need HTTPS anywhere but on loopback, and no public authority signs a private
address. The authority may sign private addresses and local names only, so that a stolen key opens no other site.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LASTS = timedelta(days=3650)
# Phones refuse certificates that are good for longer than 398 days.
CERTIFICATE_LASTS = timedelta(days=390)
RENEW_BEFORE = timedelta(days=30)
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
LOCAL_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Certificate:
    """Where the files lie: what gunicorn needs, and the authority that a phone has to trust."""

    certificate: Path
    key: Path
    authority: Path


def authority_path(home: Path) -> Path:
    """Return where the authority's public certificate lies."""
    return home / "lan" / "authority.crt"


def own_addresses() -> list[str]:
    """Return this machine's private IPv4 addresses, the one that other machines reach it by first."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        # Connecting a datagram socket sends nothing: it only asks the routing table.
        probe.connect(("192.0.2.1", 9))
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return list(dict.fromkeys(a for a in found if _is_private(a) and not a.startswith("127.")))


def ensure_certificate(home: Path, addresses: Iterable[str], *, host: str, now: datetime) -> Certificate:
    """Return a certificate for these addresses and names; make or renew it where it must be.

    The authority is made once and stays: a phone that trusts it needs no second visit. Keys are readable by their
    owner only.
    """
    folder = home / "lan"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = Certificate(folder / "server.crt", folder / "server.key", authority_path(home))
    authority_key = _own_key(folder / "authority.key")
    if not made.authority.exists():
        _write(made.authority, _authority(authority_key, now).public_bytes(serialization.Encoding.PEM))
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    wanted = _names([*addresses, "127.0.0.1"], host)
    if not _is_good(made.certificate, wanted, now=now):
        key = _own_key(made.key)
        certificate = _certificate(key, wanted, authority, authority_key, now)
        _write(made.certificate, certificate.public_bytes(serialization.Encoding.PEM))
    return made


def _is_private(address: str) -> bool:
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(net) for net in PRIVATE)


def _names(addresses: Iterable[str], host: str) -> list[x509.GeneralName]:
    short = host.split(".", maxsplit=1)[0].lower()
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    if short.isascii() and short.replace("-", "").isalnum() and short != "localhost":
        names.append(x509.DNSName(f"{short}.local"))
    return names + [x509.IPAddress(ipaddress.ip_address(a)) for a in dict.fromkeys(addresses)]


def _is_good(path: Path, wanted: list[x509.GeneralName], *, now: datetime) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return certificate.not_valid_after_utc - now > RENEW_BEFORE and set(named) == set(wanted)


def _authority(key: Key, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Linli 邻里 {now:%Y-%m-%d}")])
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in LOCAL_NAMES]
    allowed = names + [x509.IPAddress(ipaddress.ip_network(net)) for net in PRIVATE]
    return (
        _begin(name, name, key, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=allowed, excluded_subtrees=None), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _certificate(
    key: Key, names: list[x509.GeneralName], authority: x509.Certificate, authority_key: Key, now: datetime
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Linli")])
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _begin(subject, authority.subject, key, now, CERTIFICATE_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issued_by, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _begin(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    # A phone whose clock is a little slow must not find the certificate in its future.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + lasts)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _own_key(path: Path) -> Key:
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{path} holds no elliptic-curve key: move it away and start again")
        return key
    made = ec.generate_private_key(ec.SECP256R1())
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(path, pem)
    return made


def _write(path: Path, content: bytes) -> None:
    """Write a file that is whole or not there, readable by its owner only."""
    beside = path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    beside.replace(path)
