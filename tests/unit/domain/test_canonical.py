from shared.domain.canonical import canonical_json, digest


def test_the_order_of_keys_does_not_matter_and_nothing_is_escaped_or_spaced():
    text = canonical_json({"b": 1, "a": ["地铁", None, True]}).decode()
    assert text == '{"a":["地铁",null,true],"b":1}'
    assert canonical_json({"b": 1, "a": 2}) == canonical_json({"a": 2, "b": 1})


def test_a_digest_is_the_sha_256_of_the_canonical_text():
    # printf '{}' | sha256sum
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
