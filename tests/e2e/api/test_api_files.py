"""Files by the API: received in parts, bounded, and never a page of ours."""

from __future__ import annotations

import hashlib
import http.client
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.e2e.api.conftest import Caller, WebOffice

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "000000050001a5f645400000000049454e44ae426082"
)
Key = Callable[[], str]


def form(name: str, content: bytes) -> tuple[bytes, str]:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def test_a_file_is_received_attached_and_sent_back(admin: Caller, new_key: Key) -> None:
    name = quote("پوستر همایش.png")
    made = admin("POST", f"/media?name={name}", PNG, Content_Type="image/png", expect=201)
    assert made.json["digest"] == hashlib.sha256(PNG).hexdigest()
    assert (made.json["name"], made.json["kind"]) == ("پوستر همایش.png", "photo")
    assert (made.json["width"], made.json["height"]) == (1, 1)
    body, kind = form("نقشه.png", PNG)
    again = admin("POST", "/media", body, Content_Type=kind, expect=201).json
    assert again["digest"] == made.json["digest"]
    file = {"digest": made.json["digest"], "name": "پوستر.png"}
    post = admin.post("با تصویر", new_key(), media=[file], at="in 3h")
    assert post["versions"][-1]["media"] == [file | {"name": "پوستر.png"}]
    sent = admin("GET", f"/media/{made.json['digest']}", expect=200)
    assert sent.body == PNG
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("image.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("..%2F..%2Fetc%2Fpasswd", b"x"),
    ],
)
def test_a_page_of_somebody_is_no_page_of_ours(admin: Caller, name: str, content: bytes) -> None:
    made = admin("POST", f"/media?name={name}", content, expect=201).json
    assert "/" not in made["name"]
    sent = admin("GET", f"/media/{made['digest']}", expect=200)
    assert sent.headers["Content-Type"] == "application/octet-stream"
    assert sent.headers["Content-Disposition"].startswith("attachment")


def test_files_that_cannot_be_are_refused(admin: Caller) -> None:
    admin("POST", "/media", PNG, Content_Type="image/png", expect=422)
    admin("POST", "/media?name=..", PNG, expect=422)
    admin("POST", "/media?name=a%0Ab", PNG, expect=422)
    admin("POST", f"/media?name={'x' * 201}", PNG, expect=422)
    admin("POST", "/media?name=empty.txt", b"", expect=422)
    admin("POST", "/media", b"no form", Content_Type="multipart/form-data; boundary=x", expect=400)
    admin("POST", "/media", b"no form", Content_Type="multipart/form-data", expect=400)
    headers = {"Content_Encoding": "gzip"}
    admin("POST", "/media?name=a.txt", b"\x1f\x8b", expect=(400, 415), **headers)


@pytest.mark.parametrize("digest", ["0" * 64, "x" * 64, "..%2F..%2Fetc", "A" * 64, "00"])
def test_what_is_no_file_is_404(admin: Caller, new_key: Key, digest: str) -> None:
    admin("GET", f"/media/{digest}", expect=404)
    body = {"text": "سلام", "media": [{"digest": "0" * 64}]}
    admin("POST", "/posts", body, Idempotency_Key=new_key(), expect=404)


def test_a_file_of_another_group_is_not_there(
    web_office: WebOffice, admin: Caller, new_key: Key
) -> None:
    secret = admin("POST", "/media?name=secret.txt", b"a secret of others", expect=201).json
    own = web_office.token("رضا", "writer:home")
    own("GET", f"/media/{secret['digest']}", expect=404)
    body = {"text": "سلام", "to": ["news-bale"], "media": [{"digest": secret["digest"]}]}
    own("POST", "/posts", body, Idempotency_Key=new_key(), expect=404)
    mine = own("POST", "/media?name=mine.txt", b"my own", expect=201).json
    own("GET", f"/media/{mine['digest']}", expect=200)


def test_a_file_that_is_too_large_is_stopped(web_office: WebOffice, admin: Caller) -> None:
    most = web_office.office.settings.largest_file.most
    connection = http.client.HTTPConnection(admin.host, admin.port, timeout=60)
    connection.putrequest("POST", "/api/v1/media?name=large.bin")
    connection.putheader("Authorization", f"Bearer {admin.token}")
    connection.putheader("Content-Length", str(most + 20_000))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    connection.close()


def test_an_upload_that_is_cut_off_leaves_nothing(web_office: WebOffice, admin: Caller) -> None:
    connection = http.client.HTTPConnection(admin.host, admin.port, timeout=60)
    connection.putrequest("POST", "/api/v1/media?name=half.bin")
    connection.putheader("Authorization", f"Bearer {admin.token}")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders(b"x" * 1000)
    folder = web_office.office.media_folder
    deadline = time.monotonic() + 20
    while not list(folder.glob(".new-*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    connection.close()
    while list(folder.glob(".new-*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not list(folder.glob(".new-*"))
