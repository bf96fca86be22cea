"""Link tokens in logs."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

TOKEN = "mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpiytemzu"


@pytest.mark.parametrize("name", ["werkzeug", "gunicorn.access", "waitress", "somebody.else"])
def test_a_link_token_reaches_no_log(app: Flask, caplog: pytest.LogCaptureFixture, name: str) -> None:
    with caplog.at_level(logging.INFO, logger=name):
        logging.getLogger(name).info('%s "%s" %d', "127.0.0.1", f"GET /r/{TOKEN} HTTP/1.1", 200)
        logging.getLogger(name).info("POST http://localhost/r/%(token)s/renew?x=1", {"token": TOKEN})
    assert TOKEN not in caplog.text
    assert "GET /r/**** HTTP/1.1" in caplog.text
    assert "/r/****/renew?x=1" in caplog.text


def test_other_paths_stay_readable(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        logging.getLogger("werkzeug").info("GET /queries/Q-1 and /r/")
    assert "GET /queries/Q-1 and /r/" in caplog.text
