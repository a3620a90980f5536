"""What a cache would bring, and the hit ratio that it would have, foreseen and measured."""
