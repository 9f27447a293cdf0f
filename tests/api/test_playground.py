"""The playground at the GraphQL endpoint: what a browser is given, and that an example runs there."""

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from schema import graphiql

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture
def assets(settings: Settings, tmp_path: Path) -> Path:
    """A built playground in miniature, beside a file that is none of a visitor's business."""
    folder = tmp_path / "assets"
    folder.mkdir()
    workers = {"editor": "worker-editor-EEEEEEEE.js"}
    manifest = {"script": "playground-AAAAAAAA.js", "style": "style-BBBBBBBB.css", "workers": workers}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "playground-AAAAAAAA.js").write_text("render();")
    (folder / "playground-AAAAAAAA.js.gz").write_bytes(gzip.compress(b"render();"))
    (folder / "style-BBBBBBBB.css").write_text("body {}")
    (tmp_path / "secret.js").write_text("secret")
    settings.GRAPHIQL_ASSETS = folder
    return folder


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "examples"
    folder.mkdir()
    monkeypatch.setattr(graphiql, "EXAMPLES", folder)
    return folder


@pytest.mark.usefixtures("assets")
def test_shows_a_browser_the_playground(client: Client, settings: Settings) -> None:
    settings.SHOP_NAME = "Mugs & More"

    response = client.get("/graphql/", headers=BROWSER)

    html = response.content.decode()
    assert response.status_code == 200
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in response["Vary"]
    assert "<title>Mugs &amp; More · GraphQL playground</title>" in html
    assert '<script type="module" src="/graphql/assets/playground-AAAAAAAA.js"></script>' in html
    assert '<link rel="stylesheet" href="/graphql/assets/style-BBBBBBBB.css">' in html
    assert _data(html)["stream"] == settings.STREAM_URL
    assert _data(html)["workers"] == {"editor": "/graphql/assets/worker-editor-EEEEEEEE.js"}


@pytest.mark.usefixtures("assets")
def test_lets_the_page_talk_to_nobody_but_the_shop(client: Client, settings: Settings) -> None:
    settings.STREAM_URL = "https://stream.example:8443/graphql/stream"

    response = client.get("/graphql/", headers=BROWSER)

    assert response["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "img-src 'self' data:; connect-src 'self' https://stream.example:8443; worker-src 'self' blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("is_built", [True, False])
def test_opens_the_examples_in_order_and_unable_to_break_out(
    client: Client, assets: Path, examples: Path, is_built: bool
) -> None:
    hostile = "# </script><script>alert(1)</script>\nquery Second { shop { name } }\n"
    (examples / "02_second.graphql").write_text(hostile)
    (examples / "01_first.graphql").write_text("query First($n: Int!) { products(first: $n) { nodes { id } } }")
    (examples / "01_first.variables.json").write_text('{"n": 3}')
    (examples / "02_second.headers.json").write_text('{"Authorization": "Bearer …"}')
    if not is_built:
        (assets / "manifest.json").unlink()

    html = client.get("/graphql/", headers=BROWSER).content.decode()

    assert "<script>alert" not in html
    assert _data(html)["examples"] == [
        {
            "query": "query First($n: Int!) { products(first: $n) { nodes { id } } }",
            "variables": '{"n": 3}',
            "headers": None,
        },
        {"query": hostile, "variables": None, "headers": '{"Authorization": "Bearer …"}'},
    ]


@pytest.mark.usefixtures("assets")
def test_serves_what_was_built_to_be_kept_for_ever(client: Client) -> None:
    script = client.get("/graphql/assets/playground-AAAAAAAA.js")
    style = client.get("/graphql/assets/style-BBBBBBBB.css")

    assert (script.content, script["Content-Type"]) == (b"render();", "text/javascript; charset=utf-8")
    assert (style.content, style["Content-Type"]) == (b"body {}", "text/css; charset=utf-8")
    assert script["Cache-Control"] == style["Cache-Control"] == FOR_EVER


@pytest.mark.usefixtures("assets")
def test_serves_the_packed_file_to_who_can_unpack_it(client: Client) -> None:
    response = client.get("/graphql/assets/playground-AAAAAAAA.js", headers={"accept-encoding": "gzip, br"})

    assert response["Content-Encoding"] == "gzip"
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert "Accept-Encoding" in response["Vary"]
    assert gzip.decompress(response.content) == b"render();"


@pytest.mark.usefixtures("assets")
@pytest.mark.parametrize(
    "path",
    [
        "../secret.js",
        "%2e%2e/secret.js",
        "..%2fsecret.js",
        "..\\secret.js",
        "./playground-AAAAAAAA.js",
        "playground-AAAAAAAA.js%00.css",
        "/etc/passwd",
        "manifest.json",
        "__init__.py",
        "playground-ZZZZZZZZ.js",
    ],
)
def test_serves_nothing_else(client: Client, path: str) -> None:
    assert client.get(f"/graphql/assets/{path}").status_code == 404


def test_offers_a_plain_query_box_where_the_playground_is_not_built(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.GRAPHIQL_ASSETS = tmp_path

    response = client.get("/graphql/", headers=BROWSER)
    script = client.get("/graphql/assets/fallback.js")
    style = client.get("/graphql/assets/fallback.css")

    html = response.content.decode()
    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "make playground" in html
    assert "curl http://testserver/graphql/" in html
    assert '<script type="module" src="/graphql/assets/fallback.js"></script>' in html
    assert [script.status_code, script["Cache-Control"]] == [200, "no-cache"]
    assert [style.status_code, style["Cache-Control"]] == [200, "no-cache"]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("needs a chromium and its chromedriver on the PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "window-size=1280,800",
        f"user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(f"--{flag}")
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    yield browser
    browser.quit()


@pytest.mark.django_db(transaction=True)
def test_runs_an_example_in_a_browser(
    browser: webdriver.Chrome, live_server: LiveServer, settings: Settings, examples: Path
) -> None:
    if not (Path(settings.GRAPHIQL_ASSETS) / "manifest.json").is_file():
        pytest.skip(f"needs the playground built in {settings.GRAPHIQL_ASSETS}: make playground")
    (examples / "shop.graphql").write_text("query ShopName {\n  shop {\n    name\n  }\n}\n")
    (examples / "type.graphql").write_text("query TypeKind($name: String!) {\n  __type(name: $name) { kind }\n}\n")
    (examples / "type.variables.json").write_text('{"name": "Boolean"}')

    browser.get(f"{live_server.url}/graphql/")
    shop = _run(browser, "ShopName")
    boolean = _run(browser, "TypeKind")

    assert shop == _pretty({"data": {"shop": {"name": settings.SHOP_NAME}}})
    assert boolean == _pretty({"data": {"__type": {"kind": "SCALAR"}}})
    assert [entry for entry in _log(browser, "browser") if entry["level"] == "SEVERE"] == []
    assert {url for url in _requested(browser) if not url.startswith(f"{live_server.url}/graphql/")} == set()


def _data(html: str) -> Any:
    found = re.search(r'<script id="playground-data" type="application/json">(.*?)</script>', html)
    assert found is not None
    return json.loads(found[1])


def _pretty(answer: object) -> str:
    return json.dumps(answer, indent=2)


def _run(browser: webdriver.Chrome, operation: str) -> str:
    """Open the example's tab, press Execute and give back the answer as it is shown."""
    wait = WebDriverWait(browser, 30)

    def shown(area: str) -> str:
        script = "return document.querySelector(arguments[0] + ' .view-lines')?.innerText ?? ''"
        return str(browser.execute_script(script, area)).replace("\u00a0", " ").strip()

    wait.until(lambda _: browser.find_element(By.CSS_SELECTOR, f".graphiql-tab-button[title={operation}]")).click()
    wait.until(lambda _: operation in shown(".graphiql-query-editor") and not shown(".graphiql-response"))
    browser.find_element(By.CSS_SELECTOR, ".graphiql-execute-button").click()
    return wait.until(lambda _: shown(".graphiql-response"))


def _requested(browser: webdriver.Chrome) -> Iterator[str]:
    """Every address the browser asked over a network for."""
    for entry in _log(browser, "performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith(("data:", "blob:", "chrome:")):
                yield url


def _log(browser: webdriver.Chrome, kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = browser.get_log(kind)
    return entries
