"""A link leads to the operator's address, and never to one that somebody slipped in."""

import pytest

from shared.runtime.links import public_link

PATH = "/v1/certificates/c1"


@pytest.mark.parametrize(
    ("public_url", "domain", "link"),
    [
        ("https://carbon.example.org", "evil.example", "https://carbon.example.org" + PATH),
        ("https://carbon.example.org/", "", "https://carbon.example.org" + PATH),
        ("-", "api.example.org", "https://api.example.org" + PATH),
        ("-", "127.0.0.1:8080", "http://127.0.0.1:8080" + PATH),
        ("-", "localhost:8080", "http://localhost:8080" + PATH),
        ("-", "localhost.evil.example", "https://localhost.evil.example" + PATH),
        ("-", "", PATH),
        ("-", 'a"><script>', PATH),
        ("-", "user@evil.example", PATH),
        ("-", "evil.example/x?", PATH),
        ("-", "e\u0301vil.example", PATH),
    ],
)
def test_a_link_has_a_sound_name_or_none(public_url, domain, link):
    assert public_link(public_url, domain, PATH) == link
