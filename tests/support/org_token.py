"""Tokens of the project's own form, made and judged without the project's code: docs/issuer.md has the form."""
import re
import zlib

DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
SHAPE = re.compile(r'[a-z][a-z0-9]{1,15}_[0-9A-Za-z]{61}')


def check_of(text):
    rest, check = zlib.crc32(text.encode()), ''
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        check = DIGITS[digit] + check
    return check


def is_token(text):
    return bool(SHAPE.fullmatch(text)) and text[-6:] == check_of(text[:-6])


def with_secret(token, secret):
    """The same id with another secret, and the check that fits."""
    head = token[:-49] + secret
    return head + check_of(head)


def secret_of(token):
    return token[-49:-6]


def shown(token):
    return token[:-49] + '\u2026'


def damaged(token):
    """One character of the secret mistyped."""
    return token[:-10] + ('x' if token[-10] != 'x' else 'y') + token[-9:]


def made(prefix='org', number=0):
    """A token with a secret of its own for each number; nobody issued it."""
    body = f'{prefix}_{number:012}' + ''.join(DIGITS[(number * 7 + at * 11) % 62] for at in range(43))
    return body + check_of(body)
