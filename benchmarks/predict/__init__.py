"""The gain and the hit ratio of a cache, predicted and measured."""
