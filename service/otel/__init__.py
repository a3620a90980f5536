"""OpenTelemetry traces: spans of requests, of Redis and of MongoDB, where the environment asks.

Where it does not, nothing of this is put into a service and no SDK is imported. Requests are
FastAPI's own spans; the others are here, since the connection to Redis is not redis-py's and the
stock instrumentation of PyMongo puts the text of an error, which may hold an e-mail address, into
its spans.
"""
