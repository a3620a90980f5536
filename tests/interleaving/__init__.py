"""Level b: the real code of ``service.coherence`` in every order that its awaits allow.

``loop`` and ``stage`` make time and scheduling a matter of choice, ``stores`` are doubles with a
sync point at each call, ``search`` tries every order, ``plays`` say who takes part.
"""
