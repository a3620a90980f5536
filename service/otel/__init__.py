"""OpenTelemetry traces: spans of requests and of MongoDB, where the environment asks.

Where it does not, nothing of this is put into a service and no SDK is imported. Requests are
FastAPI's own spans, which FastAPI exports as the environment says; commands to MongoDB are those
of PyMongo's instrumentation. Redis has none: the request's span says how each cached value was
answered.
"""
