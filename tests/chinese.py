"""Find untranslated words on Chinese pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.db import connection

from console import styleguide

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
HAN = re.compile(r"[\u4e00-\u9fff]")


class Reader(HTMLParser):
    """Collect the text of a page, and the attributes that are shown or read aloud."""

    attributes = {"aria-label", "placeholder", "title", "alt", "data-copied", "data-none"}
    unread = {"script", "style", "pre", "code"}

    def __init__(self):
        super().__init__()
        self.texts = []
        self.open = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.texts += [
            value
            for name, value in attrs
            if name in self.attributes or name.startswith("data-refuse-")
        ]
        if tag == "input" and names.get("type") == "submit":
            self.texts.append(names.get("value", ""))
        if tag not in {"input", "meta", "link", "br", "hr", "img", "use", "path"}:
            self.open.append((tag, "lang" in names and tag != "html"))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(tag in self.unread or is_foreign for tag, is_foreign in self.open):
            self.texts.append(data)


# Latin words in Chinese: names of products and formats, units, and terms without a translation
ALLOWED = {
    *(
        "BCC",
        "ID",
        "API",
        "SDK",
        "GB",
        "MB",
        "CPU",
        "UTC",
        "OS",
        "SSH",
        "Git",
        "Shell",
        "Python",
        "IP",
    ),
    *("Ubuntu", "LTS", "Linux", "Windows", "Access", "Key", "Secret", "MB"),
    *("Argon2", "x86_64", "bit", "CSV", "JSON", "Lines", "True", "False", "ENG"),
    *("Esc", "English"),
    # Parameters of the API
    *("account", "accountId", "ucAccount"),
    # A setting
    "OIDC_ISSUER",
}


# English texts in Django's own Chinese translation of the administration
OF_DJANGO = {"Model name", "Add link", "Change or view list link", "\nSearch\n"}


# Names in the samples of the style guide
SAMPLES = {"platform", "payments", "ada", *(str(image) for image, *_ in styleguide.build_samples())}

IDENTIFIERS = re.compile(
    r"\bbcc\.\w+\.\w+|\bcn-\w+-\w|\b[mi]-\w{8}\b|\b[0-9a-f]{32}\b|\b[0-9a-f-]{36}\b"
)


def latin(html, names):
    """Return the untranslated words on a page. Names and identifiers are ignored."""
    reader = Reader()
    reader.feed(html)
    text = IDENTIFIERS.sub(" ", "\n".join(reader.texts))
    for name in sorted(names | OF_DJANGO | SAMPLES, key=len, reverse=True):
        text = text.replace(name, " ")
    return set(re.findall(r"[A-Za-z]\w+", text)) - ALLOWED


INLINE = re.compile(r"</?(?:a|b|code|i|span|strong|svg|time|use)\b[^>]*>")


def find_spaces_after_stops(html):
    """Return the texts in which a space follows a full-width stop, on a page in Chinese."""
    html = re.sub(r"<(script|style|svg).*?</\1>", "", html, flags=re.DOTALL)
    blocks = re.split(r"<[^>]+>", INLINE.sub("", html))
    texts = [re.sub(r"\s+", " ", block).strip() for block in blocks]
    return [text for text in texts if re.search(r"[。！？；，：、] ", text)]


def names():
    """Return every name that somebody entered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM accounts_account UNION SELECT uc_account FROM accounts_account"
            " UNION SELECT username FROM accounts_user UNION SELECT name FROM images_image"
            " UNION SELECT name FROM images_instance UNION SELECT image_name FROM images_instance"
            " UNION SELECT shared_by FROM images_sharegrant UNION SELECT code FROM images_region"
            " UNION SELECT name_en FROM images_region UNION SELECT actor FROM accounts_auditevent"
            " UNION SELECT description FROM accounts_accesskey"
            " UNION SELECT target_name FROM accounts_auditevent"
        )
        return {name for (name,) in cursor.fetchall() if name}
