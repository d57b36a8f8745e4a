"""The player: one page of HTML that steps through both passes, by itself, without a server or a network."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

__all__ = ["Player"]


class Player:
    """Forward and backward, step by step: shows itself in a notebook, and is written as one HTML file by `save`.

    >>> from autograd import play
    >>> play(lambda x, y: x * y + x, 2.0, 3.0)
    <player of 2 forward and 2 backward steps>
    """

    def __init__(self, svg: str, story: dict[str, Any]) -> None:
        self._svg, self._story = svg, story

    def __repr__(self) -> str:
        back = sum(step["phase"] == "backward" for step in self._story["steps"])
        return f"<player of {len(self._story['steps']) - back} forward and {back} backward steps>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        frame = (
            f'<iframe title="The player: both passes, step by step" srcdoc="{escape(self.html)}" sandbox="allow-scripts"'
            ' style="width: 100%; height: 40rem; border: 0"></iframe>'
        )
        return {"text/html": frame, "text/plain": repr(self)}

    @property
    def html(self) -> str:
        """The whole page.

        >>> from autograd import play
        >>> play(lambda x: x * x, 3.0).html[:15]
        '<!doctype html>'
        """
        import json  # here, because these four would lengthen the import of the package
        from base64 import b64encode
        from hashlib import sha256
        from importlib.resources import files

        head, _, rest = (files(__package__) / "player.html").read_text(encoding="utf-8").partition("<!-- graph -->")
        script = rest[rest.rindex("<script>") + 8 : rest.rindex("</script>")]
        digest = b64encode(sha256(script.encode()).digest()).decode()  # so that no other script would run
        story = json.dumps(self._story, ensure_ascii=False).replace("<", "\\u003c")  # no tag can begin in it
        return head.replace("/* hash */", f"sha256-{digest}") + self._svg + rest.replace("/* story */", story)

    def save(self, path: str | Path) -> None:
        """Write the page as an .html file.

        >>> from autograd import play
        >>> play(lambda x: x * x, 3.0).save("play.pdf")
        Traceback (most recent call last):
            ...
        ValueError: save: got 'play.pdf', wanted a name that ends in .html
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"save: got {path.name!r}, wanted a name that ends in .html")
        path.write_text(self.html, encoding="utf-8")

    def show(self) -> None:
        """Open the page in the browser of this machine, from a temporary file."""
        import tempfile
        import webbrowser

        with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as file:
            file.write(self.html)
        webbrowser.open(Path(file.name).as_uri())
