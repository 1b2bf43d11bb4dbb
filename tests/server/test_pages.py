"""What the server shows without the web app."""

from __future__ import annotations

from apiflask import APIFlask


def test_the_api_is_described_for_people_and_machines(app: APIFlask) -> None:
    client = app.test_client()
    assert client.get("/api/openapi.json").get_json()["openapi"].startswith("3.1")
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "/api/c/{community}/needs" in page.get_data(as_text=True)
    assert client.get("/api-docs.css").mimetype == "text/css"


def test_every_answer_forbids_talking_to_anyone_else(app: APIFlask) -> None:
    policy = app.test_client().get("/api/docs").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    # Our own WebAssembly may run; evaluated and inline script may not.
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")


def test_a_path_that_leads_out_of_the_pages_finds_nothing(app: APIFlask) -> None:
    assert app.test_client().get("/../server/app.py").status_code in (404, 503)
    assert app.test_client().get("/api/no-such-thing").status_code == 404


def test_ten_megabytes_of_json_are_refused_with_a_clear_answer(app: APIFlask) -> None:
    answer = app.test_client().post("/api/auth/demo", data=b"[" + b"1," * 5_000_000 + b"1]")
    assert answer.status_code == 413
    assert answer.get_json()["code"] == "http.too_large"
