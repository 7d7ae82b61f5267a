"""Secrets of services: found where they are kept, never shown."""

from __future__ import annotations

import pytest
from movie_director.core.address import parse_address
from movie_director.core.errors import InputError
from movie_director.core.secrets import EnvironmentSecrets, FirstOf, NoSecrets, variable_of

HERE = parse_address("127.0.0.1:8188")
NAME = "MOVIE_DIRECTOR_TOKEN_127_0_0_1_8188"


def test_each_service_has_a_variable_of_its_own() -> None:
    assert variable_of(HERE) == NAME
    assert variable_of(parse_address("https://gpu.lan/x")) == "MOVIE_DIRECTOR_TOKEN_GPU_LAN_443"


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        ("", {}),
        (" t0ken\n", {"Authorization": "Bearer t0ken"}),
        ('{"X-Api-Key": "k", "X-Who": "me"}', {"X-Api-Key": "k", "X-Who": "me"}),
    ],
)
def test_the_variable_is_a_token_or_headers(monkeypatch, value, headers) -> None:
    monkeypatch.setenv(NAME, value)
    assert EnvironmentSecrets().headers(HERE) == headers
    assert EnvironmentSecrets().headers(parse_address("127.0.0.1:9")) == {}


@pytest.mark.parametrize("value", ['{"broken-42', '{"a": 42}', '{"a": ["42"]}'])
def test_a_value_that_is_neither_is_refused_without_being_shown(value) -> None:
    with pytest.raises(InputError, match=NAME) as caught:
        EnvironmentSecrets({NAME: value}).headers(HERE)
    assert "42" not in str(caught.value)


def test_the_first_place_that_knows_a_service_is_taken() -> None:
    first, second = EnvironmentSecrets({NAME: "one"}), EnvironmentSecrets({NAME: "two"})
    assert FirstOf(NoSecrets(), first, second).headers(HERE) == {"Authorization": "Bearer one"}
    assert FirstOf(NoSecrets()).headers(HERE) == {}
