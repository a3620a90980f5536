"""HTTP: routes, schemas, headers, the gate, and the table of errors."""
