"""The publisher's tool: keys, and the signed feed that tells hubs of a release.

    release_feed.py keygen KEY.pem
    release_feed.py sign --key KEY.pem --base https://HOST/FOLDER/ [--out FEED] [ARCHIVE ...]
    release_feed.py show FEED

It runs where the private key is, which is nowhere near the portal. docs/releasing.md has the steps.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cloudmatic_link import signing
from cloudmatic_link.claims import whole_second
from cloudmatic_link.errors import BadClaim, FeedRefused, TokenError
from cloudmatic_link.formats import VERSION
from cloudmatic_link.keys import HubKey, KeyUnusable, PublicKey
from cloudmatic_link.releases import ARCHITECTURES, Download, Release, accept

ROOT: Final = Path(__file__).resolve().parent.parent
TRUSTED: Final = ROOT / "ccu_dashboard" / "release_keys.json"
FEED: Final = ROOT / "dist" / "release-feed.jwt"
_ARCHIVE: Final = re.compile(
    rf"cloudmatic-ccu-(?P<version>{VERSION.pattern})-(?P<processor>{'|'.join(ARCHITECTURES)})"
    r"\.tar\.gz"
)


class NotDone(Exception):
    """Why nothing was made; the message is for the publisher."""


def keygen(file: Path) -> str:
    """Make a key pair: the private half into `file` (0600), the public one as the answer."""
    key = HubKey.generate()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key.to_pem())
    return json.dumps(key.public.to_jwk())


def sign(
    key_file: Path, base: str, archives: Iterable[Path], days: int, trusted: tuple[PublicKey, ...]
) -> str:
    """Return the feed for `archives`, which lie at `base`. Raises NotDone.

    It is accepted by a hub that trusts `trusted`, or it is not made.
    """
    key = HubKey.from_pem(key_file.read_bytes())
    known = [each.key_id for each in trusted]
    if key.key_id not in known:
        raise NotDone(f"no hub trusts this key; add its public half to {TRUSTED} first")
    if key.key_id != known[-1]:
        print("note: signing with a key that is not the newest one", file=sys.stderr)
    version, downloads = describe(archives, base)
    now = whole_second(datetime.now(UTC))
    release = Release(
        issued_at=now,
        expires_at=now + timedelta(days=days),
        version=version,
        downloads=downloads,
    )
    feed = signing.sign(release, key)
    if accept(feed, trusted, now=now, accepted=None) != release:
        raise NotDone("the feed does not say what it should")
    return feed


def describe(archives: Iterable[Path], base: str) -> tuple[str, dict[str, Download]]:
    """Return version and downloads of `archives`. Raises NotDone."""
    versions, downloads = set(), {}
    for archive in archives:
        named = _ARCHIVE.fullmatch(archive.name)
        if named is None:
            raise NotDone(f"{archive.name}: expected cloudmatic-ccu-VERSION-PROCESSOR.tar.gz")
        versions.add(named["version"])
        content = archive.read_bytes()
        downloads[named["processor"]] = Download(
            f"{base.rstrip('/')}/{archive.name}", hashlib.sha256(content).hexdigest(), len(content)
        )
    if len(versions) != 1:
        raise NotDone(f"expected the archives of one version, found {sorted(versions) or 'none'}")
    missing = [name for name in ARCHITECTURES if name not in downloads]
    if missing:
        print(f"note: hubs with {', '.join(missing)} get no download", file=sys.stderr)
    return versions.pop(), downloads


def lay_down(feed: str, file: Path) -> Path:
    """Write `feed` so that a reader sees the old one or the new one."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(feed + "\n", "ascii")
    return beside.replace(file)


def show(feed: str, trusted: tuple[PublicKey, ...]) -> str:
    """Return what hubs with the keys `trusted` read in `feed` today, as JSON."""
    release = accept(feed, trusted, now=datetime.now(UTC), accepted=None)
    said = release.to_payload() | {
        "iat": release.issued_at.isoformat(),
        "exp": release.expires_at.isoformat(),
        "key": signing.read(feed, Release).key_id,
    }
    return json.dumps(said, indent=1)


def read_trusted(file: Path) -> tuple[PublicKey, ...]:
    return tuple(map(PublicKey.from_jwk, json.loads(file.read_text("utf-8"))))


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "keygen":
                said = keygen(options.file)
            case "sign":
                archives = options.archives or sorted((ROOT / "dist").glob("*.tar.gz"))
                trusted = read_trusted(options.trusted)
                feed = sign(options.key, options.base, archives, options.days, trusted)
                said = str(lay_down(feed, options.out))
            case _:
                feed = options.file.read_text("utf-8").strip()
                said = show(feed, read_trusted(options.trusted))
    except BadClaim as error:
        return _failed(f"{error.reason}: {error.claim}")
    except (TokenError, FeedRefused) as error:
        return _failed(f"hubs refuse this feed: {error.reason}")
    except (NotDone, KeyUnusable, ValueError) as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}")
    print(said)
    return 0


def _failed(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("keygen", help="make a key; prints its public half")
    make.add_argument("file", type=Path, help="where the private key goes (must not exist)")
    signing_ = commands.add_parser("sign", help="make the feed for the archives")
    signing_.add_argument("--key", type=Path, required=True, help="the private key")
    signing_.add_argument("--base", required=True, help="https address of the archives' folder")
    signing_.add_argument(
        "--days", type=int, default=180, help="how long the feed holds (at most 400; 180)"
    )
    signing_.add_argument("--out", type=Path, default=FEED, help="where the feed goes")
    signing_.add_argument("archives", type=Path, nargs="*", help="default: dist/*.tar.gz")
    shown = commands.add_parser("show", help="print what hubs read in a feed, or why they do not")
    shown.add_argument("file", type=Path)
    for each in (signing_, shown):
        each.add_argument("--trusted", type=Path, default=TRUSTED, help="the hubs' list of keys")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
