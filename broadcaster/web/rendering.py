"""Pages from templates; every value is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from broadcaster import __version__
from broadcaster.language import Said, chosen, shown, speaking, translated
from broadcaster.web.state import CALLER, console

FOLDER = Path(__file__).parent


def page(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> web.Response:
    """``template`` for whoever asks, in the language that they chose, or the office's."""
    caller = request.get(CALLER)
    settings = console(request).office.settings
    language = (caller.language if caller else "") or chosen(str(settings.path))
    with speaking(language):
        text = (
            _templates()
            .get_template(template)
            .render(
                caller=caller,
                form_key=caller.form_key if caller else "",
                language=language,
                direction="rtl" if language == "fa" else "ltr",
                version=__version__,
                path=request.path,
                **values,
            )
        )
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)


@cache
def _templates() -> Environment:
    made = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(translated, _plural, newstyle=True)  # type: ignore[attr-defined]
    return made


def _shown(value: object) -> object:
    """A text of ours in the language of the page; anything else as it is."""
    return shown(value) if isinstance(value, Said) else value


def _plural(one: str, many: str, count: int) -> str:
    return translated(one if count == 1 else many)
