"""A page, and what was heard of it from before it showed anything."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request


@dataclass(frozen=True)
class OpenedPage:
    """``complaints`` are errors and all that came to the console, ``requests`` addresses."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def open_page(context: BrowserContext) -> OpenedPage:
    """Open an empty page, and listen to it."""
    opened = OpenedPage(context.new_page())

    def on_console(message: ConsoleMessage) -> None:
        opened.complaints.append(message.text)

    def on_error(error: Error) -> None:
        opened.complaints.append(str(error))

    def on_request(request: Request) -> None:
        opened.requests.append(request.url)

    opened.page.on("console", on_console)
    opened.page.on("pageerror", on_error)
    opened.page.on("request", on_request)
    return opened
