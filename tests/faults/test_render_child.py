"""Whatever happens in the render process costs at most one item, and never the worker."""

import signal

from heygem.base.errors import ErrorCode
from heygem.batches.model import ItemState
from tests.engines.stub_engine import Script
from tests.faults.house import House


async def test_a_killed_render_process_costs_one_run(house: House) -> None:
    worker = house.start_worker()
    batch = await house.generate(Script(generate=1.0), Script())
    await house.until_noted("generate")
    child = await house.render_child(worker)

    child.send_signal(signal.SIGKILL)
    ended = await house.ended(batch)

    assert [(item.state, item.losses) for item in ended.items] == [(ItemState.DONE, 1), (ItemState.DONE, 0)]
    assert worker.poll() is None
    house.stop_workers()
    await house.check(batch)


async def test_each_broken_item_gets_its_own_code_and_the_others_are_rendered(house: House) -> None:
    expected = {
        "": None,
        "exit": ErrorCode.WORKER_LOST,
        "segfault": ErrorCode.WORKER_LOST,
        "raise": ErrorCode.ENGINE_FAILED,
        "memory": ErrorCode.OUT_OF_MEMORY,
        "no_face": ErrorCode.NO_FACE,
        "print": None,
    }
    worker = house.start_worker()
    batch = await house.generate(*(Script.model_validate({"name": f"x{fault}", "fault": fault}) for fault in expected))

    ended = await house.ended(batch)

    assert [item.failure and item.failure.code for item in ended.items] == list(expected.values())
    assert [item.state for item in ended.items if not item.failure] == [ItemState.DONE] * 2
    assert [item.losses for item in ended.items] == [0, 3, 3, 3, 3, 0, 0]  # who knows whose fault: tried again
    assert worker.poll() is None
    assert "stub engine was told to fail" in house.stderr.read_text()
    house.stop_workers()
    await house.check(batch)


async def test_loaded_models_stay_from_item_to_item(house: House) -> None:
    house.start_worker()
    batch = await house.generate(Script(), Script(), Script(fault="no_face"), Script())
    await house.ended(batch)

    assert len({process for _, process, *_ in house.noted("render")}) == 1
    house.stop_workers()
    await house.check(batch)


async def test_a_render_that_takes_too_long_is_stopped_and_the_next_one_runs(house: House) -> None:
    house.start_worker(HEYGEM_LIMITS__RENDER_SECONDS="8")  # time for a new process to load the engine, however busy
    batch = await house.generate(Script(generate=30, deaf=True), Script())

    ended = await house.ended(batch)

    failure = ended.items[0].failure
    assert failure is not None
    assert (failure.code, failure.params) == (ErrorCode.RENDER_TIMEOUT, {"limit_s": 8})
    assert ended.items[1].state is ItemState.DONE
    house.stop_workers()
    await house.check(batch)


async def test_the_render_process_knows_no_secrets(house: House) -> None:
    secrets = {"HEYGEM_TELEGRAM_TOKEN": "123456:secret", "HEYGEM_REDIS_URL": f"unix://{house.server.socket}"}
    child = await house.render_child(house.start_worker(**secrets))

    assert not set(secrets) & set(child.environ())
    house.stop_workers()


async def test_a_file_that_went_missing_fails_its_item_alone(house: House) -> None:
    batch = await house.collect(Script(), Script())
    gone = batch.items[0].template
    await house.store.generate(batch.id)
    house.storage.file(gone.owner, gone.sha256).unlink()
    house.start_worker()

    ended = await house.ended(batch)

    failure = ended.items[0].failure
    assert failure is not None
    assert (failure.code, failure.params) == (ErrorCode.FILE_MISSING, {"name": gone.name})
    assert ended.items[1].state is ItemState.DONE
    house.stop_workers()
    await house.check(batch)
