"""One address, however it is spelled: domains by IDNA 2008 (RFC 5891, UTS 46 without transitional mapping). Pure.

The standard library's codec is IDNA 2003: it makes `fussball.de` of `fußball.de`, which is somebody else's domain.
"""

import idna


def ascii_domain(domain: str) -> str:
    """The domain as SMTP takes it. Raises `ValueError` for one that can't be registered."""
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")


def spelled(address: str) -> str:
    """The address with its domain as people read it, so that `fußball.de` and `xn--fuball-cta.de` are one.

    What stands before the `@` is left as it is: whose dots and tags mean something only its own server knows. Case is
    left to whoever compares. A domain that nobody can register, and a telephone number, stay as they are.
    """
    local, at, domain = address.rpartition("@")
    if not at:
        return address
    try:
        readable = idna.decode(idna.encode(domain, uts46=True))
    except UnicodeError:
        readable = domain.lower()
    return f"{local}@{readable}"
