"""Level b: the real code of ``service.coherence`` in every order that its awaits allow.

``scheduler`` makes time and scheduling a matter of choice, ``stores`` are doubles with a sync point
at each call, ``search`` tries every order of a scenario.
"""
