"""The service's memory: at most one task runs, and how one ended is told once."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.fakes.duix.behaviour import Behaviour, Ledger, Seen

INSIDE = "/code/data/temp/"
_KEYS = {"audio_url", "video_url", "code", "chaofen", "watermark_switch", "pn"}


@dataclass
class _Task:
    code: str
    status: int = 1
    progress: int = 0
    words: str = "任务开始"
    result: str = ""
    queries: int = 0


class Tasks:
    def __init__(self, folder: Path) -> None:
        self.behaviour = Behaviour()
        self.ledger = Ledger()
        self.folder = folder
        self._over = threading.Event()
        self._tasks: dict[str, _Task] = {}
        self._lock = threading.Lock()
        self._workers: list[threading.Thread] = []

    def close(self) -> None:
        """Leave all work as it is; return when nothing more is written."""
        self._over.set()
        for worker in self._workers:
            worker.join()

    def submit(self, request: Any) -> dict[str, Any]:
        with self._lock:
            self.ledger.submissions += 1
            if self.behaviour.system_error:
                return _answer(9999, "系统异常")
            if wrong := self._wrong(request):
                self.ledger.violations.append(wrong)
                return _answer(10002, "参数异常")
            if self.behaviour.busy or any(task.status == 1 for task in self._tasks.values()):
                return _answer(10001, "忙碌中")
            task = self._tasks[request["code"]] = _Task(request["code"])
            seen = Seen(code=task.code, request=request, began=time.monotonic())
            self.ledger.tasks.append(seen)
        self._start(self._work, task, seen)
        return _answer(10000, 10000)

    def query(self, code: str | None) -> dict[str, Any]:
        time.sleep(self._silence())
        with self._lock:
            if self.behaviour.system_error:
                return _answer(9999, "系统异常")
            if not code:
                return _answer(10002, "参数异常")
            task = self._tasks.get(code)
            if task is None:
                return _answer(10004, "任务不存在")
            task.queries += 1
            if task.queries <= self.behaviour.unknown_first:
                return _answer(10004, "任务不存在")
            if task.status != 1:
                del self._tasks[code]
            return _answer(10000, "", self._data(task))

    def _data(self, task: _Task) -> dict[str, Any]:
        data: dict[str, Any] = {"code": task.code, "status": task.status, "msg": task.words, "progress": task.progress}
        if task.status == 2:
            data |= {"result": task.result, "cost": 1.5, "video_duration": 1000, "width": 64, "height": 48}
        if self.behaviour.old_build:
            data = {key: str(value) for key, value in data.items() if key in ("code", "status", "progress", "result")}
        return data

    def _silence(self) -> float:
        seconds, self.behaviour.silent_s = self.behaviour.silent_s, 0.0
        return seconds

    def _wrong(self, request: Any) -> str:
        if not isinstance(request, dict) or set(request) != _KEYS:
            return f"keys of {request}"
        if any(request[key] not in (0, 1) or isinstance(request[key], bool) for key in _KEYS - _STRINGS):
            return f"numbers of {request}"
        try:
            UUID(request["code"])
            names = [_name(request[key]) for key in ("audio_url", "video_url")]
        except (ValueError, TypeError, AttributeError) as error:
            return str(error)
        return "" if all(name.startswith(request["code"]) for name in names) else f"names {names} of others"

    def _work(self, task: _Task, seen: Seen) -> None:
        behaviour = self.behaviour.model_copy()
        try:
            video, audio = (self.folder / _name(str(seen.request[key])) for key in ("video_url", "audio_url"))
            if not video.is_file() or not audio.is_file():
                raise ValueError("三次获取音频时长失败")
            for original in (video, audio):
                copy = self.folder / f"{task.code}_format{original.suffix}"
                copy.write_bytes(original.read_bytes())
            self._advance(task, behaviour)
            self._finish(task, behaviour, video, audio)
        except ValueError as error:
            task.words, task.status = str(error), 3
        seen.ended = time.monotonic()

    def _advance(self, task: _Task, behaviour: Behaviour) -> None:
        for progress in behaviour.progress:
            task.progress, task.words = progress, "音频特征提取完成"
            self._pass(behaviour.work_s / len(behaviour.progress))
            while behaviour.stuck_at is not None and progress >= behaviour.stuck_at:
                self._pass(0.05)
        if behaviour.failure:
            raise ValueError(behaviour.failure)

    def _finish(self, task: _Task, behaviour: Behaviour, video: Path, audio: Path) -> None:
        from tests.fakes.duix.pictures import render  # libav, only where there is something to do

        told = behaviour.place.format(code=task.code, folder=self.folder)
        name = told.replace("\\", "/").removeprefix(str(self.folder)).removeprefix(INSIDE.rstrip("/")).lstrip("/")
        made = self.folder.parent / f"made-{task.code}.mp4"
        render(video, audio, made, 0.3 if behaviour.result == "short" else None)
        data = made.read_bytes()
        made.unlink()
        if behaviour.result == "truncated":
            data = data[: len(data) // 2]
        if behaviour.result == "late":  # the status is there before the file
            self._start(self._write_slowly, name, data)
        elif behaviour.result != "missing" and ".." not in name:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(data)
        task.progress, task.words = 100, "任务完成"
        task.result = "/../../etc/passwd" if behaviour.result == "outside" else told
        task.status = 2

    def _write_slowly(self, name: str, data: bytes) -> None:
        self._pass(0.2)
        with (self.folder / name).open("wb") as file:
            for start in range(0, len(data), -(-len(data) // 8)):
                file.write(data[start : start + -(-len(data) // 8)])
                file.flush()
                self._pass(0.05)

    def _start(self, work: Callable[..., None], *about: object) -> None:
        def run() -> None:
            with suppress(_OverError):
                work(*about)

        worker = threading.Thread(target=run, daemon=True)
        self._workers.append(worker)
        worker.start()

    def _pass(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise _OverError


class _OverError(Exception):
    pass


_STRINGS = {"audio_url", "video_url", "code"}


def _name(path: str) -> str:
    """A bare name: relative to the folder, or below /code/data/temp."""
    name = path.removeprefix(INSIDE)
    if "/" in name or name.startswith("."):
        raise ValueError(f"path {path}")
    return name


def _answer(code: int, message: str | int, data: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "success": True, "msg": message, "data": data or {}}
