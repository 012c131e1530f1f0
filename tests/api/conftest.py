import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts import tokens


@pytest.fixture
def with_token():
    """`with_token(person)`: a program that speaks in the person's name."""

    def program(person, **options) -> Browser:
        _token, secret = tokens.make(
            person, name="Warehouse", by=None, now=timezone.now(), **options
        )
        return Browser(headers={"Authorization": f"Bearer {secret}"})

    return program
