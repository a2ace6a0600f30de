"""Static files under names that carry their content's hash, so that browsers keep them for good."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ForgivingStaticStorage(CompressedManifestStaticFilesStorage):
    """A file that was not built keeps its plain name: unstyled pages are better than none."""

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        try:
            return super().hashed_name(name, content, filename)
        except ValueError:
            return name
