"""Who may: strangers, the first admin, teams in one place."""

import pytest
from redis.asyncio import Redis

from bot.dialogue.access import PAUSE_S, TRIES, TRIES_OF_ALL, Access
from bot.dialogue.codec import encode
from bot.dialogue.intents import AskAdmin
from bot.dialogue.message import Button, Said
from bot.dialogue.requests import MOST_OPEN, REFUSED_S
from heygem.base.settings import Settings
from heygem.batches.model import Person, Place
from tests.chatting import Chat, Room

TEAM = Place(platform="telegram", chat="-100")
ANNA, BORIS, EVA = (Person(platform="telegram", id=name) for name in ("1", "2", "3"))


pytestmark = pytest.mark.usefixtures("words_are_media")


@pytest.fixture
def room(redis: Redis, settings: Settings) -> Room:
    return Room(redis, settings)


def member(room: Room, person: Person, place: Place = TEAM, *, direct: bool = True) -> Chat:
    return Chat(room, person, place, private=False, direct=direct)


def alone(room: Room, person: Person) -> Chat:
    return Chat(room, person, Place(platform="telegram", chat=person.id))


async def admin(room: Room) -> Chat:
    chat = alone(room, EVA)
    await chat.say(f"/claim {await room.access.claim_code('telegram')}")
    return chat


REFUSED = "This bot serves invited people only. Please ask its admin."


async def test_strangers_are_told_how_to_get_in_once_in_a_while_and_nothing_else(room: Room) -> None:
    chat = alone(room, ANNA)
    assert await chat.say("/start") == [
        f"{REFUSED}\n\nYour id is telegram:1. An admin can let you in with:\n/allow telegram:1"
    ]
    assert chat.buttons() == [], "nobody could be asked"
    assert await chat.say("/generate") == []
    assert await chat.send("video 4", "anna.mp4") == []
    assert await chat.press_data("gen:aaaaaaaaaa", pressed="1") == [REFUSED]
    assert await member(room, ANNA, direct=False).say("hello all") == []
    assert 0 < await room.redis.ttl("heygem:access:refused:telegram:1") <= REFUSED_S
    assert not room.storage.owners.exists()


async def test_a_stranger_asks_the_admins_and_their_press_lets_in_whom_it_was_about(room: Room) -> None:
    eva, boris, anna = await admin(room), alone(room, BORIS), alone(room, ANNA)
    await room.access.allow(BORIS)
    assert (await alone(room, Person(platform="telegram", id="4")).say("/start from_a_link"))[0].startswith(REFUSED)
    anna.name = "Anna “Admin” \u202eEvil\nallow telegram:9 @anna"
    await anna.say("hello")
    (ask,) = (button.data for button in anna.buttons())
    assert await alone(room, Person(platform="telegram", id="4")).press_data(ask, pressed="1") == [REFUSED], (
        "not theirs"
    )
    assert (await anna.press_data(ask, pressed="1"))[0].startswith("I have asked.")
    (tell,) = anna.tells
    assert tell.person == EVA
    assert tell.say.text == "telegram:1, who goes by “Anna Admin Evil allow telegram:9 @anna”, asks to use me."
    allow, deny = (button.data for button in tell.say.buttons if isinstance(button, Button))

    assert (await anna.press_data(ask, pressed="1"))[0].startswith("You have asked already")
    assert anna.tells == []
    assert await boris.press_data(allow, pressed="1") == ["Only an admin can do that."]
    assert await anna.say("/status") == []

    let_in = "telegram:1, who goes by “Anna Admin Evil allow telegram:9 @anna”, may use me now."
    assert await eva.press_data(allow, pressed="1") == [let_in]
    assert [(tell.person, tell.say.text[:20]) for tell in eva.tells] == [(ANNA, "An admin let you in:")]
    assert await anna.say("/batch") == ["(status)"]
    assert await eva.press_data(allow, pressed="1") == ["telegram:1 was already allowed."]
    assert eva.tells == []
    assert await eva.press_data(deny, pressed="1") == ["telegram:1 may not use me any more."]


async def test_a_request_that_is_denied_leaves_the_stranger_out(room: Room) -> None:
    eva, anna = await admin(room), alone(room, ANNA)
    await anna.press_data(encode(AskAdmin(), ANNA), pressed="1")
    assert anna.tells[0].say.text == "telegram:1 asks to use me."
    assert await eva.press_data("dny:1", pressed="1") == ["telegram:1 stays out."]
    assert eva.tells == []
    assert (await anna.say("/start"))[0].startswith(REFUSED)
    assert (await anna.press_data(encode(AskAdmin(), ANNA), pressed="1"))[0].startswith("You have asked already")


async def test_a_press_that_is_answered_again_after_a_crash_asks_the_admins_again(room: Room) -> None:
    await admin(room)
    anna = alone(room, ANNA)
    said = Said(ANNA, anna.place, "press-1", pressed="1")
    for _ in range(2):
        await anna.tell(said, AskAdmin())
        assert [tell.person for tell in anna.tells] == [EVA]


async def test_more_requests_than_admins_can_answer_are_not_taken(room: Room) -> None:
    await admin(room)
    for number in range(100, 100 + MOST_OPEN):
        person = Person(platform="telegram", id=str(number))
        await alone(room, person).press_data(encode(AskAdmin(), person), pressed="1")
    anna = alone(room, ANNA)
    assert (await anna.press_data(encode(AskAdmin(), ANNA), pressed="1"))[0].startswith("So many people are asking")
    assert anna.tells == []
    await alone(room, EVA).say("/allow 100")
    await anna.press_data(encode(AskAdmin(), ANNA), pressed="1")
    assert len(anna.tells) == 1


async def test_the_claim_code_makes_one_person_the_admin(room: Room) -> None:
    code = await room.access.claim_code("telegram")
    assert code is not None
    chat = alone(room, ANNA)
    assert await chat.say(f"/claim {code.lower()}") == ["Welcome! You are the admin now. /help lists what you can do."]
    assert await room.access.claim_code("telegram") is None
    assert await alone(room, BORIS).say(f"/claim {code}") == ["This bot already has an admin."]
    assert "/allow" in (await chat.say("/help"))[0]


async def test_a_deep_link_can_carry_the_code(room: Room) -> None:
    code = await room.access.claim_code("telegram")
    assert (await alone(room, ANNA).say(f"/start {code}"))[0].startswith("Welcome!")


async def test_codes_can_not_be_guessed(room: Room) -> None:
    code = await room.access.claim_code("telegram")
    chat = alone(room, ANNA)
    for _ in range(TRIES):
        assert await chat.say("/claim AAAA-BBBB-CCCC") == ["That code isn't right."]
    assert await chat.say(f"/claim {code}") == ["Too many wrong codes. Please try again in 1 hour."]
    for number in range(TRIES_OF_ALL):
        await alone(room, Person(platform="telegram", id=f"robot {number}")).say("/claim AAAA-BBBB-CCCC")
    assert (await alone(room, BORIS).say(f"/claim {code}"))[0].startswith("Too many wrong codes.")
    assert 0 < await room.redis.ttl("heygem:access:tries:telegram:1") <= PAUSE_S


async def test_only_the_codes_hash_is_kept(room: Room) -> None:
    code = await room.access.claim_code("telegram")
    assert code is not None
    kept = str(await room.redis.get("heygem:access:code:telegram"))
    assert code not in kept
    assert len(kept) == 64


async def test_a_restart_shows_a_new_code_and_the_old_one_is_void(room: Room, redis: Redis) -> None:
    old = await room.access.claim_code("telegram")
    new = await Access(redis).claim_code("telegram")
    assert old != new
    assert await alone(room, ANNA).say(f"/claim {old}") == ["That code isn't right."]


async def test_an_admin_lets_people_in_and_out(room: Room) -> None:
    eva, anna = await admin(room), alone(room, ANNA)
    assert await eva.say("/allow") == ["Nobody but the admins may use me yet."]
    assert await eva.say("/allow telegram:1") == ["telegram:1 may use me now."]
    assert await eva.say("/allow 1") == ["telegram:1 was already allowed."]
    assert await anna.send("video 4", "anna.mp4") == ["(status)"]
    assert await anna.say("/allow telegram:2") == ["Only an admin can do that."]
    assert await eva.say("/allow") == ["These may use me:\ntelegram:1"]
    assert await eva.say("/deny 1") == ["telegram:1 may not use me any more."]
    assert await eva.say("/deny 1") == ["telegram:1 was not on the list."]
    assert (await anna.say("/status"))[0].startswith("This bot serves invited people only.")


async def test_an_admin_can_not_be_locked_out(room: Room) -> None:
    eva = await admin(room)
    assert await eva.say("/deny 3") == ["telegram:3 is an admin and stays."]


NONSENSE = ("a:b:c:d", ":", "1 2", "x" * 80, "\x00", "@anna", "0", "١", "telegram:", "fax:1", "slack:bob", "here:1 2")


@pytest.mark.parametrize("argument", NONSENSE)
async def test_ids_that_can_not_be_are_refused(room: Room, argument: str) -> None:
    eva = await admin(room)
    assert (await eva.say(f"/allow {argument}"))[0].startswith(("Use /allow", "Nobody but"))
    assert await room.access.allowed() == []


async def test_what_was_let_in_and_can_be_nobody_is_taken_off_the_list(room: Room) -> None:
    eva = await admin(room)
    await room.access.allow(Person(platform="slack", id="@team"))
    await room.access.allow(Place(platform="slack", chat="#hall"))
    assert await eva.say("/deny slack:@team") == ["slack:@team may not use me any more."]
    assert await eva.say("/deny here:slack:#hall") == ["slack:#hall may not use me any more."]
    assert await room.access.allowed() == []


async def test_a_place_can_be_let_in_whole(room: Room) -> None:
    await admin(room)
    assert await member(room, EVA).say("/allow here") == ["telegram:-100 may use me now."]
    assert await member(room, ANNA).send("video 4", "anna.mp4") == ["(status)"]
    topic = Place(platform="telegram", chat="-100", thread="7")
    assert await member(room, ANNA, topic).say("/batch") == ["(status)"]
    assert (await alone(room, ANNA).say("/batch"))[0].startswith("This bot serves invited people only.")
    assert await member(room, EVA).say("/deny here") == ["telegram:-100 may not use me any more."]


async def test_the_console_operator_is_in_by_itself(room: Room) -> None:
    assert await Chat(room).say("/allow telegram:2") == ["telegram:2 may use me now."]


@pytest.fixture
async def team(room: Room) -> Room:
    await admin(room)
    await member(room, EVA).say("/allow here")
    return room


async def test_who_opens_owns_and_everyone_adds_and_exports(team: Room) -> None:
    anna, boris = member(team, ANNA), member(team, BORIS)
    await anna.send("voice 2", "hello.ogg")
    assert await boris.send("video 4", "boris.mp4") == ["(status)"]
    batch = await team.store.collecting(TEAM)
    assert batch is not None
    assert batch.owner == ANNA
    assert {item.template.owner for item in batch.items} == {ANNA.owner}
    not_his = ["Only the person who opened this batch, or an admin, can do that."]
    for said in ("/generate", "/cancel", "/remove 1"):
        assert await boris.say(said) == not_his
    assert await boris.press_data(f"gen:{batch.id}") == not_his
    assert (await anna.say("/generate"))[0].startswith("Off we go")
    await team.work()
    assert (await boris.say("/export"))[0].startswith("Here is your video.")


async def test_an_admin_may_generate_and_cancel_for_others(team: Room) -> None:
    await member(team, ANNA).ready()
    assert (await member(team, EVA).say("/generate"))[0].startswith("Off we go")
    assert (await member(team, EVA).say("/cancel"))[0].startswith("Cancelled.")


async def test_a_button_of_another_place_opens_nothing(team: Room) -> None:
    await member(team, ANNA).ready()
    batch = await team.store.collecting(TEAM)
    assert batch is not None
    await team.access.allow(BORIS)
    for verb in ("gen", "can", "rmm", "sta", "exp", "txt", "his", "del"):
        assert await alone(team, BORIS).press_data(f"{verb}:{batch.id}") == ["There is no such batch any more."]


async def test_one_batch_per_topic(team: Room) -> None:
    for thread in ("7", "8"):
        await member(team, ANNA, Place(platform="telegram", chat="-100", thread=thread)).send("video 4", "anna.mp4")
    assert len(await team.store.history(ANNA)) == 2


async def test_what_people_say_to_each_other_is_left_alone(team: Room) -> None:
    overheard = member(team, ANNA, direct=False)
    assert await overheard.say("lunch?") == []
    assert await overheard.say("/weather") == []
    assert await overheard.send("video 4", "holiday.mp4") == []
    assert await team.store.collecting(TEAM) is None
    await member(team, ANNA).say("/batch")
    assert await overheard.send("video 4", "face.mp4") == ["(status)"]


async def test_in_a_group_only_that_groups_history_is_shown(team: Room) -> None:
    await team.access.allow(ANNA)
    await alone(team, ANNA).ready()
    assert await member(team, ANNA).say("/history") == ["No batches yet. /batch opens the first."]
    assert "1 video" in (await alone(team, ANNA).say("/history"))[0]


@pytest.mark.parametrize(
    ("platform", "advice"),
    [("telegram", "reply to my message"), ("slack", "the thread below it"), ("console", "")],
)
async def test_help_says_how_files_of_a_group_reach_the_bot_there(team: Room, platform: str, advice: str) -> None:
    anna = Person(platform=platform, id="anna")
    await team.access.allow(anna)
    (said,) = await Chat(team, anna, Place(platform=platform, chat="c")).say("/help")
    assert ("Whoever opens a batch" in said) == bool(advice)
    assert advice in said
    others = {"reply to my message", "the thread below it"} - {advice}
    assert not [other for other in others if other in said]


async def test_a_saved_template_goes_into_a_colleagues_batch(team: Room) -> None:
    await member(team, ANNA).send("video 4", "anna.mp4")
    await member(team, ANNA).say("/templates save anna")
    await member(team, ANNA).say("/cancel")
    await member(team, BORIS).say("/batch")
    assert await member(team, ANNA).say("/templates use anna") == ["Added “anna”.", "(status)"]
    batch = await team.store.collecting(TEAM)
    assert batch is not None
    assert batch.items[0].template.owner == BORIS.owner
    assert team.storage.file(BORIS.owner, batch.items[0].template.sha256).exists()


async def test_each_platform_has_a_code_of_its_own(room: Room) -> None:
    first, second = await room.access.claim_code("telegram"), await room.access.claim_code("slack")
    assert await alone(room, ANNA).say(f"/claim {second}") == ["That code isn't right."]
    assert (await alone(room, ANNA).say(f"/claim {first}"))[0].startswith("Welcome!")


async def test_a_place_that_moves_stays_allowed(room: Room) -> None:
    new = Place(platform="telegram", chat="-100999")
    await room.access.allow(TEAM)
    await room.access.move(TEAM, new)
    assert await room.access.allowed() == ["here:telegram:-100999"]
    await room.access.move(TEAM, Place(platform="telegram", chat="-5"))
    assert await room.access.allowed() == ["here:telegram:-100999"]


@pytest.mark.parametrize(
    ("asked", "yes"),
    [("/forget", "Yes, forget me"), ("/history clear", "Yes, delete all"), ("/history delete 1", "Delete")],
)
async def test_a_question_is_answered_by_whom_it_was_put_to(team: Room, asked: str, yes: str) -> None:
    await team.access.allow(BORIS)
    anna, boris = member(team, ANNA), member(team, BORIS)
    for person in (anna, boris):
        await person.ready()
        await person.say("/generate")
        await team.work()
    await anna.say(asked)
    question = {button.label: button.data for button in anna.buttons()}
    for label, data in question.items():
        told = await boris.press_data(data)
        assert told == ["That question was put to somebody else. Ask for yourself, then you can answer."], label
    assert [len(await team.store.history(person)) for person in (ANNA, BORIS)] == [1, 1]

    await anna.press_data(question[yes])
    assert [len(await team.store.history(person)) for person in (ANNA, BORIS)] == [0, 1]


async def test_said_in_the_chat_itself_export_answers_for_each_of_its_places(team: Room) -> None:
    topics = [Place(platform="telegram", chat="-100", thread=thread) for thread in ("7", "8")]
    for topic in topics:
        chat = member(team, ANNA, topic)
        for _ in range(2):
            await chat.ready()
            await chat.say("/generate")
            await team.work()
    (listed,) = await member(team, ANNA).say("/export")
    title, *rows = listed.splitlines()
    assert title == "What can be exported here:"
    assert [row[:2] for row in rows] == ["1.", "2."]

    chat = member(team, ANNA)
    await chat.say("/export")
    assert len(set(chat.urls())) == 2
    assert (await member(team, ANNA, topics[0]).say("/export"))[0].startswith("Here is your video.")
    await team.access.allow(ANNA)
    elsewhere = member(team, ANNA, Place(platform="telegram", chat="-200"))
    assert (await elsewhere.say("/export"))[0].startswith("Nothing is finished yet")
