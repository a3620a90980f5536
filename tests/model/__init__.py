"""Level a: an explicit-state model check of the protocol in ``service.coherence``."""
