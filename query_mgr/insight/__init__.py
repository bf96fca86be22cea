"""Response rate, response time, agree rate: numbers with their definition and the rows behind them."""
