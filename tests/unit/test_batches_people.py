"""Preferences and saved templates."""

import pytest
from redis.asyncio import Redis

from heygem.batches.people import People, Preferences
from heygem.engines.base import RenderOptions
from heygem.redis import keys
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA, BORIS


@pytest.fixture
def people(redis: Redis) -> People:
    return People(redis)


async def test_preferences_are_empty_until_they_are_set_and_each_person_s_own(people: People) -> None:
    chosen = Preferences(language="zh", engine="mesh", options=RenderOptions(subtitles="burned"))
    assert await people.preferences(ANNA) == Preferences()
    await people.set_preferences(ANNA, chosen)
    assert await people.preferences(ANNA) == chosen
    assert await people.preferences(BORIS) == Preferences()


async def test_templates_are_kept_by_name(people: People, storage: Storage) -> None:
    first, second = factories.template_file(storage), factories.template_file(storage)
    await people.save_template(ANNA, "张老师 👩‍🏫", second)
    await people.save_template(ANNA, "Anna", first)
    assert await people.templates(ANNA) == {"Anna": first, "张老师 👩‍🏫": second}
    assert list(await people.templates(ANNA)) == ["Anna", "张老师 👩‍🏫"]
    assert await people.templates(BORIS) == {}
    assert await people.drop_template(ANNA, "Anna") is True
    assert await people.drop_template(ANNA, "Anna") is False
    assert list(await people.templates(ANNA)) == ["张老师 👩‍🏫"]


async def test_a_name_used_again_lets_the_older_file_go(people: People, redis: Redis, storage: Storage) -> None:
    older, newer = factories.template_file(storage), factories.template_file(storage)
    await people.save_template(ANNA, "me", older)
    await people.save_template(ANNA, "me", newer)
    assert await people.templates(ANNA) == {"me": newer}
    assert await redis.exists(keys.file(ANNA.owner, older.sha256)) == 0
    assert await redis.exists(keys.file(ANNA.owner, newer.sha256)) == 1


async def test_one_file_under_two_names_stays_while_one_is_left(people: People, redis: Redis, storage: Storage) -> None:
    file = factories.template_file(storage)
    await people.save_template(ANNA, "one", file)
    await people.save_template(ANNA, "two", file)
    await people.drop_template(ANNA, "one")
    assert await redis.exists(keys.file(ANNA.owner, file.sha256)) == 1


async def test_forgetting_leaves_no_key(people: People, redis: Redis, storage: Storage) -> None:
    await people.set_preferences(ANNA, Preferences(language="zh"))
    await people.save_template(ANNA, "me", factories.template_file(storage))
    await people.forget(ANNA)
    assert await redis.keys() == []


async def test_a_new_name_goes_to_the_whole_set_and_its_files_stay_used(
    people: People, redis: Redis, storage: Storage
) -> None:
    first, second, other = (factories.template_file(storage) for _ in range(3))
    await people.save_template(ANNA, "teachers/1", first)
    await people.save_template(ANNA, "teachers/2", second)
    await people.save_template(ANNA, "teachers'", other)

    assert await people.rename_templates(ANNA, "teachers", "老师")

    assert await people.templates(ANNA) == {"teachers'": other, "老师/1": first, "老师/2": second}
    await people.drop_template(ANNA, "老师/1")
    assert await redis.exists(keys.file(ANNA.owner, first.sha256)) == 0
    assert await redis.exists(keys.file(ANNA.owner, second.sha256)) == 1


@pytest.mark.parametrize("taken", ["ben", "ben/1"])
async def test_a_name_that_is_taken_is_given_to_nothing_else(people: People, storage: Storage, taken: str) -> None:
    mine, others = factories.template_file(storage), factories.template_file(storage)
    await people.save_template(ANNA, "anna", mine)
    await people.save_template(ANNA, taken, others)

    assert not await people.rename_templates(ANNA, "anna", "ben")
    assert await people.templates(ANNA) == {"anna": mine, taken: others}
