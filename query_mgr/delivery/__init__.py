"""Messages that must arrive: a transactional outbox, a worker and two transports. Knows no query."""
