"""Messages that must arrive: a transactional outbox and a worker. Mail goes by its two transports, other kinds by their own."""
