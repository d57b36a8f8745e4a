"""The player, driven in a real browser: its steps, its numbers, its keys; and that it asks nothing of a network."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd import Tensor, draw, ops, play, record
from autograd.drawing.facts import grid, summary
from autograd.graph import reachable
from autograd.recording import seen

from .pictures import HOSTILE, parameter

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright, which drives a browser, is not installed")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium here")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a player's file in the browser; whatever it complains of, or asks a network for, fails the test."""
    complaints, requests, pages = [], [], []

    def open_(player, **options):
        path = tmp_path / f"play{len(pages)}.html"
        if isinstance(player, str):
            path.write_text(player, encoding="utf-8")
        else:
            player.save(path)
        page = browser.new_page(**options)
        pages.append(page)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_
    for page in pages:
        page.close()
    assert not complaints
    assert all((url.startswith("file://") and url.endswith(".html")) or url == "about:srcdoc" for url in requests), requests


def loss_of(x, w):
    """A function with fan-out."""
    h = ops.tanh(x * w)
    return (h * h + h * x).sum()


def shown(page, selector):
    """A value as the page shows it: rows of a table, or a line."""
    part = page.locator(selector)
    if part.locator("table").count():
        return [row.locator("td").all_inner_texts() for row in part.locator("tr").all()]
    return part.inner_text()


def expected(a):
    return grid(a) if np.size(a) > 1 and grid(a) is not None else summary(a, 5)


# -- the two passes -----------------------------------------------------------------------------------------------------------------------


def test_each_step_shows_the_value_or_the_gradient_that_backward_computes(opened):
    x, w = Tensor([1.0, 2.0, -0.5], requires_grad=True, name="x"), parameter("w")
    with record():
        loss = loss_of(x, w)
        loss.backward()
    calls = [node for node in reachable([loss._node]) if node.op is not None]
    page = opened(play(loss))
    assert page.locator("#count").inner_text() == f"1 / {2 * len(calls)}"
    for k, node in enumerate(calls, 1):
        assert page.locator("#phase").inner_text() == f"Forward {k} of {len(calls)}"
        assert shown(page, "#value") == expected(seen(node).value)
        page.keyboard.press("ArrowRight")
    for k, node in enumerate(reversed(calls), 1):
        assert page.locator("#phase").inner_text() == f"Backward {k} of {len(calls)}"
        assert page.locator("#name").inner_text().startswith(node.op.name)
        assert shown(page, "#g") == expected(seen(node).gradient)
        sends = page.locator(".send").all()
        assert len(sends) == len(seen(node).cotangents)
        for send, (i, cotangent) in zip(sends, seen(node).cotangents.items(), strict=True):
            assert f"as {node.op.arguments[i]}" in send.inner_text()
            rows = [row.locator("td").all_inner_texts() for row in send.locator("tr").all()]
            assert rows == (grid(cotangent) if np.size(cotangent) > 1 else [])
            assert summary(cotangent, 5) in send.inner_text() or rows
        page.keyboard.press("ArrowRight")
    assert page.locator("#count").inner_text() == f"{2 * len(calls)} / {2 * len(calls)}"
    page.hover("[data-box=n1]")
    assert shown(page, "#card").count(["1", "2", "-0.5"]) == 1
    assert grid(x.grad.data)[0] in shown(page, "#card")


def test_the_sum_at_a_fan_out_is_seen_forming(opened):
    page = opened(play(lambda x: x * 2.0 + x * x, 3.0))
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert [" ".join(text.split()) for text in page.locator(".sum").all_inner_texts()] == [
        "its sum so far: 1 of 3 parts 3", "its sum so far: 2 of 3 parts 6",
    ]  # fmt: skip
    page.keyboard.press("ArrowRight")
    assert [" ".join(text.split()) for text in page.locator(".sum").all_inner_texts()] == ["the sum of its 3 parts 8"]


def test_the_gradient_of_a_box_appears_when_it_is_complete(opened):
    page = opened(play(lambda x: ops.exp(x * 2.0) * x, 3.0))
    value, gradient = (page.locator(f"[data-box=n3] [data-says={what}]") for what in ("value", "gradient"))
    assert not value.is_visible()
    page.keyboard.press("ArrowRight")
    assert value.is_visible()
    assert not gradient.is_visible()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert gradient.is_visible()
    assert not page.locator("[data-box=n1] [data-says=gradient]").is_visible()
    page.keyboard.press("End")
    assert page.locator("[data-box=n1] [data-says=gradient]").is_visible()


def test_a_graph_that_was_not_recorded_is_played_if_it_still_can_be():
    x = parameter("x")
    y = ops.exp(x * 2.0)
    assert repr(play(y)) == "<player of 2 forward and 2 backward steps>"
    assert x.grad is None
    y.backward()
    assert repr(play(y)) == "<player of 2 forward and 0 backward steps>"
    assert "the graph has been freed by an earlier backward()" in play(y).html
    assert "the result has shape (2,), and only a single value has one gradient" in play(parameter("x", (2,)) * 2.0).html


def test_a_value_without_history_has_nothing_to_step_through(opened):
    page = opened(play(Tensor(1.0, name="x")))
    assert page.locator("#name").inner_text() == "There is nothing to step through: no op made this value."
    assert page.locator("#play").is_disabled()


def test_folded_modules_are_steps_of_their_own(opened):
    model = nn.MLP([3, 4, 2])
    x = np.ones((5, 3), np.float32)
    page = opened(play(lambda: nn.functional.cross_entropy(model(x), np.zeros(5, int)), depth=1))
    assert page.locator("#count").inner_text() == "1 / 8"
    assert page.locator("#name").inner_text() == "0: Linear"
    assert "MLP" in page.locator("#told").inner_text()
    page.keyboard.press("End")
    assert page.locator("#name").inner_text() == "0: Linear"
    assert page.locator("#phase").inner_text() == "Backward 4 of 4"


def test_a_folded_module_sends_the_sum_of_what_its_ops_send(opened):
    class Twice(nn.Module):
        def forward(self, x):
            return x * 3.0 + x * x

    page = opened(play(Twice(), 5.0, depth=0))
    page.keyboard.press("End")
    assert page.locator(".send").inner_text().split() == ["→", "x", "13"]


def test_several_outputs_hand_their_parts_to_their_call(opened):
    def product(x):
        first, second = ops.split(x, 2)
        return (first * second).sum()

    page = opened(play(product, np.array([2.0, 5.0])))
    for key in ["End", "ArrowLeft"]:
        page.keyboard.press(key)
    assert page.locator("#name").inner_text() == "split[0]"
    assert shown(page, "#g") == "[5]"
    assert "each output hands its part to the call" in page.locator("#told").inner_text()


# -- hands --------------------------------------------------------------------------------------------------------------------------------


def test_keys_buttons_and_slider_lead_to_every_step(opened):
    page = opened(play(loss_of, np.array([1.0, 2.0]), 0.5))
    count = page.locator("#count")
    for key, at in [("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", 12), ("ArrowRight", 12), ("Home", 1), ("ArrowLeft", 1)]:
        page.keyboard.press(key)
        assert count.inner_text() == f"{at} / 12"
    for button, at in [("Next step", 2), ("Last step", 12), ("Step back", 11), ("First step", 1)]:
        page.get_by_role("button", name=button).click()
        assert count.inner_text() == f"{at} / 12"
    assert page.get_by_role("button", name="Step back").is_disabled()
    slider = page.get_by_role("slider", name="Step")
    slider.fill("8")
    assert count.inner_text() == "9 / 12"
    assert slider.get_attribute("aria-valuetext").startswith("Backward 3 of 6: ")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert count.inner_text() == "8 / 12"


def test_play_goes_to_the_end_and_pauses(opened):
    page = opened(play(loss_of, np.array([1.0, 2.0]), 0.5))
    page.select_option("#speed", "100")
    page.locator("#graph").focus()
    page.keyboard.press("Space")
    assert page.locator("#play").inner_text() == "Pause"
    page.keyboard.press("Space")
    assert page.locator("#play").inner_text() == "Play"
    page.keyboard.press("Space")
    page.keyboard.press("Home")  # whoever steps by hand stops it
    assert page.locator("#play").inner_text() == "Play"
    page.get_by_role("button", name="Play").click()
    page.locator("#count", has_text="12 / 12").wait_for()
    page.locator("#play", has_text="Play").wait_for()


def test_search_finds_by_name_and_leads_there(opened):
    model = nn.MLP([3, 4, 2])
    x = np.ones((5, 3), np.float32)
    page = opened(play(lambda: nn.functional.cross_entropy(model(x), np.zeros(5, int))))
    page.keyboard.press("/")
    page.keyboard.type("WEIGHT")
    assert page.locator("#found button").all_inner_texts() == ["0.weight", "2.weight"]
    assert page.locator(".match").count() == 2
    page.keyboard.press("Enter")
    assert "0.weight" in page.locator("#card").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#card").is_visible()
    page.locator("#search").fill("relu")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#name").inner_text() == "relu"
    page.locator("#search").fill("nobody")
    assert page.locator("#live").inner_text() == "0 found"


def test_a_screen_reader_hears_each_step(opened):
    page = opened(play(lambda x: x * 2.0, 3.0))
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("status").inner_text() == "Backward 1 of 1: multiply(·, 2.0). g is 1. x receives 2."
    for control in page.locator("button, input, select").all():
        name = control.get_attribute("aria-label") or page.locator(f"label[for={control.get_attribute('id')}]").inner_text()
        assert name.strip()


# -- where it is shown --------------------------------------------------------------------------------------------------------------------


def test_it_works_in_the_output_of_a_notebook(opened):
    bundle = play(loss_of, np.array([1.0, 2.0]), 0.5)._repr_mimebundle_(include=None, exclude=None)
    assert bundle["text/plain"] == "<player of 6 forward and 6 backward steps>"
    page = opened(f"<!doctype html><title>notebook</title>{bundle['text/html']}")
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Last step").click()
    assert frame.locator("#count").inner_text() == "12 / 12"


def test_light_and_dark_differ(opened):
    player = play(lambda x: x * 2.0, 3.0)
    colours = []
    for scheme in ("light", "dark"):
        page = opened(player, color_scheme=scheme)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        colours.append((background, page.locator("[data-kind=op] rect").evaluate("rect => getComputedStyle(rect).fill")))
    assert all(light != dark for light, dark in zip(*colours, strict=True))


def test_five_hundred_nodes_are_stepped_through_at_once(opened):
    x = parameter("x")
    y = x
    for _ in range(498):
        y = ops.sin(y)
    page = opened(play(y * x))
    assert page.locator("[data-box]").count() == 500
    page.keyboard.press("End")
    assert page.locator("#count").inner_text() == "998 / 998"
    took = page.evaluate(
        "(() => { const start = performance.now(); for (let k = 0; k < 50; k++) go(10 * k); return performance.now() - start; })()"
    )
    assert took < 50 * 100


def test_the_current_box_is_brought_into_view(opened):
    x = parameter("x")
    for _ in range(60):
        x = ops.sin(x)
    page = opened(play(x), reduced_motion="reduce")
    for key in ("End", "Home"):
        page.keyboard.press(key)
        box, view = page.locator(".current").bounding_box(), page.locator("#graph").bounding_box()
        assert view["y"] <= box["y"] <= box["y"] + box["height"] <= view["y"] + view["height"]


def test_draw_saves_the_player_as_html(opened, tmp_path):
    x = parameter("x")
    with record():
        y = x * 2.0
        y.backward()
    draw(y).save(tmp_path / "graph.html")
    page = opened((tmp_path / "graph.html").read_text(encoding="utf-8"))
    assert page.locator("#count").inner_text() == "1 / 2"
    draw(x * 2.0).save(tmp_path / "graph.html")
    page = opened((tmp_path / "graph.html").read_text(encoding="utf-8"))
    assert page.locator("#count").inner_text() == "1 / 1"
    assert page.locator("#note").inner_text().startswith("no gradients were recorded: call backward() within")


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_a_browser_is_opened_only_when_asked(tmp_path):
    (tmp_path / "browser").write_text(f'#!/bin/sh\nsed -n 1p "${{1#file://}}" > {tmp_path}/shown\n')
    (tmp_path / "browser").chmod(0o755)
    script = "from autograd import play; p = play(lambda x: x * x, 3.0); repr(p); p.html; {}"
    for last, opened in (("0", False), ("p.show()", True)):
        environment = os.environ | {"BROWSER": f"{tmp_path}/browser %s", "TMPDIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", script.format(last)], check=True, env=environment)
        assert (tmp_path / "shown").exists() == opened
    assert (tmp_path / "shown").read_text() == "<!doctype html>\n"


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"save: got 'play.svg', wanted a name that ends in .html"):
        play(lambda x: x * 2.0, 3.0).save(tmp_path / "play.svg")


TAGS = [
    "</script><script>alert(1)</script>", "<!--<script>", "<!-- graph -->", "/* story */", "<img src=x onerror=alert(1)>", "\u2028",
]  # fmt: skip


@pytest.mark.parametrize("name", [*HOSTILE, *TAGS], ids=lambda text: ascii(text)[:12])
def test_hostile_names_are_text_and_nothing_else(opened, name):
    y = parameter(name) * 2.0
    y.name = name
    page = opened(play(y))
    title = page.locator("#name").inner_text()
    assert page.locator("[data-box=n1] text").first.text_content() == HOSTILE.get(name, ascii(name)[1:-1])
    assert title.startswith(HOSTILE.get(name, ascii(name)[1:-1])[:20])
    assert page.locator("script").count() == 2
    assert page.locator("a, img, iframe, object, embed, b, link").count() == 0
    page.hover("[data-box=n1]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("/")
    page.keyboard.type("m")
    assert page.locator("script").count() == 2
