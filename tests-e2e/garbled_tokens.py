"""Access tokens made of the pieces of a genuine one: changed, put together anew, spelled otherwise, without end."""

import json

from genuine_token import Genuine
from signed_by_hand import encoded

Garbled = dict[str, str]


def garbled(genuine: Genuine) -> Garbled:
    """By what is wrong with each."""
    return {**_tampered(genuine), **_misspelled(genuine), **_that_ask_for_much(genuine)}


def _tampered(genuine: Genuine) -> Garbled:
    head, body, signature = genuine.token.split(".")
    more = {"sub": "01a20f6c-e4fa-76e3-be63-e0b65c01e5a3", "scope": "admin", "roles": ["admin"], "exp": 2**40}
    changed = {f"{name} changed": {**genuine.claims, name: value} for name, value in more.items()}
    found = {name: f"{head}.{encoded(claims)}.{signature}" for name, claims in changed.items()}
    zeros = "A" * len(signature)
    parts = {
        "no signature": (head, body, ""),
        "two parts": (head, body),
        "four parts": (head, body, signature, signature),
        "parts in another order": (body, head, signature),
        "signature of zeros": (head, body, zeros),
        "half a signature": (head, body, signature[: len(signature) // 2]),
        "signature twice": (head, body, signature + signature),
        "no claims": (head, "", signature),
        "no header": ("", body, signature),
        "header changed": (encoded({**genuine.header, "x": 1}), body, signature),
    }
    found |= {name: ".".join(one) for name, one in parts.items()}
    twice = json.dumps(genuine.claims)[:-1] + f', "sub": "{more["sub"]}"}}'
    found["claim twice, second changed"] = f"{head}.{encoded(twice.encode())}.{signature}"
    two_algorithms = json.dumps(genuine.header)[:-1] + ', "alg": "none"}'
    found["alg twice"] = f"{encoded(two_algorithms.encode())}.{body}."
    return found


def _misspelled(genuine: Genuine) -> Garbled:
    """The same bytes, as lenient decoders of base64 read them: RFC 7515 §2 knows one spelling."""
    head, body, signature = genuine.token.split(".")
    return {
        "padded": f"{genuine.token}==",
        "padded everywhere": ".".join(f"{part}{'=' * (-len(part) % 4)}" for part in (head, body, signature)),
        "other bits at the end": f"{genuine.token[:-1]}{chr(ord(genuine.token[-1]) + 1)}",
        "signs within": f"{head}.{body}.{signature[:20]}!!!!{signature[20:]}",
        "spaces within": f"{head}.{body}.{signature[:20]}    {signature[20:]}",
        "tabs within": f"{head[:8]}\t\t\t\t{head[8:]}.{body}.{signature}",
        "another alphabet": f"{head}.{body}.+/{signature[2:]}",
        "dot at the end": f"{genuine.token}.",
        "dot at the beginning": f".{genuine.token}",
        "in quotes": f'"{genuine.token}"',
        "twice": f"{genuine.token} {genuine.token}",
        "twice, by a comma": f"{genuine.token},{genuine.token}",
    }


def _that_ask_for_much(genuine: Genuine) -> Garbled:
    head, body, signature = genuine.token.split(".")
    number, half = b'{"kid": %b}' % (b"9" * 5000), b'{"kid": "\xed\xa0\x80"}'
    return {
        "long": f"{head}.{encoded({**genuine.claims, 'filling': 'x' * 8192})}.{signature}",
        "longer": f"{head}.{'A' * 40_000}.{signature}",
        "many parts": "." * 10_000,
        "deep header": f"{encoded(b'[' * 3000)}.{body}.{signature}",
        "deep claims": f"{head}.{encoded(b'[' * 3000)}.{signature}",
        "large number": f"{encoded(number)}.{body}.{signature}",
        "header that is no object": f"{encoded(b'[]')}.{body}.{signature}",
        "header in UTF-16": f"{encoded(json.dumps(genuine.header).encode('utf-16'))}.{body}.{signature}",
        "half a character": f"{encoded(half)}.{body}.{signature}",
        "one letter": "A",
        "not ASCII": "é.é.é",
    }
