"""Handing a file to nginx: it sends the bytes, ranges and all, under the headers that we chose."""

from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

from heygem.storage.layout import Storage

INTERNAL = "/_files/"  # an internal location of config/nginx.conf, an alias of the data folder


def accelerated(path: Path, storage: Storage, headers: dict[str, str]) -> Response:
    inner = path.relative_to(storage.root).as_posix()
    return Response(headers={**headers, "x-accel-redirect": INTERNAL + quote(inner)})
