"""The operator's legal texts, off the event loop, and what to say about them at the start."""

from __future__ import annotations

import asyncio

from cloudmatic_portal.clients.legal_folder import LegalFolder
from cloudmatic_portal.domain.legal import LANGUAGE_THAT_COUNTS, LegalTexts, file_name


class Legal:
    """Where the portal looks its legal texts up."""

    def __init__(self, folder: LegalFolder) -> None:
        self._folder = folder

    async def texts(self) -> LegalTexts:
        """The texts as they are now."""
        # A file system may be slow, and other requests do not wait for it.
        return await asyncio.to_thread(self._folder.read)


def warning(texts: LegalTexts) -> str | None:
    """What the operator has to know before customers come; None if all is well."""
    words = []
    if texts.missing:
        files = ", ".join(file_name((name, LANGUAGE_THAT_COUNTS)) for name in texts.missing)
        words.append(f"legal texts are missing, so nothing can be bought: {files}")
    if texts.samples:
        files = ", ".join(map(file_name, texts.samples))
        words.append(f"legal texts are samples, so nothing may be sold in earnest: {files}")
    return "; ".join(words) or None
