from tests.model.ledger import told_at_the_end

ledger, pytest_terminal_summary = told_at_the_end("model check of the protocol")
