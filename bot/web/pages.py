"""HTML from the templates. Everything is escaped; nothing comes from another site."""

from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from bot.web.assets import Assets
from bot.web.forms import form_key
from bot.web.home.view import HomePage
from bot.web.sharing.view import Code, NewLink, Sharing
from bot.web.sharing.words import WORDS as SHARING_WORDS
from bot.web.studio.page import Frame
from bot.web.studio.words import Words as StudioWords
from bot.web.upload.view import UploadPage
from bot.web.view import Page
from bot.web.words import WORDS
from heygem.base.sentences import Language
from heygem.base.settings import Settings
from heygem.media.outside import CHOOSABLE


class Pages:
    def __init__(self, settings: Settings) -> None:
        self.assets = Assets()
        self._environment = Environment(
            loader=PackageLoader("bot.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # A public address may have a path of its own: https://example.org/heygem
        self.root = urlsplit(settings.web.base_url).path
        self._environment.globals.update(root=self.root, asset=self.assets.name)

    def batch(self, page: Page, token: str, code: Code, links: Sharing | None, status: int) -> Response:
        """`links` is for who may make further ones."""
        return self._page("batch.html", status, page=page, token=token, words=page.words, code=code, links=links)

    def new_link(self, link: NewLink, token: str) -> Response:
        """`token` is of the page that it was made on."""
        return self._page("shared.html", 200, link=link, token=token, words=link.words)

    def password(self, token: str, wrong: str, language: Language, status: int) -> Response:
        """What stands at a link instead of its page. `wrong` is what became of the last try."""
        words, key = SHARING_WORDS[language], form_key(token)
        return self._page("password.html", status, token=token, wrong=wrong, words=words, key=key)

    def upload(self, page: UploadPage, token: str) -> Response:
        return self._page("upload.html", 200, page=page, token=token, words=page.words, choosable=CHOOSABLE)

    def studio(self, page: Frame) -> Response:
        answer = self._page(page.template, 200, page=page, words=page.words, choosable=CHOOSABLE)
        answer.headers.update(page.headers)
        return answer

    def enter(self, sure: str, token: str, nonce: str, words: StudioWords) -> Response:
        return self._page("enter.html", 200, sure=sure, token=token, nonce=nonce, words=words)

    def home(self, page: HomePage) -> Response:
        return self._page("home.html", 200, page=page, words=page.words)

    def error(self, status: int, sentence: str, language: Language, *, retry: bool) -> Response:
        return self._page("error.html", status, sentence=sentence, words=WORDS[language], retry=retry)

    def _page(self, template: str, status: int, **values: object) -> Response:
        return HTMLResponse(self._environment.get_template(template).render(**values), status)
