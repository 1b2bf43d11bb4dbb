"""The community's own signing key."""

from __future__ import annotations

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.kit.crypto import blind_index


def signing_key(community_id: UUID) -> Ed25519PrivateKey:
    """Return the key that signs the community's passes and lists.

    Derived from the installation's index key, so that it lies outside the database and its backups: another
    installation, or another community, has another one.
    """
    return Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex(blind_index(str(community_id), "gate signing key 1"))
    )


def public_key(community_id: UUID) -> Ed25519PublicKey:
    """Return what a scanner verifies with."""
    return signing_key(community_id).public_key()
