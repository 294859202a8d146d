"""How Slack says no: HTTP 200 and `ok: false`."""


class Refused(Exception):  # noqa: N818 (an answer, not a fault)
    def __init__(self, error: str, detail: str = "") -> None:
        super().__init__(error, detail)
        self.error = error
        self.detail = detail


class TooOften(Exception):  # noqa: N818
    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds
