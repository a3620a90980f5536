"""The todo service under test: one API, with its Redis layer switched by one flag."""

VERSION = "0.2.0"
