"""What the directory does, on a real PostgreSQL: kept, published, audited, and one at a time."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from services.console.issuer.people import PEOPLE
from services.directory.domain.appointment import Appointment, Kind, Role
from services.directory.domain.organisation import Cover
from services.directory.domain.person import KnownAs, Person
from services.directory.sample import (
    ACCOUNTS,
    FIFE_AWAY,
    FIFE_CHANGED,
    INSPECTORS,
    SINCE,
    load_sample,
)
from services.directory.storage.people import load_person
from services.directory.use_cases.add_organisation import add_organisation
from services.directory.use_cases.add_person import add_person
from services.directory.use_cases.change_person import change_person
from services.directory.use_cases.end_appointment import end_appointment
from services.directory.use_cases.list_people import list_people
from services.directory.use_cases.make_appointment import make_appointment
from services.directory.use_cases.record_link_activity import record_link_activity
from services.directory.use_cases.show_area import show_area
from services.directory.use_cases.show_coverage import show_coverage
from shared.areas import COUNCIL_AREAS
from shared.audit import first_broken
from shared.confidential.fields import FieldCipher
from shared.errors import Conflict, Invalid, NotFound
from shared.transaction import Transactions
from tests.access_kit import FIELD_KEYS
from tests.directory.builders import FIFE, STIRLING, wanted

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RING = FieldCipher(FIELD_KEYS)
MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


async def a_person(
    transactions: Transactions, name: str = "Isla Test", account: str | None = None
) -> Person:
    known_as = KnownAs(name, "i@example.org", signs_in_as=account)
    async with transactions.begin() as tx:
        return await add_person(tx, RING, known_as=known_as, actor="t", now=NOW)


async def change_account(transactions: Transactions, person: Person, account: str | None) -> Person:
    known_as = KnownAs(person.name, person.mailbox, signs_in_as=account)
    told: Any = {"known_as": known_as, "permit": lambda _: None, "actor": "t", "now": NOW}
    async with transactions.begin() as tx:
        return await change_person(tx, RING, person.id, **told)


async def appointed(
    transactions: Transactions, starts_on: date, ends_on: date | None = None, **given: Any
) -> Appointment:
    asked = wanted(starts_on, ends_on, **given)
    async with transactions.begin() as tx:
        return await make_appointment(tx, asked, actor="t", now=NOW)


async def ended(transactions: Transactions, appointment: Appointment, ends_on: date) -> Appointment:
    async with transactions.begin() as tx:
        return await end_appointment(
            tx, appointment.id, ends_on, permit=lambda _: None, actor="t", now=NOW
        )


OUTBOX = text(
    "SELECT type, key, sequence, convert_from(body, 'UTF8') AS body FROM outbox ORDER BY position"
)


async def outbox(transactions: Transactions) -> list[Any]:
    async with transactions.begin() as tx:
        return list(await tx.session.execute(OUTBOX))


async def link_inspector(transactions: Transactions, on: date, area: str = FIFE) -> str | None:
    async with transactions.begin() as tx:
        holder = (await show_area(tx, RING, area, on)).holders.get(Role.LINK_INSPECTOR)
    return None if holder is None else holder.person.name


async def test_an_appointment_and_its_end_are_events_of_one_key_in_order(
    transactions: Transactions,
) -> None:
    person = await a_person(transactions)
    made = await appointed(transactions, MARCH, person=person.id)
    await ended(transactions, made, MAY)
    events = await outbox(transactions)
    assert [(each.key, each.sequence) for each in events] == [(made.id, 1), (made.id, 2)]
    assert [msgspec.json.decode(each.body)["ends_on"] for each in events] == [None, "2026-05-01"]
    assert "Isla" not in str(events)


async def test_the_past_stays_answerable(transactions: Transactions) -> None:
    first = await a_person(transactions, "First Test")
    second = await a_person(transactions, "Second Test")
    third = await a_person(transactions, "Third Test")
    made = await appointed(transactions, MARCH, person=first.id)
    await ended(transactions, made, APRIL)
    await appointed(transactions, APRIL, person=second.id)
    away = {"kind": Kind.COVER, "person": third.id}
    await appointed(transactions, date(2026, 4, 10), date(2026, 4, 12), **away)
    days = [date(2026, 2, 28), date(2026, 3, 31), APRIL, date(2026, 4, 10), date(2026, 4, 12)]
    assert [await link_inspector(transactions, day) for day in days] == [
        None,
        "First Test",
        "Second Test",
        "Third Test",
        "Second Test",
    ]


async def test_a_refused_appointment_leaves_nothing_behind(transactions: Transactions) -> None:
    with pytest.raises(Invalid):
        await appointed(transactions, MARCH, person="nobody")
    person = await a_person(transactions)
    await appointed(transactions, MARCH, person=person.id)
    with pytest.raises(Conflict):
        await appointed(transactions, APRIL, person=(await a_person(transactions)).id)
    assert len(await outbox(transactions)) == 1


async def test_of_two_at_once_for_one_role_one_is_refused(transactions: Transactions) -> None:
    people = [await a_person(transactions) for _ in range(2)]
    first_is_in, second_may_go = asyncio.Event(), asyncio.Event()

    async def slowly() -> Appointment:
        async with transactions.begin() as tx:
            asked = wanted(MARCH, person=people[0].id)
            made = await make_appointment(tx, asked, actor="t", now=NOW)
            first_is_in.set()
            await second_may_go.wait()
            return made

    slow = asyncio.create_task(slowly())
    await first_is_in.wait()
    other = asyncio.create_task(appointed(transactions, APRIL, person=people[1].id))
    await asyncio.sleep(0.2)
    assert not other.done()  # it waits at the area's row, on a connection of its own
    second_may_go.set()
    made = await slow
    with pytest.raises(Conflict, match=made.id):
        await other


async def test_many_at_once_leave_exactly_one_holder(transactions: Transactions) -> None:
    people = [await a_person(transactions) for _ in range(8)]
    asked = [appointed(transactions, MARCH, person=person.id) for person in people]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, Appointment) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7
    assert len(await outbox(transactions)) == 1


async def test_other_areas_are_not_waited_for(transactions: Transactions) -> None:
    person = await a_person(transactions)
    async with transactions.begin() as tx:
        await make_appointment(tx, wanted(MARCH, person=person.id), actor="t", now=NOW)
        async with asyncio.timeout(2):
            await appointed(transactions, MARCH, person=person.id, area=STIRLING)


async def test_what_does_not_exist_cannot_be_ended(transactions: Transactions) -> None:
    with pytest.raises(NotFound):
        async with transactions.begin() as tx:
            await end_appointment(tx, "nothing", MAY, permit=lambda _: None, actor="t", now=NOW)


async def test_every_change_is_in_the_audit_trail(transactions: Transactions) -> None:
    person = await a_person(transactions)
    await ended(transactions, await appointed(transactions, MARCH, person=person.id), MAY)
    async with transactions.begin() as tx:
        rows = (await tx.session.execute(text("SELECT * FROM audit_log ORDER BY entry"))).all()
        assert await first_broken(tx.session) is None
    assert [row.act for row in rows] == ["person added", "appointment made", "appointment ended"]
    assert rows[2].after == {"ends_on": "2026-05-01"}
    assert "Isla" not in str(rows)


async def test_the_accounts_that_a_person_had_are_in_the_audit_trail(
    transactions: Transactions,
) -> None:
    person = await a_person(transactions, account="sub-1")
    await change_account(transactions, person, "sub-2")
    async with transactions.begin() as tx:
        rows = (await tx.session.execute(text("SELECT * FROM audit_log ORDER BY entry"))).all()
    assert [row.after for row in rows] == [{"signs_in_as": "sub-1"}, {"signs_in_as": "sub-2"}]
    assert rows[1].before == {"signs_in_as": "sub-1"}


async def test_of_two_who_get_one_account_at_once_one_is_refused(
    transactions: Transactions,
) -> None:
    people = [await a_person(transactions) for _ in range(4)]
    asked = [change_account(transactions, person, "sub-1") for person in people]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, Person) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3


async def test_an_account_that_was_given_up_is_free_for_another(
    transactions: Transactions,
) -> None:
    first, second = await a_person(transactions, account="sub-1"), await a_person(transactions)
    await change_account(transactions, first, None)
    assert (await change_account(transactions, second, "sub-1")).signs_in_as == "sub-1"


async def test_a_persons_name_and_mailbox_are_kept_encrypted(transactions: Transactions) -> None:
    person = await a_person(transactions, "Quentina Melder")
    async with transactions.begin() as tx:
        kept = (await tx.session.execute(text("SELECT name, mailbox FROM people"))).one()
        known = await load_person(tx.session, RING, person.id)
    assert b"Quentina" not in kept.name
    assert b"example" not in kept.mailbox
    assert known == person


async def test_a_link_activity_is_kept_encrypted(transactions: Transactions) -> None:
    cipher = FieldCipher(FIELD_KEYS)
    async with transactions.begin() as tx:
        await record_link_activity(
            tx,
            cipher,
            area=FIFE,
            key_area="good-practice",
            happened_on=MARCH,
            text="A good day",
            actor="t",
            now=NOW,
        )
    async with transactions.begin() as tx:
        stored = await tx.session.scalar(text("SELECT text FROM link_activities"))
    assert b"good day" not in bytes(stored or b"")


async def test_an_organisation_code_is_given_once(transactions: Transactions) -> None:
    async def once() -> None:
        async with transactions.begin() as tx:
            await add_organisation(
                tx,
                code="CPC-1",
                name="A committee",
                kind="child-protection-committee",
                covers=(Cover(FIFE), Cover(STIRLING)),
                actor="t",
                now=NOW,
            )

    await once()
    with pytest.raises(Conflict):
        await once()
    async with transactions.begin() as tx:
        codes = [each.code for each in (await show_area(tx, RING, STIRLING, MARCH)).organisations]
    assert codes == ["CPC-1", "S08000019", "S37000005"]


async def test_the_edition_of_areas_is_complete(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        areas = (await tx.session.execute(text("SELECT gss_code, name FROM areas"))).all()
        kinds = await tx.session.execute(
            text("SELECT kind, count(*) FROM organisations GROUP BY kind")
        )
        counts = {row.kind: row.count for row in kinds}
        shared = await show_area(tx, RING, STIRLING, MARCH)
    assert {row.gss_code: row.name for row in areas} == COUNCIL_AREAS
    assert counts == {"health-board": 14, "health-and-social-care-partnership": 31}
    assert [each.name for each in shared.organisations] == [
        "NHS Forth Valley",
        "Clackmannanshire and Stirling",
    ]


async def test_an_empty_directory_is_all_gaps(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        coverage = await show_coverage(tx, RING, MARCH, APRIL)
    assert len(coverage.gaps) == 32 * 3
    assert coverage.loads == []


async def test_sample_data_covers_every_role_and_is_loaded_once(
    transactions: Transactions, database_url: str
) -> None:
    assert await load_sample(database_url, RING)
    assert not await load_sample(database_url, RING)
    async with transactions.begin() as tx:
        coverage = await show_coverage(tx, RING, SINCE, date(2027, 1, 1))
    assert coverage.gaps == []
    assert coverage.overlaps == []
    assert len(await outbox(transactions)) == 32 * 3 + 3
    assert max(load.most for load in coverage.loads) <= 11


async def test_sample_data_shows_a_past_change_and_a_cover(
    transactions: Transactions, database_url: str
) -> None:
    await load_sample(database_url, RING)
    days = (date(2024, 3, 31), FIFE_CHANGED, FIFE_AWAY[0], FIFE_AWAY[1])
    names = [await link_inspector(transactions, day) for day in days]
    assert len({names[0], names[1], names[2]}) == 3
    assert names[3] == names[1]
    assert set(names) <= set(INSPECTORS)
    assert await link_inspector(transactions, date(2019, 12, 31)) is None


async def test_sample_people_sign_in_with_their_own_accounts(
    transactions: Transactions, database_url: str
) -> None:
    await load_sample(database_url, RING)
    async with transactions.begin() as tx:
        found = await list_people(tx, RING, "", 100, ACCOUNTS.values())
    at_the_issuer = {person.id: person.name for person in PEOPLE.values()}
    assert len(found) == len(ACCOUNTS)
    assert {each.signs_in_as: each.name for each in found}.items() <= at_the_issuer.items()
