"""The certificate authority of one house."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from server.kit.lan import Certificate, ensure_certificate

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOME_ADDRESS = "192.168.1.20"


def made_at(home: Path, *, addresses: tuple[str, ...] = (HOME_ADDRESS,), now: datetime = NOW) -> Certificate:
    return ensure_certificate(home, addresses, host="committee-laptop", now=now)


def check(made: Certificate, subject: x509.GeneralName, *, now: datetime = NOW) -> None:
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    certificate = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    policy = PolicyBuilder().store(Store([authority])).time(now)
    if not isinstance(subject, x509.DNSName | x509.IPAddress):
        raise TypeError(subject)
    policy.build_server_verifier(subject).verify(certificate, [])


def test_a_phone_that_trusts_the_authority_trusts_the_houses_address_and_names(tmp_path: Path) -> None:
    made = made_at(tmp_path)
    check(made, x509.IPAddress(ipaddress.ip_address(HOME_ADDRESS)))
    check(made, x509.DNSName("localhost"))
    check(made, x509.DNSName("committee-laptop.local"))


def test_it_vouches_for_no_public_address(tmp_path: Path) -> None:
    made = made_at(tmp_path, addresses=("8.8.8.8",))
    with pytest.raises(VerificationError):
        check(made, x509.IPAddress(ipaddress.ip_address("8.8.8.8")))


def test_a_second_start_keeps_authority_and_certificate(tmp_path: Path) -> None:
    first = made_at(tmp_path)
    before = (first.authority.read_bytes(), first.certificate.read_bytes())
    again = made_at(tmp_path, now=NOW + timedelta(days=1))
    assert (again.authority.read_bytes(), again.certificate.read_bytes()) == before


@pytest.mark.parametrize(
    ("addresses", "later"),
    [(("10.0.0.7",), timedelta(days=1)), ((HOME_ADDRESS,), timedelta(days=380))],
    ids=["another address", "nearly over"],
)
def test_the_certificate_is_renewed_and_the_authority_is_not(
    addresses: tuple[str, ...], later: timedelta, tmp_path: Path
) -> None:
    first = made_at(tmp_path)
    before = (first.authority.read_bytes(), first.certificate.read_bytes())
    again = made_at(tmp_path, addresses=addresses, now=NOW + later)
    assert again.authority.read_bytes() == before[0]
    assert again.certificate.read_bytes() != before[1]
    check(again, x509.IPAddress(ipaddress.ip_address(addresses[0])), now=NOW + later)


def test_nobody_else_can_read_the_keys(tmp_path: Path) -> None:
    made_at(tmp_path)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "lan").glob("*.key")} == {0}
