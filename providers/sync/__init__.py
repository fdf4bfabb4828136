"""The mirror engine: the one way in which a provider's collections become rows of ours (reliability notes §4)."""

from providers.sync.tables import Mirror, mirror_of, mirrored, mirrors

__all__ = ["Mirror", "mirror_of", "mirrored", "mirrors"]
