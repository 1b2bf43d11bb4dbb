"""A role that ends closes the open pages of whoever had it, whichever web process holds them."""

from __future__ import annotations

import asyncio

from seeds import DEMO_MAP, DEMO_WITHIN
from server.simulator.choices import Choices
from server.simulator.client import Network
from server.simulator.guard import Guard
from server.simulator.ledger import Ledger
from server.simulator.officer import LOGIN, PASSWORD, Officer
from server.simulator.phones import PhoneNetwork
from server.simulator.server_process import Place, Servers, place, running_server
from server.simulator.town import Town
from tests.servers import postgres, valkey

SLUG = "town"
# Enough that two processes both hold some.
GUARDS = 8
CLOSED_WITHIN_S = 30


def test_guards_who_lose_their_role_hear_the_gate_no_more() -> None:
    with (
        postgres() as database,
        valkey() as queue,
        place(1.0, 64, Servers(database, queue), keep=False) as where,
    ):
        where.command("import-osm", str(DEMO_MAP), "--community", SLUG, "--within", DEMO_WITHIN)
        where.command("create-officer", "--community", SLUG, "--login", LOGIN, "--password", PASSWORD)
        with running_server(where):
            dismissed, others = asyncio.run(_end_half_of_the_guards(where))
    # Closed by the server, come back, and refused; the others were left alone. It may be twice: a page that comes back
    # to another process is closed by that one as well, which cannot know if the end was written before the page came.
    for ledger in dismissed:
        assert ledger.disconnects >= 1
        assert {error.rpartition(": ")[2] for error in ledger.errors} == {"live.room_not_found"}
    assert [(ledger.disconnects, ledger.errors) for ledger in others] == [(0, [])] * len(others)


async def _end_half_of_the_guards(where: Place) -> tuple[list[Ledger], list[Ledger]]:
    """Return what the pages of the dismissed guards went through, and those of the others."""
    dismissed, others = list[Ledger](), list[Ledger]()
    network = Network(where.base_url, Ledger())
    phones = PhoneNetwork(where.home / "sms.jsonl")
    town = Town(SLUG, where.base_url, where.clock, network, phones, Choices(1), network.ledger)
    officer = Officer(town)
    try:
        await officer.begin()
        for number in range(GUARDS):
            guard = Guard(town, phones.new_number())
            body = {"phone": guard.phone, "role": "guard", "name": "门卫"}
            grant = await officer.session.post(f"{town.api}/people/grants", body)
            await guard.begin()
            guard.session.ledger = Ledger()
            (dismissed if number % 2 else others).append(guard.session.ledger)
            if number % 2:
                await officer.session.post(f"{town.api}/people/grants/{grant['id']}/end")
        async with asyncio.timeout(CLOSED_WITHIN_S):
            while not all(ledger.disconnects and ledger.errors for ledger in dismissed):
                await asyncio.sleep(0.1)
        return dismissed, others
    finally:
        await asyncio.gather(*(page.close() for page in town.pages))
        await network.close()
