"""The pages' styles, scripts and pictures, under names that change with their content, which browsers may keep."""

import hashlib
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}


class Assets:
    """Reads the few small files once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._answers: dict[str, tuple[bytes, str]] = {}
        for file in files("bot.web").joinpath("static").iterdir():
            stem, _, suffix = file.name.rpartition(".")
            if suffix in _TYPES:
                content = file.read_bytes()
                name = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
                self._names[file.name] = name
                self._answers[name] = content, _TYPES[suffix]

    def name(self, file: str) -> str:
        """The published name of `page.css`: `page.<hash>.css`."""
        return self._names[file]

    async def serve(self, request: Request) -> Response:
        try:
            content, kind = self._answers[request.path_params["name"]]
        except KeyError:
            raise HTTPException(404) from None
        return Response(content, media_type=kind, headers={"cache-control": "public, max-age=31536000, immutable"})
